"""Surnames, letter by letter."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from course.engine import Batch, Parameters, context_from, forward, free_running
from course.engine.numerics import Array
from course.tasks.task import Shown, Task, from_pool, without_features

LETTERS, STEPS, FOR_TRAINING, FOR_TEST = 26, 9, 4000, 1000


@cache
def surnames() -> tuple[str, ...]:
    """Return the 20,000 most common surnames of the United States, most common first.

    >>> surnames()[:3]
    ('smith', 'johnson', 'williams')
    """
    with np.load(Path(__file__).parent / "data/surnames.npz") as stored:
        return tuple(stored["text"].tobytes().decode("ascii").split("\n"))


@cache
def real_surnames() -> tuple[str, ...]:
    """Return the surnames of three to eight letters, most common first."""
    return tuple(name for name in surnames() if 3 <= len(name) <= 8 and name.isalpha())


def spell(tokens: Array) -> list[str]:
    """Return what tokens (T, N) read: letters up to the first end mark."""
    read = ["".join(chr(ord("a") - 1 + k) if k else "." for k in one) for one in tokens.T.tolist()]
    return [name.partition(".")[0] for name in read]


def spelled(names: list[str] | tuple[str, ...]) -> Batch:
    """Return names as tokens (T, N): 1 to 26 for the letters, 0 for the end; masked after it."""
    tokens = np.zeros((STEPS, len(names)), int)
    mask = np.zeros((STEPS, len(names)), np.float32)
    for n, name in enumerate(names):
        tokens[: len(name), n] = [ord(letter) - ord("a") + 1 for letter in name]
        mask[: len(name) + 1, n] = 1
    return without_features(tokens, mask)


def written(model: Parameters, count: int, rng: np.random.Generator) -> list[str]:
    """Let a model write names, by sampling."""
    # one step more than a name has, so that the last letter, too, is fed and can be read
    room = without_features(np.zeros((STEPS + 1, count), int))
    feed = free_running(STEPS + 1, count, "sample", rng)
    context = context_from(model, room.features)
    run = forward(model.shape.cell_type, model, context, room.tokens, feed)
    return spell(run.fed[1:].argmax(axis=1))


@cache
def _split() -> tuple[Batch, Batch]:
    listed = real_surnames()
    order = np.random.default_rng(0).permutation(len(listed))
    chosen = [listed[k] for k in order[: FOR_TRAINING + FOR_TEST]]
    return spelled(chosen[:FOR_TRAINING]), spelled(chosen[FOR_TRAINING:])


TASK = Task(
    "names",
    "Surnames of the United States, letter by letter",
    feature_dim=0,
    classes=LETTERS + 1,
    steps=STEPS,
    draw=lambda columns, rng: from_pool(_split()[0])(columns, rng),
    prefix_matters=True,
    test_pool=lambda: _split()[1],
)

SHOWN = Shown("letters", "surnames")
