"""Labs: the learner's own functions, and trained models, under sliders.

Each is opened in a cell of its own: ``labs.divergence(decoder_forward_scheduled_sampling)``.
"""

from course.labs.divergence.state import divergence
from course.labs.harm import when_it_hurts
from course.labs.trained.state import trained_how
from course.labs.training.state import train_now
from course.labs.unrolled import unrolled

__all__ = ["divergence", "train_now", "trained_how", "unrolled", "when_it_hurts"]
