"""Results of several parts, a loss and a dict of gradients for instance, as one row of numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from course.checks.cells.examples import Array


def flattened(result: Any) -> tuple[str, Array] | None:
    """Return how a result is put together, as text, and all its numbers; None for no numbers.

    Parameters
    ----------
    result : tuple or mapping
        Of arrays, numbers, and more of these.

    Examples
    --------
    >>> flattened((0.5, {"b": np.zeros((1, 2))}))
    ('[[], {"b": [1, 2]}]', array([0.5, 0. , 0. ]))
    """
    parts: list[Array] = []
    try:
        skeleton = _skeleton(result, parts)
    except (TypeError, ValueError):
        return None
    return json.dumps(skeleton, sort_keys=True), np.concatenate([np.zeros(0), *parts])


def _skeleton(result: Any, parts: list[Array]) -> Any:
    if isinstance(result, Mapping):
        return {str(key): _skeleton(result[key], parts) for key in sorted(result)}
    if isinstance(result, tuple):
        return [_skeleton(part, parts) for part in result]
    if not isinstance(result, np.ndarray | np.generic | int | float):
        raise TypeError(f"{type(result).__name__} is no number and no array")
    part = np.asarray(result, dtype=np.float64)
    parts.append(part.ravel())
    return list(part.shape)


def put_together(text: str, numbers: Array) -> Any:
    """Return the result that `flattened` took apart: tuples, dicts and arrays.

    >>> put_together('[[], {"b": [1, 2]}]', np.array([0.5, 0.0, 1.0]))
    (array(0.5), {'b': array([[0., 1.]])})
    """
    return _filled(json.loads(text), iter(numbers))


def form_of(result: Any) -> Any:
    """Return a result with zeros for its numbers, by which forms alone are compared.

    >>> form_of((0.5, np.ones(2)))
    (array(0.), array([0., 0.]))
    """
    found = flattened(result)
    return put_together(found[0], np.zeros_like(found[1])) if found else result


def _filled(skeleton: Any, numbers: Iterator[float]) -> Any:
    if isinstance(skeleton, dict):
        return {key: _filled(part, numbers) for key, part in skeleton.items()}
    if all(type(size) is int for size in skeleton):
        count = int(np.prod(skeleton))
        return np.array([next(numbers) for _ in range(count)]).reshape(skeleton)
    return tuple(_filled(part, numbers) for part in skeleton)
