"""What each lesson opens with: a prediction, and a shipped model that answers it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from course import trained
from course.engine.numerics import Array
from course.figures.chart import FORCED, FREE, role_of
from course.figures.drawing import Drawing
from course.labs.hooks.case import TASK, OscillationCase, plainest
from course.labs.page.state import State
from course.tasks import find_task
from course.trained import results

TRUTH, OWN = "the truth", "its own tokens"
STEPS = find_task(TASK).steps


@dataclass
class Memory(State):
    """Lesson 1: a cell that remembers, and from a step on forgets.

    Attributes
    ----------
    works, sequence
        What the controls set: at which step the cell breaks, and which sequence is shown.
    """

    SETTING = ("works", "sequence")

    works: int = STEPS
    sequence: int = 0
    case: OscillationCase = field(
        default_factory=lambda: OscillationCase(trained.load(TASK, "gru", seed=2))
    )

    @cached_property
    def sequences(self) -> Array:
        """The sequences that are offered, by their number."""
        return plainest(self.case.wrong(self.case.forced))

    def said(self) -> Array:
        """Return what is written, (T, N); a broken cell sees nothing but its input."""
        before = np.arange(STEPS)[:, None] < self.works
        return np.where(before, self.case.forced, self.case.forgetful)

    def things(self) -> tuple[Drawing, ...]:
        """Return what the cell writes."""
        return (self.case.thing(self.sequences[self.sequence], self.said(), "the decoder", FORCED),)

    def words(self) -> str:
        """Say how much is wrong before and after the break."""
        n = self.sequences[self.sequence]
        wrong = (self.said() != self.case.truth)[:, n]
        before, after = wrong[: self.works], wrong[self.works :]
        case = self.case
        average = (
            f"Over {case.columns} test sequences {case.percent(case.forced):.0f} % are wrong with "
            "a cell that works"
        )
        if not len(after):
            return f"The cell works at every step: {_counted(before)} {average}."
        said = f"Before step {self.works} the cell works: {_counted(before)} " if self.works else ""
        return (
            f"{said}From step {self.works} on it forgets its state before each step: "
            f"{_counted(after)} {average}, and {case.percent(case.forgetful):.0f} % with one that "
            "forgets."
        )


@dataclass
class Derailing(State):
    """Lesson 2: nearly perfect when it is forced, off the rails when it runs free.

    Attributes
    ----------
    fed, sequence
        What the controls set.
    """

    SETTING = ("fed", "sequence")

    fed: str = TRUTH
    sequence: int = 0
    case: OscillationCase = field(
        default_factory=lambda: OscillationCase(trained.load(TASK, "lstm", seed=3), 1000)
    )

    @cached_property
    def sequences(self) -> Array:
        """Those with at most one wrong token when forced, the most wrong running free first.

        Without a single one, both runs would be the same: argmax and truth would never differ.
        """
        forced, free = (self.case.wrong(said) for said in (self.case.forced, self.case.free))
        return plainest(forced > 1, -free)

    def things(self) -> tuple[Drawing, ...]:
        """Return what it writes."""
        n = self.sequences[self.sequence]
        if self.fed == TRUTH:
            return (self.case.thing(n, self.case.forced, "the decoder", FORCED),)
        return (self.case.thing(n, self.case.free, "the decoder", FREE),)

    def words(self) -> str:
        """Say what is wrong here, and on average."""
        case = self.case
        said = self.things()[0].finding
        average = (
            f"Fed {self.fed}. {said}. Over {case.columns} test sequences "
            f"{case.percent(case.forced):.0f} % of the levels are wrong when it is fed the truth"
        )
        if self.fed == TRUTH:  # what the learner predicts is not told yet
            return f"{average}."
        return (
            f"{average}, and {case.percent(case.free):.0f} % when it is fed its own tokens. The "
            "weights are the same."
        )


@dataclass
class Practice(State):
    """Lesson 3: one slider, how often a decoder was fed its own token while it was trained.

    Attributes
    ----------
    sampling_prob, sequence
        What the controls set.
    cases : mapping
        By the `sampling_prob` in training.
    """

    SETTING = ("sampling_prob", "sequence")

    sampling_prob: float = 0.0
    sequence: int = 0
    cases: Mapping[float, OscillationCase] = field(
        default_factory=lambda: {
            regime.sampling_prob: OscillationCase(trained.load(TASK, "gru", regime))
            for regime in trained.regimes(TASK, "gru")
            if regime.sampling_prob is not None
        }
    )

    @cached_property
    def sequences(self) -> Array:
        """Those in which more practice never harms, the most changed first."""
        wrong = np.array([case.wrong(case.free) for _, case in sorted(self.cases.items())])
        harm = np.maximum(np.diff(wrong, axis=0), 0).sum(axis=0)
        return plainest(harm, wrong[-1] - wrong[0])

    def things(self) -> tuple[Drawing, ...]:
        """Return what the model writes when it runs free."""
        case = self.cases[self.sampling_prob]
        role = role_of(self.sampling_prob)
        return (case.thing(self.sequences[self.sequence], case.free, "the decoder", role),)

    def words(self) -> str:
        """Say what is wrong here, and on average."""
        case = self.cases[self.sampling_prob]
        return (
            f"Trained with its own token at {100 * self.sampling_prob:.0f} % of the steps, then "
            f"run free. {self.things()[0].finding}. Over {case.columns} test sequences "
            f"{case.percent(case.free):.0f} % of the levels are wrong."
        )


@dataclass
class SameLoss(State):
    """Lesson 4: two models with the same loss, one of which derails.

    Attributes
    ----------
    fed, sequence
        What the controls set.
    cases : mapping
        By a letter.
    """

    SETTING = ("fed", "sequence")

    fed: str = TRUTH
    sequence: int = 0

    @cached_property
    def pair(self) -> tuple[int, int]:
        """The seeds of the two whose losses are nearest: teacher forcing, and half own tokens."""
        forced, half = (np.array(_losses(regime)) for regime in _WAYS)
        apart = abs(forced[:, None] - half[None, :])
        a, b = np.unravel_index(int(apart.argmin()), apart.shape)
        return int(a), int(b)

    @cached_property
    def cases(self) -> dict[str, OscillationCase]:
        """The two models."""
        seeds = zip("AB", _WAYS, self.pair, strict=True)
        return {
            name: OscillationCase(trained.load(TASK, "gru", way, seed), 1000)
            for name, way, seed in seeds
        }

    @cached_property
    def sequences(self) -> Array:
        """Those nearly right in both when forced, in which they differ most when free."""
        a, b = self.cases.values()
        forced = np.maximum(a.wrong(a.forced), b.wrong(b.forced))
        return plainest(forced > 2, b.wrong(b.free) - a.wrong(a.free))

    def things(self) -> tuple[Drawing, ...]:
        """Return what both write."""
        n = self.sequences[self.sequence]
        return tuple(
            case.thing(n, case.forced, f"model {name}", FORCED)
            if self.fed == TRUTH
            else case.thing(n, case.free, f"model {name}", FREE)
            for name, case in self.cases.items()
        )

    def words(self) -> str:
        """Say what the two have in common, and what not."""
        losses = [_losses(way)[seed] for way, seed in zip(_WAYS, self.pair, strict=True)]
        a, b = self.cases.values()
        forced = [case.percent(case.forced) for case in (a, b)]
        found = f"Fed {self.fed}. {'. '.join(thing.finding for thing in self.things())}."
        said = f"{found} {told_of_two([f'{loss:.3f}' for loss in losses], forced, a.columns)}"
        if self.fed == TRUTH:  # what the learner predicts is not told yet
            return f"{said}."
        free = f"{a.percent(a.free):.0f} % and {b.percent(b.free):.0f} %"
        return f"{said}; fed their own tokens, {free}."


def told_of_two(losses: Sequence[str], forced: Sequence[float], sequences: int) -> str:
    """Say what two models lose, nats per token, and get wrong on true prefixes, per cent."""
    return (
        f"The loss on the true prefix is {losses[0]} nats per token for A and {losses[1]} for B. "
        f"Over {sequences} test sequences, fed the truth, {forced[0]:.0f} % of the levels of A are "
        f"wrong and {forced[1]:.0f} % of those of B"
    )


_WAYS = ("p0.00", "p0.50")


def _counted(wrong: Array) -> str:
    """Say how many levels are wrong."""
    return f"{wrong.sum()} of {len(wrong)} levels are wrong."


def _losses(regime: str) -> tuple[float, ...]:
    """Return the loss of each seed, nats per token."""
    return results.find(f"{TASK}/gru/{regime}/nll_nats").values
