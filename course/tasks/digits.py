"""The lower half of a handwritten digit, from its upper half.

The upper half does not settle the lower one, and the pixels before a pixel tell more of it: of the
tasks with a context it is the one whose true prefix is news as well. `course.study.theory` says
how much.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from course.engine import Batch
from course.engine.numerics import Array
from course.tasks.task import Shown, Task, from_pool

GREYS, FOR_TRAINING = 4, 1400


@cache
def pixels() -> Array:
    """Return handwritten digits: (1797, 64) pixels row by row, 0 to 16, read-only."""
    with np.load(Path(__file__).parent / "data/digits.npz") as stored:
        read: Array = stored["pixels"]
    read.flags.writeable = False
    return read


@cache
def _split() -> tuple[Batch, Batch]:
    """Read the upper half as context, the lower half, row by row, as tokens."""
    upper, lower = np.split(pixels().T, 2)
    whole = Batch((upper / 16 - 0.5).astype(np.float32), lower.astype(int) * GREYS // 17)
    order = np.random.default_rng(0).permutation(upper.shape[1])  # the same split for all
    return whole.take(order[:FOR_TRAINING]), whole.take(order[FOR_TRAINING:])


TASK = Task(
    "digits",
    "The lower half of a handwritten digit from its upper half",
    feature_dim=32,
    classes=GREYS,
    steps=32,
    draw=lambda columns, rng: from_pool(_split()[0])(columns, rng),
    prefix_matters=False,
    test_pool=lambda: _split()[1],
)

SHOWN = Shown("image", "digits, lower half")
