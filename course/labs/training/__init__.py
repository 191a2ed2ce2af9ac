"""Train two decoders now, by teacher forcing and in a way of the learner's choice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from course.figures.sheet import charts_sheet
from course.labs.page.controls import button, chooser, slider
from course.labs.page.models import Models, heading
from course.labs.page.view import LabView
from course.labs.training.state import Training

__all__ = ["train_now"]

MODELS = Models(("osc", "runs", "ring", "ring_process"), lambda task: ("rnn", "lstm", "gru"))
#: How often the page looks at how far it is.
LOOK_S = 0.3


class TrainingView(LabView):
    """The lab with its buttons, its progress bar, and a look at the threads now and then."""

    state: Training

    def __init__(self, state: Training, controls: dict[str, Any], prediction: str | None) -> None:
        # Neither is ever disabled: a button that is loses the keyboard's focus.
        self.begin = button("Train", "Train both from the same weights on the same batches, anew")
        self.end = button("Stop", "Stop both; what was measured stays")
        self.bar = widgets.IntProgress(
            value=0,
            max=state.updates,
            description="training",
            style={"description_width": "initial", "bar_color": "#009E73"},
            layout=widgets.Layout(width="min(100%, 260px)"),
        )
        self.line = widgets.Label(state.progress_line())
        buttons = (self.begin, self.end, self.bar, self.line)
        self._runs = 0
        super().__init__(state, controls, prediction, buttons)
        self.begin.on_click(lambda _: self.guarded(self._begin))
        self.end.on_click(lambda _: self.guarded(self._stop))

    def _begin(self) -> None:
        self.state.start()
        self.bar.max = self.state.updates
        self._runs += 1
        self._look(self._runs)

    def _stop(self) -> None:
        self.state.stop()
        self._show_progress()

    def _show_progress(self) -> None:
        self.bar.value, self.line.value = self.state.made, self.state.progress_line()
        self.set()

    def _look(self, run: int) -> None:
        """Show how far it is; look again soon while it runs, and Train was not pressed anew."""
        if run != self._runs:
            return
        running = self.state.running
        self._show_progress()
        if running:
            self.turns.later(LOOK_S, lambda: self.guarded(lambda: self._look(run)))

    def close(self) -> None:
        """Stop the trainings too."""
        self.state.stop()
        super().close()


def train_now(
    prediction: str | None = None, *, schedule: Callable[..., float] | None = None
) -> LabView:
    """Open the lab.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    schedule : callable, optional
        The learner's ``scheduled_sampling_prob``, which may then drive a training.
    """
    state = Training(schedule=schedule)
    controls = {
        **MODELS.choosers(state.task, state.cell),
        "way": chooser("sampling_prob in training", state.ways(), state.way),
        "updates": slider("steps (updates)", state.updates, 100, 2000, 100),
        "seed": slider("seed", state.seed, 0, 9, 1),
    }
    return TrainingView(state, controls, prediction)


def still() -> str:
    """Draw the lab after a training with the settings that it opens with."""
    state = Training.kept()
    title = f"{heading(state.task, state.cell)}; chosen way: {state.way}"
    return charts_sheet(title, state.charts(), columns=2, things=state.things())
