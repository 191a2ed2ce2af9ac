"""The learner's free running and divergence, where a lesson has them, in the place of the lab's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from course.engine import log_softmax
from course.engine.numerics import Array
from course.exposure import kl_by_step
from course.labs.calling.functions import MEND, LearnersFunction, Unfinished
from course.labs.divergence.case import DecoderCase


class Companions:
    """Two functions that the lab has itself, too: so it can say where the learner's differ.

    Parameters
    ----------
    free_running : callable, optional
        The learner's ``decoder_forward_free_running``.
    measure : callable, optional
        The learner's ``divergence_by_step``.

    Attributes
    ----------
    fault : str
        What is wrong with one of them; nothing where nothing is known to be.
    """

    def __init__(
        self,
        free_running: Callable[..., Any] | None = None,
        measure: Callable[..., Any] | None = None,
    ) -> None:
        self._free = free_running and LearnersFunction(free_running)
        self._measure = measure and LearnersFunction(measure)
        self.fault = ""
        self._no_use: set[LearnersFunction] = set()

    def renew(self) -> bool:
        """Take functions that were mended since; say whether there are any."""
        mended = [one.renew() for one in (self._free, self._measure) if one]
        if any(mended):
            self.fault = ""
            self._no_use.clear()
        return any(mended)

    def __bool__(self) -> bool:
        """Say whether there is any."""
        return bool(self._free or self._measure)

    def freely(self, case: DecoderCase, n: int) -> Array:
        """Return the logits (T, O) of free running, the learner's where they are there."""
        right = case.own_logits[:, :, n]
        cell_type = case.parameters.shape.cell_type
        return self._called(
            self._free, right, case.contexts[:, n], len(right), case.params, cell_type
        )

    def apart(self, case: DecoderCase, n: int, logits: Array) -> Array:
        """Return how far logits are from those on the true prefix, (T,) nats."""
        true, log_p = case.true_logits[:, :, n], case.log_p[:, :, n : n + 1]
        right = kl_by_step(log_p, log_softmax(logits[:, :, None]))[:, 0]
        return self._called(self._measure, right, true, logits)

    def _called(self, function: LearnersFunction | None, right: Array, *given: Any) -> Array:
        """Return what a function of the learner's gives, compared with what is right; else that."""
        if function is None or function in self._no_use:
            return right
        try:
            theirs = function(right.shape, *given)
        except Unfinished as error:
            self._no_use.add(function)
            self.fault = self.fault or f"{error.why} Until then the lab uses its own. {MEND}"
            return right
        same = np.isclose(theirs, right, rtol=1e-4, atol=1e-5).reshape(len(right), -1).all(axis=1)
        if not same.all():
            self.fault = self.fault or (
                f"{function.name} differs from what is expected, first at step "
                f"{int(same.argmin())}: the picture shows yours. checks.check({function.name}) "
                "says more."
            )
        return theirs
