"""A learner's own function in a lab: called with care, and its faults told in a sentence."""

from __future__ import annotations

import copy
import inspect
import traceback
from collections.abc import Callable, Mapping
from typing import Any, overload

import numpy as np

from course.checks.cells import deadline
from course.checks.cells.unwritten import who_is_not_written
from course.engine.numerics import Array
from course.labs.calling.muted import muted
from course.labs.calling.results import MEND, Part, Parts, Shape, Unfinished, checked

__all__ = ["LIMIT_S", "MEND", "LearnersFunction", "Unfinished"]

#: A call that takes longer is ended: a lab calls a function dozens of times.
LIMIT_S = 5.0


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

    @overload
    def __call__(
        self, wanted: Shape, *given: Any, rng: np.random.Generator | None = None
    ) -> Array: ...

    @overload
    def __call__(self, wanted: Mapping[str, Shape], *given: Any) -> dict[str, Array]: ...

    @overload
    def __call__(self, wanted: list[tuple[str, Part]], *given: Any) -> tuple[Any, ...]: ...

    def __call__(
        self, wanted: Part | Parts, *given: Any, rng: np.random.Generator | None = None
    ) -> Any:
        """Call it; return its result as plain arrays.

        Parameters
        ----------
        wanted : tuple of int, mapping of str to tuple of int, or list of pairs
            What the result must be. An array by its shape: (T, O), (T,), or () for a number. A
            dict by the shapes of its arrays. A tuple by what its parts are called, and what each
            of them must be: ``[("gradients", {"W_hh": (H, H)}), ("d_context", (H,))]``.
        *given
            Its arguments; arrays are copied first, so that changing them harms no one.
        rng : Generator, optional
            One argument more, where it takes a generator.

        Returns
        -------
        array, dict of arrays, or tuple of both

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
            inner = who_is_not_written(error)
            code = getattr(self.function, "__code__", None)
            own = inner in ("", getattr(code, "co_name", ""))
            raise Unfinished(f"{self.name if own else inner} is not written yet.") from error
        except deadline.TooLong as error:
            raise Unfinished(
                f"{self.name} had not returned after {LIMIT_S:g} s{_where(error, self.function)}, "
                "and was ended: does a loop never end?"
            ) from error
        except BaseException as error:  # what ends a program, as sys.exit(), would end the kernel
            raise Unfinished(
                f"{self.name} stopped with {_told(error)}{_where(error, self.function)}."
            ) from error
        return checked(result, wanted, self.name)


def _namesake(function: Any) -> Any:
    return function.__globals__.get(function.__name__)


def _takes_generator(function: Callable[..., Any], arguments: int = 6) -> bool:
    try:
        inspect.signature(function).bind(*range(arguments))
    except (TypeError, ValueError):  # it takes fewer, or is built in and does not say
        return False
    return True


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
