"""What a decoder wrote on one sequence of a task, drawn as that task's things are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from course.engine.numerics import Array
from course.figures import things
from course.figures.chart import Role
from course.figures.drawing import Drawing
from course.tasks import find_task, shown


def written(
    task: str,
    truth: Array,
    said: Array | None,
    features: Array,
    label: str = "this run",
    role: Role = "mixed",
) -> Drawing:
    """Draw it beside the truth.

    Parameters
    ----------
    task : str
    truth : int array (t,)
        The right tokens, as far as they are shown.
    said : int array (t,) or None
        What was written, where there is anything.
    features : array (F,)
        What the encoder saw.
    label, role
        Who wrote it, and how that is drawn.
    """
    tokens = None if said is None else tuple(said.tolist())
    return _drawn(task, tuple(truth.tolist()), tokens, tuple(features.tolist()), label, role)


@lru_cache(maxsize=64)
def _drawn(
    task: str,
    truth: tuple[int, ...],
    said: tuple[int, ...] | None,
    features: tuple[float, ...],
    label: str,
    role: Role,
) -> Drawing:
    """Draw once what words and picture, and who comes back to a setting, ask for."""
    about = find_task(task)
    tokens = None if said is None else np.array(said, int)
    writing = things.Writing(
        np.array(truth, int), tokens, about.classes, label, role, about.steps, np.array(features)
    )
    return things.draw(shown(task).kind, writing)


def token_names(task: str) -> Sequence[str]:
    """Return how a task's tokens are written, by their number."""
    return things.token_names(shown(task).kind, find_task(task).classes)
