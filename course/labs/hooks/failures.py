"""Two models that fail as often running free, for reasons that differ in kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from course import trained
from course.engine.numerics import Array
from course.figures.chart import FORCED, FREE, Chart, Dots, Line, Panel, Role
from course.figures.drawing import Drawing
from course.labs.hooks.case import TASK, OscillationCase, plainest
from course.labs.hooks.state import OWN, TRUTH
from course.labs.page.state import State
from course.trained import results

#: What B has learned: written forwards, taught by teacher forcing.
STARS, WAY = "path_star/2x5", "forwards"
#: By how both are fed: what results call it, how it is drawn, and what is said of it.
_FED: dict[str, tuple[str, Role, str]] = {
    OWN: ("used", FREE, "running free"),
    TRUTH: ("forced", FORCED, "fed the truth"),
}


@dataclass
class TwoFailures(State):
    """Lesson 7: running free both are wrong as often; fed the truth, at different places.

    Attributes
    ----------
    fed, sequence
        What the controls set.
    """

    SETTING = ("fed", "sequence")

    fed: str = OWN
    sequence: int = 0
    case: OscillationCase = field(
        default_factory=lambda: OscillationCase(trained.load(TASK, "gru"), 1000)
    )

    @cached_property
    def sequences(self) -> Array:
        """Those nearly right when A is forced, the most wrong running free first."""
        forced, free = (self.case.wrong(said) for said in (self.case.forced, self.case.free))
        return plainest(forced > 2, -free)

    def by_position(self, name: str, fed: str) -> Array:
        """Return which part of a model's tokens is wrong, in per cent, by position."""
        if name == "A":
            said = self.case.free if fed == OWN else self.case.forced
            wrong: Array = 100 * (said != self.case.truth).mean(axis=1)
            return wrong
        return 100 * (1 - np.array(_right(_FED[fed][0])))

    def things(self) -> tuple[Drawing, ...]:
        """Return what A writes."""
        n, own = self.sequences[self.sequence], self.fed == OWN
        said = self.case.free if own else self.case.forced
        return (self.case.thing(n, said, "model A", _FED[self.fed][1]),)

    def words(self) -> str:
        """Say what both do and how much is wrong; and, once both are fed the truth, where."""
        means = {fed: [float(self.by_position(name, fed).mean()) for name in "AB"] for fed in _FED}
        forced, free = (f"{a:.0f} % and {b:.0f} %" for a, b in (means[TRUTH], means[OWN]))
        said = (
            f"A is the GRU that draws an oscillation. {self.things()[0].finding}. B is a "
            "transformer, the mean of five seeds: it reads the edges of two paths that begin at "
            "one node, and the last node of one of them, and writes the nodes from the beginning "
            f"to that end. Both were trained by teacher forcing. Fed the truth, {forced} of their "
            f"tokens are wrong; running free, {free}"
        )
        if self.fed == OWN:  # what the learner predicts is not told yet
            return f"{said}."
        a, b = (self.by_position(name, TRUTH) for name in "AB")
        return (
            f"{said}. Fed the truth, A errs at every step, {a.min():.0f} to {a.max():.0f} % of the "
            "time, and running free its errors make more of them. B errs at its first token alone, "
            f"{b[0]:.0f} % of the time, and at the others {b[1:].max():.0f} %: its own prefix is "
            "not to blame, since before the first token there is none."
        )

    def charts(self) -> tuple[Chart, ...]:
        """Return how often each is wrong, by position."""
        return tuple(self._chart(name) for name in "AB")

    def _chart(self, name: str) -> Chart:
        shown = [OWN] if self.fed == OWN else [OWN, TRUTH]
        marks: list[Line | Dots] = []
        for fed in shown:
            wrong, (_, role, said) = self.by_position(name, fed), _FED[fed]
            x = np.arange(1.0, len(wrong) + 1)
            marks += [Line(x, wrong, role, said.replace(" ", "\n", 1)), Dots(x, wrong, role)]
        first, *_, last = self.by_position(name, self.fed)
        how = _FED[self.fed][2]
        finding = f"{name}, {how}: {first:.0f} % wrong at the first token, {last:.0f} % at the last"
        panel = Panel("token (number)", "wrong (%)", (0.5, len(wrong)), (0, 100))
        alt = f"Line chart of wrong tokens of model {name} in per cent by token. {finding}."
        return Chart(finding, panel, marks, alt)


def _right(how: str) -> list[float]:
    """Return which part of B's tokens is right by position, the mean of five seeds."""
    begin = f"{STARS}/{WAY}/{how}_"
    mine = [path for path in results.paths() if path.startswith(begin)]
    return [results.find(f"{begin}{k + 1}").mean for k in range(len(mine))]
