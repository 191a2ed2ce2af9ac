"""Fork a worker that is told to stop as it begins; print who goes on."""

import os
import signal

from course.grading.classes.workers.handle import WarmWorker


def stop(*_):
    raise KeyboardInterrupt


def fork(fork=os.fork):
    pid = fork()
    if pid == 0:
        os.kill(os.getpid(), signal.SIGTERM)
    return pid


signal.signal(signal.SIGTERM, stop)
os.fork = fork
worker = WarmWorker()
try:
    worker.fork()
finally:
    os.write(1, b"goes on\n")
worker.close()
print(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
