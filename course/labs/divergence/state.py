"""Lab 2: how far a decoder drifts from the truth when it is fed its own tokens."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from course.engine import Parameters
from course.figures.chart import Chart, Dots, Line, Panel, ceiling
from course.labs.calling import functions
from course.labs.calling.functions import Array, Unfinished
from course.labs.divergence.case import MAX_ROLLOUTS, Case, make_case
from course.labs.divergence.companions import Companions
from course.labs.divergence.examination import Examination
from course.labs.page.controls import case_choosers, slider
from course.labs.page.view import LabView, TaskView
from course.tasks import find_task

POSITIONS = tuple(round(0.05 * k, 2) for k in range(21))
#: A rollout that takes longer than this is made when it is asked for, not before.
SLOW_S = 0.03
KEPT_RUNS = 300
#: The divergence is drawn on an axis of at least this height, so that next to nothing looks so.
LEAST_NATS = 0.5


@dataclass
class Divergence:
    """The learner's function on a trained decoder.

    Attributes
    ----------
    function : callable
        The learner's ``decoder_forward_scheduled_sampling``.
    load : callable
        From a task's name and a cell type to a trained model.
    task, cell, sampling_prob, rollouts, seed
        What the controls set.
    companions : Companions
        The learner's free running and divergence, where the lesson has them.
    """

    function: Callable[..., Any]
    load: Callable[[str, str], Parameters]
    task: str = "osc"
    cell: str = "gru"
    sampling_prob: float = 0.5
    rollouts: int = 30
    seed: int = 0
    companions: Companions = field(default_factory=Companions)
    _cases: dict[tuple[str, str], Case] = field(default_factory=dict)
    _looks: dict[tuple[str, str], Examination] = field(default_factory=dict)
    _broken: dict[tuple[str, str], str] = field(default_factory=dict)
    _runs: dict[tuple[str, str, float, int], list[tuple[Array, Array]]] = field(
        default_factory=dict
    )
    #: Of the learner's own free running, by case.
    _free: dict[tuple[str, str], list[tuple[Array, Array]]] = field(default_factory=dict)
    _means: dict[tuple[str, str, float, int, int], float] = field(default_factory=dict)
    #: Rollouts, how many of them, and what `measured` made of them last.
    _stacked: tuple[list[tuple[Array, Array]], int, tuple[Array, Array]] | None = None
    _rollout_s: float = float("inf")

    def __post_init__(self) -> None:
        functions.follow(self.function)
        self._takes_rng = functions.takes_generator(self.function)

    @property
    def case(self) -> Case:
        """The present model; made when first asked for."""
        at = (self.task, self.cell)
        if at not in self._cases:
            self._cases[at] = make_case(self.load(*at), self.task)
        return self._cases[at]

    def advance(self, budget_s: float) -> bool:
        """For at most about so long, make rollouts, examine the function, know what to expect."""
        end, at = time.perf_counter() + budget_s, (self.task, self.cell)
        self._meet_what_was_mended()
        if at not in self._broken and not self._roll(self.sampling_prob, end):
            return True
        if not self._run_freely(end):
            return True
        if at not in self._broken and not self._examine(end):
            return True
        return not self._expect(self._nearest(), end)

    def _meet_what_was_mended(self) -> None:
        """Forget what older functions of the same names did."""
        now = functions.latest(self.function)
        if not self.companions.renew() and now is self.function:
            return
        self.function, self._takes_rng = now, functions.takes_generator(now)
        self._stacked, self._rollout_s = None, float("inf")
        for kept in (self._looks, self._broken, self._runs, self._free, self._means):
            kept.clear()

    def ahead(self, budget_s: float) -> bool:
        """Make the rollouts of the neighbouring positions of the slider."""
        end = time.perf_counter() + budget_s
        if (self.task, self.cell) in self._broken or self._rollout_s > SLOW_S:
            return False
        return not all(self._roll(position, end) for position in self._nearest())

    def _nearest(self) -> list[float]:
        return sorted(POSITIONS, key=lambda position: abs(position - self.sampling_prob))

    def _expect(self, positions: list[float], end: float) -> bool:
        for position in positions:
            while not self.case.knows(position):
                if time.perf_counter() > end:
                    return False
                self.case.expect(position)
        return True

    def _roll(self, sampling_prob: float, end: float) -> bool:
        """Make the rollouts that are missing at a position; say whether all are there."""
        runs = self._runs.setdefault((self.task, self.cell, sampling_prob, self.seed), [])
        while len(self._runs) > KEPT_RUNS:
            self._runs.pop(next(iter(self._runs)))
            self._means.clear()
        while len(runs) < self.rollouts:
            begin = time.perf_counter()
            if begin > end and (runs or sampling_prob != self.sampling_prob):
                return False
            n = len(runs)
            try:
                logits = self._logits(n, self.case.targets[n], sampling_prob)
            except Unfinished as error:
                self._broken[self.task, self.cell] = str(error)
                return True
            runs.append(self._seen(n, logits))
            self._rollout_s = min(self._rollout_s, time.perf_counter() - begin)
        return True

    def _run_freely(self, end: float) -> bool:
        """Make the free runs that are missing, where the learner has a say in them."""
        runs = self._free.setdefault((self.task, self.cell), [])
        while self.companions and len(runs) < self.rollouts:
            if time.perf_counter() > end:
                return False
            runs.append(self._seen(len(runs), self.companions.freely(self.case, len(runs))))
        return True

    def _seen(self, n: int, logits: Array) -> tuple[Array, Array]:
        """Return divergence in nats and errors, (T,) each, of a run on sequence n."""
        wrong = logits.argmax(axis=1) != self.case.tokens[:, n]
        return self.companions.apart(self.case, n, logits), wrong

    def _logits(self, n: int, target_seq: Array, sampling_prob: float) -> Array:
        case = self.case
        chance = (np.random.default_rng([self.seed, n]),) if self._takes_rng else ()
        return functions.call(
            self.function,
            target_seq.shape,
            case.contexts[:, n],
            target_seq,
            case.params,
            sampling_prob,
            self.cell,
            *chance,
        )

    def _examine(self, end: float) -> bool:
        """Look at the function for a while; say whether all of it was looked at."""
        at = (self.task, self.cell)
        if at not in self._looks:
            name = functions.name_of(self.function)
            self._looks[at] = Examination(self._logits, self.case, name)
        while self._looks[at].fault is None and at not in self._broken:
            if time.perf_counter() > end:
                return False
            try:
                self._looks[at].go_on()
            except Unfinished as error:
                self._broken[at] = str(error)
        return True

    def message(self) -> str:
        """Say what is wrong with the learner's function."""
        at = (self.task, self.cell)
        look = self._looks.get(at)
        return self._broken.get(at) or (look.fault if look else "") or self.companions.fault

    def key(self) -> str:
        """Name the setting."""
        return (
            f"sampling_prob={self.sampling_prob:.2f} cell={self.cell} task={self.task} "
            f"rollouts={self.rollouts} seed={self.seed}"
        )

    def measured(self) -> tuple[Array, Array] | None:
        """Return divergence in nats and errors of this run, (T, n) each, as far as they are."""
        if (self.task, self.cell) in self._broken:
            return None
        runs = self._runs.get((self.task, self.cell, self.sampling_prob, self.seed), [])
        n = min(len(runs), self.rollouts)
        if n == 0:
            return None
        if self._stacked is None or self._stacked[0] is not runs or self._stacked[1] != n:
            kl, wrong = (np.stack(parts, axis=1) for parts in zip(*runs[:n], strict=True))
            self._stacked = (runs, n, (kl, wrong))
        return self._stacked[2]

    def free(self) -> tuple[Array, Array]:
        """Return divergence in nats and errors of free running, (T, n) each."""
        case, n = self.case, self.rollouts
        runs = self._free.get((self.task, self.cell), [])
        if len(runs) < n:
            return case.kl_own[:, :n], case.wrong_own[:, :n]
        kl, wrong = (np.stack(parts, axis=1) for parts in zip(*runs[:n], strict=True))
        return kl, wrong

    def words(self) -> str:
        """Say what the picture shows."""
        case, n = self.case, self.rollouts
        about = (
            f"{find_task(self.task).title}, {self.cell.upper()}, sampling_prob "
            f"{self.sampling_prob:.2f}: "
        )
        true, own = 100 * case.wrong_true[:, :n].mean(), 100 * self.free()[1].mean()
        ends = f"{true:.0f} % on the gold prefix and {own:.0f} % running free"
        measured = self.measured()
        if measured is None:
            return f"{about}wrong tokens are {ends}; there is no run of yours to compare."
        kl, wrong = measured
        made = kl.shape[1]
        so_far = "" if made == n else f" (so far {made} of {n})"
        right = ""
        if self.case.knows(self.sampling_prob) and made == n:
            expected = self.case.expected[self.sampling_prob]
            middle, half = 100 * expected.wrong(n).mean(), 100 * expected.half_width(n)
            right = f" (expected: {middle:.0f} ± {half:.0f} %)"
        return (
            f"{about}over {n} rollouts{so_far} the divergence from the gold prefix is "
            f"{kl.mean():.2f} nats on average and {kl[-1].mean():.2f} at the last step. "
            f"{100 * wrong.mean():.0f} % of the tokens are wrong{right}; {ends}."
        )

    def charts(self) -> tuple[Chart, ...]:
        """Return divergence by step, error by position, and mean error by probability."""
        return self._divergence(), self._errors(), self._curve()

    def picture(self) -> str:
        """Draw the charts."""
        return "".join(chart.html() for chart in self.charts())

    def _divergence(self) -> Chart:
        case, measured = self.case, self.measured()
        t = np.arange(len(case.tokens))
        top = ceiling(max(1.3 * float(case.kl_own.mean(axis=1).max()), LEAST_NATS))
        panel = Panel("step", "divergence (nats)", (0, len(t) - 1), (0, top))
        free = self.free()[0].mean(axis=1)
        marks: list[Line | Dots] = [Line(t, free, "own", "free\nrunning")]
        marks += self._expected_line(t, 0)
        said = f"Divergence of free running: {free.mean():.2f} nats on average"
        shown = "free running"
        if measured is not None:
            kl = measured[0]
            low, high = np.quantile(kl, [0.1, 0.9], axis=1)
            marks.append(Line(t, kl.mean(axis=1), "mixed", "this run", low, high))
            mean = kl.mean()
            said = (
                "Fed the truth alone, it does not diverge"
                if mean < 1e-9
                else f"Divergence of this run: {mean:.2f} nats on average"
            )
            shown = "free running, and this run with a band that holds 8 of 10 rollouts"
        alt = (
            f"Line chart of the KL divergence from the gold prefix in nats by step: {shown}"
            f"{_dotted(marks)}. {said}."
        )
        return Chart(said, panel, marks, alt)

    def _errors(self) -> Chart:
        case, n, measured = self.case, self.rollouts, self.measured()
        t = np.arange(len(case.tokens))
        highest = max(case.wrong_own.mean(axis=1).max(), case.wrong_true.mean(axis=1).max())
        panel = Panel("position", "wrong tokens (%)", (0, len(t) - 1), (0, 100 * _part(highest)))
        marks: list[Line | Dots] = [
            Line(t, 100 * self.free()[1].mean(axis=1), "own", "free\nrunning"),
            Line(t, 100 * case.wrong_true[:, :n].mean(axis=1), "truth", "gold prefix"),
        ]
        marks += self._expected_line(t, 1)
        true, own = case.wrong_true[:, :n].mean(), self.free()[1].mean()
        said = f"Wrong: {true:.0%} on the gold prefix, {own:.0%} free"
        if measured is not None:
            wrong = measured[1]
            marks.append(Line(t, 100 * wrong.mean(axis=1), "mixed", "this run"))
            said = f"Wrong: {true:.0%} gold prefix, {wrong.mean():.0%} this run, {own:.0%} free"
        alt = f"Line chart of the percentage of wrong tokens by position{_dotted(marks)}. {said}."
        return Chart(said, panel, marks, alt)

    def _curve(self) -> Chart:
        case, n, measured = self.case, self.rollouts, self.measured()
        known = [case.expected[p] if case.knows(p) else None for p in POSITIONS]
        y = np.array([100 * one.wrong(n).mean() if one else np.nan for one in known])
        half = np.array([100 * one.half_width(n) if one else np.nan for one in known])
        highest = max(case.wrong_own.mean(), case.wrong_true.mean())
        panel = Panel(
            "sampling_prob of the run", "wrong tokens (%)", (0, 1), (0, 100 * _part(highest * 1.15))
        )
        marks: list[Line | Dots] = [
            Line(np.array(POSITIONS), y, "reference", "expected", y - half, y + half)
        ]
        marks.append(self._visited())
        said, points = "Mean error against sampling_prob", ""
        if measured is not None:
            mean = 100 * measured[1].mean()
            at = np.array([self.sampling_prob])
            marks.append(Dots(at, np.array([mean]), "mixed", large=True))
            said = f"At sampling_prob {self.sampling_prob:.2f}, {mean:.0f} % are wrong"
            points = "; points are what your function gave"
        alt = (
            "Line chart of the mean percentage of wrong tokens against sampling_prob: dotted what "
            f"is expected, with a band that holds 19 of 20 runs{points}. {said}."
        )
        return Chart(said, panel, marks, alt)

    def _visited(self) -> Dots:
        """Return the mean errors of all positions whose rollouts are there."""
        means = {}
        for position in POSITIONS:
            at = (self.task, self.cell, position, self.seed)
            if len(self._runs.get(at, ())) >= self.rollouts:
                kept = (*at, self.rollouts)
                if kept not in self._means:
                    wrong = [wrong.mean() for _, wrong in self._runs[at][: self.rollouts]]
                    self._means[kept] = 100 * float(np.mean(wrong))
                means[position] = self._means[kept]
        return Dots(np.array(list(means)), np.array(list(means.values())), "mixed")

    def _expected_line(self, t: Array, which: int) -> list[Line | Dots]:
        """Return what the right answer does, where the learner's own does not stand for it."""
        if not self.case.knows(self.sampling_prob) or not self.message():
            return []
        expected, n = self.case.expected[self.sampling_prob], self.rollouts
        values = 100 * expected.wrong(n) if which else expected.kl(n)
        return [Line(t, values, "reference", "expected")]


