"""A reward for the whole: a teacher-forced model, fine-tuned by the policy gradient.

The model writes a sequence by drawing, is told one number for all of it, minus how many tokens are
wrong, and moves so that what was worth more than the baseline becomes likelier. The baseline is the
mean reward of the batch before: it hangs on no token that it is taken from.

Sources: Williams 1992 (REINFORCE, and its baseline); Ranzato et al. 2016 (for sequences).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from course.engine import (
    Batch,
    Parameters,
    Tape,
    TrainingPlan,
    context_from,
    cross_entropy,
    forward,
    free_running,
    one_hot,
    scheduled_sampling,
    softmax,
)
from course.engine.decoder import backward, context_backward
from course.engine.feeding import choose_tokens
from course.engine.numerics import Array
from course.engine.optim import Adam, clip_by_norm
from course.study.measures import CONTEXTS, Values
from course.study.ways import Setting, outcomes
from course.tasks import find_task, held_out
from course.trained.packing import unpack
from course.trained.regimes import TEACHER_FORCING

SETTING = Setting("osc")
#: A reward says so little that it takes many sequences an update.
PLAN = TrainingPlan(steps=300, batch_size=256, learning_rate=1e-3, last_learning_rate=1e-4)
#: Where the models come from: read here, since what is measured hangs on it, and on no others.
WEIGHTS = "../trained/weights_osc.npz"
#: From logits (T, O, N), the drawn tokens (T, N), rewards (N,) and a baseline to the gradient of
#: minus the mean reward by the logits.
Estimate = Callable[[Array, Array, Array, float], Array]


def shipped(seed: int) -> Parameters:
    """Return the model of a seed that was trained by teacher forcing alone, to be changed."""
    with np.load(Path(__file__).parent / WEIGHTS) as stored:
        flat = unpack(stored[f"{SETTING.cell}/{TEACHER_FORCING}"])[seed].copy()
    return Parameters(find_task(SETTING.task).shape(SETTING.cell, SETTING.hidden_dim), flat)


def estimate(logits: Array, tokens: Array, rewards: Array, baseline: float) -> Array:
    r"""Estimate the gradient of minus the expected reward, the mean over N sequences.

    .. math:: -\frac1N (R_n - b) ([k = x_{tn}] - p_{tkn})

    Parameters
    ----------
    logits : array (T, O, N)
    tokens : int array (T, N)
        Drawn from the logits' softmax.
    rewards : array (N,)
    baseline : float

    Returns
    -------
    array (T, O, N)
    """
    toward = one_hot(tokens, logits.shape[1], logits.dtype) - softmax(logits)
    by_logits: Array = toward * ((baseline - rewards) / len(rewards)).astype(logits.dtype)
    return by_logits


def rewards_of(tokens: Array, truth: Array) -> Array:
    """Return minus how many tokens of each sequence are wrong, (N,)."""
    rewards: Array = -(tokens != truth).sum(axis=0).astype(float)
    return rewards


@dataclass(frozen=True)
class Drawn:
    """What a model wrote by drawing.

    Attributes
    ----------
    batch : Batch
    context : array (H, N)
    tape : Tape
    tokens : int array (T, N)
    rewards : array (N,)
    """

    batch: Batch
    context: Array
    tape: Tape
    tokens: Array
    rewards: Array


def written_by(
    model: Parameters, batch: Batch, rng: np.random.Generator, tape: Tape | None = None
) -> Drawn:
    """Write as many sequences, each token drawn from the model's own probabilities."""
    context, (T, N) = context_from(model, batch.features), batch.tokens.shape
    feed = free_running(T, N, "sample", rng)
    assert feed.lots is not None
    tape = forward(model.shape.cell_type, model, context, batch.tokens, feed, tape)
    # the first lot has drawn nothing yet, since step 0 is fed x_start
    last = choose_tokens(tape.logits[-1], feed.lots[0])
    tokens = np.concatenate([tape.fed[1:].argmax(axis=1), last[None]])
    return Drawn(batch, context, tape, tokens, rewards_of(tokens, batch.tokens))


class Writer:
    """A model that is fine-tuned by rewards, from a shipped one on.

    Parameters
    ----------
    seed : int
        Of the model, and of the batches and what is drawn.
    plan : TrainingPlan, optional

    Attributes
    ----------
    model : Parameters
    last_reward : float
        The mean of the last batch: the baseline of the next.
    """

    def __init__(self, seed: int, plan: TrainingPlan = PLAN) -> None:
        self.model = shipped(seed)
        self._task, self._plan = find_task(SETTING.task), plan
        self._batch_rng, self._rng = np.random.default_rng(seed).spawn(2)
        self._gradients = self.model.zeros_like()
        self._adam = Adam(self.model.flat.size, self.model.flat.dtype)
        self._tape: Tape | None = None
        self.last_reward = float(self.draw().rewards.mean())

    def draw(self) -> Drawn:
        """Write a batch."""
        batch = self._task.draw(self._plan.batch_size, self._batch_rng)
        drawn = written_by(self.model, batch, self._rng, self._tape)
        self._tape = drawn.tape
        return drawn

    def gradient(self, drawn: Drawn, d_logits: Array) -> Parameters:
        """Go back through time from the gradient by the logits; written over by the next call."""
        d_context = backward(self.model, drawn.tape, d_logits, self._gradients)
        context_backward(drawn.batch.features, drawn.context, d_context, self._gradients)
        return self._gradients

    def update(self, baseline: bool, estimated: Estimate = estimate) -> float:
        """Draw a batch and move by its rewards; return their mean."""
        drawn = self.draw()
        less = self.last_reward if baseline else 0.0
        d_logits = estimated(drawn.tape.logits, drawn.tokens, drawn.rewards, less)
        self._move(self.gradient(drawn, d_logits))
        self.last_reward = float(drawn.rewards.mean())
        return self.last_reward

    def update_by_tokens(self, sampling_prob: float) -> None:
        """Move by the data's tokens, one for each step, on true prefixes or on own ones."""
        model, batch = self.model, self._task.draw(self._plan.batch_size, self._batch_rng)
        context, (T, N) = context_from(model, batch.features), batch.tokens.shape
        feed = scheduled_sampling(T, N, sampling_prob, "argmax", self._rng)
        tape = forward(model.shape.cell_type, model, context, batch.tokens, feed, self._tape)
        self._tape = tape
        drawn = Drawn(batch, context, tape, batch.tokens, np.zeros(self._plan.batch_size))
        self._move(self.gradient(drawn, cross_entropy(tape.logits, batch.tokens)[1]))

    def _move(self, gradients: Parameters) -> None:
        clip_by_norm(gradients.flat, self._plan.clip_norm)
        rate = self._plan.learning_rate_at(self._adam.updates)
        self._adam.update(self.model.flat, gradients.flat, rate)


