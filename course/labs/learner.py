"""The learner's own function in a lab: called with care, and its faults told in a sentence."""

from __future__ import annotations

import inspect
import io
import traceback
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from typing import Any

import numpy as np

from course.labs import deadline

Array = np.ndarray

#: A call that takes longer is ended: a lab calls a function dozens of times.
LIMIT_S = 5.0


class Unheard(io.TextIOBase):
    """Where prints of the learner's function go: a lab calls it hundreds of times."""

    def write(self, text: str) -> int:
        """Take a text, and forget it."""
        return len(text)


class Unfinished(Exception):
    """The learner's function cannot be shown; the message says why, in the learner's words."""


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


def call(function: Callable[..., Any], shape: tuple[int, int], *given: Any) -> Array:
    """Call the learner's function; return its logits.

    Parameters
    ----------
    function : callable
    shape : (int, int)
        What the result must have: (T, O).
    *given
        Its arguments; arrays are copied first, so that a function that changes them harms no one.

    Raises
    ------
    Unfinished
        Where it raises, returns no logits, or does not return within `LIMIT_S`.
    """
    try:
        with np.errstate(all="ignore"), redirect_stdout(Unheard()):
            logits = deadline.call(LIMIT_S, function, *map(_copied, given))
    except NotImplementedError as error:
        raise Unfinished(
            f"{name_of(function)} is not written yet: the picture shows the target alone. "
            "Write it in its cell above, run that cell, then run this one again."
        ) from error
    except deadline.TooLong as error:
        raise Unfinished(
            f"{name_of(function)} had not returned after {LIMIT_S:g} s{_where(error, function)}, "
            "and was ended: does a loop never end? The picture shows the target alone."
        ) from error
    # What ends a program, such as sys.exit(), would end the kernel here.
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        raise Unfinished(
            f"{name_of(function)} stopped with {_told(error)}{_where(error, function)}. "
            "The picture shows the target alone."
        ) from error
    return _logits(logits, shape, name_of(function))


def name_of(function: Callable[..., Any]) -> str:
    """Return what the learner calls the function."""
    return str(getattr(function, "__name__", "your function"))


def _logits(logits: Any, shape: tuple[int, int], name: str) -> Array:
    if logits is None:
        raise Unfinished(f"{name} returned None: does it end with `return logits`?")
    try:
        array = np.asarray(logits, dtype=float)
    except (TypeError, ValueError):
        raise Unfinished(
            f"{name} returned {type(logits).__name__}, not an array of numbers of shape (T, O)."
        ) from None
    if array.shape != shape:
        raise Unfinished(
            f"{name} returned shape {array.shape}, expected (T, O) = {shape}: one row of logits "
            "for each step."
        )
    if not np.isfinite(array).all():
        step = int(np.argmin(np.isfinite(array).all(axis=1)))
        raise Unfinished(f"{name} returned NaN or infinity, first in row {step}.")
    return array


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, Mapping):
        return {key: _copied(one) for key, one in value.items()}
    return value


def _told(error: BaseException) -> str:
    said = str(error)[:300]
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
