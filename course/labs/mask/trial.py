"""What attention, disturbed inputs and passes give on one case, a call after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course.engine.numerics import Array
from course.engine.transformer import TransformerParams
from course.labs.calling.functions import MEND, LearnersFunction, Unfinished
from course.labs.calling.results import NamedShape
from course.labs.mask.case import (
    CLASSES,
    RANDOM,
    STEPS,
    STILL,
    TRUTH,
    MaskCase,
    one_hots,
    to_read_weights,
)

#: How far from the right number a learner's may be, as in grading.
RTOL, ATOL = 1e-4, 1e-5


class MaskTrial:
    """One case, by the learner's functions where there are any, else by the engine.

    Parameters
    ----------
    case : MaskCase
    attention, forward : LearnersFunction or None
        ``causal_attention`` and ``transformer_forward``.

    Attributes
    ----------
    broken, fault : str
        Why a function cannot be shown, and in what one differs from what is right.
    weights : dict of int to array (T, T)
        By block, how much position t, a row, attends to position j.
    moved : dict of int to bool array (T,)
        By the disturbed input, which outputs move.
    passes : dict of str to list of int array (T,)
        By what the first is fed, the tokens that each pass says; all others are fed the one before.
    ended : set of str
        What the first is fed where no further pass would say anything else.
    """

    def __init__(
        self, case: MaskCase, attention: LearnersFunction | None, forward: LearnersFunction | None
    ) -> None:
        self.case = case
        self._attention, self._forward = attention, forward
        self.broken = self.fault = ""
        self.weights: dict[int, Array] = {}
        self.moved: dict[int, Array] = {}
        self._begin()

    def _begin(self) -> None:
        """Forget all that was made of the decoder's outputs."""
        self.moved.clear()
        self.passes: dict[str, list[Array]] = {start: [] for start in (TRUTH, RANDOM)}
        self.ended: set[str] = set()
        self._before: Array | None = None
        self._more = {start: self._passes(start) for start in self.passes}

    @property
    def whose(self) -> str:
        """Whose the attention and the outputs are."""
        if self._attention and self._forward:
            return "your functions"
        if self._attention:
            return "your attention and the lab's decoder"
        if self._forward:
            return "your decoder and the lab's attention"
        return "the lab's own decoder"

    def attend(self, block: int) -> None:
        """Read the attention weights of a block."""
        x, right = self.case.seen[block]
        self.weights[block] = right
        if self._attention is None:
            return
        read, made = to_read_weights(x, self.case.params["blocks"][block])
        shape = NamedShape(read.shape, "(T, d)", "one row for each position")
        try:
            theirs = self._attention(shape, read, made)[:, x.shape[1] :]
        except Unfinished as error:
            self._break(error)
            self._attention = None
            return
        self.weights[block] = theirs
        self._compare(self._attention, theirs, right)

    def _break(self, error: Unfinished) -> None:
        self.broken = self.broken or f"{error.why} The picture shows what is expected. {MEND}"

    def _compare(self, function: LearnersFunction, theirs: Array, right: Array) -> None:
        if not self.fault and not np.allclose(theirs, right, rtol=RTOL, atol=ATOL):
            row = int(np.argmax(~np.isclose(theirs, right, rtol=RTOL, atol=ATOL).all(axis=1)))
            self.fault = (
                f"{function.name} differs from what is expected, first in row {row}. The picture "
                f"shows yours; checks.check({function.name}) says more."
            )

    def disturb(self, position: int) -> None:
        """See which outputs move with an input."""
        try:
            if self._before is None:
                self._before = self._logits(self.case.tokens, self.case.params)
            after = self._logits(*self.case.disturbed(position))
        except Unfinished as error:
            self._give_up(error)
            self.disturb(position)
            return
        self.moved[position] = abs(after - self._before).max(axis=1) > STILL

    def another_pass(self, start: str) -> bool:
        """Run another pass of those whose first is fed this; say whether there was one."""
        more = self._more[start]
        try:
            goes_on = next(more, more) is None
        except Unfinished as error:
            self._give_up(error)
            return self.another_pass(start)
        if not goes_on:
            self.ended.add(start)
        return goes_on

    def _give_up(self, error: Unfinished) -> None:
        """Go on with the engine's decoder in the place of the learner's."""
        self._break(error)
        self._forward = None
        self._begin()

    def _passes(self, start: str) -> Iterator[None]:
        """Run all passes: T at most, and one that says what it is fed is the last."""
        fed = self.case.start(start)
        for _ in range(STEPS):
            said = self._logits(fed, self.case.params).argmax(axis=1)
            self.passes[start].append(said)
            yield
            if np.array_equal(said, fed):
                return
            fed = said

    def _logits(self, tokens: Array, params: TransformerParams) -> Array:
        """Return logits (T, O), fed these tokens."""
        case, function = self.case, self._forward
        if function is None:
            return case.forward(tokens, params)
        theirs: Array = function((STEPS, CLASSES), case.context, one_hots(tokens), params)
        if tokens is case.tokens and params is case.params:
            self._compare(function, theirs, case.logits)
        return theirs