@dataclass(frozen=True)
class Tuning:
    """One way of fine-tuning for as many updates.

    Attributes
    ----------
    title : str
        What a reader calls it.
    updates : int
    by : {"baseline", "no baseline", "tokens"}
        Whether it moves by rewards, less a baseline or not, or by the data's tokens.
    columns : int
        N, sequences of an update.
    sampling_prob : float
        Of own tokens, where it moves by the data's.
    """

    title: str
    by: str = "baseline"
    updates: int = PLAN.steps
    columns: int = PLAN.batch_size
    sampling_prob: float = 0.0

    def tuned(self, seed: int) -> Parameters:
        """Return the model of a seed after its updates."""
        writer = Writer(seed, replace(PLAN, batch_size=self.columns))
        for _ in range(self.updates):
            if self.by == "tokens":
                writer.update_by_tokens(self.sampling_prob)
            else:
                writer.update(self.by == "baseline")
        return writer.model


#: By the name that results have. The last two are to compare with: as many updates, no reward.
TUNINGS = {
    "reward-before": Tuning("before", updates=0),
    "reward-no_baseline": Tuning("reward, no baseline", "no baseline"),
    "reward-baseline": Tuning("reward, baseline"),
    "reward-baseline-of64": Tuning("reward, baseline, 64 sequences an update", columns=64),
    "reward-forced": Tuning("the data's tokens, true prefix", "tokens"),
    "reward-own_prefix": Tuning("the data's tokens, own prefix", "tokens", sampling_prob=1.0),
}
TITLES = {name: one.title for name, one in TUNINGS.items()}
PAIRS = (
    ("reward-baseline", "reward-no_baseline"),
    ("reward-baseline", "reward-forced"),
    ("reward-baseline", "reward-own_prefix"),
)
#: What is measured here alone.
MEASURES = {
    "reward": (1, "wrong tokens", "mean reward of what is drawn (minus wrong tokens)"),
    "gradient_variance": (
        0,
        "squared means",
        "variance of one sequence's gradient, over its mean squared",
    ),
}
#: The variance of a gradient is taken over so many batches.
LOOKS = 300


def mean_reward(model: Parameters, seed: int, columns: int = CONTEXTS) -> float:
    """Return what the sequences are worth that a model draws for held-out contexts."""
    batch = held_out(find_task(SETTING.task), columns)
    drawn = written_by(model, batch, np.random.default_rng(seed))
    return float(drawn.rewards.mean())


def relative_variances(seed: int, looks: int = LOOKS) -> dict[str, float]:
    """Return how noisy the gradient by the rewards is before any update, with and without baseline.

    Both estimates are taken of the same draws, and have the same mean.

    Parameters
    ----------
    seed : int
    looks : int, optional
        Batches.

    Returns
    -------
    dict of str to float
        By name in `TUNINGS`: the variance of one sequence's gradient, summed over all weights,
        over the squared length of its mean. A batch of N has the N-th part of it.
    """
    writer = Writer(seed)
    baselines = {"reward-no_baseline": 0.0, "reward-baseline": writer.last_reward}
    size = writer.model.flat.size
    sums, squares = np.zeros((2, len(baselines), size))
    for _ in range(looks):
        drawn = writer.draw()
        for k, baseline in enumerate(baselines.values()):
            d_logits = estimate(drawn.tape.logits, drawn.tokens, drawn.rewards, baseline)
            flat = writer.gradient(drawn, d_logits).flat.astype(float)
            sums[k] += flat
            squares[k] += flat**2
    means = sums / looks
    of_a_batch = ((squares - looks * means**2) / (looks - 1)).sum(axis=1)
    # the length of a mean that was measured is too long, by its own variance
    signal = (means[1] ** 2).sum() - of_a_batch[1] / looks
    return dict(zip(baselines, (PLAN.batch_size * of_a_batch / signal).tolist(), strict=True))


def measured(seed: int) -> dict[str, Values]:
    """Fine-tune the shipped model of a seed each way; return what was measured of it."""
    task, noise, found = find_task(SETTING.task), relative_variances(seed), {}
    for name, one in TUNINGS.items():
        model = one.tuned(seed)
        found[name] = outcomes(task, model) | {"reward": mean_reward(model, seed)}
        if name in noise:
            found[name]["gradient_variance"] = noise[name]
    return found
