"""Other arguments of the same form: arrays in dicts, lists and tuples with other numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def another(argument: Any) -> Any:
    """Return other numbers of the same shape, all of which count.

    A real number alone stays within [0, 1] where it was, and whole numbers, such as tokens, become
    others of their range.
    """
    if isinstance(argument, np.ndarray) and argument.dtype.kind in "iu":
        return (argument + 1) % (argument.max(initial=0) + 1)

    def turned(one: Any) -> Any:
        return 0.3 - 0.7 * one[..., ::-1] if isinstance(one, np.ndarray) else 0.31 + 0.6 * one

    return _with_changed(argument, turned)


def times(factor: float, argument: Any) -> Any:
    """Return an argument with all its real numbers multiplied."""
    return _with_changed(argument, lambda one: factor * one)


def _with_changed(argument: Any, change: Callable[[Any], Any]) -> Any:
    """Return an argument with all arrays of real numbers, and all floats, changed."""
    if isinstance(argument, Mapping):
        return {key: _with_changed(one, change) for key, one in argument.items()}
    if isinstance(argument, list | tuple):
        return type(argument)(_with_changed(one, change) for one in argument)
    real = isinstance(argument, np.ndarray | float) and np.asarray(argument).dtype.kind == "f"
    return change(argument) if real else argument
