"""The ring, where what is written down is off at times; the walker is not."""

from course.tasks.ring import on_a_ring
from course.tasks.task import Shown

TASK = on_a_ring(
    "ring_measured", "Steps around a ring, one reading in ten off by one", lambda slips: slips
)

SHOWN = Shown("ring", "ring, misread")
