"""Of many cases of one claim, a few for the quick part of the tests, and all for the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def some_quick(cases: Iterable[Any], every: int = 8) -> list[Any]:
    """Return the cases of a test, all but each `every`-th marked as slow.

    Parameters
    ----------
    cases : iterable
        As `pytest.mark.parametrize` takes them: values, or tuples of them.
    every : int, optional
        How many there are for one that is quick.
    """
    return [
        case if number % every == 0 else pytest.param(*_values(case), marks=pytest.mark.slow)
        for number, case in enumerate(cases)
    ]


def _values(case: Any) -> tuple[Any, ...]:
    return case if type(case) is tuple else (case,)
