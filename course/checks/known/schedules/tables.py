"""Ask a schedule for a table of numbers, each of them twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.checks.cells.asserts import ATOL, RTOL
from course.checks.cells.calls import call_each
from course.checks.cells.examples import Array
from course.checks.known.features import Arguments, Feature, Function
from course.checks.known.schedules.formulas import RIGHT, finished

#: Kinds of a table.
AS_DUE, NOT_AS_DUE = "as due", "not as due"


#: Steps of the curves that are asked before.
CURVE_STEPS = (0, 1, 2, 10, 40, 80, 120)


_STEPS = (0, 1, 2, 3, 4, 6, 10, 11, 25, 40, 60, 101, 120, 250)


#: Values of k, c and eps_min; of 'linear' each changes on its own somewhere.
_NUMBERS = {
    "linear": (
        (1.0, 0.01, 0.0),
        (0.9, 0.02, 0.2),
        (0.75, 0.02, 0.2),
        (0.9, 0.05, 0.2),
        (0.9, 0.02, 0.1),
        (1.4, 0.01, 0.0),
        (0.5, 0.125, -0.75),
        (1.0, 1e-4, 0.0),
    ),
    "exponential": ((0.98, 0.0, 0.0), (0.5, 0.0, 0.0), (0.9, 0.0, 0.0), (0.9, 0.02, 0.3)),
    "inverse_sigmoid": (
        (12.0, 0.0, 0.0),
        (1.5, 0.0, 0.0),
        (1.0, 0.0, 0.0),
        (9.0, 0.0, 0.0),
        (9.0, 0.02, 0.3),
    ),
}


@dataclass(frozen=True)
class ScheduleTable:
    """What a schedule gave.

    Attributes
    ----------
    schedule : str
        Its name.
    asked : ndarray
        Rows of step, k, c, eps_min.
    came : list
        Results, or exceptions.
    again : list
        The same, asked in the opposite order.
    """

    schedule: str
    asked: Array
    came: list[Any]
    again: list[Any]

    @property
    def wanted(self) -> Array:
        """The right results."""
        i, k, c, e = self.asked.T
        return finished(RIGHT[self.schedule](i, k, c, e))

    @property
    def wrong(self) -> Array:
        """Which calls gave another number than is right; all where one gave none."""
        came = as_numbers(self.came)
        if came is None:
            return np.ones(len(self.came), dtype=bool)
        apart: Array = ~np.isclose(came, self.wanted, RTOL, ATOL)
        return apart

    def changed_since(self, before: dict[int, float], numbers: tuple[float, ...]) -> str:
        """Say that equal calls gave other results before; `numbers` are k, c and eps_min."""
        for row, one in zip(self.asked, self.came, strict=True):
            step = int(row[0])
            if tuple(row[1:]) != numbers or step not in before:
                continue
            if isinstance(one, int | float | np.floating) and not np.isclose(
                one, before[step], RTOL, ATOL, equal_nan=True
            ):
                return differing(self, before[step], float(one), step, numbers)
        return ""


def table(function: Function, arguments: Arguments) -> Feature:
    """Observe a schedule at many steps; the argument is its name."""
    (schedule,) = arguments()
    rows = [(step, *numbers) for numbers in _NUMBERS[schedule] for step in _STEPS]
    if schedule == "linear":  # the others are asked at a step that is larger still
        rows.append((5000, 1.0, 1e-4, 0.0))
    calls = [(step, schedule, *numbers) for step, *numbers in rows]
    with np.errstate(all="ignore"):
        came = _each(function, calls)
        again = _each(function, calls[::-1])[::-1]
    found = ScheduleTable(schedule, np.array(rows, dtype=float), came, again)
    numbers = as_numbers(came)
    right = numbers is not None and same(numbers, found.wanted) and not differ(came, again)
    return Feature(AS_DUE if right else NOT_AS_DUE, raw=found)


def _each(function: Function, calls: list[tuple[Any, ...]]) -> list[Any]:
    """Return what each call gave, an exception where it stopped."""
    try:
        return call_each(function, calls)
    except Exception:
        results: list[Any] = []
    for call in calls:
        try:
            results += call_each(function, [call])
        except Exception as error:
            results.append(error)
    return results


def tables_of(features: Mapping[str, Feature]) -> dict[str, ScheduleTable]:
    """Return the tables among what was seen, by the schedule."""
    return {
        key.partition("/")[0]: seen.raw
        for key, seen in features.items()
        if isinstance(seen.raw, ScheduleTable)
    }


def as_numbers(results: list[Any]) -> Array | None:
    """Return results as floats; None where one is no number. A bool counts as one."""
    if not all(isinstance(one, int | float | np.generic) or _is_scalar(one) for one in results):
        return None
    try:
        return np.array([float(one) for one in results])
    except (TypeError, ValueError):
        return None


def _is_scalar(one: Any) -> bool:
    return isinstance(one, np.ndarray) and one.ndim == 0


def same(one: Array, other: Array) -> bool:
    """Say whether numbers are the same up to rounding; none that is not finite is."""
    with np.errstate(invalid="ignore"):
        return bool((np.abs(one - other) <= ATOL + RTOL * np.abs(other)).all())


def differ(came: list[Any], again: list[Any]) -> bool:
    """Say whether equal calls gave different numbers."""
    one, other = as_numbers(came), as_numbers(again)
    if one is None or other is None:
        return False
    return not np.allclose(one, other, RTOL, ATOL, equal_nan=True)


def differing(
    seen: ScheduleTable, one: float, other: float, step: int, numbers: tuple[float, ...]
) -> str:
    """Say of which call two results differ."""
    k, c, e = numbers
    return (
        f"equal calls gave different results, {one:.4g} and then {other:.4g} at step {step} with k "
        f"= {k:g}, c = {c:g} and eps_min = {e:g}: the result depends on earlier calls or on chance."
        " It is a function of its arguments alone; keep nothing between calls"
    )
