"""What the seeds of a way of training gave, as the shipped results have it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from course import trained
from course.engine.numerics import Array
from course.figures.chart import Line, Role
from course.trained import results
from course.trained.results import interval


@dataclass(frozen=True)
class TrainedWay:
    """A way of training.

    Attributes
    ----------
    name : str
        As the slider shows it.
    short : str
        As an axis has room for it.
    """

    name: str
    short: str


#: Heads of the table, each a measure of every way.
TRUE, OWN = "wrong, true prefix (%)", "wrong, free (%)"
EXACT = "whole sequences right, free (%)"
KL, NLL = "divergence (nats)", "loss, true prefix (nats)"
FORMS = {TRUE: ".1f", OWN: ".1f", EXACT: ".1f", KL: ".2f", NLL: ".3f"}


@dataclass(frozen=True)
class Spread:
    """What the seeds of one way gave.

    Attributes
    ----------
    kl, wrong_true, wrong_own : array (S, T)
        Divergence in nats, and parts of the tokens, by step; a row for each seed.
    nll : array (S,)
        Negative log likelihood on the true prefix, nats per token.
    exact : array (S,)
        Part of the sequences without an error when running free.
    """

    kl: Array
    wrong_true: Array
    wrong_own: Array
    nll: Array
    exact: Array

    @cached_property
    def lines(self) -> tuple[Line, Line, Line]:
        """Divergence in nats, and % of wrong tokens running free and on the true prefix."""
        return (
            banded(self.kl, "own", "free"),
            banded(100 * self.wrong_own, "own", "free"),
            banded(100 * self.wrong_true, "truth", "true\nprefix"),
        )

    @cached_property
    def by_seed(self) -> dict[str, Array]:
        """What the table shows, a number for each seed, by the column's head."""
        return {
            TRUE: 100 * self.wrong_true.mean(axis=1),
            OWN: 100 * self.wrong_own.mean(axis=1),
            EXACT: 100 * self.exact,
            KL: np.nanmean(self.kl, axis=1),
            NLL: self.nll,
        }

    @cached_property
    def told(self) -> dict[str, tuple[float, float]]:
        """Mean and half of the interval of what the table shows, by the column's head."""
        told = {head: interval(values) for head, values in self.by_seed.items()}
        return {head: (float(mean), float(half)) for head, (mean, half) in told.items()}

    @cached_property
    def row(self) -> str:
        """The cells of the table's row, as HTML."""
        return "".join(
            f"<td>{mean:{FORMS[head]}} ± {half:{FORMS[head]}}</td>"
            for head, (mean, half) in self.told.items()
        )


def ways(task: str, cell: str) -> tuple[TrainedWay, ...]:
    """Return the ways in which models of a task were trained, a coin for each step."""
    return tuple(
        TrainedWay(regime.title, regime.short)
        for regime in trained.regimes(task, cell)
        if regime.coin == "step"
    )


def measured(task: str, cell: str, way: str) -> Spread:
    """Return what was measured of a way of training, on the sequences that lessons quote."""
    [regime] = [one for one in trained.regimes(task, cell) if one.title == way]
    path = f"{task}/{cell}/{regime.name}"
    return Spread(
        *(results.curve(f"{path}/{name}") for name in ("kl", "error_true", "error_own")),
        *(np.array(results.find(f"{path}/{name}").values) for name in ("nll_nats", "exact_match")),
    )


def banded(values: Array, role: Role, label: str) -> Line:
    """Return the mean over seeds by step, with a band of its 95 % interval."""
    mean, half = interval(values)
    half = np.nan_to_num(half)
    return Line(np.arange(len(mean)), mean, role, label, np.maximum(mean - half, 0), mean + half)
