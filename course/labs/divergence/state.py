"""How far a decoder drifts from the truth: what the lab computes, says and draws."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from typing import Any

import numpy as np

from course.engine import Parameters
from course.engine.numerics import Array
from course.figures.chart import Chart, Dots, Line, Panel, ceiling
from course.figures.drawing import Drawing
from course.labs.calling.functions import LearnersFunction
from course.labs.divergence.case import DecoderCase
from course.labs.divergence.companions import Companions
from course.labs.divergence.trial import CaseRollouts
from course.labs.page.state import State
from course.labs.page.written import written
from course.tasks import find_task

POSITIONS = tuple(round(0.05 * k, 2) for k in range(21))
#: A rollout that takes longer than this is made when it is asked for, not before.
SLOW_S = 0.03
#: The divergence is drawn on an axis of at least this height, so that next to nothing looks so.
LEAST_NATS = 0.5
#: So wide that three charts stand side by side.
NARROW_PX = 276


@dataclass
class Divergence(State):
    """The learner's function on a trained decoder.

    Attributes
    ----------
    function : callable
        The learner's ``decoder_forward_scheduled_sampling``.
    load : callable
        From a task's name and a cell type to a trained model.
    task, cell, sampling_prob, rollouts, seed, sequence
        What the controls set; `sequence` is the one of the rollouts that is shown itself.
    companions : Companions
        The learner's free running and divergence, where the lesson has them.
    """

    SETTING = ("sampling_prob", "cell", "task", "rollouts", "seed", "sequence")

    function: InitVar[Callable[..., Any]]
    load: Callable[[str, str], Parameters]
    task: str = "osc"
    cell: str = "gru"
    sampling_prob: float = 0.5
    rollouts: int = 30
    seed: int = 0
    sequence: int = 0
    companions: Companions = field(default_factory=Companions)

    def __post_init__(self, function: Callable[..., Any]) -> None:
        self._function = LearnersFunction(function)
        #: By task and cell.
        self._trials: dict[tuple[str, str], CaseRollouts] = {}

    @property
    def trial(self) -> CaseRollouts:
        """What the functions gave on the present model; begun when first asked for."""
        at = (self.task, self.cell)
        if at not in self._trials:
            case = DecoderCase(self.load(*at), self.task)
            self._trials[at] = CaseRollouts(case, self._function, self.companions)
        return self._trials[at]

    @property
    def case(self) -> DecoderCase:
        """The present model, and what is right there."""
        return self.trial.case

    def advance(self, budget_s: float) -> bool:
        """For at most about so long, make rollouts, examine the function, know what to expect."""
        end_s = time.perf_counter() + budget_s
        if self.companions.renew() | self._function.renew():  # what older ones did is forgotten
            for at, old in self._trials.items():
                self._trials[at] = CaseRollouts(old.case, self._function, self.companions)
        trial = self.trial
        return not (
            trial.roll(self.sampling_prob, self.seed, self.rollouts, end_s, at_least=1)
            and trial.run_freely(self.rollouts, end_s)
            and trial.examine(end_s)
            and trial.case.learn(self._nearest(), end_s)
        )

    def ahead(self, budget_s: float) -> bool:
        """Make the rollouts of the neighbouring positions of the slider."""
        end_s, trial = time.perf_counter() + budget_s, self.trial
        if trial.broken or trial.rollout_s > SLOW_S:
            return False
        return not all(
            trial.roll(position, self.seed, self.rollouts, end_s) for position in self._nearest()
        )

    def _nearest(self) -> list[float]:
        return sorted(POSITIONS, key=lambda position: abs(position - self.sampling_prob))

    def message(self) -> str:
        """Say what is wrong with the learner's function."""
        return self.trial.message()

    def measured(self) -> tuple[Array, Array] | None:
        """Return divergence in nats and errors of this run, (T, n) each, as far as they are."""
        runs = self.trial.runs(self.sampling_prob, self.seed)
        return runs.first(self.rollouts) if runs.made and not self.trial.broken else None

    def free(self) -> tuple[Array, Array]:
        """Return divergence in nats and errors of free running, (T, n) each."""
        return self.trial.free(self.rollouts)

    def words(self) -> str:
        """Say what the picture shows."""
        case, n = self.case, self.rollouts
        about = (
            f"{find_task(self.task).title}, {self.cell.upper()}, sampling_prob "
            f"{self.sampling_prob:.2f}: "
        )
        true, own = 100 * case.wrong_true[:, :n].mean(), 100 * self.free()[1].mean()
        ends = f"{true:.0f} % on the true prefix and {own:.0f} % running free"
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
            spread = f" ± {half:.0f}" if half >= 0.5 else ""
            right = f" (expected: {middle:.0f}{spread} %)"
        return (
            f"{about}over {n} rollouts{so_far} the divergence from the true prefix is "
            f"{kl.mean():.2f} nats on average and {kl[-1].mean():.2f} at the last step. "
            f"{100 * wrong.mean():.0f} % of the tokens are wrong{right}; {ends}. "
            f"Sequence {self.sequence}. {self.things()[0].finding}."
        )

    def things(self) -> tuple[Drawing, ...]:
        """Return what this run wrote on one of its sequences."""
        runs, n = self.trial.runs(self.sampling_prob, self.seed), self.sequence
        said = None if self.trial.broken else runs.said(n)
        return (written(self.task, self.case.tokens[:, n], said, self.case.features[:, n]),)

    def charts(self) -> tuple[Chart, ...]:
        """Return divergence by step, error by position, and mean error by probability."""
        return self._divergence(), self._errors(), self._curve()

    def _divergence(self) -> Chart:
        case, measured = self.case, self.measured()
        t = np.arange(len(case.tokens))
        top = ceiling(max(1.3 * float(case.kl_own.mean(axis=1).max()), LEAST_NATS))
        panel = Panel("step", "divergence (nats)", (0, len(t) - 1), (0, top), NARROW_PX)
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
            f"Line chart of the KL divergence from the true prefix in nats by step: {shown}"
            f"{_dotted(marks)}. {said}."
        )
        return Chart(said, panel, marks, alt)

    def _errors(self) -> Chart:
        case, n, measured = self.case, self.rollouts, self.measured()
        t = np.arange(len(case.tokens))
        highest = max(case.wrong_own.mean(axis=1).max(), case.wrong_true.mean(axis=1).max())
        panel = Panel(
            "position", "wrong tokens (%)", (0, len(t) - 1), (0, 100 * _part(highest)), NARROW_PX
        )
        marks: list[Line | Dots] = [
            Line(t, 100 * self.free()[1].mean(axis=1), "own", "free\nrunning"),
            Line(t, 100 * case.wrong_true[:, :n].mean(axis=1), "truth", "true\nprefix"),
        ]
        marks += self._expected_line(t, 1)
        true, own = case.wrong_true[:, :n].mean(), self.free()[1].mean()
        said = f"Wrong: {100 * true:.0f} % on the true prefix, {100 * own:.0f} % free"
        if measured is not None:
            wrong = measured[1]
            marks.append(Line(t, 100 * wrong.mean(axis=1), "mixed", "this run"))
            this = f"{100 * wrong.mean():.0f} % this run"
            said = f"Wrong: {100 * true:.0f} % true prefix, {this}, {100 * own:.0f} % free"
        alt = f"Line chart of the percentage of wrong tokens by position{_dotted(marks)}. {said}."
        return Chart(said, panel, marks, alt)

    def _curve(self) -> Chart:
        case, n, measured = self.case, self.rollouts, self.measured()
        known = [case.expected[p] if case.knows(p) else None for p in POSITIONS]
        y = np.array([100 * one.wrong(n).mean() if one else np.nan for one in known])
        half = np.array([100 * one.half_width(n) if one else np.nan for one in known])
        highest = max(case.wrong_own.mean(), case.wrong_true.mean())
        panel = Panel(
            "sampling_prob of the run",
            "wrong tokens (%)",
            (0, 1),
            (0, 100 * _part(highest * 1.15)),
            NARROW_PX,
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
        runs = {at: self.trial.runs(at, self.seed) for at in POSITIONS}
        there = [at for at in POSITIONS if runs[at].made >= self.rollouts]
        means = [100 * runs[at].first(self.rollouts)[1].mean() for at in there]
        return Dots(np.array(there), np.array(means), "mixed")

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
