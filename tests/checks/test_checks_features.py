"""What makes two features alike."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from course.checks.asserts import ATOL, RTOL
from course.checks.features import Feature, alike

NUMBERS = (0.0, 1.0, 1 + 0.5 * RTOL, 1 + 3 * (RTOL + ATOL), -1.0, 1e308, np.inf, -np.inf, np.nan)


@pytest.mark.parametrize(("one", "other"), list(itertools.product(NUMBERS, repeat=2)))
def test_numbers_are_alike_where_numpy_says_that_they_are_close(one: float, other: float) -> None:
    a, b = np.array([2.0, one]), np.array([2.0, other])
    with np.errstate(over="ignore"):
        close = np.allclose(a, b, RTOL, ATOL, equal_nan=True)
    assert alike(Feature("array", a), Feature("array", b)) == close


def test_no_numbers_are_alike() -> None:
    assert alike(Feature("array", np.zeros((0, 3))), Feature("array", np.zeros((0, 3))))
