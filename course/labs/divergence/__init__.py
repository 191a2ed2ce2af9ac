"""How far a decoder drifts from the truth when it is fed its own tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course.figures.sheet import charts_sheet
from course.labs.calling.stand_in import decoder_forward_scheduled_sampling
from course.labs.divergence.case import LEAST_ROLLOUTS, MAX_ROLLOUTS
from course.labs.divergence.companions import Companions
from course.labs.divergence.state import Divergence
from course.labs.page.controls import slider
from course.labs.page.models import Models, TaskView, heading, shipped
from course.labs.page.state import complete
from course.labs.page.view import LabView

__all__ = ["divergence"]

SOLVED = {"divergence": decoder_forward_scheduled_sampling}


def divergence(
    function: Callable[..., Any],
    prediction: str | None = None,
    *,
    free_running: Callable[..., Any] | None = None,
    measure: Callable[..., Any] | None = None,
    models: Models | None = None,
) -> LabView:
    """Open the lab on the learner's own function.

    Parameters
    ----------
    function : callable
        ``decoder_forward_scheduled_sampling``.
    prediction : str, optional
        What the learner wrote down before.
    free_running : callable, optional
        The learner's ``decoder_forward_free_running``; the lab's own without it.
    measure : callable, optional
        The learner's ``divergence_by_step``; the lab's own without it.
    models : Models, optional
        Others than those that come with the course.
    """
    models = models or shipped()
    state = Divergence(function, models.load, *models.first())
    state.companions = Companions(free_running, measure)
    controls = {
        "sampling_prob": slider("sampling_prob of the run (0 to 1)", 0.5, 0.0, 1.0, 0.05),
        **models.choosers(state.task, state.cell),
        "rollouts": slider("rollouts (sequences)", 30, LEAST_ROLLOUTS, MAX_ROLLOUTS, 10),
        "seed": slider("seed of the coins", 0, 0, 20, 1),
        "sequence": slider("sequence shown (number)", 0, 0, LEAST_ROLLOUTS - 1, 1),
    }
    return TaskView(models, state, controls, prediction)


def still() -> str:
    """Draw the lab with a decoder that does what it should."""
    state = complete(Divergence(decoder_forward_scheduled_sampling, shipped().load))
    title = (
        f"{heading(state.task, state.cell)}, fed its own token with probability "
        f"{state.sampling_prob}"
    )
    return charts_sheet(title, state.charts(), things=state.things())
