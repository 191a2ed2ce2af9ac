"""Training of a transformer, as `course.engine.training` trains the other decoders."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from course.engine.feeding import scheduled_sampling
from course.engine.numerics import Array, cross_entropy
from course.engine.optim import Adam, clip_by_norm
from course.engine.parameters import Parameters
from course.engine.training import Callback, Progress, Source, TrainingPlan
from course.engine.transformer.generation import forward_in_passes
from course.engine.transformer.passes import transformer_backward
from course.engine.transformer.shape import TransformerShape, as_params, initial_transformer
from course.engine.transformer.tape import TransformerTape, new_transformer_tape


def train_transformer(
    shape: TransformerShape,
    source: Source,
    plan: TrainingPlan,
    passes: int | None = 1,
    sees: Array | None = None,
    callback: Callback | None = None,
    dtype: DTypeLike = np.float32,
) -> tuple[Parameters, Array]:
    """Train a transformer from the plan's seed; batches of features are its context vectors.

    Two trainings of one seed that differ in schedule, passes or mask start from the same weights
    and meet the same batches and coins, so that their results are pairs.

    Parameters
    ----------
    shape : TransformerShape
    source : callable
        ``source(N, rng)`` draws a batch; its sizes must stay the same.
    plan : TrainingPlan
        Own tokens are chosen by argmax.
    passes : int or None, optional
        After the forced one, where coins say own; None for as many as it takes: see
        `course.engine.transformer.generation.forward_in_passes`.
    sees : bool array (T, T), optional
        Which positions each one sees; a causal mask if not given.
    callback : callable, optional
        Gets a `Progress` after each update; where it returns something true, the run stops.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    parameters : Parameters
        After the last update.
    loss_nats : array (updates,)
        Mean cross-entropy of each batch, nats per token, as it was fed.

    Raises
    ------
    ValueError
        For another mask where tokens are written step by step: their cache is of a causal one.
    """
    if passes is None and sees is not None:
        raise ValueError("passes=None writes step by step with a cache: expected a causal mask")
    weights_rng, batch_rng, coin_rng = np.random.default_rng(plan.seed).spawn(3)
    parameters = initial_transformer(shape, weights_rng, dtype)
    gradients, adam = parameters.zeros_like(), Adam(parameters.flat.size, parameters.flat.dtype)
    params, by_params = as_params(parameters), as_params(gradients)
    losses: list[float] = []
    tape: TransformerTape | None = None
    for step in range(plan.steps):
        batch = source(plan.batch_size, batch_rng)
        (T, N), probability = batch.tokens.shape, plan.schedule.sampling_prob(step)
        own = scheduled_sampling(T, N, probability, rng=coin_rng, coin=plan.coin).own
        tape = new_transformer_tape(params, T, N, sees) if tape is None else tape
        forward_in_passes(params, batch.features, batch.tokens, own, passes, tape)
        loss_nats, d_logits = cross_entropy(tape.logits, batch.tokens, batch.mask)
        transformer_backward(params, tape, d_logits, by_params)
        clip_by_norm(gradients.flat, plan.clip_norm)
        adam.update(parameters.flat, gradients.flat, plan.learning_rate_at(step))
        losses.append(loss_nats)
        if callback and callback(Progress(step + 1, plan.steps, loss_nats, probability)):
            break
    return parameters, np.array(losses)
