"""Whether a function does any work: many claims hold for one that returns zeros.

What is compared with itself, refused, or left as it was says nothing of a function that makes
nothing of its arguments. Such a claim counts only where the function works, on the same input.
Work need not be right: whose mistake another claim refuses keeps this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import numpy as np

from course.checks.cells.asserts import ATOL, RTOL, explain
from course.checks.cells.calls import call_each

#: Weights that everything is multiplied by, whatever else goes wrong: in a cell or a decoder, in an
#: attention, in a transformer.
WEIGHTS = (("W_xh", "W_hh"), ("W_v", "W_o"), ("W_in", "W_out"))

#: What makes the logits: matrix and bias, of which a row is an output.
_OUTPUTS = (("W_hy", "b_y"), ("W_out", "b_out"))

#: How often the same is asked again, and of what gives integers, where chance agrees more often.
_TIMES, _TIMES_OF_INTEGERS = 2, 30

_VARIES = "the same call gave another result the second time"

#: Said where a claim of something else fails since no work is done.
COUNTS = "This claim counts only where the function does its work."


def assert_works(function: Callable[..., Any], *arguments: Any) -> None:
    """Assert that a function makes its result of its arguments, rightly or not.

    It does where one row of the result, or one of several results, is an array of different finite
    numbers, or one number; where that comes again when asked again; and where it becomes another
    when what it has to be made of does: of a cell, an attention or a model the weights `WEIGHTS`,
    where there are none each array or list, and where there are none of these each number. Integers
    become others between the least and the largest of their array. What was handed over and comes
    back is no work. A decoder that goes on from the call before gives other logits when asked
    again; it is known from chance by equal rows of `W_hy` and `b_y`, which give equal logits.
    Both are asked more than once: chance may agree once.

    Parameters
    ----------
    function : callable
        What to ask. It is called a few times, each time with copies.
    *arguments : object
        What the claim calls it with.

    Raises
    ------
    AssertionError
        Saying what the function does instead of its work.

    Examples
    --------
    >>> assert_works(np.subtract, np.array([1.0, 2.0]), np.array([0.5, 3.0]))
    >>> assert_works(lambda tokens: np.eye(3)[tokens], np.array([0, 2, 1]))
    >>> assert_works(lambda a, b: np.zeros(2), np.array([1.0, 2.0]), np.array([0.5, 3.0]))
    Traceback (most recent call last):
    AssertionError: all numbers of the result are 0. This claim counts only where the function ...
    """
    changed = list(_with_one_changed(arguments))
    calls = [arguments, *_TIMES * [arguments], *_TIMES * [_with_twins(arguments)]]
    calls += [other for _, other in changed]
    results = iter(call_each(function, [tuple(map(deepcopy, call)) for call in calls]))
    first, *asked = (_parts(next(results)) for _ in range(1 + 2 * _TIMES))
    again, twins = asked[:_TIMES], asked[_TIMES:]
    by_name = {name: _parts(other) for (name, _), other in zip(changed, results, strict=True)}
    # A single number may be right, and that of an argument.
    passed = [one for one in arguments if not isinstance(one, int | float)]
    passed = [one for one in _parts(passed) if np.size(one) > 1 or not isinstance(one, np.ndarray)]
    handed_over = _by_shape(passed)
    findings = [
        _idleness(i, first, again, twins, by_name)
        or ("an argument came back" if _is_among(part, handed_over) else "")
        for i, part in enumerate(first)
    ]
    if all(findings):
        raise AssertionError(f"{findings[0]}. {COUNTS}")
    sound = [i for i, finding in enumerate(findings) if not finding]
    if all(np.asarray(first[i]).dtype.kind in "iu" for i in sound):
        given = [tuple(map(deepcopy, arguments)) for _ in range(_TIMES_OF_INTEGERS)]
        more = list(map(_parts, call_each(function, given)))
        if not any(all(_same(np.asarray(first[i]), one, i) for one in more) for i in sound):
            raise AssertionError(f"{_VARIES}. {COUNTS}")


def assert_any_works(function: Callable[..., Any], calls: Iterable[Sequence[Any]]) -> None:
    """Assert that a function works with at least one of several lists of arguments.

    Parameters
    ----------
    function : callable
        What to ask.
    calls : iterable of sequence
        The arguments of each, as of `assert_works`: for instance one for each cell type.
    """
    reasons = []
    for arguments in calls:
        try:
            assert_works(function, *arguments)
        except Exception as error:
            reasons.append(explain(error))
        else:
            return
    raise AssertionError(reasons[0])


def _parts(result: Any) -> list[Any]:
    """List what a call returned, one by one, and an array's rows."""
    if isinstance(result, tuple | list):
        return [part for one in result for part in _parts(one)] or [None]
    if isinstance(result, Mapping):
        return _parts([result[key] for key in sorted(result, key=str)])
    if isinstance(result, np.ndarray) and result.ndim > 1:
        return list(result) or [None]
    return [result]


