"""The learner's way back on one decoder: step by step, looked at, and trained with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course.engine import Batch, Parameters, context_from, cross_entropy, forward
from course.engine.numerics import Array
from course.engine.optim import clip_by_norm
from course.engine.parameters import DECODER_NAMES
from course.labs.calling.functions import MEND, LearnersFunction, Unfinished
from course.labs.gradients.case import ForcedCase, WayBack
from course.labs.page.errors import PASSES, largest, relative_error

#: Of the short training: plain gradient descent on one sequence.
UPDATES, LEARNING_RATE, CLIP_NORM = 40, 0.02, 1.0


class Descent:
    """A short training with the learner's gradient.

    Attributes
    ----------
    losses : list of float
        Of the weights before each update, and after the last; nats per token.
    norms : list of float
        Global norm of each update's gradient, before it is clipped.
    """

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.norms: list[float] = []


class GradientTrial:
    """What the learner's function gave so far on one case, a piece of work after the other.

    Parameters
    ----------
    function : LearnersFunction
        ``rnn_decoder_backward``.
    case : ForcedCase
        Of an RNN.
    batch : Batch
        The same sequence.

    Attributes
    ----------
    broken : str
        Why the function cannot be shown.
    fault : str
        In what it differs from the right gradients.
    way : WayBack
        As far as it was gone.
    descents : dict of bool to Descent
        With clipping, and without.
    """

    def __init__(self, function: LearnersFunction, case: ForcedCase, batch: Batch) -> None:
        self._function, self._case, self._batch = function, case, batch
        self.broken = self.fault = ""
        T = len(case.tokens)
        self.way = WayBack(np.full(T + 1, np.nan), np.full(T, np.nan))
        self.descents = {True: Descent(), False: Descent()}
        self._back = self._go_back()
        self._more = self._look()

    def go_back(self) -> bool:
        """Go a step back, if there is any left; say whether there was."""
        return self._did(self._back)

    def look(self) -> bool:
        """Do another piece of what comes after the way back; say whether there was one."""
        return self._did(self._more)

    def _did(self, work: Iterator[None]) -> bool:
        if self.broken:
            return False
        try:
            with np.errstate(all="ignore"):  # a wrong gradient may be as large as it likes
                return next(work, work) is None
        except Unfinished as error:
            self.broken = f"{error.why} The picture shows what is expected. {MEND}"
            return False

    def _called(
        self, context: Array, fed: Array, parameters: Parameters, d_logits: Array
    ) -> tuple[dict[str, Array], Array]:
        """Call the learner's function."""
        shapes = {name: parameters[name].shape for name in DECODER_NAMES}
        gradients, d_context = self._function(
            [("gradients", shapes), ("d_context", context.shape)],
            context,
            fed,
            parameters.decoder_params(),
            d_logits,
        )
        return gradients, d_context

    def _go_back(self) -> Iterator[None]:
        """Ask the function for the gradient by each state.

        It gives the gradient by the context alone. But the steps before t have a part in the last
        loss through h_{t-1} only: a decoder that begins at step t, with h_{t-1} as its context and
        the rest of the inputs, computes the same loss. So its gradient by the context is that by
        h_{t-1}, and of ``W_xh`` it has the parts of the steps from t on: what it has more than
        the one that begins at t + 1 is the part of step t. T calls in all, of T / 2 steps each on
        average.
        """
        case, T = self._case, len(self._case.tokens)
        norms, parts = self.way
        norms[0] = np.linalg.norm(case.parameters["W_hy"].T @ case.last[-1])
        later = np.zeros_like(case.parameters["W_xh"])
        for k in range(T):
            t = T - 1 - k
            gradients, d_context = self._called(
                case.states[t], case.fed[t:], case.parameters, case.last[t:]
            )
            norms[k + 1] = np.linalg.norm(d_context)
            parts[k] = np.linalg.norm(gradients["W_xh"] - later)
            later = gradients["W_xh"]
            yield

    def _look(self) -> Iterator[None]:
        """Compare the function with what is right, then train with it."""
        case = self._case
        theirs, d_context = self._called(case.context, case.fed, case.parameters, case.mean)
        right, right_context = case.gradients()
        errors = {name: relative_error(theirs[name], right[name]) for name in DECODER_NAMES}
        errors["d_context"] = relative_error(d_context, right_context)
        name = largest(errors)
        if errors[name] > PASSES:
            self.fault = (
                f"{self._function.name} differs from what is expected, most in {name} (relative "
                f"error {errors[name]:.2g}). The picture shows yours beside it; "
                f"checks.check({self._function.name}) says more."
            )
        yield
        for clipping, descent in self.descents.items():
            yield from self._descend(descent, clipping)

    def _descend(self, descent: Descent, clipping: bool) -> Iterator[None]:
        """Train; what is fed and the context stay as they are."""
        parameters = self._case.parameters.copy()
        gradient, fed = parameters.zeros_like(), self._case.fed.copy()
        context = context_from(parameters, self._batch.features)
        tape = None
        while True:
            tape = forward("rnn", parameters, context, self._batch.tokens, tape=tape)
            loss, d_logits = cross_entropy(tape.logits, self._batch.tokens)
            if not np.isfinite(loss):
                return
            descent.losses.append(loss)
            if len(descent.losses) > UPDATES:
                return
            fed[0] = parameters["x_start"]
            theirs, _ = self._called(context[:, 0], fed, parameters, d_logits[:, :, 0])
            for name, array in theirs.items():
                gradient[name][...] = array
            limit = CLIP_NORM if clipping else np.inf
            descent.norms.append(clip_by_norm(gradient.flat, limit))
            parameters.flat[...] -= LEARNING_RATE * gradient.flat
            yield
