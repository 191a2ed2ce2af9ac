"""Two decoders trained now, in threads: what they learn with, how far they are, what is drawn."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import InitVar, asdict, dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from course.bootstrap.words import told
from course.engine import (
    Batch,
    Parameters,
    Progress,
    Schedule,
    TrainingPlan,
    constant,
    context_from,
    forward,
    free_running,
    teacher_forcing,
    train,
)
from course.engine.numerics import Array
from course.figures.chart import FORCED, Chart, Dots, Line, Panel, Role
from course.figures.drawing import Drawing
from course.labs.calling.functions import LearnersFunction, Unfinished
from course.labs.page.background import CHANGED, Background
from course.labs.page.written import written
from course.labs.training.lockstep import Lockstep
from course.labs.training.ways import OWN, WAYS, own_schedule, role_of_way
from course.tasks import find_task

log = logging.getLogger(__name__)

#: What `Training.kept` reads.
CURVE = Path(__file__).with_name("training_curve.json")
HIDDEN_DIM = 32
TEST_SEQUENCES, TEST_SEED = 100, 2015
EVALUATIONS = 20
#: After each update, so that the kernel can do something else.
BREATH_S = 0.0005
#: Who wrote what is drawn.
LABELS = ("teacher forcing", "the chosen way")


@dataclass
class TrainingSoFar:
    """How one training goes, written by its thread and read by the page.

    Attributes
    ----------
    loss_nats : list of float
        By update.
    wrong : list of pairs
        After how many updates, which part of the tokens was wrong: running free, or on the true
        prefix in a task in which the right token depends on it.
    said : int array (T,) or None
        What it wrote then on the first test sequence.
    """

    loss_nats: list[float] = field(default_factory=list)
    wrong: list[Sequence[float]] = field(default_factory=list)
    said: Array | None = None


@dataclass
class Training(Background):
    """Two trainings of the same seed in threads of their own.

    Attributes
    ----------
    task, cell, way, updates, seed
        What the controls set; they count from the next start.
    schedule : callable, optional
        The learner's ``scheduled_sampling_prob``, where it may drive.
    """

    task: str = "runs"
    cell: str = "gru"
    way: str = next(iter(WAYS))
    updates: int = 1000
    seed: int = 0
    schedule: InitVar[Callable[..., Any] | None] = None
    courses: tuple[TrainingSoFar, ...] = ()
    fault: str = ""
    _started_as: tuple[str, str, str, int, int] | None = None

    def __post_init__(self, schedule: Callable[..., Any] | None) -> None:
        self._own = LearnersFunction(schedule) if schedule else None

    def ways(self) -> tuple[str, ...]:
        """Return what there is to choose from."""
        return (*WAYS, *(OWN if self._own else ()))

    def _chosen(self) -> Schedule:
        """Return the schedule of the chosen way."""
        if self.way in WAYS:
            return WAYS[self.way](self.updates)
        assert self._own is not None
        self._own.renew()
        return own_schedule(self._own, self.way, self.updates)

    def settings(self) -> dict[str, Any]:
        """Return what a training with these settings hangs on, besides code."""
        names = ("task", "cell", "way", "updates", "seed")
        return {name: getattr(self, name) for name in names} | {
            "schedule": asdict(WAYS[self.way](self.updates)),
            "hidden_dim": HIDDEN_DIM,
            "test_sequences": TEST_SEQUENCES,
            "test_seed": TEST_SEED,
            "evaluations": EVALUATIONS,
        }

    @classmethod
    def kept(cls) -> Training:
        """Return the lab as it is when the training of the still picture has ended.

        Hundreds of updates do not give the same last digits on every machine. So the picture is
        drawn from a file of one, which ``python3 -m course build curve`` writes in seconds.
        """
        said = json.loads(CURVE.read_text(encoding="utf-8"))
        state = cls()
        state.courses = tuple(
            TrainingSoFar(one["loss_nats"], one["wrong"], np.array(one["said"]))
            for one in said["courses"]
        )
        state._started_as = state._set_to()
        return state

    def _set_to(self) -> tuple[str, str, str, int, int]:
        return self.task, self.cell, self.way, self.updates, self.seed

    @property
    def begun(self) -> bool:
        """Whether a training was begun."""
        return self._started_as is not None

    @property
    def total(self) -> int:
        """How many updates there are to make."""
        return self._started_as[3] if self._started_as else self.updates

    def start(self) -> None:
        """Begin both trainings, after the end of earlier ones."""
        self.stop()
        task, updates, lockstep = find_task(self.task), self.updates, Lockstep()
        self.courses, self.fault = (TrainingSoFar(), TrainingSoFar()), ""
        self._started_as = self._set_to()
        self._stop, self._began_s, self._threads = threading.Event(), time.monotonic(), ()
        try:
            schedules = constant(0.0), self._chosen()
        except Unfinished as error:
            self.fault = f"{error.why} Write or mend it, run its cell, then press Train."
            self._ended_s = self._began_s
            return
        test = _test(self.task)
        steps, columns = test.tokens.shape
        feed = (teacher_forcing if task.prefix_matters else free_running)(steps, columns)

        def wrong(course: TrainingSoFar, parameters: Parameters) -> dict[str, float]:
            context = context_from(parameters, test.features)
            cell_type = parameters.shape.cell_type
            logits = forward(cell_type, parameters, context, test.tokens, feed).logits
            said = logits.argmax(axis=1)
            course.said = said[:, 0]
            return {"wrong": float((said != test.tokens).mean())}

        every, shape = max(updates // EVALUATIONS, 1), task.shape(self.cell, HIDDEN_DIM)
        threads = []
        for me, schedule in enumerate(schedules):
            plan = TrainingPlan(
                steps=updates, schedule=schedule, evaluate_every=every, seed=self.seed
            )
            evaluation = partial(wrong, self.courses[me])
            training = partial(train, shape, task.draw, plan, evaluation=evaluation)
            arguments = (me, training, lockstep)
            threads.append(threading.Thread(target=self._train, args=arguments, daemon=True))
        self._threads = tuple(threads)
        for thread in threads:
            thread.start()

    def _train(self, me: int, training: Callable[..., object], lockstep: Lockstep) -> None:
        course, stop = self.courses[me], self._stop

        def tell(progress: Progress) -> bool:
            course.loss_nats.append(progress.loss_nats)
            if progress.measured is not None:
                course.wrong.append((progress.updates, progress.measured.values["wrong"]))
            time.sleep(BREATH_S)
            lockstep.pass_on(me)
            return stop.is_set()

        try:
            training(callback=tell)
        except Exception as error:
            log.exception("the training failed")
            self.fault = f"The training failed: {told(error)}"
        finally:
            lockstep.leave(me)
            self._ended_s = time.monotonic()

    @property
    def made(self) -> int:
        """How many updates both have made."""
        return min(len(c.loss_nats) for c in self.courses) if self.courses else 0

    def key(self) -> str:
        """Name what is shown."""
        return f"updates={self.made} running={self.running}"

    def message(self) -> str:
        """Say why a training ended by itself."""
        return self.fault

    def words(self) -> str:
        """Say what the curves show; while they grow, anew with each evaluation."""
        if not self._started_as:
            return "Nothing is trained yet. Choose a way, then press Train."
        task, cell, way, updates, seed = self._started_as
        about = f"{find_task(task).title}, {cell.upper()}, {updates} updates, seed {seed}: "
        forced, chosen = (list(course.wrong) for course in self.courses)
        count = min(len(forced), len(chosen))
        moved = self._started_as != self._set_to()
        later = f" {CHANGED}" if moved else ""
        if not count:
            return f"{about}training has begun; the first measurement is not there yet.{later}"
        at = forced[count - 1][0]
        a, b = 100 * forced[count - 1][1], 100 * chosen[count - 1][1]
        return (
            f"{about}after {at} updates, {_judged(task)}, {a:.0f} % of the tokens are wrong with "
            f"teacher forcing and {b:.0f} % with sampling_prob {way}. One run of one seed each."
            f"{_NO_JUDGE if find_task(task).prefix_matters else ''}{later}"
        )

    def things(self) -> tuple[Drawing, ...]:
        """Return what each wrote on a test sequence when it was measured last."""
        if not self._started_as:
            return ()
        task = self._started_as[0]
        test = _test(task)
        truth, features = test.tokens[:, 0], test.features[:, 0]
        drawn = []
        for course, label, role in zip(self.courses, LABELS, self.roles(), strict=True):
            if course.said is not None:
                drawn.append(written(task, truth, course.said, features, label, role))
        return tuple(drawn)

    def roles(self) -> tuple[Role, Role]:
        """Return how both are drawn: teacher forcing, and the way that was chosen at the start."""
        return FORCED, role_of_way(self._started_as[2] if self._started_as else self.way)

    def charts(self) -> tuple[Chart, ...]:
        """Return the loss and the free-running error by update."""
        updates = self.total
        task = self._started_as[0] if self._started_as else self.task
        classes, judged = find_task(task).classes, _judged(task)
        courses = self.courses or (TrainingSoFar(), TrainingSoFar())
        names = zip(self.roles(), ("teacher\nforcing", "chosen\nway"), strict=True)
        losses: list[Line | Dots] = []
        last_nats: list[float] = []
        errors: list[Line | Dots] = []
        for course, (role, label) in zip(courses, names, strict=True):
            x, y = smoothed(list(course.loss_nats), updates)
            losses.append(Line(x, y, role, label))
            last_nats.extend(y[-1:])
            measured = list(course.wrong)
            at = np.array([0.0, *(n for n, _ in measured)])
            wrong = np.array([np.nan, *(100 * part for _, part in measured)])
            errors.append(Line(at, wrong, role, label))
        top = float(np.ceil(np.log(classes) * 2) / 2)
        said = _side_by_side("Loss on what each is fed", last_nats, "{:.2f}", " nats")
        loss = Chart(
            said,
            Panel("update", "loss (nats per token)", (0, updates), (0, top)),
            losses,
            "Line chart of the training loss in nats by update, teacher forcing and the chosen "
            f"way. {said}.",
        )
        last_wrong = [100 * course.wrong[-1][1] for course in courses if course.wrong]
        said = _side_by_side(f"Wrong tokens {judged}", last_wrong, "{:.0f} %")
        where = "true prefix" if find_task(task).prefix_matters else "free"
        error = Chart(
            said,
            Panel("update", f"wrong tokens, {where} (%)", (0, updates), (0, 100)),
            errors,
            f"Line chart of the percentage of wrong tokens {judged}, by update. {said}.",
        )
        return loss, error


#: Where a slip of the truth cannot be foreseen.
_NO_JUDGE = (
    " Running free is no judge of this task: what comes next depends on what was written, and "
    "every model loses the one path it is compared with."
)


@cache
def _test(task: str) -> Batch:
    """Return the test sequences of a task."""
    return find_task(task).draw_test(TEST_SEQUENCES, np.random.default_rng(TEST_SEED))


def _judged(task: str) -> str:
    return "on the true prefix" if find_task(task).prefix_matters else "running free"


def _side_by_side(what: str, last: list[float], form: str, unit: str = "") -> str:
    """Say where the two stand now; a line is not broken within what belongs to one of them."""
    if len(last) < 2:
        return f"{what}: no measurement yet"
    forced, chosen = (form.format(value) for value in last)
    both = f"teacher forcing {forced}", f"chosen way {chosen}{unit}"
    return f"{what}: " + ", ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in both)


def smoothed(values: list[float], updates: int, bins: int = 80) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of successive pieces, and the updates in their middles."""
    size = max(updates // bins, 1)
    whole = len(values) // size * size
    pieces = np.array(values[:whole]).reshape(-1, size)
    return np.arange(len(pieces)) * size + (size + 1) / 2, pieces.mean(axis=1)
