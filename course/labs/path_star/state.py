"""A model that learns to write paths, now: what it is measured on, how far it is, what is drawn."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from typing import Any

import numpy as np

from course.bootstrap.words import told
from course.engine.numerics import Array
from course.figures.chart import Chart
from course.figures.drawing import Drawing
from course.labs.calling.functions import LearnersFunction
from course.labs.page.background import CHANGED, Background
from course.labs.path_star.drawn import STARS, StarsDrawn
from course.labs.path_star.pictures import (
    FORCED,
    SHORT,
    USED,
    accuracy,
    first_of_arm,
    losses,
    star,
)
from course.labs.path_star.run import Run, Seen
from course.study.stars import Order, Size, to_write

log = logging.getLogger(__name__)

#: How long Train waits for stars of the learner's; those that are late are the lab's.
DRAWN_S = 2.0
#: How many of the stars can be looked at.
OFFERED = 10


@dataclass
class PathStar(Background):
    """One training in a thread of its own, and what earlier ones came to.

    Attributes
    ----------
    function : callable, optional
        The learner's ``path_star``.
    arms, length, order, updates, seed
        What the controls set; they count from the next start.
    shown : int
        Which of the stars is drawn.
    run : Run or None
        The latest.
    """

    function: InitVar[Callable[..., Any] | None] = None
    arms: int = 2
    length: int = 5
    order: Order = "forwards"
    updates: int = 600
    seed: int = 0
    shown: int = 0
    run: Run | None = None
    fault: str = ""
    _runs: int = 0
    _whole: dict[tuple[Size, Order], float] = field(default_factory=dict)

    def __post_init__(self, function: Callable[..., Any] | None) -> None:
        self._own = LearnersFunction(function) if function else None
        self._drawn = StarsDrawn(self.size, self._own)

    @property
    def size(self) -> Size:
        """How large the stars are that the controls say."""
        return Size(self.arms, self.length)

    def advance(self, budget_s: float) -> bool:
        """Have the learner's function draw stars, some at a time."""
        renewed = self._own is not None and self._own.renew()
        if renewed or self._drawn.size != self.size:
            self._drawn = StarsDrawn(self.size, self._own)
        return self._drawn.more(budget_s)

    @property
    def begun(self) -> bool:
        """Whether a training was begun."""
        return self.run is not None

    @property
    def made(self) -> int:
        """How many updates were made."""
        return self.run.made if self.run else 0

    @property
    def total(self) -> int:
        """How many updates there are to make."""
        return self.run.updates if self.run else self.updates

    def start(self) -> None:
        """Begin a training, after the end of an earlier one."""
        self.stop()
        end_s = time.perf_counter() + DRAWN_S
        while self.advance(0.1) and time.perf_counter() < end_s:
            pass
        self.fault, self._stop, self._began_s = "", threading.Event(), time.monotonic()
        self._runs += 1
        drawn = self._drawn
        self.run = Run(*self._chosen(), drawn.stars, _whose(drawn, self._own))
        thread = threading.Thread(target=self._train, args=(self.run, self._stop), daemon=True)
        self._threads = (thread,)
        thread.start()

    def _train(self, run: Run, stop: threading.Event) -> None:
        try:
            run.train(stop.is_set)
            if run.made == run.updates:
                self._whole[run.size, run.order] = run.seen[-1].whole(run.size.hops)
        except Exception as error:
            log.exception("the training failed")
            self.fault = f"The training failed: {told(error)}"
        finally:
            self._ended_s = time.monotonic()

    def _chosen(self) -> tuple[Size, Order, int, int]:
        return self.size, self.order, self.updates, self.seed

    def key(self) -> str:
        """Name what is shown."""
        seen = len(self.run.seen) if self.run else 0
        size = self.run.size if self.run else self.size
        return f"run={self._runs} size={size} seen={seen} running={self.running} star={self.shown}"

    def message(self) -> str:
        """Say why a training ended by itself, or what is wrong with the learner's function."""
        return self.fault or self._drawn.fault

    @property
    def _seen(self) -> Seen | None:
        """What was measured last."""
        return self.run.seen[-1] if self.run and self.run.seen else None

    def words(self) -> str:
        """Say what the curves show; while they grow, anew with each measurement."""
        if not self.run:
            return (
                f"{_about(self.size, self.order)}. Nothing is trained yet. Say at which position "
                "it will be wrong, and how often, then press Train."
            )
        run, seen = self.run, self._seen
        about = f"{_about(run.size, run.order)}, {run.updates} updates, seed {run.seed}"
        moved = self._chosen() != (run.size, run.order, run.updates, run.seed)
        later = f" {CHANGED}" if moved else ""
        if seen is None:
            return f"{about}: the first measurement is not there yet.{later}"
        return (
            f"{about}: after {seen.updates}, on {STARS} stars, {run.whose}: "
            f"{_by_position(run, seen)}. Who guesses the arm, and never errs after, writes "
            f"{100 / run.size.arms:.0f} % of the paths. One run of one seed.{self._others()}{later}"
        )

    def _others(self) -> str:
        """Say what the other orders came to on stars of this size."""
        assert self.run is not None
        size = self.run.size
        told = [
            f"{SHORT[order]} {100 * whole:.0f} %"
            for (of, order), whole in self._whole.items()
            if of == size and order != self.run.order
        ]
        return f" Whole paths by other orders, here before: {', '.join(told)}." if told else ""

    def _offered(self) -> list[int]:
        """Return the stars to look at: where a training is over, one first on which it errs.

        Where it guesses, the first one may come out right by luck. The others are as drawn.
        """
        every = list(range(OFFERED))
        if self._seen is None or self.running:
            return every
        wrong = np.flatnonzero((self._seen.forced != self._seen.truth).any(axis=0))
        first = int(wrong[0]) if len(wrong) else 0
        return [first, *(n for n in every if n != first)][:OFFERED]

    def things(self) -> tuple[Drawing, ...]:
        """Return one of the stars, and what the model says of it."""
        run, seen, n = self.run, self._seen, self._offered()[self.shown]
        stars = run.stars if run else self._drawn.stars
        order = run.order if run else self.order
        truth = to_write(stars.paths[:, [n]], order)[:, 0]
        rows = {FORCED: seen.forced[:, n], USED: seen.used[:, n]} if seen else {}
        wrote = rows[USED][-stars.size.hops :] if rows else np.zeros(0, int)
        return (
            star(
                stars.edges[:, :, n], stars.paths[:, n], rows, truth, wrote, _finding(rows, truth)
            ),
        )

    def charts(self) -> tuple[Chart, ...]:
        """Return what is right by written position, and the loss by update."""
        run, seen = self.run, self._seen
        size, order = (run.size, run.order) if run else (self.size, self.order)
        unknown = np.full(len(to_write(np.zeros((size.length, 1), int), order)), np.nan)
        if run is None or seen is None:
            empty, said = np.zeros(0), "Nothing is measured yet"
            return (
                accuracy(size, order, unknown, unknown, said),
                losses(size, self.total, empty, empty, empty, said),
            )
        forced, used = seen.right(seen.forced), seen.right(seen.used)
        at, choice, others = _losses(run)
        said = (
            f"Loss of the first node of the arm {choice[-1]:.2f} nats, ln {size.arms} is "
            f"{np.log(size.arms):.2f}; of the others {others[-1]:.2f}"
        )
        return (
            accuracy(size, order, forced, used, _by_position(run, seen)),
            losses(size, run.updates, at, choice, others, said),
        )


