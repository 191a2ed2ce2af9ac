"""Try what one submission may want of another, the `victim`; print what was reached."""

import ctypes  # noqa: F401 - the lines below use it
import os
import socket
import threading

#: Each line is tried by itself, for every number that is not its own; then those once.
EACH = {
    "a process": "os.kill(p, 0)",
    "a priority": "os.getpriority(0, p)",
    "a handle": "os.pidfd_open(p)",
    "a group": "os.killpg(p, 0)",
    "memory": "assert ctypes.CDLL(None).syscall(310, p, 0, 0, 0, 0) == 0",
}
ONCE = {
    "files": "assert [p for d, _, f in os.walk('/') for p in f if p in ('victim.txt', 'mine.txt')]",
    "a name without a file": "socket.socket(socket.AF_UNIX).connect('\\0the-victims')",
    "a socket's file": "socket.socket(socket.AF_UNIX).connect('/tmp/victims')",
    "a pair of the kernel's sockets": "socket.socketpair(30, socket.SOCK_STREAM)",
    "shared memory": "assert ctypes.CDLL(None).shm_open(b'/x', 0o102, 0o600) >= 0",
    "a terminal": "os.open('/dev/ptmx', os.O_RDWR)",
    "what lies under a folder": "assert ctypes.CDLL(None).umount2(b'/submission', 2) == 0",
    "its first process": "open('/proc/1/environ').read()",
    "a control socket": "socket.socket(fileno=3).recv(1)",
}
own = {1, os.getpid(), os.getpgid(0)} | {t.native_id for t in threading.enumerate()}
socket.setdefaulttimeout(1)


def tried(what: str, line: str, **names: int) -> None:
    try:
        exec(line, globals(), names)
        print("REACHED", what, *names.values())
    except (OSError, AssertionError):
        pass


for what, line in EACH.items():
    for number in set(range(2, 1000)) - own:
        tried(what, line, p=number)
for what, line in ONCE.items():
    tried(what, line)
print(os.listdir())
