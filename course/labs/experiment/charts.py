"""What an experiment gave, drawn: both measures by seed, and the paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from course.figures.chart import Chart, Dots, Line, Panel, Role, ceiling, role_of
from course.labs.experiment.verdict import Interval
from course.study.measures import MEASURES
from course.trained.regimes import find_regime
from course.trained.results import number


class MeasureShown(NamedTuple):
    """How a measure is shown: fractions in per cent.

    Attributes
    ----------
    what : str
    scale : float
        What a value is multiplied by.
    unit, of_difference : str
    decimals : int
    """

    what: str
    scale: float
    unit: str
    of_difference: str
    decimals: int

    @classmethod
    def of(cls, measure: str) -> MeasureShown:
        """Return how a measure is shown, by its name in the results."""
        decimals, unit, what = MEASURES[measure]
        what = what.partition(" (")[0]
        if unit == "fraction":
            return cls(what, 100.0, "%", "points", decimals - 2)
        return cls(what, 1.0, unit, unit, decimals)

    def number(self, value: float) -> str:
        """Print a value without its unit."""
        return number(self.scale * value, self.decimals)

    def text(self, found: Interval) -> str:
        """Print mean and interval of differences."""
        if not found.known:
            return "no interval"
        half = f"{self.scale * found.half:.{self.decimals}f}"
        return f"{self.number(found.mean)} ± {half} {self.of_difference}"


def pairs(
    a: Sequence[float], b: Sequence[float], shows: MeasureShown, regimes: Sequence[str]
) -> Chart:
    """Draw what was measured of A and of B, a line for each seed; each in its regime's colour."""
    one, other = shows.scale * np.array(a), shows.scale * np.array(b)
    at = np.array([0.0, 1.0])
    marks: list[Line | Dots] = [
        Line(at, np.array(pair), "reference") for pair in zip(one, other, strict=True)
    ]
    role_a, role_b = roles(regimes)
    marks += [Dots(0 * one, one, role_a), Dots(0 * other + 1, other, role_b)]
    finding = "A and B by seed: no seed is done yet"
    if len(a):
        means = shows.number(float(np.mean(a))), shows.number(float(np.mean(b)))
        finding = f"{shows.what.capitalize()}: A {means[0]}, B {means[1]} {shows.unit} on average"
    top = _top([*one, *other], shows)
    panel = Panel(
        "way of training",
        f"{shows.what} ({shows.unit})",
        (-0.4, 1.4),
        (0, top),
        labels_px=12,
        x_names=((0, "A"), (1, "B")),
    )
    alt = f"Slope chart of {shows.what} with A and with B, a line for each seed. {finding}."
    return Chart(finding, panel, marks, alt)


def roles(regimes: Sequence[str]) -> tuple[Role, ...]:
    """Return how what was trained in these ways is drawn."""
    return tuple(role_of(find_regime(name).sampling_prob) for name in regimes)


def differences(
    a: Sequence[float], b: Sequence[float], shows: MeasureShown, found: Interval
) -> Chart:
    """Draw B less A for each seed, and behind them the mean with its interval."""
    each, n = shows.scale * (np.array(b) - np.array(a)), len(a)
    mean = shows.scale * np.array([found.mean])
    half = shows.scale * found.half
    marks: list[Line | Dots] = [
        Line(np.array([-0.5, n + 0.5]), np.zeros(2), "reference", "no dif-\nference"),
        Dots(np.arange(n) * 1.0, each, "mixed"),
    ]
    if found.known:
        marks.append(Dots(np.array([float(n)]), mean, "reference", True, mean - half, mean + half))
    finding = "B less A by seed: no interval yet"
    if found.known:
        finding = f"B less A: {shows.text(found)} over {n} paired seeds"
    reach = [*np.abs(each), *(np.abs([mean[0] - half, mean[0] + half]) if found.known else ())]
    top = _top(reach, shows)
    names = [(float(k), str(k)) for k in range(n)] + [(float(n), "mean")] * found.known
    panel = Panel(
        "seed",
        f"B less A ({shows.of_difference})",
        (-0.5, n + 0.5),
        (-top, top),
        x_names=tuple(names) or ((0.0, "0"),),
    )
    alt = (
        f"Dot plot of {shows.what}, B less A, by seed, and their mean with its 95 % interval. "
        f"{finding}."
    )
    return Chart(finding, panel, marks, alt)


def _top(values: Sequence[float], shows: MeasureShown) -> float:
    """Return where an axis ends: at a whole before there are values, never at nothing."""
    return ceiling(max(max(values, default=shows.scale), shows.scale / 100))