def _about(size: Size, order: Order) -> str:
    return f"{size.arms} arms, {size.length} nodes a path, written {SHORT[order]}"


def _whose(drawn: StarsDrawn, own: LearnersFunction | None) -> str:
    """Say who drew the stars."""
    if own is None or not drawn.theirs:
        return "drawn by the lab"
    if drawn.theirs == STARS:
        return f"drawn by your {own.name}"
    return f"{drawn.theirs} of them drawn by your {own.name}, which is slow, the others by the lab"


def _by_position(run: Run, seen: Seen) -> str:
    """Say which position is the worst fed the truth, and how many whole paths are right."""
    right = 100 * seen.right(seen.forced)
    worst = int(right.argmin())
    rest = np.delete(right, worst)
    least = "" if round(rest.min()) == 100 else " or more"
    told = f"position {worst + 1} is {right[worst]:.0f} % right, others {rest.min():.0f} %{least}"
    if round(right[worst]) == 100:
        told = "every position is 100 % right"
    whole = 100 * seen.whole(run.size.hops)
    return f"Fed the truth, {told}; running free, {whole:.0f} % of whole paths are"


def _losses(run: Run) -> tuple[Array, Array, Array]:
    """Return after how many updates it was measured, and both losses."""
    all_seen = list(run.seen)
    nats, choice = np.array([seen.nats for seen in all_seen]), first_of_arm(run.size, run.order)
    others = np.delete(nats, choice, axis=1).mean(axis=1)
    return np.array([float(seen.updates) for seen in all_seen]), nats[:, choice], others


def _finding(rows: dict[str, Array], truth: Array) -> str:
    """Say what is wrong on the star that is drawn."""
    if not rows:
        return "A star: the way from its centre to the goal is to be written"
    wrong = {label: int((said != truth).sum()) for label, said in rows.items()}
    return (
        f"On this star, of {len(truth)} nodes: {wrong[FORCED]} wrong when it is fed the truth, "
        f"{wrong[USED]} running free"
    )
