"""The mask: what the lab computes, says and draws."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import InitVar, dataclass
from typing import Any

import numpy as np

from course import trained
from course.figures.chart import Chart, Dots, Line, Panel, Role
from course.figures.drawing import Drawing, Picture
from course.labs.calling.functions import LearnersFunction
from course.labs.mask.case import CAUSAL, OFFERED, STEPS, TASK, TRUTH, MaskCase
from course.labs.mask.pictures import attention_map, disturbance, leaks, standing, wavefront
from course.labs.mask.trial import MaskTrial
from course.labs.page.state import State
from course.labs.page.written import written
from course.trained import results
from course.trained.masks import MASKS

#: What buttons and axes have room for.
SHORT = {
    "causal": "causal",
    "none": "none",
    "one-too-few": "one too few",
    "transposed": "transposed",
}
BLOCKS = (0, 1)
#: A call that takes longer than this is made when it is asked for, not before.
SLOW_S = 0.02
#: So wide that two charts stand side by side.
NARROW_PX = 328


@dataclass
class Mask(State):
    """A decoder with a mask: the learner's where it is causal, else the lab's own.

    Attributes
    ----------
    function : callable
        The learner's ``causal_attention``.
    forward : callable or None
        The learner's ``transformer_forward``; the engine's if not given.
    mask, position, block, start, sequence
        What the controls set; `position` is the input that is disturbed, and `start` says what the
        first pass is fed.
    """

    SETTING = ("mask", "position", "block", "start", "sequence")

    function: InitVar[Callable[..., Any]]
    forward: InitVar[Callable[..., Any] | None] = None
    mask: str = CAUSAL
    position: int = 12
    block: int = 0
    start: str = TRUTH
    sequence: int = 0

    def __post_init__(
        self, function: Callable[..., Any], forward: Callable[..., Any] | None
    ) -> None:
        self._attention = LearnersFunction(function)
        self._forward = LearnersFunction(forward) if forward else None
        self._trials: dict[tuple[str, int], MaskTrial] = {}
        self._call_s = float("inf")

    @property
    def trial(self) -> MaskTrial:
        """What is known of the present mask and sequence."""
        at = self.mask, self.sequence
        if at not in self._trials:
            functions = (self._attention, self._forward) if self.mask == CAUSAL else (None, None)
            self._trials[at] = MaskTrial(MaskCase(*at), *functions)
        return self._trials[at]

    def advance(self, budget_s: float) -> bool:
        """Read the attention, disturb the input and run the passes, for at most about so long."""
        end_s = time.perf_counter() + budget_s
        renewed = [one.renew() for one in (self._attention, self._forward) if one]
        if any(renewed):
            self._trials.clear()
        trial = self.trial
        if self.block not in trial.weights:
            trial.attend(self.block)
        if self.position not in trial.moved:
            begin = time.perf_counter()
            trial.disturb(self.position)
            self._call_s = min(self._call_s, time.perf_counter() - begin)
        while trial.another_pass(self.start):
            if time.perf_counter() > end_s:
                return True
        if self.position not in trial.moved:  # the passes found the function broken
            trial.disturb(self.position)
        return False

    def ahead(self, budget_s: float) -> bool:
        """Disturb the neighbouring inputs, and read the other block's attention."""
        end_s, trial = time.perf_counter() + budget_s, self.trial
        if self._call_s > SLOW_S:
            return False
        for block in BLOCKS:
            if block not in trial.weights:
                trial.attend(block)
        for position in sorted(range(STEPS), key=lambda at: abs(at - self.position)):
            if position not in trial.moved:
                trial.disturb(position)
                if time.perf_counter() > end_s:
                    return True
        return False

    def message(self) -> str:
        """Say what is wrong with the learner's functions."""
        return self.trial.broken or self.trial.fault

    @property
    def _leaks(self) -> int:
        """How many outputs before the disturbed input moved."""
        moved = self.trial.moved.get(self.position)
        return 0 if moved is None else leaks(moved, self.position)

    def _moving(self) -> str:
        """Say which outputs move with the disturbed input."""
        moved = self.trial.moved.get(self.position)
        if moved is None:
            return f"Input {self.position} is being disturbed"
        at = np.flatnonzero(moved)
        if not len(at):
            return f"Disturb input {self.position}: no output moves"
        said = f"Disturb input {self.position}: {len(at)} of {STEPS} outputs move"
        return f"{said}, {self._leaks} of them before it" if self._leaks else f"{said}, none before"

    def _attending(self) -> str:
        """Say how much of the attention goes to the future."""
        weights = self.trial.weights.get(self.block)
        if weights is None:
            return "The attention is being read"
        future = 100 * np.triu(weights, 1).sum() / max(weights.sum(), 1e-12)
        return f"Attention, block {self.block + 1}: {future:.0f} % goes to the future"

    def _passing(self) -> str:
        """Say after how many passes all is as a free run has it."""
        passes, free = self.trial.passes[self.start], self.trial.case.free
        front = [standing(said, free) for said in passes]
        if STEPS in front:
            return f"Pass {front.index(STEPS)} is the free run; pass 0 has {_steps(front[0])} of it"
        if self.start not in self.trial.ended:
            return "The passes are being run"
        return f"No pass is the free run: pass {len(passes) - 1} has {_steps(front[-1])} of it"

    def words(self) -> str:
        """Say what sees what, what moves, and what the model is worth."""
        loss = _mean(self.mask, "nll_nats")
        forced, own = (100 * _mean(self.mask, name) for name in _ERRORS)
        return (
            f"Mask: {SHORT[self.mask]}, by {self.trial.whose}, sequence {self.sequence}. "
            f"{self._moving()}. {self._answer()}{self._attending()}. {self._passing()}. Trained "
            f"with this mask, five models have a loss of {loss:.2f} nats; {forced:.0f} % of the "
            f"levels are wrong when they are fed the truth, and {own:.0f} % when they run free."
        )

    def _answer(self) -> str:
        """Say whether the output whose answer the disturbed input holds has seen it."""
        moved = self.trial.moved.get(self.position)
        if moved is None:
            return ""
        if self.position == 0:
            return "Input 0 is x_start, which is no output's answer. "
        said = f"Output {self.position - 1} is to name the token that input {self.position} holds"
        return f"{said}, and has seen it. " if moved[self.position - 1] else f"{said}, unseen. "

    def things(self) -> tuple[Drawing, ...]:
        """Return what the model writes when it runs free, and which outputs move."""
        trial = self.trial
        case = trial.case
        features = trained.held_out(TASK, OFFERED).features[:, self.sequence]
        wrote = written(TASK, case.tokens, case.free, features, "run free", "own")
        moved = trial.moved.get(self.position, np.zeros(STEPS, bool))
        return wrote, disturbance(self.position, moved, self._moving())

    def charts(self) -> tuple[Picture, ...]:
        """Return attention by position, the passes, and what models of each mask are worth."""
        trial = self.trial
        weights = trial.weights.get(self.block, np.zeros((STEPS, STEPS)))
        return (
            attention_map(weights, self.position, self._attending()),
            wavefront(trial.passes[self.start], trial.case.free, self._passing()),
            _losses(self.mask),
            _errors(self.mask),
        )


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


