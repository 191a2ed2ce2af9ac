"""The same decoder, trained in different ways."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from course.figures.sheet import charts_sheet
from course.labs.page.controls import chooser, slider
from course.labs.page.models import Models, TaskView, heading, shipped
from course.labs.page.state import complete
from course.labs.page.view import LEFT_S
from course.labs.trained.state import TrainedHow
from course.labs.trained.writes import SEQUENCES

__all__ = ["trained_how"]

#: Offered beside those of other labs: what a model learns that is told a wrong right token.
TOLD_WRONG = "ring_process"


class TrainedView(TaskView):
    """The ways of the slider are those that the task and cell were trained in.

    The table comes a moment after the picture, which would else wait until it is laid out.
    """

    state: TrainedHow

    def __init__(self, *given: Any) -> None:
        self.table = widgets.HTML()
        self._is_due = False
        super().__init__(*given, below=(self.table,))

    def _show(self) -> None:
        super()._show()
        if not self.turns.has_loop() or not self.table.value:
            self._tabulate()
        elif not self._is_due:
            self._is_due = True
            self.turns.later(LEFT_S, lambda: self.guarded(self._tabulate))

    def _tabulate(self) -> None:
        with self.lock:
            self._is_due = False
            self.table.value = self.state.table()

    def _changed(self, name: str, value: Any) -> None:
        super()._changed(name, value)
        if name in ("task", "cell"):
            self.guarded(self._offer)

    def _offer(self) -> None:
        control = self.controls["way"]
        names = [way.name for way in self.state.spreads()]
        if list(control.options) != names:
            control.options = names
            control.value = self.state.way


def trained_how(
    prediction: str | None = None, *, state: TrainedHow | None = None, models: Models | None = None
) -> TrainedView:
    """Open the lab.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    state, models : optional
        Others than those that come with the course.
    """
    models = models or shipped(TOLD_WRONG)
    if state is None:
        state = TrainedHow()
        state.task, state.cell = models.first()
    state.advance(0.0)  # to the first way
    names = [way.name for way in state.spreads()]
    controls = {
        "way": chooser("sampling_prob in training", names, state.way),
        **models.choosers(state.task, state.cell),
        "sequence": slider("sequence shown (number)", 0, 0, SEQUENCES - 1, 1),
    }
    return TrainedView(models, state, controls, prediction)


def still() -> str:
    """Draw the lab for teacher forcing."""
    state = complete(TrainedHow())
    title = f"{heading(state.task, state.cell)}: above, teacher forcing; below, every way"
    return charts_sheet(title, state.charts(), columns=2, things=state.things())
