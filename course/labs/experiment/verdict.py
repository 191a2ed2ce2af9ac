"""What may be said of paired differences: the learner's own interval, and whether a claim held."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.labs.calling.functions import LearnersFunction, Unfinished
from course.study.hypotheses import Direction
from course.trained.results import interval

#: How far, relatively, an interval may lie from the lab's and be the same.
NEAR = 1e-3


@dataclass(frozen=True)
class Interval:
    """Mean and half the width of the interval of B less A; NaN where there is none."""

    mean: float = math.nan
    half: float = math.nan

    @property
    def known(self) -> bool:
        """Whether there is one."""
        return math.isfinite(self.mean) and math.isfinite(self.half)

    @property
    def low(self) -> float:
        """Where it begins."""
        return self.mean - self.half

    @property
    def high(self) -> float:
        """Where it ends."""
        return self.mean + self.half


class IntervalOf:
    """Asks the learner's ``paired_interval``, or reckons as it should where there is none.

    Parameters
    ----------
    function : callable or None

    Attributes
    ----------
    fault : str
        What is wrong with the function; empty where nothing is known to be.
    """

    def __init__(self, function: Callable[..., Any] | None) -> None:
        self._own = LearnersFunction(function) if function else None
        self._asked: tuple[object, ...] = ()
        self._answer, self.fault = Interval(), ""

    def __call__(self, a: Sequence[float], b: Sequence[float]) -> Interval:
        """Return the interval of B less A; one pair has none. The same question is asked once."""
        if self._own:
            self._own.renew()
        question = (tuple(a), tuple(b), self._own and self._own.function)
        if question != self._asked:
            self._asked = question
            self._answer, self.fault = self._reckoned(list(a), list(b)), ""
            if self._own and self._answer.known:
                self._answer = self._told(self._own, list(a), list(b), self._answer)
        return self._answer

    @staticmethod
    def _reckoned(a: list[float], b: list[float]) -> Interval:
        if len(a) < 2:
            return Interval()
        mean, half = interval(np.array(b) - np.array(a))
        return Interval(float(mean), float(half))

    def _told(
        self, own: LearnersFunction, a: list[float], b: list[float], right: Interval
    ) -> Interval:
        try:
            mean, half = map(float, own([("mean", ()), ("half_width", ())], a, b))
        except Unfinished as error:
            self.fault = (
                f"{error.why} The differences are drawn without an interval. Mend it, run its "
                "cell, then move a slider here."
            )
            return Interval()
        if not np.allclose((mean, half), (right.mean, right.half), rtol=NEAR, atol=1e-9):
            self.fault = (
                f"{own.name} returned {mean:.4g} ± {half:.4g} for these differences, expected is "
                f"{right.mean:.4g} ± {right.half:.4g}: run its tests. What is drawn is yours."
            )
        return Interval(mean, half)


def verdict(expected: Direction, found: Interval) -> str:
    """Say whether the expected direction held.

    >>> verdict("lower", Interval(-0.2, 0.1))
    'You expected B to be lower, and it held: the whole interval lies below 0.'
    >>> verdict("higher", Interval(-0.2, 0.1))
    'You expected B to be higher, and it did not hold: the whole interval lies below 0.'
    >>> verdict("lower", Interval(-0.2, 0.3))
    'You expected B to be lower, and the seeds do not tell: the interval contains 0.'
    """
    if not found.known:
        return "There is no interval, so nothing is said of your hypothesis."
    lies = "lower" if found.high < 0 else "higher" if found.low > 0 else "same"
    where = f"the whole interval lies {'below' if lies == 'lower' else 'above'} 0"
    if expected == "same":
        if lies == "same":
            return (
                "You expected no difference, and none is shown: the interval contains 0. That is "
                "not the same as none: all that lies in the interval fits these seeds."
            )
        return f"You expected no difference, and it did not hold: {where}."
    said = f"You expected B to be {expected}, and "
    if lies == "same":
        return f"{said}the seeds do not tell: the interval contains 0."
    return f"{said}it {'held' if lies == expected else 'did not hold'}: {where}."
