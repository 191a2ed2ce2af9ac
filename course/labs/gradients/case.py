"""Trained and untrained decoders, their recurrent weights scaled, and the engine's way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from course import trained
from course.engine import (
    Batch,
    Parameters,
    backward,
    context_from,
    cross_entropy,
    forward,
    initial_parameters,
)
from course.engine.cells import find_cell
from course.engine.numerics import Array
from course.engine.parameters import DECODER_NAMES
from course.tasks import find_task

TASK = "osc"
STEPS = find_task(TASK).steps
CELLS = ("rnn", "lstm", "gru")
HIDDEN_DIM = 32
TRAINED, UNTRAINED = "trained", "untrained"
#: From one of these and a cell type to a model of the task.
Load = Callable[[str, str], Parameters]


def shipped(weights: str, cell: str) -> Parameters:
    """Return the shipped model of a cell, or one with the weights that training begins with."""
    if weights == TRAINED:
        return trained.load(TASK, cell)
    shape = find_task(TASK).shape(cell, HIDDEN_DIM)
    return initial_parameters(shape, np.random.default_rng(0), np.float64)


class WayBack(NamedTuple):
    """A way back, from the last step to the context; NaN where it was not gone yet.

    Attributes
    ----------
    norms : array (T + 1,)
        Norm of the gradient of the last step's loss by h, k steps back; the context comes last.
    parts : array (T,)
        Norm of the part of the gradient of ``W_xh`` that comes from the step k steps back.
    """

    norms: Array
    parts: Array

    @property
    def factor(self) -> float:
        """By how much a step back multiplies the norm; NaN where too little is there.

        The slope of the straight line that fits the logarithms best, over all steps.
        """
        there = np.flatnonzero(np.isfinite(self.norms) & (self.norms > 0))
        if len(there) < 2:
            return float("nan")
        return float(np.exp(np.polyfit(there, np.log(self.norms[there]), 1)[0]))

    @property
    def shares(self) -> Array:
        """The parts over the sum of their norms, in per cent; NaN before all are there."""
        total = self.parts.sum()
        if not np.isfinite(total):
            return np.full_like(self.parts, np.nan)
        shares: Array = 100 * self.parts / (total or 1.0)
        return shares

    def reaches(self, part: float = 0.01) -> int | None:
        """Return how many steps back the norm is first below a part of the last step's, if any."""
        below = np.flatnonzero(self.norms < part * self.norms[0])
        return int(below[0]) if below.size else None

    def half(self) -> int:
        """Return from how many of the last steps half of the gradient of ``W_xh`` comes."""
        return int((np.cumsum(self.shares) >= 50).argmax()) + 1


class ForcedCase:
    """One decoder, forced on one sequence.

    Parameters
    ----------
    parameters : Parameters
    batch : Batch
        One sequence.
    scale : float
        What ``W_hh`` is multiplied by.

    Attributes
    ----------
    parameters : Parameters
        float64.
    context : array (H,)
    tokens : int array (T,)
    fed : array (T, I)
        The inputs: ``x_start``, then the truth.
    states : array (T + 1, H)
        The context, then h after each step.
    last, mean : array (T, O)
        Gradients by the logits: of the last step's loss, and of the mean loss.
    loss : float
        The mean, in nats per token.
    way : WayBack
    """

    def __init__(self, parameters: Parameters, batch: Batch, scale: float) -> None:
        self.parameters = Parameters(parameters.shape, parameters.flat.astype(np.float64))
        self.parameters["W_hh"][...] *= scale
        context = context_from(self.parameters, batch.features)
        self.context, self.tokens = context[:, 0], batch.tokens[:, 0]
        self._tape = forward(parameters.shape.cell_type, self.parameters, context, batch.tokens)
        self.loss, d_logits = cross_entropy(self._tape.logits, batch.tokens)
        self.fed, self.states, self.mean = (
            array[:, :, 0].copy() for array in (self._tape.fed, self._tape.states, d_logits)
        )
        self.last = np.zeros_like(self.mean)
        self.last[-1] = self.mean[-1] * len(self.tokens)
        self.way = self._way()

    def _way(self) -> WayBack:
        """Go back as `course.engine.backward` does, and look at what each step gives.

        That returns sums over all steps alone. The LSTM's gradient by h here is what comes through
        h, and on through c.
        """
        tape, T = self._tape, len(self.tokens)
        fed_to = [block.from_input for block in find_cell(self.parameters.shape.cell_type).blocks]
        O, H = self.parameters["W_hy"].shape
        d_gates = tape.d_sums[O : O + len(fed_to) * H].reshape(len(fed_to), H)
        for zeroed in (tape.d_sums, tape.d_memory):
            zeroed[...] = 0
        tape.d_hidden[:, 0] = self.parameters["W_hy"].T @ self.last[-1]
        norms, parts = [np.linalg.norm(tape.d_hidden)], []
        for t in reversed(range(T)):
            tape.ways_back[t]()
            norms.append(np.linalg.norm(tape.d_hidden))
            parts.append(np.linalg.norm(d_gates[fed_to]) * np.linalg.norm(self.fed[t]))
        return WayBack(np.array(norms), np.array(parts))

    def gradients(self) -> tuple[dict[str, Array], Array]:
        """Return the right gradients of the mean loss, by the parameters and by the context."""
        gradients = self.parameters.zeros_like()
        d_context = backward(self.parameters, self._tape, self.mean[:, :, None], gradients)
        return {name: gradients[name] for name in DECODER_NAMES}, d_context[:, 0]
