"""Find what is done to gradients on their way back, beside the way itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from course.checks.cells.examples import Array
from course.checks.known.asking import Calls
from course.checks.known.features import equal
from course.checks.known.told import Told

#: By what gradients are divided until no bound is reached.
_LESS = 1e3


def of_slopes(calls: Calls, right: Array) -> Iterator[Told]:
    """Find gradients that are right while they are small, and are cut where they are larger.

    Parameters
    ----------
    calls : Calls
        Of a call that went wrong.
    right : ndarray
        All that is due, as one row of numbers.
    """

    def smaller(given: dict[str, Any]) -> None:
        given["d_logits"] = given["d_logits"] / _LESS

    (came,) = calls.results([smaller])
    if came is not None and came.shape == right.shape and equal(came * _LESS, right):
        yield Told(
            "limits_the_gradients",
            f"For d_logits that are {_LESS:g} times smaller all gradients are right, and here they "
            "are not: something keeps them from growing, as np.clip does. The way back has no "
            "bound: leave it out.",
        )
