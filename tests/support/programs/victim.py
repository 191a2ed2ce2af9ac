"""What one submission leaves within reach of others; print its process."""

import os
import socket

open("/tmp/mine.txt", "w").write("written by the victim")
servers = [socket.socket(socket.AF_UNIX) for _ in range(2)]
servers[0].bind("\0the-victims")
servers[1].bind("/tmp/victims")
[server.listen() for server in servers]
print(os.getpid())
