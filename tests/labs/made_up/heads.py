"""A lab of one file: how many of some coins show heads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from course.figures.chart import Chart, Line, Panel
from course.figures.sheet import charts_sheet
from course.labs.page.controls import slider
from course.labs.page.state import State, complete
from course.labs.page.view import LabView

__all__ = ["count_heads"]


@dataclass
class Heads(State):
    """Coins that are tossed one after another; `tosses` is what the slider sets."""

    SETTING = ("tosses",)

    tosses: int = 10

    def words(self) -> str:
        return f"{self._heads()[-1]} of {self.tosses} coins show heads."

    def charts(self) -> tuple[Chart, ...]:
        panel = Panel("coin", "heads", (1, self.tosses), (0, self.tosses))
        line = Line(np.arange(1, self.tosses + 1), self._heads(), "mixed", "heads")
        return (Chart("Half of them", panel, [line], "Line chart of heads by coin."),)

    def _heads(self) -> np.ndarray:
        return np.cumsum(np.random.default_rng(0).random(self.tosses) < 0.5)


def count_heads(prediction: str | None = None) -> LabView:
    return LabView(Heads(), {"tosses": slider("tosses (coins)", 10, 2, 50, 1)}, prediction)


def still() -> str:
    return charts_sheet("Heads", complete(Heads(), tosses=20).charts())
