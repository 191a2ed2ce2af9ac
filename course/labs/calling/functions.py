"""The learner's own function in a lab: called with care, and its faults told in a sentence."""

from __future__ import annotations

import inspect
import traceback
import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from course.checks.cells import deadline
from course.labs.calling.muted import muted

Array = np.ndarray

#: A call that takes longer is ended: a lab calls a function dozens of times.
LIMIT_S = 5.0
MEND = "Write or mend it, run its cell, then move a slider here."


class Unfinished(Exception):
    """The learner's function cannot be shown; the message says why, in the learner's words.

    Attributes
    ----------
    why : str
        The message without what the picture shows instead.
    """

    def __init__(self, why: str) -> None:
        super().__init__(f"{why} The picture shows the target alone. {MEND}")
        self.why = why


def takes_generator(function: Callable[..., Any], at: int = 5) -> bool:
    """Say whether a function has a sixth parameter, for a generator; it need not have one."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # of a built-in
        return False
    kinds = [parameter.kind for parameter in parameters]
    by_place = sum(
        kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        for kind in kinds
    )
    return by_place > at or inspect.Parameter.VAR_POSITIONAL in kinds


#: Functions that their notebook knows by name, so that a newer one of that name takes their place.
_NAMED: weakref.WeakSet[Any] = weakref.WeakSet()


def follow(function: Callable[..., Any]) -> None:
    """Remember a function that its name stands for in its notebook; see `latest`."""
    if inspect.isfunction(function) and _namesake(function) is function:
        _NAMED.add(function)


def latest(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what the name of a function that is followed stands for now in its notebook.

    A learner who mends a function and runs its cell makes a new one of the same name.
    """
    if not inspect.isfunction(function) or function not in _NAMED:
        return function
    now = _namesake(function)
    if not inspect.isfunction(now):
        return function
    _NAMED.add(now)
    return now


def _namesake(function: Any) -> Any:
    return function.__globals__.get(function.__name__)


def call(function: Callable[..., Any], shape: tuple[int, ...], *given: Any) -> Array:
    """Call the learner's function; return its logits, or its divergence by step.

    Parameters
    ----------
    function : callable
    shape : tuple of int
        What the result must have: (T, O), or (T,).
    *given
        Its arguments; arrays are copied first, so that a function that changes them harms no one.

    Raises
    ------
    Unfinished
        Where it raises, returns something else, or does not return within `LIMIT_S`.
    """
    try:
        with np.errstate(all="ignore"), muted():
            result = deadline.call(LIMIT_S, function, *map(_copied, given))
    except NotImplementedError as error:
        raise Unfinished(f"{name_of(function)} is not written yet.") from error
    except deadline.TooLong as error:
        raise Unfinished(
            f"{name_of(function)} had not returned after {LIMIT_S:g} s{_where(error, function)}, "
            "and was ended: does a loop never end?"
        ) from error
    except BaseException as error:  # what ends a program, such as sys.exit(), would end the kernel
        raise Unfinished(
            f"{name_of(function)} stopped with {_told(error)}{_where(error, function)}."
        ) from error
    return _checked(result, shape, name_of(function))


def name_of(function: Callable[..., Any]) -> str:
    """Return what the learner calls the function."""
    return str(getattr(function, "__name__", "your function"))


def _checked(result: Any, shape: tuple[int, ...], name: str) -> Array:
    sides, what = ("(T, O)", "one row of logits") if len(shape) == 2 else ("(T,)", "one number")
    array: Array
    if result is None:
        raise Unfinished(f"{name} returned None: does it end with `return ...`?")
    try:
        if np.iscomplexobj(np.asarray(result)):
            raise TypeError("a complex number is no logit")
        array = np.asarray(result, dtype=float)
    except Exception:  # whatever an object of the learner's own does
        raise Unfinished(
            f"{name} returned {type(result).__name__}, not an array of numbers of shape {sides}."
        ) from None
    if array.shape != shape:
        raise Unfinished(
            f"{name} returned shape {array.shape}, expected {sides} = {shape}: {what} for each "
            f"step."
        )
    if not np.isfinite(array).all():
        step = int(np.argmin(np.isfinite(array).reshape(len(array), -1).all(axis=1)))
        raise Unfinished(f"{name} returned NaN or infinity, first in row {step}.")
    return array


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, Mapping):
        return {key: _copied(one) for key, one in value.items()}
    return value


def _told(error: BaseException) -> str:
    try:
        said = str(error)[:300]
    except Exception:
        said = ""
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _where(error: BaseException, function: Callable[..., Any]) -> str:
    """Say which line of the function raised."""
    code = getattr(function, "__code__", None)
    if code is None:
        return ""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == code.co_filename and frame.lineno is not None
    ]
    if not lines:
        return ""
    return f", in line {lines[-1]} of its cell"
