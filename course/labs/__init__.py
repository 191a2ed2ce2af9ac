"""Labs: the learner's own functions, and trained models, under sliders.

Each is opened in a cell of its own: ``labs.divergence(decoder_forward_scheduled_sampling)``.
"""

from course.labs.lab1_unrolled import unrolled
from course.labs.lab2_divergence import divergence
from course.labs.lab3_trained import trained_how
from course.labs.lab4_training import train_now
from course.labs.lab5_harm import when_it_hurts

__all__ = ["divergence", "train_now", "trained_how", "unrolled", "when_it_hurts"]
