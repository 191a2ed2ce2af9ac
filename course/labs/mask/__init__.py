"""What a mask hides: attention, outputs that move, and passes that become a free run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from course.figures.sheet import charts_sheet
from course.labs.mask.case import OFFERED, RANDOM, STEPS, TRUTH
from course.labs.mask.pictures import DISTURBED
from course.labs.mask.right import causal_attention, transformer_forward
from course.labs.mask.state import BLOCKS, SHORT, Mask
from course.labs.page.controls import chooser, slider
from course.labs.page.state import complete
from course.labs.page.view import LabView

__all__ = ["mask"]

SOLVED = {"mask": causal_attention}


def mask(
    function: Callable[..., Any],
    prediction: str | None = None,
    *,
    forward: Callable[..., Any] | None = None,
) -> LabView:
    """Open the lab on the learner's own attention, and decoder.

    Parameters
    ----------
    function : callable
        ``causal_attention``.
    prediction : str, optional
        What the learner wrote down before.
    forward : callable, optional
        ``transformer_forward``; the lab's own without it.
    """
    state = Mask(function, forward)
    controls = {
        "mask": chooser("mask", [(short, name) for name, short in SHORT.items()], state.mask),
        "position": slider(DISTURBED, state.position, 0, STEPS - 1, 1),
        "block": chooser("attention of block", [(str(b + 1), b) for b in BLOCKS], state.block),
        "start": chooser("pass 0 is fed", [TRUTH, RANDOM], state.start),
        "sequence": slider("sequence (number)", state.sequence, 0, OFFERED - 1, 1),
    }
    return LabView(state, controls, prediction)


def still() -> str:
    """Draw the lab under a causal mask, the first pass fed random tokens."""
    state = complete(Mask(causal_attention, transformer_forward, start=RANDOM))
    title = "The mask: causal, by position, and pass by pass"
    return charts_sheet(title, state.charts(), 2, state.things())
