"""Gradients through time: what the lab computes, says and draws."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import InitVar, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from course import trained
from course.engine import Batch
from course.engine.numerics import Array
from course.figures.chart import Chart, Dots, Line, Panel, ceiling
from course.figures.drawing import Drawing
from course.labs.calling.functions import LearnersFunction
from course.labs.gradients.case import (
    CELLS,
    STEPS,
    TASK,
    TRAINED,
    UNTRAINED,
    ForcedCase,
    Load,
    WayBack,
    shipped,
)
from course.labs.gradients.reach import reach
from course.labs.gradients.trial import CLIP_NORM, LEARNING_RATE, UPDATES, GradientTrial
from course.labs.page.state import State

ON, OFF = "on", "off"
OFFERED = 10
SCALES = tuple(round(0.05 * k, 2) for k in range(10, 41))
#: A call that takes longer than this is made when it is asked for, not before.
SLOW_S = 0.02
KEPT_TRIALS = 200
#: So wide that three charts stand side by side.
NARROW_PX = 276
#: What the axis of norms spans, in powers of ten: trained weights, and untrained ones.
DECADES = {TRAINED: (-6.0, 4.0), UNTRAINED: (-18.0, 2.0)}


@dataclass
class Gradients(State):
    """The learner's way back on a decoder whose recurrent weights are scaled.

    Attributes
    ----------
    function : callable
        The learner's ``rnn_decoder_backward``.
    load : callable
        From ``"trained"`` or ``"untrained"`` and a cell type to a model.
    scale, weights, clipping, sequence
        What the controls set.
    """

    SETTING = ("scale", "weights", "clipping", "sequence")

    function: InitVar[Callable[..., Any]]
    load: Load = shipped
    scale: float = 1.0
    weights: str = TRAINED
    clipping: str = ON
    sequence: int = 0

    def __post_init__(self, function: Callable[..., Any]) -> None:
        self._function = LearnersFunction(function)
        self._trials: dict[tuple[str, float, int], GradientTrial] = {}
        self._call_s = float("inf")
        self._case = lru_cache(maxsize=KEPT_TRIALS)(self._made)

    def _made(self, cell: str, weights: str, scale: float, sequence: int) -> ForcedCase:
        return ForcedCase(self.load(weights, cell), batch_of(sequence), scale)

    def case(self, cell: str) -> ForcedCase:
        """Return the present decoder of a cell type, and the engine's way back through it."""
        return self._case(cell, self.weights, self.scale, self.sequence)

    @property
    def trial(self) -> GradientTrial:
        """What the learner's function gave at the present setting."""
        return self._trial(self.scale)

    def _trial(self, scale: float) -> GradientTrial:
        at = (self.weights, scale, self.sequence)
        if at not in self._trials:
            while len(self._trials) >= KEPT_TRIALS:
                self._trials.pop(next(iter(self._trials)))
            case = self._case("rnn", *at)
            self._trials[at] = GradientTrial(self._function, case, batch_of(self.sequence))
        return self._trials[at]

    def advance(self, budget_s: float) -> bool:
        """Go back, look at the function and train with it, for at most about so long."""
        end_s = time.perf_counter() + budget_s
        if self._function.renew():
            self._trials.clear()
        return not (self._done(self.trial.go_back, end_s) and self._done(self.trial.look, end_s))

    def ahead(self, budget_s: float) -> bool:
        """Go back at the neighbouring positions of the slider."""
        end_s = time.perf_counter() + budget_s
        if self.trial.broken or self._call_s > SLOW_S:
            return False
        nearest = sorted(SCALES, key=lambda scale: abs(scale - self.scale))
        for scale in nearest:
            if not self._done(self._trial(scale).go_back, end_s):
                return True
            for cell in CELLS:
                self._case(cell, self.weights, scale, self.sequence)
        return False

    def _done(self, work: Callable[[], bool], end_s: float) -> bool:
        """Do pieces of work, one at least, until the clock's `end_s`; say whether all are done."""
        begin = time.perf_counter()
        while work():
            now = time.perf_counter()
            self._call_s = min(self._call_s, now - begin)
            if now > end_s:
                return False
            begin = now
        return True

    def message(self) -> str:
        """Say what is wrong with the learner's function."""
        return self.trial.broken or self.trial.fault

    def _ways(self) -> dict[str, WayBack]:
        """Return each cell's way back by its name: the learner's, where there is one."""
        ways = {cell.upper(): self.case(cell).way for cell in CELLS}
        if not self.trial.broken:
            ways["RNN"] = self.trial.way
        return ways

    def words(self) -> str:
        """Say by which factor a step the gradient dies or grows, and what becomes of training."""
        ways = self._ways()
        factor, whose = ways["RNN"].factor, "the RNN" if self.trial.broken else "your RNN"
        said = (
            f"{self.weights.capitalize()} weights, W_hh times {self.scale:.2f}, sequence "
            f"{self.sequence}, the loss of step {STEPS - 1} alone: "
        )
        if np.isfinite(factor):
            said += (
                f"back through {whose} a step multiplies the norm of the gradient by {factor:.2f}: "
                f"a straight line fitted over {STEPS} steps, of which single ones may be far off, "
                f"as the bars show. {_meant(factor)}. "
            )
        else:
            said += f"no gradient comes back through {whose}. "
        said += f"LSTM: {ways['LSTM'].factor:.2f}. GRU: {ways['GRU'].factor:.2f}. "
        if self._half():
            said += f"Half of the gradient of W_xh comes from the last {self._half()}. "
        return said + self._training()

    def _half(self) -> str:
        way = self._ways()["RNN"]
        if not way.shares.sum() > 0:
            return ""
        return "step" if way.half() == 1 else f"{way.half()} steps"

    def _training(self) -> str:
        if self.trial.broken:
            return f"There is no training, with clipping {self.clipping}, without your function."
        descent = self.trial.descents[self.clipping == ON]
        if len(descent.losses) < 2:
            return f"The training with clipping {self.clipping} has not begun yet."
        above = sum(norm > CLIP_NORM for norm in descent.norms)
        of = len(descent.norms)
        clips = f"{above} of {of} gradients were clipped to a norm of {CLIP_NORM:g}"
        if self.clipping == OFF:
            clips = f"the largest gradient has a norm of {max(descent.norms):.3g}"
        return (
            f"Trained on this sequence with clipping {self.clipping}, {of} updates take the loss "
            f"from {descent.losses[0]:.2f} to {descent.losses[-1]:.2f} nats, at most "
            f"{max(descent.losses):.2f}; {clips}."
        )

    def things(self) -> tuple[Drawing, ...]:
        """Return how far back the gradient of the last step's loss reaches."""
        ways, broken = self._ways(), self.trial.broken
        told = (
            f"{'your ' * (name == 'RNN' and not broken)}{name} {_left(way)}"
            for name, way in ways.items()
        )
        found = f"Of the last step's gradient there arrives at the context: {', '.join(told)}"
        first = ("RNN", "truth") if broken else ("RNN (yours)", "mixed")
        rows: list[Any] = [(*first, ways["RNN"].norms)]
        rows += [(name, "reference", ways[name].norms) for name in ("LSTM", "GRU")]
        return (reach(rows, found),)

    def charts(self) -> tuple[Chart, ...]:
        """Return norm by step, share by step, and the loss of a training by update."""
        return self._norms(), self._shares(), self._losses()

    def _norms(self) -> Chart:
        with np.errstate(divide="ignore"):
            decades = {name: np.log10(way.norms) for name, way in self._ways().items()}
            right = np.log10(self.case("rnn").way.norms)
        factors = {name: way.factor for name, way in self._ways().items()}
        each = (
            f"{name} × {factor:.2f}".replace(" ", "\N{NO-BREAK SPACE}")
            for name, factor in factors.items()
            if np.isfinite(factor)
        )
        said = f"A step back, fitted: {', '.join(each)}"
        alt = (
            "Line chart of the norm of the gradient of the last step's loss by h, in powers of "
            f"ten, by step, from the last to the first. {said}. {_meant(factors['RNN'])}."
        )
        panel = _panel("norm (power of ten)", DECADES[self.weights])
        return Chart(said, panel, self._marks(decades, right), alt)

    def _shares(self) -> Chart:
        shares = {name: way.shares for name, way in self._ways().items()}
        right = self.case("rnn").way.shares
        top = ceiling(max(np.nanmax([*one, 0.0]) for one in (*shares.values(), right)))
        said = "No gradient of W_xh"
        if half := self._half():
            said = f"W_xh: half of its gradient comes from the last {half}"
        alt = (
            "Line chart of the share of the gradient of W_xh in per cent that comes from each "
            f"step, from the last to the first. {said}."
        )
        panel = _panel("share of W_xh's gradient (%)", (0, top))
        return Chart(said, panel, self._marks(shares, right), alt)

    def _marks(self, values: dict[str, Array], right: Array) -> list[Line | Dots]:
        """Return the three cells' lines; where the learner's is wrong, what is expected, too."""
        x, broken = np.arange(len(right)), bool(self.trial.broken)
        values = {name: np.where(np.isfinite(y), y, np.nan) for name, y in values.items()}
        marks: list[Line | Dots] = []
        if self.message():
            marks.append(Line(x, right, "truth", "expected"))
        marks.append(Dots(x[::-3], values["LSTM"][::-3], "reference"))
        marks.append(Line(x[-1:], values["LSTM"][-1:], "reference", "LSTM"))
        marks.append(Line(x, values["GRU"], "reference", "GRU"))
        if not broken:
            marks.append(Line(x, values["RNN"], "mixed", "yours"))
        return marks

    def _losses(self) -> Chart:
        descents = self.trial.descents
        names = {True: f"clipped\nat {CLIP_NORM:g}", False: "not\nclipped"}
        present = self.clipping == ON
        marks: list[Line | Dots] = []
        for clipping in (not present, present):
            losses = np.array(descents[clipping].losses)
            role: Any = "mixed" if clipping == present else "reference"
            marks.append(Line(np.arange(len(losses)), losses, role, names[clipping]))
        highest = max([3.0, *descents[True].losses, *descents[False].losses])
        panel = Panel("update", "loss (nats)", (0, UPDATES), (0, ceiling(highest)), NARROW_PX)
        said = "There is no training yet"
        if descents[True].losses and descents[False].losses:
            on, off = descents[True].losses, descents[False].losses
            said = f"At most {max(on):.1f} clipped, {max(off):.1f} not; at last {on[-1]:.1f} and "
            said += f"{off[-1]:.1f}"
        alt = (
            f"Line chart of the loss by update, trained on this sequence by gradient descent with "
            f"a learning rate of {LEARNING_RATE:g}, with clipping and without. {said}."
        )
        return Chart(said, panel, marks, alt)


