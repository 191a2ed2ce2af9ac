"""Of many cases of one claim, a few for the quick part of the tests, and all for the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def some_quick(cases: Iterable[Any], every: int = 8) -> list[Any]:
    """Return the cases of a test, all but each `every`-th marked as slow.

    They are what `pytest.mark.parametrize` takes: values, tuples of them, or `pytest.param`.
    """
    return [case if number % every == 0 else _slow(case) for number, case in enumerate(cases)]


def _slow(case: Any) -> Any:
    if hasattr(case, "marks"):
        return case._replace(marks=[*case.marks, pytest.mark.slow])
    return pytest.param(*(case if type(case) is tuple else (case,)), marks=pytest.mark.slow)
