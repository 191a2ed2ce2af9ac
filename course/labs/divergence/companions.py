"""The learner's free running and divergence, where a lesson has them, in the place of the lab's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course.engine import log_softmax
from course.exposure import kl_by_step
from course.labs.calling import functions
from course.labs.calling.functions import MEND, Array, Unfinished
from course.labs.divergence.case import Case


@dataclass
class Companions:
    """Two functions that the lab has itself, too: so it can say where the learner's differ.

    Attributes
    ----------
    free_running : callable or None
        The learner's ``decoder_forward_free_running``.
    measure : callable or None
        The learner's ``divergence_by_step``.
    fault : str
        What is wrong with one of them; nothing where nothing is known to be.
    """

    free_running: Callable[..., Any] | None = None
    measure: Callable[..., Any] | None = None
    fault: str = ""
    _no_use: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for function in filter(None, (self.free_running, self.measure)):
            functions.follow(function)

    def renew(self) -> bool:
        """Take functions that were mended since; say whether there are any."""
        now = [one and functions.latest(one) for one in (self.free_running, self.measure)]
        if now[0] is self.free_running and now[1] is self.measure:
            return False
        self.free_running, self.measure = now
        self.fault = ""
        self._no_use.clear()
        return True

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return self.free_running is not None or self.measure is not None

    def freely(self, case: Case, n: int) -> Array:
        """Return the logits (T, O) of free running, the learner's where they are there."""
        right = case.own_logits[:, :, n]
        cell_type = case.parameters.shape.cell_type
        given = case.contexts[:, n], len(right), case.params, cell_type
        theirs = self._called("free running", self.free_running, right, *given)
        return right if theirs is None else theirs

    def apart(self, case: Case, n: int, logits: Array) -> Array:
        """Return how far logits are from those on the gold prefix, (T,) nats."""
        true, log_p = case.true_logits[:, :, n], case.log_p[:, :, n : n + 1]
        right = kl_by_step(log_p, log_softmax(logits[:, :, None]))[:, 0]
        theirs = self._called("measure", self.measure, right, true, logits)
        return right if theirs is None else theirs

    def _called(
        self, which: str, function: Callable[..., Any] | None, right: Array, *given: Any
    ) -> Array | None:
        """Call a function of the learner's, and compare its result with what is right."""
        if function is None or which in self._no_use:
            return None
        name = functions.name_of(function)
        try:
            theirs = functions.call(function, right.shape, *given)
        except Unfinished as error:
            self._no_use.add(which)
            self.fault = self.fault or f"{error.why} Until then the lab uses its own. {MEND}"
            return None
        same = np.isclose(theirs, right, rtol=1e-4, atol=1e-5).reshape(len(right), -1).all(axis=1)
        if not same.all():
            self.fault = self.fault or (
                f"{name} differs from what is expected, first at step {int(same.argmin())}: the "
                f"picture shows yours. checks.check({name}) says more."
            )
        return theirs
