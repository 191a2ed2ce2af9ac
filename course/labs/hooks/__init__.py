"""The labs that lessons open with: two minutes, before any code is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course.figures.sheet import charts_sheet
from course.labs.hooks.case import OFFERED
from course.labs.hooks.failures import TwoFailures
from course.labs.hooks.losses import CHECK, LOSSES, TwoLosses
from course.labs.hooks.masks import NoMask
from course.labs.hooks.state import OWN, STEPS, TRUTH, Derailing, Memory, Practice, SameLoss
from course.labs.page.controls import chooser, slider, stops
from course.labs.page.state import State, complete
from course.labs.page.view import LabView

__all__ = [
    "better_loss",
    "forced_and_free",
    "memory",
    "practice",
    "same_loss",
    "two_failures",
    "two_losses",
]


def memory(prediction: str | None = None) -> LabView:
    """Open the lab on a cell that remembers, and from a step on forgets.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    """
    breaks = slider(f"the cell breaks at step ({STEPS}: never)", STEPS, 0, STEPS, 1)
    return _opened(Memory(), prediction, works=breaks)


def forced_and_free(prediction: str | None = None) -> LabView:
    """Open the lab on a decoder that is forced, and runs free.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    """
    return _opened(Derailing(), prediction, fed=chooser("the decoder is fed", [TRUTH, OWN], TRUTH))


def practice(prediction: str | None = None) -> LabView:
    """Open the lab on decoders that were fed their own tokens in training.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    """
    state = Practice()
    probs = [(f"{p:.2f}", p) for p in state.cases]
    return _opened(
        state, prediction, sampling_prob=stops("own tokens in training (0 to 1)", probs, 0.0)
    )


def same_loss(prediction: str | None = None) -> LabView:
    """Open the lab on two models with the same loss.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    """
    return _opened(SameLoss(), prediction, fed=chooser("both are fed", [TRUTH, OWN], TRUTH))


def two_losses(prediction: str | None = None) -> LabView:
    """Open the lab on two losses that fall alike, one of them by a wrong gradient.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    """
    return _opened(TwoLosses(), prediction, look=chooser("look at", [LOSSES, CHECK], LOSSES))


def better_loss(prediction: str | None = None) -> LabView:
    """Open the lab on two transformers, the one with the lower loss trained without a mask.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    """
    return _opened(NoMask(), prediction, fed=chooser("both are fed", [TRUTH, OWN], TRUTH))


def two_failures(prediction: str | None = None) -> LabView:
    """Open the lab on two models that are wrong as often running free, for different reasons.

    Parameters
    ----------
    prediction : str, optional
        What the learner wrote down before.
    """
    return _opened(TwoFailures(), prediction, fed=chooser("both are fed", [OWN, TRUTH], OWN))


def _opened(state: State, prediction: str | None, **controls: Any) -> LabView:
    controls["sequence"] = slider("sequence shown (number)", 0, 0, OFFERED - 1, 1)
    return LabView(state, controls, prediction)


def _still(title: str, make: Callable[[], State], **setting: Any) -> Callable[[], str]:
    def draw() -> str:
        state = complete(make(), **setting)
        return charts_sheet(title, state.charts(), things=state.things())

    return draw


#: The still pictures, by the name of what opens the lab.
STILLS = {
    "memory": _still("A cell that forgets from step 12 on", Memory, works=12),
    "forced_and_free": _still("The decoder is fed its own tokens", Derailing, fed=OWN),
    "practice": _still("Trained on its own tokens, then run free", Practice, sampling_prob=1.0),
    "two_losses": _still("Two losses that fall alike", TwoLosses),
    "two_failures": _still("Two failures that are told as one", TwoFailures),
    "better_loss": _still("Two transformers, run free", NoMask, fed=OWN),
    "same_loss": _still("Two models with the same loss, run free", SameLoss, fed=OWN),
}
