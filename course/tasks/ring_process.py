"""The ring, where the walker is off at times, and goes on from there."""

from course.tasks.ring import on_a_ring
from course.tasks.task import Shown

TASK = on_a_ring(
    "ring_process",
    "Steps around a ring, one in ten off by one for good",
    lambda slips: slips.cumsum(axis=0),
    follows=True,
)

SHOWN = Shown("ring", "ring that slips")
