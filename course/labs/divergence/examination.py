"""What is wrong with a learner's ``decoder_forward_scheduled_sampling``, found a call at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from course.engine import one_hot
from course.engine.numerics import Array
from course.labs.calling.feeds import fault_of, read_feeds
from course.labs.divergence.case import DecoderCase

#: Where the coins are looked at, and in how many calls.
COINS_PROB, COINS_CALLS = 0.5, 6


@dataclass
class Examination:
    """Compares a function with what is right at both ends of the slider, and then its coins.

    Attributes
    ----------
    call : callable
        ``call(n, target_seq, sampling_prob)`` returns the function's logits for the context of
        sequence n.
    case : DecoderCase
    name : str
        What the learner calls the function.
    fault : str or None
        What is wrong, nothing where nothing is known to be; None until all is looked at.
    """

    call: Callable[[int, Array, float], Array]
    case: DecoderCase
    name: str
    fault: str | None = None
    _ends: int = 0
    _logits: list[Array] = field(default_factory=list)
    _tokens: list[Array] = field(default_factory=list)

    def go_on(self) -> None:
        """Call the function once more."""
        if self._ends < 2:
            self._at_an_end(float(self._ends))
        else:
            self._between()

    def _at_an_end(self, sampling_prob: float) -> None:
        """Compare the rows where nothing is left to chance."""
        case, self._ends = self.case, self._ends + 1
        logits = self.call(0, case.targets[0], sampling_prob)
        right, called = (
            (case.own_logits, "free running")
            if sampling_prob
            else (case.true_logits, "teacher forcing")
        )
        differs = ~np.isclose(logits, right[:, :, 0], rtol=1e-4, atol=1e-5).all(axis=1)
        if differs.any():
            self.fault = (
                f"At sampling_prob = {sampling_prob:g} {self.name} is not {called}: its rows "
                f"differ from row {int(differs.argmax())} on. {self._more()}"
            )

    def _between(self) -> None:
        """Throw coins for a target of random tokens; after enough of them, look how they fell.

        Random tokens are seldom the model's own, so that nearly every coin can be told.
        """
        n, (T, O) = len(self._logits), self.case.targets[0].shape
        tokens = np.random.default_rng([2015, n]).integers(0, O, T)
        target_seq = one_hot(tokens[:, None], O)[:, :, 0]
        self._logits.append(self.call(n, target_seq, COINS_PROB))
        self._tokens.append(tokens)
        if len(self._logits) < COINS_CALLS:
            return
        logits, truth = np.stack(self._logits, axis=2), np.stack(self._tokens, axis=1)
        contexts = self.case.contexts[:, :COINS_CALLS]
        found = fault_of(read_feeds(logits, self.case.parameters, contexts, truth), COINS_PROB)
        self.fault = f"At sampling_prob = {COINS_PROB:g} {found} {self._more()}" if found else ""

    def _more(self) -> str:
        return f"Dotted is what is expected; checks.check({self.name}) says more."
