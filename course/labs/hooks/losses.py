"""Lesson 5: two losses that fall, one of them with a wrong gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.engine.numerics import Array
from course.figures.chart import Chart, Line, Panel
from course.labs.page.state import State
from course.trained import results

NOT_TOLD, TOLD = "you guess", "told"
SEEDS = range(5)
#: By the name of a pair: the mistake, what it is, and the letter that it goes by.
PAIRS = {
    "first": ("sum_for_mean", "summed over the steps in place of the mean", "A"),
    "second": ("not_transposed", "not carried back through W_hh.T, but through W_hh", "B"),
    "third": ("not_carried", "not carried to the step before at all", "A"),
}
_PATH = "wrong-gradients/rnn"
_UPDATES = np.arange(100, 1001, 100)


@dataclass
class TwoLosses(State):
    """Two models from the same weights on the same batches; one way back has a mistake.

    Attributes
    ----------
    pair, seed, told
        What the controls set.
    """

    SETTING = ("pair", "seed", "told")

    pair: str = "first"
    seed: int = 0
    told: str = NOT_TOLD

    def losses(self) -> dict[str, Array]:
        """Return both losses by letter, each a mean of 100 updates."""
        wrong, _, letter = PAIRS[self.pair]
        ways = {"A": "right", "B": "right", letter: wrong}
        return {name: self._loss(way) for name, way in ways.items()}

    def _loss(self, way: str) -> Array:
        found = (results.find(f"{_PATH}/{way}/loss_up_to_{updates}") for updates in _UPDATES)
        return np.array([one.values[self.seed] for one in found])

    def charts(self) -> tuple[Chart, ...]:
        """Return both losses by update."""
        finding = "Both losses fall"
        marks = [
            Line(_UPDATES, loss, role, name)
            for (name, loss), role in zip(self.losses().items(), ("own", "mixed"), strict=True)
        ]
        panel = Panel("update", "loss (nats)", (0, 1000), (0, 3))
        alt = f"Line chart of the loss by update for model A and model B. {finding}."
        return (Chart(finding, panel, marks, alt),)

    def words(self) -> str:
        """Say where both end, and which of them was wrong, where that is asked."""
        wrong, what, letter = PAIRS[self.pair]
        ends = {name: loss[-1] for name, loss in self.losses().items()}
        said = (
            f"Over the last 100 updates the loss is {ends['A']:.2f} nats for A and "
            f"{ends['B']:.2f} for B."
        )
        if self.told == NOT_TOLD:
            return f"{said} One of the two gradients is wrong. Which?"
        error = results.find(f"{_PATH}/{wrong}/relative_error").values[self.seed]
        return (
            f"{said} {letter}'s gradient is wrong: it was {what}. Held against what the loss does "
            f"when W_hh is moved a little, its error is {error:.2f}; that of the right one is 0.00."
        )
