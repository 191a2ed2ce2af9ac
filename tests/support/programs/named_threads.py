"""Have four threads, and a name that reads as if there were none; end when told to."""

import ctypes
import threading

PR_SET_NAME = 15

ctypes.CDLL(None).prctl(PR_SET_NAME, b"Threads:\t0", 0, 0, 0)
told = threading.Event()
for _ in range(3):
    threading.Thread(target=told.wait).start()
print("ready", flush=True)
input()
told.set()
