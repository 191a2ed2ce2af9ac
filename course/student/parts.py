"""What lies in a value that travels: found alike on both sides of the wire."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Containers nested deeper than this are looked at no further.
DEEPEST = 8


def parts(value: Any, depth: int = DEEPEST) -> list[Any]:
    """List what lies in a value, in order: in tuples, lists and dicts, or the value itself.

    >>> parts(({"b": 1, "W": 2}, 0.5))
    [1, 2, 0.5]
    """
    if depth and isinstance(value, tuple | list):
        return [part for one in value for part in parts(one, depth - 1)]
    if depth and isinstance(value, dict):
        return [part for one in value.values() for part in parts(one, depth - 1)]
    return [value]


def exchanged(value: Any, other: Callable[[Any], Any], depth: int = DEEPEST) -> Any:
    """Return a value in which each of its `parts` is replaced by what `other` gives for it.

    >>> exchanged(({"b": 1}, [2]), lambda one: 10 * one)
    ({'b': 10}, [20])
    """
    if depth and isinstance(value, tuple | list):
        return type(value)(exchanged(one, other, depth - 1) for one in value)
    if depth and isinstance(value, dict):
        return {key: exchanged(one, other, depth - 1) for key, one in value.items()}
    return other(value)
