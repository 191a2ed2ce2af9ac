"""What is told of a wrong function: a name for the class report, and a sentence for the learner."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.asserts import ATOL, RTOL
from course.checks.cells.examples import Array


class Told(NamedTuple):
    """What is found: a name for the class report, and a sentence for the learner."""

    name: str
    sentence: str


#: A wrong result, the right one, and the arguments of the call by their names.
Pair = tuple[Array, Array, dict[str, Any]]


def equal(one: Array, other: Array, tolerance: float = 1.0) -> bool:
    """Say whether two arrays agree up to rounding, not a number beside not a number."""
    if one.shape != other.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(np.allclose(one, other, tolerance * RTOL, tolerance * ATOL, equal_nan=True))
