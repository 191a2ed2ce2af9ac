"""One sequence, a model that was trained with a mask, and what the engine makes of it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from course import trained
from course.engine import Parameters
from course.engine.numerics import Array
from course.engine.transformer import (
    TransformerParams,
    as_params,
    generate_anew,
    transformer_forward,
)
from course.tasks import find_task
from course.trained.masks import load, sees

TASK = "osc"
STEPS = find_task(TASK).steps
CLASSES = find_task(TASK).classes
CAUSAL = "causal"
#: What the first pass may be fed.
TRUTH, RANDOM = "the truth", "random tokens"
OFFERED = 10
#: Below this a number has not moved, but for rounding.
STILL = 1e-9


def one_hots(tokens: Array) -> Array:
    """Return tokens (T,) as the exercise's rows (T, I)."""
    return np.eye(CLASSES)[tokens]


class MaskCase:
    """A sequence, and a model.

    Parameters
    ----------
    mask : str
    sequence : int
        One of those that are offered.

    Attributes
    ----------
    params : dict
        The lessons' `params`, float64.
    context : array (C,)
    tokens : int array (T,)
        The truth.
    visible : bool array (T, T)
        What each position sees.
    sequence : int
    """

    def __init__(self, mask: str, sequence: int) -> None:
        model, batch = load(mask), trained.held_out(TASK, OFFERED)
        self.params = as_params(Parameters(model.shape, model.flat.astype(np.float64)))
        self.context = batch.features[:, sequence].astype(np.float64)
        self.tokens = batch.tokens[:, sequence]
        self.visible = sees(mask, STEPS)
        self.sequence = sequence

    def forward(self, tokens: Array, params: TransformerParams | None = None) -> Array:
        """Return logits (T, O), fed these tokens (T,) in place of the truth."""
        given = self.params if params is None else params
        tape = transformer_forward(given, self.context[:, None], tokens[:, None], self.visible)
        return tape.logits[:, :, 0]

    def disturbed(self, position: int) -> tuple[Array, TransformerParams]:
        """Return tokens and `params` of which one input is another: a token half way round."""
        tokens, params = self.tokens.copy(), dict(self.params)
        if position:
            tokens[position - 1] = (tokens[position - 1] + CLASSES // 2) % CLASSES
        else:
            params["x_start"] = params["x_start"] + 1.0
        return tokens, params

    def start(self, fed: str) -> Array:
        """Return what the first pass is fed, tokens (T,)."""
        if fed == TRUTH:
            return self.tokens
        return np.random.default_rng(self.sequence).integers(0, CLASSES, STEPS)

    @cached_property
    def logits(self) -> Array:
        """The logits (T, O) on the truth."""
        return self.forward(self.tokens)

    @cached_property
    def free(self) -> Array:
        """The tokens (T,) of a free run."""
        logits = generate_anew(self.params, self.context[:, None], STEPS, self.visible)
        said: Array = logits[:, :, 0].argmax(axis=1)
        return said

    @cached_property
    def seen(self) -> tuple[tuple[Array, Array], ...]:
        """By block: the inputs (T, d) of its attention, and the weights (T, T)."""
        context, tokens = self.context[:, None], self.tokens[:, None]
        tape = transformer_forward(self.params, context, tokens, self.visible)
        return tuple((b.normed.T, b.attention[:, 0].T) for b in tape.blocks)


def to_read_weights(x: Array, block: dict[str, Any]) -> tuple[Array, dict[str, Array]]:
    """Return an input and a block whose attention returns the attention weights themselves.

    Each position gets T numbers more, a one at its own place. Queries and keys leave them out;
    values are nothing else. So row t of the result has the weight of position j at d + j. Scores
    are divided by the root of a larger number of features then, and queries are longer by as much.

    Parameters
    ----------
    x : array (T, d)
    block : dict
        With ``W_q`` and ``W_k``.

    Returns
    -------
    x : array (T, d + T)
    block : dict
        ``W_q``, ``W_k``, ``W_v`` and ``W_o``, (d + T, d + T) each.
    """
    T, d = x.shape
    larger = np.zeros((d + T, d + T))
    made = {name: larger.copy() for name in ("W_q", "W_k", "W_v")}
    made["W_q"][:d, :d] = block["W_q"] * np.sqrt((d + T) / d)
    made["W_k"][:d, :d] = block["W_k"]
    made["W_v"][d:, d:] = np.eye(T)
    return np.hstack([x, np.eye(T)]), made | {"W_o": np.eye(d + T)}
