"""A shipped model on test sequences: what it writes when it is forced, and when it runs free."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from course import trained
from course.engine import Feed, Parameters, context_from, forward, free_running
from course.engine.numerics import Array
from course.figures.chart import Role
from course.figures.drawing import Drawing
from course.labs.page.written import written

TASK = "osc"
#: How many of the test sequences a hook offers, those that show it most plainly first.
OFFERED = 10


@dataclass(frozen=True)
class OscillationCase:
    """One model of the oscillation.

    Attributes
    ----------
    model : Parameters
    columns : int
        How many test sequences.
    """

    model: Parameters
    columns: int = 200

    def _run(self, model: Parameters, feed: Feed | None = None) -> Array:
        batch = trained.held_out(TASK, self.columns)
        context = context_from(model, batch.features)
        logits = forward(model.shape.cell_type, model, context, batch.tokens, feed).logits
        said: Array = logits.argmax(axis=1)
        return said

    @property
    def truth(self) -> Array:
        """The right tokens (T, N)."""
        return trained.held_out(TASK, self.columns).tokens

    @cached_property
    def forced(self) -> Array:
        """What it writes when it is fed the truth, (T, N)."""
        return self._run(self.model)

    @cached_property
    def free(self) -> Array:
        """What it writes when it is fed its own tokens, (T, N)."""
        return self._run(self.model, free_running(*self.truth.shape))

    @cached_property
    def forgetful(self) -> Array:
        """What a GRU writes, fed the truth, whose state has no way from step to step, (T, N)."""
        broken, H = self.model.copy(), self.model.shape.hidden_dim
        broken["W_hh"][...] = 0
        broken["b_xh"][H : 2 * H] = -40.0  # the update gate keeps nothing
        return self._run(broken)

    def wrong(self, said: Array) -> Array:
        """Return how many tokens of each sequence are wrong, (N,)."""
        count: Array = (said != self.truth).sum(axis=0)
        return count

    def percent(self, said: Array) -> float:
        """Return the percentage of all tokens that is wrong."""
        return float(100 * (said != self.truth).mean())

    def thing(self, n: int, said: Array, label: str, role: Role) -> Drawing:
        """Draw what was written, (T, N), on sequence n."""
        features = trained.held_out(TASK, self.columns).features
        return written(TASK, self.truth[:, n], said[:, n], features[:, n], label, role)


def plainest(*keys: Array) -> Array:
    """Return the numbers of the sequences that are lowest by the first key, then by the next."""
    return np.lexsort(keys[::-1])[:OFFERED]
