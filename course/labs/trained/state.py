"""Models that differ in how they were trained: what the lab says and draws of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import escape

import numpy as np

from course.figures.chart import FORCED, FREE, Chart, Dots, Line, Panel, Role, ceiling
from course.figures.drawing import Drawing
from course.labs.page.seeds import Difference, verdict
from course.labs.page.state import State
from course.labs.page.written import written
from course.labs.trained.spread import FORMS, NLL, OWN, Spread, TrainedWay, measured, ways
from course.labs.trained.writes import Written, writes
from course.tasks import find_task


@dataclass
class TrainedHow(State):
    """Models that differ in how they were trained alone.

    Attributes
    ----------
    ways : callable
        From a task's name and a cell type to the ways there are, teacher forcing first.
    measured : callable
        From task, cell and the name of a way to what its seeds gave.
    writes : callable
        From the same to what one of its models writes.
    task, cell, way, sequence
        What the controls set; `way` is a name.
    """

    SETTING = ("way", "cell", "task", "sequence")

    ways: Callable[[str, str], tuple[TrainedWay, ...]] = ways
    measured: Callable[[str, str, str], Spread] = measured
    writes: Callable[[str, str, str], Written] = writes
    task: str = "osc"
    cell: str = "gru"
    way: str = ""
    sequence: int = 0
    _spreads: dict[tuple[str, str], dict[TrainedWay, Spread]] = field(default_factory=dict)

    def advance(self, budget_s: float) -> bool:
        """Read what was measured; choose a way that there is."""
        if self.way not in [way.name for way in self.spreads()]:
            self.way = next(iter(self.spreads())).name
        return False

    def spreads(self) -> Mapping[TrainedWay, Spread]:
        """Return what was measured of the present task and cell, way by way."""
        at = (self.task, self.cell)
        if at not in self._spreads:
            self._spreads[at] = {way: self.measured(*at, way.name) for way in self.ways(*at)}
        return self._spreads[at]

    def _present(self) -> Spread:
        return next(spread for way, spread in self.spreads().items() if way.name == self.way)

    def words(self) -> str:
        """Say how the present way compares with teacher forcing."""
        spread = self._present()
        own, own_half = spread.told[OWN]
        nll, nll_half = spread.told[NLL]
        said = (
            f"{find_task(self.task).title}, {self.cell.upper()}, trained with {self.way}, "
            f"{len(spread.nll)} seeds (± half of a 95 % interval): running free {own:.1f} ± "
            f"{own_half:.1f} % of the tokens are wrong, and on the true prefix the loss is "
            f"{nll:.3f} ± {nll_half:.3f} nats per token. "
            f"Sequence {self.sequence}. {self.things()[0].finding}."
        )
        first, forced = next(iter(self.spreads().items()))
        if first.name == self.way:
            return said
        free, likelihood = (
            Difference.of(spread.by_seed[head], forced.by_seed[head]) for head in (OWN, NLL)
        )
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
                "What comes next depends on what was written, and a slip cannot be foreseen: "
                "running free, every model loses the one path it is compared with. Judge by the "
                "true prefix."
            )
        return verdict(free, likelihood)

    def things(self) -> tuple[Drawing, ...]:
        """Return what the model of the first seed writes."""
        truth, said, features = self.writes(self.task, self.cell, self.way)
        n, forced = self.sequence, find_task(self.task).prefix_matters
        label = "forced run" if forced else "free run"
        role = FORCED if forced else FREE
        return (written(self.task, truth[:, n], said[:, n], features[:, n], label, role),)

    def charts(self) -> tuple[Chart, ...]:
        """Return divergence, error by position, and the two measures by way."""
        spread = self._present()
        return (
            self._divergence(spread),
            self._errors(spread),
            self._by_way("Wrong tokens running free", "wrong tokens, free (%)", FREE, OWN),
            self._by_way("Loss on the true prefix", "loss, true prefix (nats)", FORCED, NLL),
        )

    def _panel(self, which: int, name: str, label: str, most: float = np.inf) -> Panel:
        """Return axes on which one of the lines of every way has room."""
        lines = [spread.lines[which] for spread in self.spreads().values()]
        top = ceiling(max(float(np.nanmax(np.asarray(line.high))) for line in lines))
        return Panel(name, label, (0, len(lines[0].x) - 1), (0, min(top, most)), labels_px=58)

    def _divergence(self, spread: Spread) -> Chart:
        said = f"Divergence when running free: {np.nanmean(spread.kl):.2f} nats on average"
        return Chart(
            said,
            self._panel(0, "step", "divergence (nats)"),
            spread.lines[:1],
            f"Line chart of the KL divergence of free running from the true prefix by step, in "
            f"nats, with a 95 % interval over seeds. {said}.",
        )

    def _errors(self, spread: Spread) -> Chart:
        true, own = spread.wrong_true.mean(), spread.wrong_own.mean()
        said = f"Wrong: {100 * true:.0f} % on the true prefix, {100 * own:.0f} % running free"
        return Chart(
            said,
            self._panel(1, "position", "wrong tokens (%)", most=100.0),
            spread.lines[1:],
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
        others = ", ".join(alike) if len(alike) < 4 else f"{len(alike)} others"
        said = f"{name}: lowest with {ways[best].short}"
        said += f"; too close to call with {others}" if alike else ""
        if role == FREE and find_task(self.task).prefix_matters:
            said = f"{name}: no judge of this task"
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
            f"{way.name} {value:{FORMS[head]}}" for way, value in zip(ways, y.tolist(), strict=True)
        )
        alt = (
            f"Dot chart of {label} by the way of training, bars are 95 % intervals over seeds: "
            f"{told}. {said}."
        )
        return Chart(said, panel, marks, alt)

    def table(self) -> str:
        """Return all ways' numbers as an HTML table."""
        rows = []
        for way, spread in self.spreads().items():
            present = ' class="present"' if way.name == self.way else ""
            name = f'<th scope="row">{escape(way.name)}</th>'
            rows.append(f"<tr{present}>{name}{spread.row}</tr>")
        head = "".join(
            f'<th scope="col">{name}</th>' for name in ("sampling_prob in training", *FORMS)
        )
        return (
            '<div class="course-wide"><table class="course-table">'
            "<caption>Mean ± half of Student's 95 % interval over seeds; divergence: over all "
            "steps</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        )
