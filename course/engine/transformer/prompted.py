"""A transformer that reads a prompt before it writes, and its training.

A prompt begins with a set, which has no order: its members have no position, and all of them see
each other. What comes behind them, of the prompt and of what is written, sees itself and all that
is before it. Everything else is `course.engine.transformer.passes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from course.engine.numerics import Array, cross_entropy, one_hot
from course.engine.optim import Adam, clip_by_norm
from course.engine.parameters import Parameters
from course.engine.training import Callback, Evaluation, Measured, Progress, TrainingPlan
from course.engine.transformer.passes import (
    feed,
    run,
    transformer_backward,
    transformer_forward,
)
from course.engine.transformer.shape import (
    TransformerParams,
    TransformerShape,
    as_params,
    initial_transformer,
)
from course.engine.transformer.tape import TransformerTape, causal, new_transformer_tape

#: What a step is fed of the one before it: the true token, the model's own, or nothing at all.
Fed = Literal["truth", "own", "nothing"]


@dataclass(frozen=True)
class Prompted:
    """N prompts, and what is to be written after each.

    Attributes
    ----------
    given : array (G, I, N)
        The vectors of the prompt. A token that is written is fed as one-hot in the last O of I.
    members : int
        How many of them, the first, are a set.
    tokens : int array (K, N)
        The truth.
    """

    given: Array
    members: int
    tokens: Array

    @property
    def steps(self) -> int:
        """T = G + K positions: `x_start`, the prompt, and all that is written but its last."""
        return len(self.given) + len(self.tokens)


#: Draws so many prompts.
PromptSource = Callable[[int, np.random.Generator], Prompted]


def set_then_causal(members: int, steps: int) -> Array:
    """Return what each position sees: ``x_start`` and the members of a set each other, too.

    >>> set_then_causal(2, 5).astype(int)
    array([[1, 1, 1, 0, 0],
           [1, 1, 1, 0, 0],
           [1, 1, 1, 0, 0],
           [1, 1, 1, 1, 0],
           [1, 1, 1, 1, 1]])
    """
    sees = causal(steps)
    sees[: members + 1, : members + 1] = True
    return sees


def forward_prompted(
    params: TransformerParams,
    batch: Prompted,
    fed: Fed = "truth",
    tape: TransformerTape | None = None,
) -> TransformerTape:
    """Run all positions at once, or as often as there are own tokens to be written.

    Parameters
    ----------
    params : dict
        The lessons' `params`, with C = 0 and at least T positions.
    batch : Prompted
    fed : {"truth", "own", "nothing"}
    tape : TransformerTape, optional
        What an earlier call returned for the same sizes, to be written over.

    Returns
    -------
    TransformerTape
        `written` are its logits of what is written.
    """
    (G, I, N), K, T = batch.given.shape, len(batch.tokens), batch.steps
    O = len(params["b_out"])
    if tape is None:
        tape = new_transformer_tape(params, T, N, set_then_causal(batch.members, T))
    inputs = np.zeros((T, I, N), params["W_in"].dtype)
    inputs[:G] = batch.given
    if fed == "truth":
        inputs[G:, I - O :] = one_hot(batch.tokens, O)
    transformer_forward(params, np.zeros((0, N), inputs.dtype), inputs, tape=tape)
    for k in range(K - 1 if fed == "own" else 0):
        inputs[G + k, I - O :] = one_hot(tape.logits[G + k].argmax(axis=0), O)
        feed(tape, params, inputs)
        run(tape)
    return tape


def written(batch: Prompted, tape: TransformerTape) -> Array:
    """Return the logits (K, O, N) of what is written."""
    logits: Array = tape.logits[len(batch.given) :]
    return logits


def gradient_prompted(
    params: TransformerParams,
    batch: Prompted,
    gradients: TransformerParams,
    fed: Fed = "truth",
    tape: TransformerTape | None = None,
) -> tuple[float, TransformerTape]:
    """Run forward and back over one batch.

    Parameters
    ----------
    params : dict
    batch : Prompted
    gradients : dict
        Arrays like those of `params`, written over. Members of a set have no position to learn.
    fed : {"truth", "own", "nothing"}
    tape : TransformerTape, optional
        What an earlier call returned, to be used again.

    Returns
    -------
    loss_nats : float
        Mean cross-entropy, nats per written token.
    tape : TransformerTape
    """
    tape = forward_prompted(params, batch, fed, tape)
    G = len(batch.given)
    loss_nats, d_written = cross_entropy(written(batch, tape), batch.tokens)
    d_logits = np.zeros_like(tape.logits)
    d_logits[G:] = d_written
    transformer_backward(params, tape, d_logits, gradients)
    gradients["positions"][_of_members(batch)] = 0
    return loss_nats, tape


def _of_members(batch: Prompted) -> slice:
    """Return the positions of a set's members: ``x_start`` is before them."""
    return slice(1, batch.members + 1)


def train_prompted(
    shape: TransformerShape,
    source: PromptSource,
    plan: TrainingPlan,
    fed: Fed = "truth",
    *,
    evaluation: Evaluation | None = None,
    callback: Callback | None = None,
    dtype: DTypeLike = np.float32,
) -> tuple[Parameters, Array]:
    """Train a transformer from the plan's seed on what is written after a prompt.

    Two trainings of one seed that differ in what is written or fed start from the same weights
    and meet the same prompts.

    Parameters
    ----------
    shape : TransformerShape
        With ``feature_dim`` 0.
    source : callable
        ``source(N, rng)`` draws a batch; its sizes must stay the same.
    plan : TrainingPlan
        `fed` stands in the place of its schedule.
    fed : {"truth", "own", "nothing"}
        At every step: teacher forcing, always its own tokens, or teacherless.
    evaluation : callable, optional
        Measures the model every ``plan.evaluate_every`` updates and after the last of the plan.
    callback : callable, optional
        Gets a `Progress` after each update; where it returns something true, the run stops.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    parameters : Parameters
        After the last update.
    loss_nats : array (updates,)
        Mean cross-entropy of each batch, nats per written token, as it was fed.
    """
    weights_rng, batch_rng = np.random.default_rng(plan.seed).spawn(2)
    parameters = initial_transformer(shape, weights_rng, dtype)
    gradients, adam = parameters.zeros_like(), Adam(parameters.flat.size, parameters.flat.dtype)
    params, by_params = as_params(parameters), as_params(gradients)
    losses: list[float] = []
    tape: TransformerTape | None = None
    for step in range(plan.steps):
        batch = source(plan.batch_size, batch_rng)
        if tape is None:
            params["positions"][_of_members(batch)] = 0
        loss_nats, tape = gradient_prompted(params, batch, by_params, fed, tape)
        clip_by_norm(gradients.flat, plan.clip_norm)
        adam.update(parameters.flat, gradients.flat, plan.learning_rate_at(step))
        losses.append(loss_nats)
        made, measured = step + 1, None
        due = plan.evaluate_every and made % plan.evaluate_every == 0
        if evaluation is not None and (due or made == plan.steps):
            measured = Measured(made, MappingProxyType(evaluation(parameters)))
        own = float(fed == "own")
        if callback and callback(Progress(made, plan.steps, loss_nats, own, measured)):
            break
    return parameters, np.array(losses)
