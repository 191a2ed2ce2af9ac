"""Lab 3: the same decoder, trained in different ways."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any

import ipywidgets as widgets
import numpy as np

from course.figures.chart import Chart, Dots, Line, Panel, Role, ceiling
from course.labs.calling.functions import Array
from course.labs.page.controls import case_choosers, chooser
from course.labs.page.seeds import Difference, verdict
from course.labs.page.view import LEFT_S, TaskView
from course.tasks import find_task
from course.trained.results import interval


@dataclass(frozen=True)
class Way:
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
_TRUE, _OWN = "wrong, gold prefix (%)", "wrong, free (%)"
_EXACT, _KL, _NLL = (
    "whole sequences right, free (%)",
    "divergence (nats)",
    "loss, gold prefix (nats)",
)
_FORMS = {_TRUE: ".1f", _OWN: ".1f", _EXACT: ".1f", _KL: ".2f", _NLL: ".3f"}


@dataclass(frozen=True)
class Spread:
    """What the seeds of one way gave.

    Attributes
    ----------
    kl, wrong_true, wrong_own : array (S, T)
        Divergence in nats, and parts of the tokens, by step; a row for each seed.
    nll : array (S,)
        Negative log likelihood on the gold prefix, nats a token.
    exact : array (S,)
        Part of the sequences without an error when running free.
    """

    kl: Array
    wrong_true: Array
    wrong_own: Array
    nll: Array
    exact: Array

    @cached_property
    def highest_kl(self) -> float:
        """Where the band of the divergence is highest, nats."""
        return highest(self.kl)

    @cached_property
    def highest_wrong_own(self) -> float:
        """Where the band of the wrong tokens is highest, running free."""
        return highest(self.wrong_own)

    @cached_property
    def by_seed(self) -> dict[str, Array]:
        """What the table shows, a number for each seed, by the column's head."""
        return {
            _TRUE: 100 * self.wrong_true.mean(axis=1),
            _OWN: 100 * self.wrong_own.mean(axis=1),
            _EXACT: 100 * self.exact,
            _KL: np.nanmean(self.kl, axis=1),
            _NLL: self.nll,
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
            f"<td>{mean:{_FORMS[head]}} ± {half:{_FORMS[head]}}</td>"
            for head, (mean, half) in self.told.items()
        )


