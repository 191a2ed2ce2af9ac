"""Ways of training that an experiment compares: how each trains, and what is measured of it.

Two ways of one seed start from the same weights and meet the same batches and coins, so that their
results are pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from course.engine import (
    Batch,
    ModelShape,
    Parameters,
    Progress,
    TrainingPlan,
    context_from,
    cross_entropy,
    forward,
    initial_parameters,
    scheduled_sampling,
    train,
)
from course.engine.decoder import Tape, backward, context_backward
from course.engine.numerics import Array
from course.engine.optim import Adam, clip_by_norm
from course.engine.training import Callback, Source
from course.exposure import excess_error, measure
from course.study.measures import CONTEXTS, Values, overall
from course.tasks import Task, find_task, held_out
from course.trained.regimes import TEACHER_FORCING, find_regime

#: What a way does besides: wrong tokens drawn at random, or the best model of a training kept.
Twist = Literal["", "random", "early"]
_TITLES: dict[Twist, str] = {
    "": "",
    "random": ", wrong tokens at random",
    "early": ", stopped early",
}
#: Early stopping looks at so many sequences of the task that nobody trains on, so often.
VALIDATION, VALIDATION_SEED, LOOK_EVERY = 50, 1789, 20


@dataclass(frozen=True)
class Setting:
    """What both ways have in common.

    Attributes
    ----------
    task, cell : str
    variant : str
        Training data other than the task's; see `course.study.grid.Experiment`.
    hidden_dim : int
    """

    task: str
    cell: str = "gru"
    variant: str = ""
    hidden_dim: int = 32


@dataclass(frozen=True)
class Way:
    """One way of training.

    Attributes
    ----------
    regime : str
        What is fed; see `course.trained.regimes`.
    updates : int
    twist : {"", "random", "early"}
        With ``"random"`` each own token that is wrong gives place to another wrong one, drawn
        evenly: as many wrong tokens at the same steps, but none that the model believes in. With
        ``"early"`` the model is kept as it was when its loss on validation sequences was lowest.
    """

    regime: str = TEACHER_FORCING
    updates: int = 1000
    twist: Twist = ""

    @property
    def name(self) -> str:
        """How results call it.

        >>> Way("p0.50", 2000, "random").name
        'p0.50-random-2000'
        """
        return "-".join(part for part in (self.regime, self.twist, str(self.updates)) if part)

    @property
    def title(self) -> str:
        """What a reader calls it."""
        said = f"{find_regime(self.regime).title}{_TITLES[self.twist]}"
        return f"{said}, {self.updates} updates"

    def plan(self, seed: int) -> TrainingPlan:
        """Return how it trains."""
        regime = find_regime(self.regime)
        return TrainingPlan(
            steps=self.updates,
            schedule=regime.schedule(self.updates),
            choice=regime.choice,
            coin=regime.coin,
            evaluate_every=LOOK_EVERY if self.twist == "early" else 0,
            seed=seed,
        )


def train_way(
    setting: Setting, way: Way, seed: int, callback: Callback | None = None
) -> Parameters:
    """Train a model.

    Parameters
    ----------
    setting : Setting
    way : Way
    seed : int
        Of the weights, the batches and the coins.
    callback : callable, optional
        Gets a `Progress` after each update; where it returns something true, the training stops.
    """
    task = find_task(setting.task)
    shape = task.shape(setting.cell, setting.hidden_dim)
    source, plan = task.source(setting.variant), way.plan(seed)
    if way.twist == "random":
        return train_on_random_errors(shape, source, plan, callback)
    if way.twist == "early":
        kept = Best(task.draw(VALIDATION, np.random.default_rng(VALIDATION_SEED)))
        last = train(shape, source, plan, evaluation=kept.look_at, callback=callback).parameters
        return kept.model or last
    return train(shape, source, plan, callback=callback).parameters


class Best:
    """Keeps the model whose loss on the true prefixes of some sequences is lowest."""

    def __init__(self, judge: Batch) -> None:
        self._judge = judge
        self.loss_nats = math.inf
        self.model: Parameters | None = None

    def look_at(self, model: Parameters) -> dict[str, float]:
        """Measure a model; keep a copy where it is the best so far."""
        context = context_from(model, self._judge.features)
        logits = forward(model.shape.cell_type, model, context, self._judge.tokens).logits
        loss_nats, _ = cross_entropy(logits, self._judge.tokens, self._judge.mask)
        if loss_nats < self.loss_nats:
            self.loss_nats, self.model = loss_nats, model.copy()
        return {"loss_nats": loss_nats}


def train_on_random_errors(
    shape: ModelShape, source: Source, plan: TrainingPlan, callback: Callback | None = None
) -> Parameters:
    """Train as `course.engine.train` does, but feed random tokens where own ones are wrong.

    A run as planned says which fed tokens would have been wrong; then the decoder is run anew, and
    fed in their places others that are wrong, and the truth everywhere else.
    """
    streams = np.random.default_rng(plan.seed).spawn(4)  # the first three are those of `train`
    weights_rng, batch_rng, coin_rng, error_rng = streams
    parameters = initial_parameters(shape, weights_rng)
    gradients, adam = parameters.zeros_like(), Adam(parameters.flat.size, parameters.flat.dtype)
    tape: Tape | None = None
    for step in range(plan.steps):
        batch = source(plan.batch_size, batch_rng)
        context = context_from(parameters, batch.features)
        (T, N), probability = batch.tokens.shape, plan.schedule.sampling_prob(step)
        feed = scheduled_sampling(T, N, probability, plan.choice, coin_rng, plan.coin)
        tape = forward(shape.cell_type, parameters, context, batch.tokens, feed, tape)
        fed = with_random_errors(tape.fed, batch.tokens, error_rng)
        tape = forward(shape.cell_type, parameters, context, fed, tape=tape)
        loss_nats, d_logits = cross_entropy(tape.logits, batch.tokens, batch.mask)
        d_context = backward(parameters, tape, d_logits, gradients)
        context_backward(batch.features, context, d_context, gradients)
        clip_by_norm(gradients.flat, plan.clip_norm)
        adam.update(parameters.flat, gradients.flat, plan.learning_rate_at(step))
        if callback and callback(Progress(step + 1, plan.steps, loss_nats, probability)):
            break
    return parameters


def with_random_errors(fed: Array, tokens: Array, rng: np.random.Generator) -> Array:
    """Put other wrong tokens, drawn evenly, in the place of those that are wrong.

    Parameters
    ----------
    fed : array (T, O, N)
        What each step was fed, one-hot from step 1 on.
    tokens : int array (T, N)
        The truth.
    rng : Generator

    Returns
    -------
    int array (T, N)
        What to feed after each step in the place of `tokens`.
    """
    classes, wrong = fed.shape[1], np.zeros(tokens.shape, bool)
    wrong[:-1] = fed[1:].argmax(axis=1) != tokens[:-1]
    other: Array = (tokens + rng.integers(1, classes, tokens.shape)) % classes
    return np.where(wrong, other, tokens)


def outcomes(task: Task, model: Parameters, columns: int = CONTEXTS, seed: int = 0) -> Values:
    """Measure a model on held-out sequences.

    Parameters
    ----------
    task : Task
    model : Parameters
    columns : int, optional
        N, how many sequences.
    seed : int, optional
        Of what the model draws, where its own samples are compared with a known truth.

    Returns
    -------
    dict of str to float
        As `measured_on` names them.
    """
    batch = held_out(task, columns)
    seen = measure(model, batch)
    values = {
        "gold_prefix_error": overall(seen.error_true),
        "nll_nats": overall(seen.nll_true),
    }
    if not task.prefix_matters:
        own = {"own_prefix_error": overall(seen.error_own), "exact_match": seen.exact_match}
        return values | own
    if task.truth is not None:
        excess = excess_error(model, batch, task.truth(batch), np.random.default_rng(seed))
        eps = float(np.mean(excess.per_step.mean))
        values |= {"eps_nats": eps, "own_nats": float(excess.accumulated[-1] / task.steps * eps)}
    return values


def measured_on(task: Task) -> tuple[str, ...]:
    """Return the names of what `outcomes` measures of a task."""
    if not task.prefix_matters:
        return "own_prefix_error", "gold_prefix_error", "exact_match", "nll_nats"
    known = () if task.truth is None else ("eps_nats", "own_nats")
    return "gold_prefix_error", "nll_nats", *known