def _idleness(
    i: int,
    first: list[Any],
    again: list[list[Any]],
    twins: list[list[Any]],
    others: Mapping[str, list[Any]],
) -> str:
    """Say why one part of a result is no work; ``""`` where it is."""
    part = first[i]
    if part is None:
        return "nothing came back (None)"
    if not _is_numbers(part):
        return "what came back are no numbers, or not finite ones"
    part = np.asarray(part)
    if part.size > 1 and (part == part.flat[0]).all():
        return f"all numbers of the result are {part.flat[0]:g}"
    comes_again = all(_same(part, other, i) for other in again)
    if not comes_again and not all(_are_twins(other, i) for other in twins):
        return _VARIES
    idle = [name for name, other in others.items() if _same(part, other, i)]
    return f"the result was the same with another {' and '.join(idle)}" if idle else ""


def _by_shape(passed: list[Any]) -> dict[tuple[int, ...], np.ndarray]:
    """Stack what was handed over and is numbers, by its shape."""
    found: dict[tuple[int, ...], list[np.ndarray]] = {}
    for one in filter(_is_numbers, passed):
        found.setdefault(np.shape(one), []).append(np.asarray(one, float))
    return {shape: np.stack(some) for shape, some in found.items()}


def _is_among(part: Any, passed: Mapping[tuple[int, ...], np.ndarray]) -> bool:
    """Say whether a part of a result was handed over like this, as rows or within a list."""
    if not _is_numbers(part) or np.shape(part) not in passed:
        return False
    some = passed[np.shape(part)]
    return bool(_near(np.asarray(part), some).reshape(len(some), -1).all(axis=1).any())


def _is_numbers(value: Any) -> bool:
    array = np.asarray(value) if isinstance(value, np.ndarray | np.generic | int | float) else None
    return (
        array is not None
        and array.dtype.kind in "fiu"
        and array.size > 0
        and bool(np.isfinite(array).all())
    )


def _same(part: np.ndarray, parts: list[Any], i: int) -> bool:
    if i >= len(parts) or not _is_numbers(parts[i]) or np.shape(parts[i]) != part.shape:
        return False
    return bool(_near(part, np.asarray(parts[i], float)).all())


def _near(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Say of each number what `np.isclose` says, which takes longer than most functions asked."""
    near: np.ndarray = np.abs(one - other) <= ATOL + RTOL * np.abs(other)
    return near


def _are_twins(parts: list[Any], i: int) -> bool:
    """Say whether the first two numbers of a part are equal, up to rounding."""
    if i >= len(parts) or not _is_numbers(parts[i]) or np.size(parts[i]) < 2:
        return False
    one, other = np.ravel(parts[i])[:2]
    return bool(np.isclose(one, other, RTOL, ATOL))


def _with_twins(arguments: Sequence[Any]) -> list[Any]:
    """Return the arguments with two equal outputs where they have weights for outputs."""
    return [_twinned(one) if isinstance(one, Mapping) else one for one in arguments]


def _twinned(value: Mapping[str, Any]) -> Mapping[str, Any]:
    keys = next((pair for pair in _OUTPUTS if len(value.get(pair[1], ())) > 1), ())
    return {**value, **{key: value[key][[0, 0, *range(2, len(value[key]))]] for key in keys}}


def _with_one_changed(arguments: Sequence[Any]) -> Iterable[tuple[str, list[Any]]]:
    """Yield the arguments with another value of each that has to matter, and its name."""
    for change in (_other_weights, _other_array, _other_number):
        places = [(i, other) for i, one in enumerate(arguments) if (other := change(one))]
        if places:
            for i, (name, other) in places:
                yield name or f"argument {i + 1}", [*arguments[:i], other, *arguments[i + 1 :]]
            return


def _other_weights(value: Any) -> tuple[str, Any] | None:
    keys = next((some for some in WEIGHTS if isinstance(value, Mapping) and some[0] in value), ())
    others = {key: 1.0 - 2.0 * value[key] for key in keys}
    return (" and ".join(keys), {**value, **others}) if others else None


def _other_array(value: Any) -> tuple[str, Any] | None:
    if isinstance(value, list) and value:
        if all(isinstance(one, float) for one in value):
            return "", [0.5 * one + 0.1 * i for i, one in enumerate(value)]
        return "", value[::-1]
    if not isinstance(value, np.ndarray):
        return None
    if value.dtype.kind in "iu":  # of tokens others among them, since 0.5 is none
        return ("", value.max() + value.min() - value) if value.size else None
    ramp = np.linspace(0, 1, value.size, dtype=value.dtype).reshape(value.shape)
    return "", 0.5 * value + ramp


def _other_number(value: Any) -> tuple[str, Any] | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return "", value + 1 if isinstance(value, int) else 0.9 * value