@dataclass
class TrainedHow:
    """Models that differ in how they were trained alone.

    Attributes
    ----------
    ways : callable
        From a task's name and a cell type to the ways there are, teacher forcing first.
    measured : callable
        From task, cell and the name of a way to what its seeds gave.
    task, cell, way
        What the controls set; `way` is a name.
    """

    ways: Callable[[str, str], tuple[Way, ...]]
    measured: Callable[[str, str, str], Spread]
    task: str = "osc"
    cell: str = "gru"
    way: str = ""
    _spreads: dict[tuple[str, str], dict[Way, Spread]] = field(default_factory=dict)

    def advance(self, budget_s: float) -> bool:
        """Read what was measured; choose a way that there is."""
        if self.way not in [way.name for way in self.spreads()]:
            self.way = next(iter(self.spreads())).name
        return False

    def ahead(self, budget_s: float) -> bool:
        """Nothing is left to do."""
        return False

    def spreads(self) -> Mapping[Way, Spread]:
        """Return what was measured of the present task and cell, way by way."""
        at = (self.task, self.cell)
        if at not in self._spreads:
            self._spreads[at] = {way: self.measured(*at, way.name) for way in self.ways(*at)}
        return self._spreads[at]

    def _present(self) -> Spread:
        return next(spread for way, spread in self.spreads().items() if way.name == self.way)

    def key(self) -> str:
        """Name the setting."""
        return f"way={self.way} cell={self.cell} task={self.task}"

    def message(self) -> str:
        """There is no function of the learner's in this lab."""
        return ""

    def words(self) -> str:
        """Say how the present way compares with teacher forcing."""
        spread = self._present()
        own, own_half = spread.told[_OWN]
        nll, nll_half = spread.told[_NLL]
        said = (
            f"{find_task(self.task).title}, {self.cell.upper()}, trained with {self.way}, "
            f"{len(spread.nll)} seeds (± half of a 95 % interval): running free {own:.1f} ± "
            f"{own_half:.1f} % of the tokens are wrong, and on the gold prefix the loss is "
            f"{nll:.3f} ± {nll_half:.3f} nats a token."
        )
        first, forced = next(iter(self.spreads().items()))
        if first.name == self.way:
            return said
        free = Difference.of(
            100 * spread.wrong_own.mean(axis=1), 100 * forced.wrong_own.mean(axis=1)
        )
        likelihood = Difference.of(spread.nll, forced.nll)
        return (
            f"{said} Seed by seed against teacher forcing (95 % interval) that is "
            f"{free.mean:+.1f} ± {free.half:.1f} points and "
            f"{likelihood.mean:+.3f} ± {likelihood.half:.3f} nats. "
            f"{self._verdict(free, likelihood)}"
        )

    def _verdict(self, free: Difference, likelihood: Difference) -> str:
        """Say whether both judges find this way better than teacher forcing."""
        if find_task(self.task).prefix_matters:
            return (
                "What comes next hangs on what was written, and a slip cannot be foreseen: running "
                "free, every model loses the one path it is compared with. Judge by the gold "
                "prefix."
            )
        return verdict(free, likelihood)

    def charts(self) -> tuple[Chart, ...]:
        """Return divergence, error by position, and the two measures by way."""
        spread = self._present()
        return (
            self._divergence(spread),
            self._errors(spread),
            self._by_way("Wrong tokens running free", "wrong tokens, free (%)", "own", _OWN),
            self._by_way("Loss on the gold prefix", "loss, gold prefix (nats)", "truth", _NLL),
        )

    def picture(self) -> str:
        """Draw the charts."""
        return "".join(chart.html() for chart in self.charts())

    def _top(self, of: Callable[[Spread], float]) -> float:
        return ceiling(max(of(spread) for spread in self.spreads().values()))

    def _divergence(self, spread: Spread) -> Chart:
        t = np.arange(spread.kl.shape[1])
        top = self._top(lambda one: one.highest_kl)
        said = f"Divergence when running free: {np.nanmean(spread.kl):.2f} nats on average"
        return Chart(
            said,
            Panel("step", "divergence (nats)", (0, len(t) - 1), (0, top), labels_px=58),
            [banded(t, spread.kl, "own", "free")],
            f"Line chart of the KL divergence of free running from the gold prefix by step, in "
            f"nats, with a 95 % interval over seeds. {said}.",
        )

    def _errors(self, spread: Spread) -> Chart:
        t = np.arange(spread.kl.shape[1])
        top = min(self._top(lambda one: one.highest_wrong_own), 1.0)
        true, own = spread.wrong_true.mean(), spread.wrong_own.mean()
        said = f"Wrong: {true:.0%} on the gold prefix, {own:.0%} running free"
        return Chart(
            said,
            Panel("position", "wrong tokens (%)", (0, len(t) - 1), (0, 100 * top), labels_px=58),
            [
                banded(t, 100 * spread.wrong_own, "own", "free"),
                banded(t, 100 * spread.wrong_true, "truth", "gold\nprefix"),
            ],
            f"Line chart of the percentage of wrong tokens by position, with a 95 % interval over "
            f"seeds. {said}.",
        )

    def _by_way(self, name: str, label: str, role: Role, head: str) -> Chart:
        spreads = self.spreads()
        ways, x = list(spreads), np.arange(float(len(spreads)))
        y, half = np.array([spread.told[head] for spread in spreads.values()]).T
        half = np.nan_to_num(half)
        best = int(y.argmin())
        lowest = list(spreads.values())[best].by_seed[head]
        alike = [
            way.short
            for way, spread in spreads.items()
            if way is not ways[best] and not Difference.of(spread.by_seed[head], lowest).says
        ]
        present = x == [way.name for way in ways].index(self.way)
        judges = role != "own" or not find_task(self.task).prefix_matters
        said = f"{name}: no judge of this task"
        if judges:
            others = ", ".join(alike) if len(alike) < 4 else f"{len(alike)} others"
            said = f"{name}: lowest with {ways[best].short}"
            said += f"; seeds do not tell it from {others}" if alike else ""
        panel = Panel(
            "sampling_prob in training",
            label,
            (-0.4, len(ways) - 0.6),
            (0, ceiling(float(np.nanmax(y + half)))),
            labels_px=14,
            x_names=tuple((float(k), way.short) for k, way in enumerate(ways)),
        )
        marks: list[Line | Dots] = [
            Dots(x, y, role, low=y - half, high=y + half),
            Dots(x[present], y[present], role, large=True),
        ]
        told = "; ".join(
            f"{way.name} {value:{_FORMS[head]}}"
            for way, value in zip(ways, y.tolist(), strict=True)
        )
        return Chart(
            said,
            panel,
            marks,
            f"Dot chart of {label} by the way of training, bars are 95 % intervals over seeds: "
            f"{told}. {said}.",
        )

    def table(self) -> str:
        """Return all ways' numbers as an HTML table."""
        rows = []
        for way, spread in self.spreads().items():
            present = ' class="present"' if way.name == self.way else ""
            name = f'<th scope="row">{escape(way.name)}</th>'
            rows.append(f"<tr{present}>{name}{spread.row}</tr>")
        head = "".join(
            f'<th scope="col">{name}</th>' for name in ("sampling_prob in training", *_FORMS)
        )
        return (
            '<div class="course-wide"><table class="course-table">'
            "<caption>Mean ± half of Student's 95 % interval over seeds; divergence: over all "
            "steps</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )


def highest(values: Array) -> float:
    """Return where the band of `banded` is highest."""
    high = banded(np.arange(values.shape[1]), values, "own", "").high
    return float(np.nanmax(high)) if high is not None else 0.0


def banded(t: Array, values: Array, role: Role, label: str) -> Line:
    """Return the mean over seeds, with a band of its 95 % interval."""
    mean, half = interval(values)
    half = np.nan_to_num(half)
    return Line(t, mean, role, label, np.maximum(mean - half, 0), mean + half)


class TrainedView(TaskView):
    """Lab 3: the ways of the slider are those that the task and cell were trained in.

    The table comes a moment after the picture, which would else wait until it is laid out.
    """

    state: TrainedHow

    def __init__(self, *given: Any) -> None:
        self.table = widgets.HTML()
        self._is_due = False
        super().__init__(*given, below=(self.table,))

    def _show(self) -> None:
        super()._show()
        if not self.turns.has_loop() or not self.table.value:
            self._tabulate()
        elif not self._is_due:
            self._is_due = True
            self.turns.later(LEFT_S, lambda: self.guarded(self._tabulate))

    def _tabulate(self) -> None:
        with self.lock:
            self._is_due = False
            self.table.value = self.state.table()

    def _changed(self, name: str, value: Any) -> None:
        super()._changed(name, value)
        if name != "way":
            self.guarded(self._offer)

    def _offer(self) -> None:
        control = self.controls["way"]
        names = [way.name for way in self.state.ways(self.state.task, self.state.cell)]
        if list(control.options) != names:
            control.options = names
            control.value = self.state.way


def trained_how(
    prediction: str | None = None,
    *,
    state: TrainedHow | None = None,
    tasks: tuple[str, ...] = (),
    cells: Callable[[str], tuple[str, ...]] | None = None,
) -> TrainedView:
    """Open lab 3.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    state, tasks, cells : optional
        Other models than those that come with the course.
    """
    from course.labs.page import models

    state = state or models.trained_how()
    names, cells = tasks or models.compared_tasks(), cells or models.cells
    ways = [way.name for way in state.ways(state.task, state.cell)]
    state.way = ways[0]
    controls = {
        "way": chooser("sampling_prob in training", ways, ways[0], 480),
        **case_choosers(names, state.task, cells(state.task), state.cell),
    }
    return TrainedView(cells, state, controls, prediction)
