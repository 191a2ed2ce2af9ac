"""An expert that can be asked: who writes the prefix, and who answers after it.

Each step of a training stands on a prefix of the data, of the model, or of either by a coin, and
is compared with an answer: the data's next token, a token that the expert draws after this very
prefix, or the expert's distribution. The task is one whose truth is known after every prefix, so
that the truth is the expert.

Sources: Ross, Gordon and Bagnell 2011 (DAgger); Agarwal et al. 2024 (generalized knowledge
distillation); Bengio et al. 2015 (own prefixes with the data's token).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from course.engine import (
    Parameters,
    Tape,
    TrainingPlan,
    context_from,
    cross_entropy,
    forward,
    initial_parameters,
    scheduled_sampling,
    softmax,
)
from course.engine.decoder import backward, context_backward
from course.engine.feeding import choose_tokens
from course.engine.numerics import Array
from course.engine.optim import Adam, clip_by_norm
from course.study.measures import Values, measure_truth
from course.study.ways import Setting
from course.tasks import find_task

Answer = Literal["token", "expert_sample", "expert_distribution"]

#: Few sequences to train on, as where data are dear; the expert may be asked as often as one likes.
SETTING, UPDATES = Setting("momentum", variant="50"), 600
#: By whose the prefix is: `sampling_prob`, and what a reader calls it.
PREFIXES = {"data": (0.0, "data's"), "half_own": (0.5, "half own"), "own": (1.0, "own")}
ANSWERS: dict[Answer, str] = {
    "token": "the data's token",
    "expert_sample": "a token that the expert draws",
    "expert_distribution": "the expert's distribution",
}
#: By the name that results have, what a reader calls each way.
TITLES = {
    f"{prefix}-{answer}": f"{whose} prefix, {said}"
    for answer, said in ANSWERS.items()
    for prefix, (_, whose) in PREFIXES.items()
}
#: Which ways are compared beside those with the first: one step of the way from it to the last at
#: a time. A fresh answer, then a soft one, then on own prefixes.
PAIRS = (
    *((f"own-{answer}", f"data-{answer}") for answer in ANSWERS),
    *((f"{prefix}-expert_sample", f"{prefix}-token") for prefix in PREFIXES),
    *((f"{prefix}-expert_distribution", f"{prefix}-expert_sample") for prefix in PREFIXES),
)


def by_answer(answer: Answer, logits: Array, tokens: Array, log_p: Array, lots: Array) -> Array:
    """Return the gradient of the mean loss by the logits, (T, O, N).

    Parameters
    ----------
    answer : {"token", "expert_sample", "expert_distribution"}
    logits : array (T, O, N)
        The student's.
    tokens : int array (T, N)
        The data's.
    log_p : array (T, O, N)
        The expert's log probabilities after the prefixes that the student stood on.
    lots : array (T, N)
        Numbers in [0, 1) that draw the expert's tokens.
    """
    if answer == "expert_distribution":
        soft: Array = (softmax(logits) - np.exp(log_p).astype(logits.dtype)) / tokens.size
        return soft
    if answer == "expert_sample":
        side_by_side = np.moveaxis(log_p, 1, 0).reshape(log_p.shape[1], -1)
        tokens = choose_tokens(side_by_side, lots.ravel()).reshape(tokens.shape)
    return cross_entropy(logits, tokens)[1]


def train_by(prefix: str, answer: Answer, seed: int, updates: int = UPDATES) -> Parameters:
    """Train a student, as `course.engine.train` does but for what it is told.

    Parameters
    ----------
    prefix : str
        One of `PREFIXES`. Own tokens are drawn, not the likeliest.
    answer : {"token", "expert_sample", "expert_distribution"}
        The data's token is that of the same step, whatever was written before it.
    seed : int
        Of the weights, the batches, the coins, and what the expert draws; the first three are
        those of `course.engine.train`.
    updates : int, optional
    """
    task, sampling_prob = find_task(SETTING.task), PREFIXES[prefix][0]
    assert task.truth is not None
    shape, source = task.shape(SETTING.cell, SETTING.hidden_dim), task.source(SETTING.variant)
    plan = TrainingPlan(steps=updates, seed=seed)
    weights_rng, batch_rng, coin_rng, expert_rng = np.random.default_rng(seed).spawn(4)
    parameters = initial_parameters(shape, weights_rng)
    gradients, adam = parameters.zeros_like(), Adam(parameters.flat.size, parameters.flat.dtype)
    tape: Tape | None = None
    for step in range(updates):
        batch = source(plan.batch_size, batch_rng)
        context, (T, N) = context_from(parameters, batch.features), batch.tokens.shape
        feed = scheduled_sampling(T, N, sampling_prob, "sample", coin_rng)
        tape = forward(shape.cell_type, parameters, context, batch.tokens, feed, tape)
        # the last token of a prefix is fed to no step, and nothing is asked after it
        stood_on = np.concatenate([tape.fed[1:].argmax(axis=1), batch.tokens[-1:]])
        log_p, lots = task.truth(batch)(stood_on), expert_rng.random(batch.tokens.shape)
        d_logits = by_answer(answer, tape.logits, batch.tokens, log_p, lots)
        d_context = backward(parameters, tape, d_logits, gradients)
        context_backward(batch.features, context, d_context, gradients)
        clip_by_norm(gradients.flat, plan.clip_norm)
        adam.update(parameters.flat, gradients.flat, plan.learning_rate_at(step))
    return parameters


def measured(seed: int) -> dict[str, Values]:
    """Train a student each way from one seed; return how far each is from the truth."""
    task = find_task(SETTING.task)
    return {
        f"{prefix}-{answer}": measure_truth(task, train_by(prefix, answer, seed), seed)
        for answer in ANSWERS
        for prefix in PREFIXES
    }
