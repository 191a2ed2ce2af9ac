"""Fine-tuning by a reward, in a thread: what the lab computes and says."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from course import trained
from course.bootstrap.words import told
from course.engine import Parameters, context_from, forward, free_running
from course.engine.numerics import Array
from course.figures.chart import FORCED, Chart, Role
from course.figures.drawing import Drawing
from course.labs.calling.functions import LearnersFunction, Unfinished
from course.labs.page.background import CHANGED, Background
from course.labs.page.written import written
from course.labs.reward.estimates import Estimates
from course.labs.reward.pictures import curves
from course.study.rewards import PLAN, SETTING, Writer, shipped
from course.study.ways import outcomes
from course.tasks import find_task

log = logging.getLogger(__name__)

WITH, WITHOUT = "the last batch's mean", "none (0)"
#: What a line and a drawing have room for.
LABELS = {WITH: "baseline", WITHOUT: "no baseline"}
ROLES: dict[str, Role] = {WITH: "mixed", WITHOUT: "own"}
#: Test sequences, and updates between two measurements.
COLUMNS, EVERY = 200, 10
#: After each update, so that the kernel can do something else.
BREATH_S = 0.0005


@dataclass
class FineTuningSoFar:
    """How one fine-tuning goes, written by its thread and read by the page.

    Attributes
    ----------
    rewards : list of float
        The mean of each batch.
    measured : list of dict
        Before the first update and after every `EVERY`: ``updates``, ``own_prefix_error``
        (fraction), ``nll_nats``.
    said : int array (T,) or None
        What it wrote last on the first test sequence, fed its own tokens.
    """

    rewards: list[float] = field(default_factory=list)
    measured: list[dict[str, float]] = field(default_factory=list)
    said: Array | None = None

    def look_at(self, model: Parameters) -> None:
        """Measure a model on test sequences."""
        seen = outcomes(find_task(SETTING.task), model, COLUMNS)
        self.said = _said_by(model)
        self.measured.append({**seen, "updates": float(len(self.rewards))})


@dataclass
class Reward(Background):
    """A shipped model that is fine-tuned by the learner's gradient; with a baseline, or without.

    Attributes
    ----------
    function : callable
        The learner's ``expected_reward_gradient``.
    baseline, updates, seed
        What the controls set; they count from the next start.
    courses : dict of str to FineTuningSoFar
        By the baseline, the last fine-tuning with it; both are of the same seed and length.
    fault : str
        What is wrong with the function.
    """

    function: InitVar[Callable[..., Any]]
    baseline: str = WITH
    updates: int = PLAN.steps
    seed: int = 0
    courses: dict[str, FineTuningSoFar] = field(default_factory=dict)
    fault: str = ""
    _started_as: tuple[str, int, int] | None = None

    def __post_init__(self, function: Callable[..., Any]) -> None:
        self._function = LearnersFunction(function)
        try:  # what cannot be used is told before anybody trains by it
            Estimates(self._function)(np.zeros((1, 2, 1)), np.zeros((1, 1), int), -np.ones(1), 0.0)
        except Unfinished as error:
            self.fault = _unfinished(error)

    @property
    def begun(self) -> bool:
        """Whether a fine-tuning was begun."""
        return self._started_as is not None

    @property
    def total(self) -> int:
        """How many updates there are to make."""
        return self._started_as[1] if self._started_as else self.updates

    @property
    def made(self) -> int:
        """How many updates are made."""
        return len(self.courses[self._started_as[0]].rewards) if self._started_as else 0

    def start(self) -> None:
        """Fine-tune, after the end of what was begun earlier."""
        self.stop()
        if self._started_as and self._started_as[1:] != (self.updates, self.seed):
            self.courses = {}
        self._function.renew()
        self._started_as, self.fault = (self.baseline, self.updates, self.seed), ""
        self.courses = {**self.courses, self.baseline: FineTuningSoFar()}
        self._stop, self._began_s = threading.Event(), time.monotonic()
        self._threads = (threading.Thread(target=self._tune, args=self._started_as, daemon=True),)
        self._threads[0].start()

    def _tune(self, baseline: str, updates: int, seed: int) -> None:
        course, stop, estimates = self.courses[baseline], self._stop, Estimates(self._function)
        try:
            writer = Writer(seed, replace(PLAN, steps=updates))
            course.look_at(writer.model)
            while len(course.rewards) < updates and not stop.is_set():
                course.rewards.append(writer.update(baseline == WITH, estimates))
                self.fault = estimates.fault
                if len(course.rewards) % EVERY == 0:
                    course.look_at(writer.model)
                time.sleep(BREATH_S)
        except Unfinished as error:
            self.fault = _unfinished(error)
        except Exception as error:
            log.exception("the fine-tuning failed")
            self.fault = f"The fine-tuning failed: {told(error)}"
        finally:
            self._ended_s = time.monotonic()

    def key(self) -> str:
        """Name what is shown."""
        return f"updates={self.made} running={self.running} seed={self.seed}"

    def message(self) -> str:
        """Say what is wrong with the learner's function."""
        return self.fault

    def words(self) -> str:
        """Say how much is wrong before and after, and what it costs."""
        if not self._started_as:
            return (
                "Nothing is fine-tuned yet. Predict what becomes of the error on its own prefix, "
                "and of the loss on true prefixes; then press Train."
            )
        _, updates, seed = self._started_as
        said = [
            f"Damped oscillation, GRU, seed {seed}, up to {updates} updates of {PLAN.batch_size} "
            "sequences; the reward is minus the number of wrong levels."
        ]
        for baseline, course in list(self.courses.items()):
            if course.measured:
                said.append(self._said(baseline, course))
        if self._started_as != (self.baseline, self.updates, self.seed):
            said.append(CHANGED)
        return " ".join(said)

    def _said(self, baseline: str, course: FineTuningSoFar) -> str:
        first, last = course.measured[0], course.measured[-1]
        errors, losses = (
            [one[name] for one in (first, last)] for name in ("own_prefix_error", "nll_nats")
        )
        return (
            f"{LABELS[baseline].capitalize()}: after {last['updates']:.0f} updates "
            f"{100 * errors[1]:.0f} % of the levels are wrong on its own prefix, before "
            f"{100 * errors[0]:.0f} %; the loss on the true prefix is {losses[1]:.2f} nats, before "
            f"{losses[0]:.2f}."
        )

    def things(self) -> tuple[Drawing, ...]:
        """Return what the shipped model writes on a test sequence, and what each wrote last."""
        batch = trained.held_out(SETTING.task, COLUMNS)
        truth, features = batch.tokens[:, 0], batch.features[:, 0]
        seed = self._started_as[2] if self._started_as else self.seed
        wrote: list[tuple[Array | None, str, Role]] = [(_said_before(seed), "before", FORCED)]
        for baseline, one in list(self.courses.items()):
            wrote.append((one.said, LABELS[baseline], ROLES[baseline]))
        return tuple(
            written(SETTING.task, truth, said, features, label, role)
            for said, label, role in wrote
            if said is not None
        )

    def charts(self) -> tuple[Chart, ...]:
        """Return the error on own prefixes, and the loss on true ones, by update."""
        courses = {
            baseline: (LABELS[baseline], ROLES[baseline], list(course.measured))
            for baseline, course in list(self.courses.items())
        }
        return curves(list(courses.values()), self.total)


def _said_by(model: Parameters) -> Array:
    """Return what a model writes on the first test sequence, fed its own tokens, (T,)."""
    batch = trained.held_out(SETTING.task, COLUMNS).take(np.arange(1))
    context, (T, N) = context_from(model, batch.features), batch.tokens.shape
    run = forward(model.shape.cell_type, model, context, batch.tokens, free_running(T, N))
    said: Array = run.logits.argmax(axis=1)[:, 0]
    return said


@lru_cache(maxsize=8)
def _said_before(seed: int) -> Array:
    return _said_by(shipped(seed))


def _unfinished(error: Unfinished) -> str:
    return f"{error.why} Write or mend it, run its cell, then press Train."
