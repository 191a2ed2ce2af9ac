"""What lies in a value that travels: found alike on both sides of the wire."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

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


def copied(value: Any, depth: int = DEEPEST) -> tuple[Any, float]:
    """Return a value as it is now, and about how many bytes that is.

    Infinitely many where something lies in it that is no array, number or text, in tuples, lists
    and dicts of Python's own: that may change, and is no copy.

    >>> copied(([1, "a"], {"b": 2.0}))
    (([1, 'a'], {'b': 2.0}), 58)
    >>> copied((object,))[1]
    inf
    """
    kind = type(value)
    if kind is np.ndarray:
        return value.copy(), 8 + value.nbytes
    if kind is str:
        return value, 8 + len(value)
    if value is None or isinstance(value, float | int | np.number):
        return value, 8
    if depth and kind in (tuple, list, dict):
        ones = value.values() if kind is dict else value
        copies = [copied(one, depth - 1) for one in ones]
        names = list(value) if kind is dict else []
        size = 8 + sum(size for _, size in copies) + sum(copied(name, 0)[1] for name in names)
        made = [copy for copy, _ in copies]
        return dict(zip(names, made, strict=True)) if kind is dict else kind(made), size
    return value, math.inf
