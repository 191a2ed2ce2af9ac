"""What the models themselves write, one of each way of training."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from course import trained
from course.engine import context_from, forward, free_running, teacher_forcing
from course.engine.numerics import Array
from course.tasks import find_task

SEQUENCES = 10


class Written(NamedTuple):
    """Test sequences, and what was written on them.

    Attributes
    ----------
    truth, said : int array (T, N)
    features : array (F, N)
    """

    truth: Array
    said: Array
    features: Array


@cache
def writes(task: str, cell: str, way: str) -> Written:
    """Run a way's first model: free, or on the true prefix where that is the judge.

    Parameters
    ----------
    task, cell : str
    way : str
        As the lab names it.
    """
    [regime] = [one for one in trained.regimes(task, cell) if one.title == way]
    model, batch = trained.load(task, cell, regime), trained.held_out(task, SEQUENCES)
    feed = (teacher_forcing if find_task(task).prefix_matters else free_running)(
        *batch.tokens.shape
    )
    context = context_from(model, batch.features)
    logits = forward(cell, model, context, batch.tokens, feed).logits
    return Written(batch.tokens, logits.argmax(axis=1), batch.features)