@lru_cache(maxsize=OFFERED)
def batch_of(sequence: int) -> Batch:
    """Return one of the test sequences."""
    return trained.held_out(TASK, OFFERED).take(np.array([sequence]))


def _panel(label: str, y_range: tuple[float, float]) -> Panel:
    """Return axes whose x goes from the last step back to the context, which has no number."""
    names = tuple((float(STEPS - 1 - t), str(t)) for t in range(STEPS - 1, -1, -7))
    return Panel("step, from the last back", label, (0, STEPS), y_range, NARROW_PX, x_names=names)


def _left(way: WayBack) -> str:
    """Say how much of a gradient arrives at the context, or where next to nothing is left."""
    if not np.isfinite(way.norms).all():
        return "not known yet"
    steps = way.reaches()
    if steps is None:
        return f"{float(f'{100 * way.norms[-1] / way.norms[0]:.2g}'):g}\N{NO-BREAK SPACE}%"
    return f"under 1\N{NO-BREAK SPACE}% ({steps} {'step' if steps == 1 else 'steps'} back)"


def _meant(factor: float) -> str:
    """Say what a factor a step comes to."""
    if not np.isfinite(factor):
        return "Nothing arrives"
    if 0.98 < factor < 1.02:
        return "It neither dies nor grows"
    if factor < 1:
        return f"It dies: at that factor 10 steps leave {100 * factor**10:.2g} %"
    return f"It grows: at that factor 10 steps make it {factor**10:.2g} times as large"
