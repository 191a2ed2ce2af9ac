"""Train two decoders now, by teacher forcing and in a way of the learner's choice."""

from __future__ import annotations

from collections.abc import Callable

from course.figures.sheet import charts_sheet
from course.labs.page.background import BackgroundView
from course.labs.page.controls import chooser, slider
from course.labs.page.models import Models, heading
from course.labs.page.view import LabView
from course.labs.training.state import Training

__all__ = ["train_now"]

MODELS = Models(("osc", "runs", "ring", "ring_process"), lambda task: ("rnn", "lstm", "gru"))


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
    begins = "Train both from the same weights on the same batches, anew"
    return BackgroundView(state, controls, prediction, begins, "Stop both; what was measured stays")


def still() -> str:
    """Draw the lab after a training with the settings that it opens with."""
    state = Training.kept()
    title = f"{heading(state.task, state.cell)}; chosen way: {state.way}"
    return charts_sheet(title, state.charts(), columns=2, things=state.things())
