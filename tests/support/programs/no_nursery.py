"""Two workers where no nursery can be had; print who waited for one."""

import os

from course.grading.classes.workers import serialising as frames
from course.grading.classes.workers.local import LocalPool
from course.grading.confinement import forking as nursery


def none_here(self):
    os.write(2, f"{os.getpid()}\n".encode())
    raise OSError("no nursery here")


nursery.Nursery.__init__ = none_here
pool = LocalPool(b"", 2)
for worker in pool.workers:
    assert "fault" in worker._ask(b"L", frames.pack({}))  # no lesson; but they are ready by then
pool.close()
