"""Where the gradient goes on its way back through time, and where it stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from course.figures.sheet import charts_sheet
from course.labs.gradients.case import TRAINED, UNTRAINED
from course.labs.gradients.right import rnn_decoder_backward
from course.labs.gradients.state import OFF, OFFERED, ON, SCALES, Gradients
from course.labs.gradients.stops import ALPHAS, DATA, MIXTURE, Stops
from course.labs.page.controls import chooser, slider, stops
from course.labs.page.state import complete
from course.labs.page.view import LabView

__all__ = ["gradients", "where_it_stops"]

SOLVED = {"gradients": rnn_decoder_backward, "where_it_stops": rnn_decoder_backward}


def gradients(
    function: Callable[..., Any], prediction: str | None = None, *, state: Gradients | None = None
) -> LabView:
    """Open the lab on the learner's own way back.

    Parameters
    ----------
    function : callable
        ``rnn_decoder_backward``.
    prediction : str, optional
        What the learner wrote down before.
    state : Gradients, optional
        Other models than those that come with the course.
    """
    state = state or Gradients(function)
    controls = {
        "scale": slider("W_hh times (0.5 to 2)", state.scale, SCALES[0], SCALES[-1], 0.05),
        "weights": chooser("weights", [TRAINED, UNTRAINED], state.weights),
        "clipping": chooser("clipping in the training", [ON, OFF], state.clipping),
        "sequence": slider("sequence (number)", state.sequence, 0, OFFERED - 1, 1),
    }
    return LabView(state, controls, prediction)


def where_it_stops(
    function: Callable[..., Any],
    prediction: str | None = None,
    *,
    check: Callable[..., Any] | None = None,
) -> LabView:
    """Open the lab on the learner's own way back, through a decoder that runs free.

    Parameters
    ----------
    function : callable
        ``rnn_decoder_backward``.
    prediction : str, optional
        What the learner wrote down before.
    check : callable, optional
        The learner's ``gradient_check``; the lab's own without it.
    """
    alphas = [(f"{alpha:g}", alpha) for alpha in ALPHAS[:-1]] + [("argmax", ALPHAS[-1])]
    state = Stops(function, check)
    fed = stops("fed: softmax(alpha × logits), alpha", alphas, state.alpha)
    choice = chooser("the way back takes it", [DATA, MIXTURE], state.choice)
    return LabView(state, {"alpha": fed, "choice": choice}, prediction)


def _gradients_still() -> str:
    """Draw the lab where the gradient of a trained RNN grows."""
    state = complete(Gradients(rnn_decoder_backward), scale=1.25, sequence=1)
    title = f"Gradients through time, trained weights, W_hh times {state.scale:g}"
    return charts_sheet(title, state.charts(), things=state.things())


def _stops_still() -> str:
    """Draw the lab for a token, and for a mixture."""
    tokens, mixture = (complete(Stops(rnn_decoder_backward), alpha=at) for at in (ALPHAS[-1], 1.0))
    charts = [
        replace(state.charts()[0], finding=f"{fed}: {state.charts()[0].finding}")
        for fed, state in (("Fed its argmax", tokens), ("Fed softmax(logits)", mixture))
    ]
    return charts_sheet("Where the gradient stops", charts, 1, mixture.things())


#: The still pictures, by the name of what opens the lab.
STILLS = {"gradients": _gradients_still, "where_it_stops": _stops_still}
