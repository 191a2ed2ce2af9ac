"""A token, to be said again and again."""

import numpy as np

from course.engine import Batch, one_hot
from course.tasks.task import Task

CLASSES, STEPS = 3, 4


def draw(columns: int, rng: np.random.Generator) -> Batch:
    """Draw sequences (T, N), with what the encoder sees, (F, N)."""
    said = rng.integers(0, CLASSES, columns)
    return Batch(one_hot(said, CLASSES, np.float32), np.tile(said, (STEPS, 1)))


TASK = Task(
    "echo",
    "A token, again and again",
    feature_dim=CLASSES,
    classes=CLASSES,
    steps=STEPS,
    draw=draw,
    prefix_matters=False,
)