def _dotted(marks: list[Line | Dots]) -> str:
    """Say for those who cannot see it that what is expected is drawn, too."""
    return ", dotted what is expected" if any(one.role == "reference" for one in marks) else ""


def _part(value: float) -> float:
    """Return a round top for an axis of fractions, at most 1."""
    return min(1.0, ceiling(float(value)))


def divergence(
    function: Callable[..., Any],
    prediction: str | None = None,
    *,
    free_running: Callable[..., Any] | None = None,
    measure: Callable[..., Any] | None = None,
    load: Callable[[str, str], Parameters] | None = None,
    tasks: tuple[str, ...] = (),
    cells: Callable[[str], tuple[str, ...]] | None = None,
) -> LabView:
    """Open lab 2 on the learner's own function.

    Parameters
    ----------
    function : callable
        ``decoder_forward_scheduled_sampling``.
    prediction : str, optional
        What the learner wrote down before.
    free_running : callable, optional
        The learner's ``decoder_forward_free_running``; the lab's own without it.
    measure : callable, optional
        The learner's ``divergence_by_step``; the lab's own without it.
    load, tasks, cells : optional
        Other models than those that come with the course.
    """
    from course.labs.page import models

    names, cells = tasks or models.tasks(), cells or models.cells
    there = cells(names[0])
    state = Divergence(function, load or models.teacher_forced, names[0], there[0])
    state.companions = Companions(free_running, measure)
    controls = {
        "sampling_prob": slider("sampling_prob of the run (0 to 1)", 0.5, 0.0, 1.0, 0.05),
        **case_choosers(names, names[0], there, there[0]),
        "rollouts": slider("rollouts (sequences)", 30, 10, MAX_ROLLOUTS, 10),
        "seed": slider("seed of the coins", 0, 0, 20, 1),
    }
    return TaskView(cells, state, controls, prediction)
