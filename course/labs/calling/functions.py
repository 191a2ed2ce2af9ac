"""A learner's own function in a lab: called with care, and its faults told in a sentence."""

from __future__ import annotations

import copy
import inspect
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np

from course.checks.cells import deadline
from course.engine.numerics import Array
from course.labs.calling.muted import muted

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


class LearnersFunction:
    """A function of the learner's, called with care; a newer one of its name takes its place.

    Parameters
    ----------
    function : callable

    Attributes
    ----------
    function : callable
        The newest, as far as `renew` has looked.
    name : str
        What the learner calls it.
    takes_generator : bool
        Whether it has a sixth parameter, for a generator; it need not have one.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._is_named = inspect.isfunction(function) and _namesake(function) is function
        self._meet(function)

    def _meet(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.name = str(getattr(function, "__name__", "your function"))
        self.takes_generator = _takes_generator(function)

    def renew(self) -> bool:
        """Take what its name stands for now in its notebook; say whether that is another.

        A learner who mends a function and runs its cell makes a new one of the same name.
        """
        now = _namesake(self.function) if self._is_named else None
        if not inspect.isfunction(now) or now is self.function:
            return False
        self._meet(now)
        return True

    def __call__(
        self,
        shape: tuple[int, ...],
        *given: Any,
        rng: np.random.Generator | None = None,
        expected: str = "",
    ) -> Array:
        """Call it; return its logits, its divergence by step, or other numbers.

        Parameters
        ----------
        shape : tuple of int
            What the result must have: (T, O), (T,), or () for a number.
        *given
            Its arguments; arrays are copied first, so that changing them harms no one.
        rng : Generator, optional
            One argument more, where it takes a generator.
        expected : str, optional
            What the result is, in words, where it has no row for each step.

        Raises
        ------
        Unfinished
            Where it raises, returns something else, or does not return within `LIMIT_S`.
        """
        given = copy.deepcopy(given)
        if rng is not None and self.takes_generator:
            given = (*given, rng)
        try:
            with np.errstate(all="ignore"), muted():
                result = deadline.call(LIMIT_S, self.function, *given)
        except NotImplementedError as error:
            raise Unfinished(f"{self.name} is not written yet.") from error
        except deadline.TooLong as error:
            raise Unfinished(
                f"{self.name} had not returned after {LIMIT_S:g} s{_where(error, self.function)}, "
                "and was ended: does a loop never end?"
            ) from error
        except BaseException as error:  # what ends a program, as sys.exit(), would end the kernel
            raise Unfinished(
                f"{self.name} stopped with {_told(error)}{_where(error, self.function)}."
            ) from error
        return _checked(result, shape, self.name, expected)


def _namesake(function: Any) -> Any:
    return function.__globals__.get(function.__name__)


def _takes_generator(function: Callable[..., Any], arguments: int = 6) -> bool:
    try:
        inspect.signature(function).bind(*range(arguments))
    except (TypeError, ValueError):  # it takes fewer, or is built in and does not say
        return False
    return True


#: By how many sides a result has: how they are called, and what stands there for each step.
_SIDES = ("a number", "(T,)", "(T, O)")
_EACH = ("", "one number", "one row of logits")


def _checked(result: Any, shape: tuple[int, ...], name: str, expected: str = "") -> Array:
    sides = _SIDES[len(shape)]
    wanted = expected or (f"an array of numbers of shape {sides}" if shape else sides)
    array: Array
    if result is None:
        raise Unfinished(f"{name} returned None: does it end with `return ...`?")
    try:
        if np.iscomplexobj(np.asarray(result)):
            raise TypeError("a complex number is no logit")
        array = np.asarray(result, dtype=float)
    except Exception:  # whatever an object of the learner's own does
        raise Unfinished(f"{name} returned {type(result).__name__}, not {wanted}.") from None
    if array.shape != shape:
        each = f" = {shape}: {_EACH[len(shape)]} for each step" if shape else ""
        what = expected or f"{sides}{each}"
        raise Unfinished(f"{name} returned shape {array.shape}, expected {what}.")
    if not np.isfinite(array).all():
        finite = np.isfinite(array).reshape(shape[0] if shape else 1, -1).all(axis=1)
        where = f", first in row {finite.argmin()}" if shape and not expected else ""
        raise Unfinished(f"{name} returned NaN or infinity{where}.")
    return array


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
