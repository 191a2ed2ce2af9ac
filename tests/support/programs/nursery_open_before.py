"""A pool beside a nursery that is open already, and one without."""

from course.grading.classes.workers.local import LocalPool
from course.grading.confinement import forking as nursery

opened = nursery.open_nursery()
LocalPool(b"", 1).close()
print("same" if nursery.nursery_at_hand() is opened else "another")
nursery.close_nursery()
LocalPool(b"", 1).close()
print("another" if nursery.nursery_at_hand() else "none")
