"""An experiment of the learner's own: what is chosen, what runs, and what is said of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import InitVar, dataclass
from textwrap import fill
from typing import Any

from course.bootstrap.words import told
from course.figures.chart import Chart
from course.figures.drawing import Drawing
from course.labs.experiment.charts import MeasureShown, differences, pairs, roles
from course.labs.experiment.form import MEASURED, TASKS, Unfilled, read_form
from course.labs.experiment.trial import PairedTraining
from course.labs.experiment.verdict import Interval, IntervalOf, verdict
from course.labs.page.background import CHANGED, Background
from course.labs.page.written import written
from course.study.hypotheses import HYPOTHESES, Hypothesis
from course.study.ways import Setting, Way, measured_on
from course.tasks import find_task, held_out, shown

log = logging.getLogger(__name__)

#: Ways of training that are offered; the lab opens with the first two.
WAYS = {
    "0 (teacher forcing)": Way(),
    "0.5": Way("p0.50"),
    "1": Way("p1.00"),
    "linear, 0 to 1": Way("linear"),
    "0.5, sampled": Way("p0.50-sample"),
    "0.5, wrong tokens at random": Way("p0.50", twist="random"),
    "0, stopped early": Way(twist="early"),
}
OWN = "my own"
#: Columns of a record: a notebook breaks longer lines wherever they end.
_WIDTH = 76
READY = {one.name: one for one in HYPOTHESES}
#: What controls set, and a ready-made hypothesis sets for them.
SETTINGS = ("task", "cell", "a", "b", "updates_a", "updates_b")


def named(way: Way) -> str:
    """Return the button of a way."""
    return next(
        name for name, one in WAYS.items() if (one.regime, one.twist) == (way.regime, way.twist)
    )


def settings_of(one: Hypothesis) -> dict[str, Any]:
    """Return what the controls say for a hypothesis."""
    chosen = one.setting.task, one.setting.cell, named(one.a), named(one.b)
    return dict(zip(SETTINGS, (*chosen, one.a.updates, one.b.updates), strict=True))


@dataclass
class PairedExperiment(Background):
    """Two ways of training on paired seeds, in a thread of its own, one seed after another.

    Attributes
    ----------
    ready : str
        A hypothesis that is ready to be tried, or `OWN`.
    task, cell, a, b, updates_a, updates_b
        What the controls set; they count from the next start.
    form : object
        What the learner wrote down before, as they passed it.
    interval : callable, optional
        The learner's ``paired_interval``.
    trial : PairedTraining or None
        The latest run.
    """

    ready: str = OWN
    task: str = "osc"
    cell: str = "gru"
    a: str = next(iter(WAYS))
    b: str = list(WAYS)[1]
    updates_a: int = 1000
    updates_b: int = 1000
    form: object = None
    interval: InitVar[Callable[..., Any] | None] = None
    trial: PairedTraining | None = None
    fault: str = ""

    def __post_init__(self, interval: Callable[..., Any] | None) -> None:
        self.judge = IntervalOf(interval)
        self._runs = 0

    def set_to(self) -> dict[str, Any]:
        """Return what the controls say."""
        return {name: getattr(self, name) for name in SETTINGS}

    @property
    def is_ready_made(self) -> bool:
        """Whether the controls say what the hypothesis says that is chosen."""
        return self.ready in READY and self.set_to() == settings_of(READY[self.ready])

    def _chosen(self) -> tuple[Setting, tuple[Way, Way]]:
        a, b = WAYS[self.a], WAYS[self.b]
        return Setting(self.task, self.cell, TASKS[self.task]), (
            Way(a.regime, self.updates_a, a.twist),
            Way(b.regime, self.updates_b, b.twist),
        )

    def _regimes(self) -> tuple[str, ...]:
        """Return what A and B are fed: of the latest run, or before any what is chosen."""
        return tuple(way.regime for way in (self.trial.ways if self.trial else self._chosen()[1]))

    @property
    def begun(self) -> bool:
        """Whether a run was begun."""
        return self.trial is not None

    @property
    def made(self) -> int:
        """How many updates were made."""
        return self.trial.made if self.trial else 0

    @property
    def total(self) -> int:
        """How many updates there are to make."""
        return self.trial.total if self.trial else self.updates_a + self.updates_b

    def start(self) -> None:
        """Begin a run, after the end of an earlier one; refuse without a form."""
        setting, ways = self._chosen()
        try:
            form = read_form(self.form)
            if form.measure not in measured_on(find_task(self.task)):
                known = ", ".join(measured_on(find_task(self.task)))
                raise Unfilled(
                    f"The form's measure {form.measure!r} says nothing of this task; what does: "
                    f"{known}."
                )
            if ways[0] == ways[1]:
                raise Unfilled("A and B are the same way of training: choose another for B.")
        except Unfilled as error:
            self.fault = f"{error} Nothing was trained. {MEND}"
            return
        self.stop()
        self.fault, self._stop, self._began_s = "", threading.Event(), time.monotonic()
        self._runs += 1
        self.trial = PairedTraining(form, setting, ways, self._runs)
        thread = threading.Thread(target=self._run, args=(self.trial, self._stop), daemon=True)
        self._threads = (thread,)
        thread.start()

    def _run(self, trial: PairedTraining, stop: threading.Event) -> None:
        try:
            trial.run(stop.is_set)
        except Exception as error:
            log.exception("the training failed")
            self.fault = f"The training failed: {told(error)}"
        finally:
            self._ended_s = time.monotonic()

    def key(self) -> str:
        """Name what is shown."""
        seeds = len(self.trial.values) if self.trial else 0
        return f"run={self._runs} seeds={seeds} running={self.running}"

    def found(self) -> Interval:
        """Return the interval of B less A over the seeds that are done."""
        return self.judge(*self.trial.columns()) if self.trial else Interval()

    def message(self) -> str:
        """Say why nothing was trained, or what is wrong with the learner's function."""
        return self.fault or self.judge.fault

    def picture(self) -> str:
        """Return the result, and the form between it and the words that hold it against that."""
        form = self.trial.form.html() if self.trial else ""
        return f"{super().picture()}{form}"

    def words(self) -> str:
        """Say what came out; before a run, what would be run."""
        if not self.trial:
            claim = READY[self.ready].claim if self.is_ready_made else ""
            return f"{claim} {about(*self._chosen())} Fill in the form, then press Train.".strip()
        trial = self.trial
        said = [about(trial.setting, trial.ways)]
        found, n, shows = self.found(), len(trial.values), MeasureShown.of(trial.form.measure)
        if not n:
            said.append("No seed is done yet.")
        elif n == 1:
            said.append("One seed is done; one pair has no interval.")
        else:
            below = sum(b < a for a, b in trial.values)
            said.append(
                f"{shows.what.capitalize()}, B less A, over {n} paired seeds: {shows.text(found)}. "
                f"B is lower in {below} of {n}. {verdict(trial.form.direction, found)}"
            )
        if n and not trial.complete:
            still = "so far" if self.running else "this is a partial result"
            said.append(f"{n} of the {trial.form.seeds} seeds of your form: {still}.")
        if n:
            spent = (sum(column) / n for column in zip(*trial.training_s, strict=True))
            said.append("A took {:.1f} s a seed, B {:.1f} s.".format(*spent))
            said.append(
                f"What is drawn of A and B is one sequence, by their models of seed {n - 1}."
            )
        if trial.number > 1:
            said.append(
                f"This is run {trial.number} under one form: of twenty intervals one misses by "
                "chance, so tell of all runs."
            )
        if self._chosen() != (trial.setting, trial.ways):
            said.append(CHANGED)
        return " ".join(said)

    def things(self) -> tuple[Drawing, ...]:
        """Return what both wrote on a held-out sequence, with the last seed that is done."""
        if not self.trial or not self.trial.said:
            return ()
        task = self.trial.setting.task
        batch = held_out(find_task(task), 1)
        truth, features = batch.tokens[:, 0], batch.features[:, 0]
        drawn: list[Drawing] = []
        for said, label, role in zip(self.trial.said, "AB", roles(self._regimes()), strict=True):
            drawn.append(written(task, truth, said, features, label, role))
        return tuple(drawn)

    def charts(self) -> tuple[Chart, ...]:
        """Return both measures by seed, and the paired differences with their interval."""
        a, b = self.trial.columns() if self.trial else ([], [])
        shows = MeasureShown.of(self.trial.form.measure if self.trial else MEASURED[0])
        return pairs(a, b, shows, self._regimes()), differences(a, b, shows, self.found())

    def record(self) -> str:
        """Return form and result as text, to be kept in the notebook."""
        if not self.trial:
            return "Nothing is trained yet."
        trial, shows = self.trial, MeasureShown.of(self.trial.form.measure)
        rows = [fill(f"{name}: {said}", _WIDTH) for name, said in trial.form.rows().items()]
        rows.append("seed  A  B  B less A")
        for seed, (a, b) in enumerate(trial.values):
            rows.append(f"{seed}  {shows.number(a)}  {shows.number(b)}  {shows.number(b - a)}")
        return "\n".join([*rows, fill(self.words(), _WIDTH)])


MEND = "Mend the cell of the form, run it and this cell again, then press Train."


def about(setting: Setting, ways: tuple[Way, Way]) -> str:
    """Say what is compared."""
    task = shown(setting.task).short
    few = f", {setting.variant} sequences" if setting.variant else ""
    return (
        f"{task.capitalize()}{few}, {setting.cell.upper()}. A: {ways[0].title}. B: {ways[1].title}."
    )