_ERRORS = ("gold_prefix_error", "own_prefix_error")


def _mean(mask: str, measure: str) -> float:
    return results.find(f"masks/transformer/{mask}/{measure}").mean


def _dots(present: str, measures: dict[str, Any], factor: float) -> list[Dots]:
    """Return a point for each mask, mean and 95 % interval over seeds, by measure."""
    marks = []
    for k, (measure, role) in enumerate(measures.items()):
        for at, mask in enumerate(MASKS):
            one = results.find(f"masks/transformer/{mask}/{measure}")
            x = np.array([at + 0.2 * (k - (len(measures) - 1) / 2)])
            mean, half = np.array([one.mean]) * factor, one.half * factor
            marks.append(Dots(x, mean, role, mask == present, mean - half, mean + half))
    return marks


def _named(measure: str, role: Role, factor: float, name: str) -> Line:
    """Return a name beside where the last mask stands, and no line."""
    mean = factor * _mean(MASKS[-1], measure)
    return Line(np.array([len(MASKS) - 0.5]), np.array([mean]), role, name)


def _panel(label: str, top: float) -> Panel:
    names = tuple((float(at), SHORT[mask].removeprefix("one ")) for at, mask in enumerate(MASKS))
    return Panel("mask in training", label, (-0.5, 3.5), (0, top), NARROW_PX, 242, 44, names)


def _losses(present: str) -> Chart:
    told = {mask: _mean(mask, "nll_nats") for mask in MASKS}
    said = f"Loss: causal {told['causal']:.2f}, others at most "
    said += f"{max(loss for mask, loss in told.items() if mask != CAUSAL):.2f} nats"
    each = ", ".join(f"{SHORT[mask]} {loss:.3f}" for mask, loss in told.items())
    alt = f"Dot chart of the loss on the true prefix in nats by mask: {each}. {said}."
    marks: list[Line | Dots] = [
        *_dots(present, {"nll_nats": "truth"}, 1.0),
        _named("nll_nats", "truth", 1.0, "true\nprefix"),
    ]
    return Chart(said, _panel("loss (nats per token)", 0.6), marks, alt)


def _errors(present: str) -> Chart:
    own = {mask: 100 * _mean(mask, "own_prefix_error") for mask in MASKS}
    least = min(error for mask, error in own.items() if mask != CAUSAL)
    said = f"Own prefix: causal {own['causal']:.0f} % wrong, others {least:.0f} % or more"
    each = ", ".join(
        f"{SHORT[mask]} {100 * _mean(mask, 'gold_prefix_error'):.0f} and {error:.0f}"
        for mask, error in own.items()
    )
    alt = (
        "Dot chart of the levels that are wrong in per cent by mask, fed the truth and running "
        f"free: {each}. {said}."
    )
    marks: list[Line | Dots] = [
        *_dots(present, {"gold_prefix_error": "truth", "own_prefix_error": "own"}, 100.0),
        _named("gold_prefix_error", "truth", 100.0, "true\nprefix"),
        _named("own_prefix_error", "own", 100.0, "own\nprefix"),
    ]
    return Chart(said, _panel("wrong levels (%)", 100), marks, alt)
