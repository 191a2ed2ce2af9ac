"""Of many cases of one claim, a few for the quick part of the tests, and all for the whole."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest


def some_quick(cases: Iterable[Any], every: int = 8, seconds: float = 0) -> list[Any]:
    """Return the cases of a test, all but each `every`-th marked as slow.

    They are what `pytest.mark.parametrize` takes: values, tuples of them, or `pytest.param`.
    `seconds` are about those of the whole file, as of the mark.
    """
    slow = pytest.mark.slow(seconds=seconds)
    return [case if i % every == 0 else _marked(case, slow) for i, case in enumerate(cases)]


def _marked(case: Any, slow: pytest.MarkDecorator) -> Any:
    if hasattr(case, "marks"):
        return case._replace(marks=[*case.marks, slow])
    return pytest.param(*(case if type(case) is tuple else (case,)), marks=slow)
