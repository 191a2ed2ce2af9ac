"""Wrong gradients, trained beside the right one: their losses fall, too.

One way back through time of a tanh RNN on columns, with one slip at a time. What training does with
each is measured, and how far the gradient is from the right one.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from course.engine import (
    Batch,
    Parameters,
    Tape,
    TrainingPlan,
    backward,
    context_from,
    cross_entropy,
    forward,
    initial_parameters,
)
from course.engine.decoder import context_backward
from course.engine.numerics import Array
from course.engine.optim import Adam, clip_by_norm
from course.study.measures import Values
from course.tasks import find_task

#: What each does to the gradient, by the name that results have.
SLIPS = {
    "right": "the right gradient",
    "not_carried": "no gradient carried to the step before",
    "derivative_of_old_state": "1 - h[t-1]² in place of 1 - h[t]²",
    "outer_with_new_state": "outer(da, h[t]) in place of h[t-1]",
    "not_transposed": "W_hh not transposed",
    "sum_for_mean": "sum over the steps in place of the mean",
}
TASK, HIDDEN_DIM, UPDATES, PIECE = "ring", 32, 1000, 100


def way_back(
    params: Mapping[str, Array],
    tape: Tape,
    d_logits: Array,
    gradients: Mapping[str, Array],
    slip: str,
) -> Array:
    """Go back through time of an RNN, with a slip; `course.engine.backward` has the shapes."""
    steps = len(d_logits)
    states, fed, W_hh = tape.states, tape.fed, params["W_hh"]
    d_logits = d_logits * steps if slip == "sum_for_mean" else d_logits
    for gradient in gradients.values():
        gradient[...] = 0
    carried: Array = np.zeros_like(states[0])
    for t in reversed(range(steps)):
        old, new = states[t], states[t + 1]
        d_hidden = params["W_hy"].T @ d_logits[t] + carried
        slope = old if slip == "derivative_of_old_state" else new
        d_sums = d_hidden * (1 - slope * slope)
        gradients["W_hy"][...] += d_logits[t] @ new.T
        gradients["b_y"][...] += d_logits[t].sum(axis=1)
        gradients["W_xh"][...] += d_sums @ fed[t].T
        gradients["W_hh"][...] += d_sums @ (new if slip == "outer_with_new_state" else old).T
        gradients["b_xh"][...] += d_sums.sum(axis=1)
        gradients["x_start"][...] = (params["W_xh"].T @ d_sums).sum(axis=1)
        carried = (W_hh if slip == "not_transposed" else W_hh.T) @ d_sums
        if slip == "not_carried":
            carried = np.zeros_like(carried)
    gradients["b_hh"][...] = gradients["b_xh"]
    return carried


def step_back(
    parameters: Parameters, gradients: Parameters, batch: Batch, slip: str, tape: Tape | None = None
) -> tuple[float, Tape]:
    """Run forward by teacher forcing, and back with a slip; return the loss and the tape."""
    context = context_from(parameters, batch.features)
    tape = forward("rnn", parameters, context, batch.tokens, tape=tape)
    loss_nats, d_logits = cross_entropy(tape.logits, batch.tokens)
    d_context = way_back(parameters, tape, d_logits, gradients, slip)
    context_backward(batch.features, context, d_context, gradients)
    return loss_nats, tape


def relative_error(parameters: Parameters, slip: str, batch: Batch) -> float:
    """Compare the gradient by ``W_hh`` with the engine's: 0 where equal, 1 where they oppose."""
    model = Parameters(parameters.shape, parameters.flat.astype(np.float64))
    mine, right = model.zeros_like(), model.zeros_like()
    _, tape = step_back(model, mine, batch, slip)
    _, d_logits = cross_entropy(tape.logits, batch.tokens)
    backward(model, tape, d_logits, right)
    away = np.linalg.norm(mine["W_hh"] - right["W_hh"])
    return float(away / (np.linalg.norm(mine["W_hh"]) + np.linalg.norm(right["W_hh"])))


def trained(slip: str, seed: int, updates: int = UPDATES) -> tuple[Parameters, Array]:
    """Train as the course's models are trained, with a slip; return model and loss by update."""
    task, plan = find_task(TASK), TrainingPlan(steps=updates, seed=seed)
    weights_rng, batch_rng = np.random.default_rng(seed).spawn(2)
    parameters = initial_parameters(task.shape("rnn", HIDDEN_DIM), weights_rng)
    gradients, adam = parameters.zeros_like(), Adam(parameters.flat.size)
    losses, tape = np.zeros(updates), None
    for step in range(updates):
        batch = task.draw(plan.batch_size, batch_rng)
        losses[step], tape = step_back(parameters, gradients, batch, slip, tape)
        clip_by_norm(gradients.flat, plan.clip_norm)
        adam.update(parameters.flat, gradients.flat, plan.learning_rate_at(step))
    return parameters, losses


def measured(seed: int) -> dict[str, Values]:
    """Return by slip: relative errors, first and last loss, its fall, and its course in pieces.

    Relative errors are taken at the weights that all begin with, and at those that training with
    the right gradient ends with.
    """
    begin, right = trained("right", seed, 0)[0], trained("right", seed)
    batch = find_task(TASK).draw(64, np.random.default_rng(seed))
    by_slip = {}
    for slip in SLIPS:
        losses = right[1] if slip == "right" else trained(slip, seed)[1]
        pieces = losses.reshape(-1, PIECE).mean(axis=1)
        by_slip[slip] = {
            "relative_error": relative_error(begin, slip, batch),
            "relative_error_trained": relative_error(right[0], slip, batch),
            "first_loss_nats": float(losses[0]),
            "last_loss_nats": float(pieces[-1]),
            "fall_nats": float(losses[0] - pieces[-1]),
            **{f"loss_up_to_{(k + 1) * PIECE}": float(one) for k, one in enumerate(pieces)},
        }
    return by_slip
