"""A random walk around a ring that tends to go on as it went: its truth is known."""

from __future__ import annotations

import numpy as np

from course.engine import Batch, log_softmax
from course.engine.feeding import choose_tokens
from course.engine.numerics import Array
from course.tasks.task import Shown, Task, pool_of, without_features

PLACES, STEPS, PULL = 8, 40, 4.0


def log_prob(tokens: Array) -> Array:
    r"""Return the truth, (T, O, N), after any prefix of tokens (T, N).

    .. math:: P(x \mid a, b) \propto \exp(4 \cos(2 \pi (x - (2 b - a)) / 8))

    with a and b the two tokens before: the walk goes on as it went. The first token is any, and
    the second as if the two before had been the same.
    """
    T, N = tokens.shape
    before = np.concatenate([np.zeros((1, N), int), tokens[:-1]])
    before_that = np.concatenate([before[:1], before[1:2], tokens[:-2]])[:T]
    ahead = 2 * before - before_that
    angle = 2 * np.pi * (np.arange(PLACES)[:, None] - ahead[:, None]) / PLACES
    logits = PULL * np.cos(angle)
    logits[:1] = 0
    return log_softmax(logits)


def draw(columns: int, rng: np.random.Generator) -> Batch:
    """Draw walks, token by token."""
    tokens = np.zeros((STEPS, columns), int)
    lots = rng.random((STEPS, columns))
    for t in range(STEPS):
        tokens[t] = choose_tokens(log_prob(tokens[max(t - 2, 0) : t + 1])[-1], lots[t])
    return without_features(tokens)


TASK = Task(
    "momentum",
    "A random walk around a ring that tends to go on as it went",
    feature_dim=0,
    classes=PLACES,
    steps=STEPS,
    draw=draw,
    prefix_matters=True,
    truth=lambda batch: log_prob,
    varied=pool_of(draw),
)

SHOWN = Shown("ring", "walk with momentum")
