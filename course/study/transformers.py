"""Lesson 6's transformers: scheduled sampling in passes, and the masks that a teacher needs.

All learn the oscillation, with settings that `TrainingPlan` has for the other decoders, but for
fewer updates and smaller batches.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from course.engine import Parameters, TrainingPlan, constant, log_softmax
from course.engine.numerics import Array
from course.engine.transformer import (
    TransformerParams,
    TransformerShape,
    as_params,
    generate,
    generate_anew,
    train_transformer,
    transformer_forward,
    transformer_shape,
)
from course.exposure import negative_log_likelihood
from course.study.measures import CONTEXTS, Values
from course.tasks import find_task, held_out
from course.trained.masks import MASKS, sees

TASK, UPDATES, BATCH_SIZE = "osc", 1200, 32


@dataclass(frozen=True)
class Passes:
    """One way of training with own tokens.

    Attributes
    ----------
    sampling_prob : float
    passes : int or None
        After the forced one; None for as many as it takes.
    """

    sampling_prob: float
    passes: int | None


#: By the name that results have.
WAYS = {
    "p0.00": Passes(0.0, 0),
    "p0.50-passes1": Passes(0.5, 1),
    "p0.50-sequential": Passes(0.5, None),
    "p1.00-passes1": Passes(1.0, 1),
    "p1.00-passes2": Passes(1.0, 2),
    "p1.00-passes4": Passes(1.0, 4),
    "p1.00-passes8": Passes(1.0, 8),
    "p1.00-sequential": Passes(1.0, None),
}
#: What a reader calls each.
TITLES = {
    "p0.00": "0 (teacher forcing)",
    "p0.50-passes1": "0.5, two passes",
    "p0.50-sequential": "0.5, step by step",
    "p1.00-passes1": "1, two passes",
    "p1.00-passes2": "1, `passes` 2",
    "p1.00-passes4": "1, `passes` 4",
    "p1.00-passes8": "1, `passes` 8",
    "p1.00-sequential": "1, step by step (always its own)",
}


def shape() -> TransformerShape:
    """Return the sizes of lesson 6's models: two blocks, d = 32."""
    task = find_task(TASK)
    return transformer_shape(task.feature_dim, task.classes, task.steps)


def trained_in(way: Passes, seed: int, mask: str = "causal") -> tuple[Parameters, Array]:
    """Train a model; return it and its losses by update."""
    task, schedule = find_task(TASK), constant(way.sampling_prob)
    plan = TrainingPlan(steps=UPDATES, batch_size=BATCH_SIZE, schedule=schedule, seed=seed)
    visible = None if mask == "causal" else sees(mask, task.steps)
    return train_transformer(shape(), task.draw, plan, way.passes, visible)


def run_free(params: TransformerParams, context: Array, mask: str = "causal") -> Array:
    """Return the logits (T, O, N) of a model that is fed its own tokens under a mask."""
    steps = find_task(TASK).steps
    if mask == "causal":
        return generate(params, context, steps)
    return generate_anew(params, context, steps, sees(mask, steps))


def outcomes(model: Parameters, mask: str = "causal", columns: int = CONTEXTS) -> Values:
    """Measure a transformer on held-out sequences, fed the truth and running free."""
    batch, params = held_out(find_task(TASK), columns), as_params(model)
    visible = sees(mask, len(batch.tokens))
    forced = transformer_forward(params, batch.features, batch.tokens, visible).logits
    own = run_free(params, batch.features, mask)
    wrong_true, wrong_own = (said.argmax(axis=1) != batch.tokens for said in (forced, own))
    loss_nats = negative_log_likelihood(log_softmax(forced), batch.tokens)
    return {
        "gold_prefix_error": float(wrong_true.mean()),
        "own_prefix_error": float(wrong_own.mean()),
        "gap": float(wrong_own.mean() - wrong_true.mean()),
        "exact_match": float((~wrong_own.any(axis=0)).mean()),
        "nll_nats": float(loss_nats.mean()),
        "nll_but_last_nats": float(loss_nats[:-1].mean()),
    }


def _timed(way: Passes, seed: int, mask: str = "causal") -> Values:
    begun = time.thread_time()
    model, _ = trained_in(way, seed, mask)
    spent = {"training_s": time.thread_time() - begun}
    return outcomes(model, mask) | spent


def measured(seed: int) -> dict[str, Values]:
    """Train each way from one seed; return what was measured of it."""
    return {name: _timed(way, seed) for name, way in WAYS.items()}


def measured_masks(seed: int) -> dict[str, Values]:
    """Train by teacher forcing with each mask from one seed; return what was measured of it."""
    return {mask: _timed(WAYS["p0.00"], seed, mask) for mask in MASKS}
