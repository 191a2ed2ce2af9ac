"""A damped oscillation, in even levels."""

from __future__ import annotations

import numpy as np

from course.engine import Batch
from course.engine.numerics import Array
from course.tasks.task import Shown, Task

LEVELS, STEPS = 16, 30


def draw(columns: int, rng: np.random.Generator) -> Batch:
    r"""Draw :math:`y_t = A \sin(\omega t + \varphi) e^{-\gamma t}`, cut into even levels."""
    size = rng.uniform(0.5, 1.0, columns)
    frequency = rng.uniform(0.25, 0.7, columns)  # radians a step
    phase = rng.uniform(0, 2 * np.pi, columns)
    decay = rng.uniform(0, 0.03, columns)  # 1 / step
    features = np.stack(
        [
            size * np.cos(phase),
            size * np.sin(phase),
            (frequency - 0.475) * 6,
            (decay - 0.015) * 80,
        ]
    )
    t = np.arange(STEPS)[:, None]
    y = size * np.sin(frequency * t + phase) * np.exp(-decay * t)
    tokens = np.minimum(((y + 1) / 2 * LEVELS).astype(int), LEVELS - 1)
    return Batch(features.astype(np.float32), tokens)


def value(tokens: Array) -> Array:
    """Return the middle of each level, from -1 to 1."""
    return (tokens + 0.5) / LEVELS * 2 - 1


TASK = Task(
    "osc",
    "Damped oscillation from its amplitude, frequency, phase and decay",
    feature_dim=4,
    classes=LEVELS,
    steps=STEPS,
    draw=draw,
    prefix_matters=False,
)

SHOWN = Shown("curve", "damped oscillation")
