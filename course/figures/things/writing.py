"""What was to be written, and what a decoder wrote, as tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from course.figures.chart import Role

Array = np.ndarray


@dataclass(frozen=True)
class Writing:
    """One sequence, as far as it is shown.

    Attributes
    ----------
    truth : int array (T,)
        The right tokens.
    said : int array (T,) or None
        What was written; None where there is nothing to show.
    classes : int
        How many tokens there are.
    label, truth_label : str
        Who wrote it, and what it is compared with.
    x_label : str
        What tokens are counted by.
    role : Role
        How that is drawn.
    steps : int, optional
        How many steps the whole sequence has, where fewer are shown.
    features : array (F,), optional
        What the encoder saw: an image has them above what is written, from -0.5 to 0.5.
    """

    truth: Array
    said: Array | None
    classes: int
    label: str = "this run"
    role: Role = "mixed"
    steps: int = 0
    features: Array = field(default_factory=lambda: np.zeros(0))
    truth_label: str = "truth"
    x_label: str = "step"

    @property
    def length(self) -> int:
        """How many steps the whole sequence has."""
        return self.steps or len(self.truth)

    @cached_property
    def wrong(self) -> Array:
        """Where something else than the truth was written, (T,)."""
        if self.said is None:
            return np.zeros(len(self.truth), bool)
        return np.asarray(self.said != self.truth)

    @property
    def first(self) -> int:
        """The step of the first wrong token; -1 without any."""
        return int(self.wrong.argmax()) if self.wrong.any() else -1

    def finding(self, tokens: str, leaves: str) -> str:
        """Say where it went wrong, and how often.

        Parameters
        ----------
        tokens : str
            What tokens are called.
        leaves : str
            What the first wrong one means.
        """
        if self.said is None:
            return "The truth alone: there is no run to show"
        who, shown = self.label[:1].upper() + self.label[1:], len(self.truth)
        if not self.wrong.any():
            return f"{who}: {shown} of {shown} {tokens} right"
        return f"{who}: {leaves}, {self.wrong.sum()} of {shown} {tokens} wrong"


def token_names(kind: str, classes: int) -> Sequence[str]:
    """Return how tokens are written, by their number.

    >>> token_names("symbols", 3), token_names("curve", 2), token_names("letters", 27)[:3]
    (('A', 'B', 'C'), ('0', '1'), ('.', 'a', 'b'))
    """
    if kind == "letters":
        return (".", *(chr(ord("a") + k) for k in range(classes - 1)))
    if kind == "symbols" and classes <= 26:
        return tuple(chr(ord("A") + k) for k in range(classes))
    return tuple(str(k) for k in range(classes))
