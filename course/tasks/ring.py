"""Steps of an even stride around a ring; `ring_measured` and `ring_process` slip on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course.engine import Batch
from course.engine.numerics import Array, one_hot
from course.engine.training import Source
from course.tasks.task import Shown, Task

PLACES, STEPS, SLIP = 16, 20, 0.1


def walks(off: Callable[[Array], Array] | None = None) -> Source:
    """Draw walks around the ring.

    Parameters
    ----------
    off : callable, optional
        From slips (T, N), -1, 0 or 1, to how far each place is off its path; nowhere, if not given.
    """

    def draw(columns: int, rng: np.random.Generator) -> Batch:
        start, stride = rng.integers(0, PLACES, columns), rng.integers(1, PLACES, columns)
        features = np.concatenate(
            [one_hot(start, PLACES, np.float32), one_hot(stride, PLACES, np.float32)]
        )
        path = start + np.arange(STEPS)[:, None] * stride
        slips = rng.choice([-1, 1], path.shape) * (rng.random(path.shape) < SLIP)
        return Batch(features, (path + off(slips) if off else path) % PLACES)

    return draw


def truth(follows: bool) -> Callable[[Batch], Callable[[Array], Array]]:
    """Return the truth of a ring with slips, for the starts and strides of a batch.

    Parameters
    ----------
    follows : bool
        Whether the walk goes on from where it slipped: it does not where a reading was off.
    """
    of_slip = {0: 1 - SLIP, 1: SLIP / 2, PLACES - 1: SLIP / 2}
    # what cannot happen has a probability that no sum sees, so that its logarithm is finite
    log_p = np.log([of_slip.get(slip, 1e-30) for slip in range(PLACES)])

    def of(batch: Batch) -> Callable[[Array], Array]:
        start, stride = (half.argmax(axis=0) for half in np.split(batch.features, 2))

        def log_prob(tokens: Array) -> Array:
            ahead = start + np.arange(len(tokens))[:, None] * stride
            if follows:
                ahead[1:] = tokens[:-1] + stride
            told: Array = log_p[(np.arange(PLACES)[:, None] - ahead[:, None]) % PLACES]
            return told  # (T, O, N)

        return log_prob

    return of


def on_a_ring(
    name: str, title: str, off: Callable[[Array], Array] | None = None, follows: bool = False
) -> Task:
    """Put together a task on the ring, whose truth is not certain where there are slips."""
    return Task(
        name,
        title,
        feature_dim=2 * PLACES,
        classes=PLACES,
        steps=STEPS,
        draw=walks(off),
        prefix_matters=follows,
        truth=truth(follows) if off else None,
    )


TASK = on_a_ring("ring", "Steps around a ring, from start and stride")

SHOWN = Shown("ring", "ring")
