"""Training: draw a batch, decide what is fed, forward, loss, back through time, clip, Adam.

The history is frozen and holds what a plot or a manifest needs. A run says how far it is after
each step, and stops when asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import DTypeLike

from course.engine.decoder import Tape, backward, context_backward, context_from, forward
from course.engine.feeding import Choice, Coin, Feed, Schedule, constant, scheduled_sampling
from course.engine.numerics import Array, cross_entropy
from course.engine.optim import Adam, clip_by_norm
from course.engine.parameters import ModelShape, Parameters, initial_parameters


@dataclass(frozen=True)
class Batch:
    """N sequences of T tokens.

    Attributes
    ----------
    features : array (F, N)
        What the encoder reads; F may be 0.
    tokens : int array (T, N)
        The truth, 0 .. O - 1.
    mask : array (T, N), optional
        0 at positions that do not count.
    """

    features: Array
    tokens: Array
    mask: Array | None = None

    def take(self, columns: Array) -> Batch:
        """Return some of the sequences, by their numbers or a mask (N,)."""
        mask = None if self.mask is None else self.mask[:, columns]
        return Batch(self.features[:, columns], self.tokens[:, columns], mask)


#: Draws so many sequences.
Source = Callable[[int, np.random.Generator], Batch]
#: Measures a model, by name: what a history keeps of it.
Evaluation = Callable[[Parameters], dict[str, float]]


@dataclass(frozen=True)
class TrainingPlan:
    """How to train.

    Attributes
    ----------
    steps : int
        Updates.
    batch_size : int
        N.
    learning_rate, last_learning_rate : float
        Of the first and of the last update; a straight line between.
    clip_norm : float
        Largest global norm of a gradient.
    schedule : Schedule
        ``sampling_prob`` by training step; teacher forcing throughout if not given.
    choice : {"argmax", "sample"}
        How the model's own token is chosen.
    coin : {"step", "sequence"}
        Whether each step of a sequence has a coin of its own.
    evaluate_every : int
        Updates between two evaluations; 0 for none but after the last.
    seed : int
        Of the weights, the batches and the coins. They have generators of their own: two plans
        that differ in their schedule alone start from the same weights and meet the same
        batches, so that their results are pairs.
    """

    steps: int = 1500
    batch_size: int = 64
    learning_rate: float = 3e-3
    last_learning_rate: float = 3e-4
    clip_norm: float = 1.0
    schedule: Schedule = field(default_factory=lambda: constant(0.0))
    choice: Choice = "argmax"
    coin: Coin = "step"
    evaluate_every: int = 0
    seed: int = 0

    def learning_rate_at(self, step: int) -> float:
        """Return the learning rate of update `step`, from 0.

        >>> plan = TrainingPlan(steps=3, learning_rate=0.3, last_learning_rate=0.1)
        >>> [round(plan.learning_rate_at(step), 3) for step in range(3)]
        [0.3, 0.2, 0.1]
        """
        done = step / max(self.steps - 1, 1)
        return self.learning_rate + done * (self.last_learning_rate - self.learning_rate)


@dataclass(frozen=True)
class Measured:
    """What an evaluation gave after so many updates."""

    updates: int
    values: Mapping[str, float]


@dataclass(frozen=True)
class History:
    """What happened in a run.

    Attributes
    ----------
    loss_nats : array (updates,)
        Mean cross-entropy of each batch, nats per token, as it was fed.
    sampling_prob : array (updates,)
    gradient_norm : array (updates,)
        Before clipping.
    evaluations : tuple of Measured
    stopped : bool
        True where the run was asked to stop before its last update.
    """

    loss_nats: Array
    sampling_prob: Array
    gradient_norm: Array
    evaluations: tuple[Measured, ...]
    stopped: bool

    @property
    def updates(self) -> int:
        """How many updates were made."""
        return len(self.loss_nats)

    def evaluated(self, name: str) -> tuple[Array, Array]:
        """Return the updates after which `name` was measured, and what was measured."""
        at = np.array([measured.updates for measured in self.evaluations], dtype=int)
        return at, np.array([measured.values[name] for measured in self.evaluations])


@dataclass(frozen=True)
class Progress:
    """How far a run is: what the callback gets after each update.

    Attributes
    ----------
    updates, of : int
        Made, and planned.
    loss_nats : float
        Of this batch.
    sampling_prob : float
        Of this update.
    measured : Measured or None
        The evaluation made now, if one was due.
    """

    updates: int
    of: int
    loss_nats: float
    sampling_prob: float
    measured: Measured | None = None


#: Told of each update; a true answer stops the run.
Callback = Callable[[Progress], object]


@dataclass(frozen=True)
class Trained:
    """A model and how it came about."""

    parameters: Parameters
    history: History


def gradient_step(
    parameters: Parameters, gradients: Parameters, batch: Batch, feed: Feed, tape: Tape | None
) -> tuple[float, Tape]:
    """Run forward and backward over one batch.

    Parameters
    ----------
    parameters : Parameters
    gradients : Parameters
        Written over.
    batch : Batch
    feed : Feed
    tape : Tape or None
        What an earlier call returned, to be used again.

    Returns
    -------
    loss_nats : float
        Mean cross-entropy, nats per token.
    tape : Tape
    """
    cell_type, features = parameters.shape.cell_type, batch.features
    context = context_from(parameters, features)
    tape = forward(cell_type, parameters, context, batch.tokens, feed, tape)
    loss_nats, d_logits = cross_entropy(tape.logits, batch.tokens, batch.mask)
    d_context = backward(parameters, tape, d_logits, gradients)
    context_backward(features, context, d_context, gradients)
    return loss_nats, tape


def train(
    shape: ModelShape,
    source: Source,
    plan: TrainingPlan,
    *,
    evaluation: Evaluation | None = None,
    callback: Callback | None = None,
    dtype: DTypeLike = np.float32,
) -> Trained:
    """Train a decoder and its encoder from the plan's seed.

    Parameters
    ----------
    shape : ModelShape
    source : callable
        ``source(N, rng)`` draws a batch; its sizes must stay the same.
    plan : TrainingPlan
    evaluation : callable, optional
        Measures the model every ``plan.evaluate_every`` updates and after the last of the plan.
    callback : callable, optional
        Gets a `Progress` after each update; where it returns something true, the run stops.
    dtype : dtype, optional
        float32 or float64.

    Returns
    -------
    Trained
        The model after its last update, also where it was stopped.
    """
    weights_rng, batch_rng, coin_rng = np.random.default_rng(plan.seed).spawn(3)
    parameters = initial_parameters(shape, weights_rng, dtype)
    gradients, adam = parameters.zeros_like(), Adam(parameters.flat.size, parameters.flat.dtype)
    loss, probability, norm = np.zeros((3, plan.steps))
    evaluations: list[Measured] = []
    tape: Tape | None = None
    updates = 0

    while updates < plan.steps:
        step = updates
        batch = source(plan.batch_size, batch_rng)
        probability[step] = plan.schedule.sampling_prob(step)
        T, N = batch.tokens.shape
        feed = scheduled_sampling(T, N, probability[step], plan.choice, coin_rng, plan.coin)
        loss[step], tape = gradient_step(parameters, gradients, batch, feed, tape)
        norm[step] = clip_by_norm(gradients.flat, plan.clip_norm)
        adam.update(parameters.flat, gradients.flat, plan.learning_rate_at(step))
        updates += 1

        due = plan.evaluate_every and updates % plan.evaluate_every == 0
        measured = None
        if evaluation is not None and (due or updates == plan.steps):
            measured = Measured(updates, MappingProxyType(evaluation(parameters)))
            evaluations.append(measured)
        if callback is not None and callback(
            Progress(updates, plan.steps, loss[step], probability[step], measured)
        ):
            break

    for kept in (loss, probability, norm):
        kept.flags.writeable = False
    return Trained(
        parameters,
        History(
            loss_nats=loss[:updates],
            sampling_prob=probability[:updates],
            gradient_norm=norm[:updates],
            evaluations=tuple(evaluations),
            stopped=updates < plan.steps,
        ),
    )
