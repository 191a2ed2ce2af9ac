"""Symbols with durations, each to be repeated for as many frames."""

from __future__ import annotations

import numpy as np

from course.engine import Batch
from course.engine.numerics import one_hot
from course.tasks.task import Shown, Task

RUNS, SYMBOLS, STEPS = 5, 6, 20


def draw(columns: int, rng: np.random.Generator) -> Batch:
    """Draw symbols with durations of 2 to 5 frames, `STEPS` frames in all."""
    choices = np.stack(np.meshgrid(*[np.arange(2, 6)] * RUNS), axis=-1).reshape(-1, RUNS)
    choices = choices[choices.sum(axis=1) == STEPS]
    durations = choices[rng.integers(0, len(choices), columns)].T  # (RUNS, N)
    hops = rng.integers(1, SYMBOLS, (RUNS, columns))
    hops[0] = rng.integers(0, SYMBOLS, columns)
    symbols = np.cumsum(hops, axis=0) % SYMBOLS  # neighbours differ
    features = np.concatenate(
        [
            one_hot(symbols, SYMBOLS, np.float32).reshape(-1, columns),
            one_hot(durations - 2, 4, np.float32).reshape(-1, columns),
        ]
    )
    ends = np.cumsum(durations, axis=0)
    run = (np.arange(STEPS)[:, None, None] >= ends[None, :-1]).sum(axis=1)  # (T, N)
    return Batch(features, np.take_along_axis(symbols, run, axis=0))


TASK = Task(
    "runs",
    "Frames from symbols and durations",
    feature_dim=RUNS * (SYMBOLS + 4),
    classes=SYMBOLS,
    steps=STEPS,
    draw=draw,
    prefix_matters=False,
)

SHOWN = Shown("symbols", "symbols to frames")
