"""Leave a process behind, out of this one's session and group."""

import os
import sys

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, ["p", "-c", "import time; time.sleep(300)", "MARK"])
    os._exit(0)
