"""A reward for the whole: its gradient, its baseline, and what it is measured by."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from course.engine import log_softmax
from course.engine.numerics import Array, central_difference
from course.study import rewards
from course.study.rewards import PLAN, TUNINGS, Tuning, Writer, estimate, mean_reward, rewards_of
from course.study.ways import outcomes
from course.tasks import find_task
from course.trained import load

#: All sequences of 3 tokens out of 2, and what each is worth.
ALL = np.array(list(product(range(2), repeat=3))).T
WORTH = np.array([3.0, -1.0, 0.5, 2.0, -4.0, 1.0, 0.0, 2.5])


def log_prob(logits: Array) -> Array:
    """Return the log probability of each of `ALL`, (8,), by logits (3, 2)."""
    by_token = log_softmax(logits[:, :, None])[:, :, 0]
    log_p: Array = np.take_along_axis(by_token, ALL, axis=1).sum(axis=0)
    return log_p


@pytest.mark.parametrize("baseline", [0.0, 1.5, -20.0])
def test_in_the_mean_over_all_sequences_it_is_the_exact_gradient(baseline: float) -> None:
    logits = np.random.default_rng(2).normal(size=(3, 2))
    exact = central_difference(lambda at: -float(np.exp(log_prob(at)) @ WORTH), logits)
    each = estimate(np.repeat(logits[:, :, None], 8, axis=2), ALL, WORTH, baseline) * 8
    np.testing.assert_allclose(each @ np.exp(log_prob(logits)), exact, atol=1e-8)


def test_a_reward_is_minus_the_wrong_tokens() -> None:
    truth = np.array([[0, 1], [1, 1], [2, 0]])
    assert rewards_of(truth, truth).tolist() == [0, 0]
    assert rewards_of(np.array([[0, 0], [1, 0], [1, 1]]), truth).tolist() == [-1, -3]


def test_what_is_drawn_is_drawn_from_what_the_model_says_at_every_step() -> None:
    writer = Writer(0, replace(PLAN, batch_size=4000))
    drawn = writer.draw()
    log_p = log_softmax(drawn.tape.logits.astype(float))
    said = -np.take_along_axis(log_p, drawn.tokens[:, None], axis=1)[:, 0]
    entropy = -(np.exp(log_p) * log_p).sum(axis=1)
    # their difference has mean 0 at each step; 30 steps, so 6 standard errors
    error = (said - entropy).std(axis=1) / np.sqrt(4000)
    assert (abs((said - entropy).mean(axis=1)) < 6 * error).all()
    np.testing.assert_array_equal(drawn.tape.fed[1:].argmax(axis=1), drawn.tokens[:-1])
    np.testing.assert_array_equal(drawn.rewards, rewards_of(drawn.tokens, drawn.batch.tokens))


def test_with_and_without_a_baseline_a_writer_meets_the_same_chances() -> None:
    some, others = Writer(1), Writer(1)
    assert some.update(True) == others.update(False)
    assert not np.array_equal(some.model.flat, others.model.flat)
    assert load("osc", "gru", seed=1).flat is not some.model.flat


def test_the_baseline_is_the_mean_reward_of_the_batch_before() -> None:
    writer, asked = Writer(0), []

    def asking(logits: Array, tokens: Array, worth: Array, baseline: float) -> Array:
        asked.append((float(worth.mean()), baseline))
        return estimate(logits, tokens, worth, baseline)

    first = writer.last_reward
    for _ in range(3):
        writer.update(True, asking)
    means, baselines = zip(*asked, strict=True)
    assert list(baselines) == [first, *means[:2]]
    writer.update(False, asking)
    assert asked[-1][1] == 0


def test_the_opposite_gradient_makes_what_is_drawn_worse() -> None:
    right, wrong = Writer(0), Writer(0)
    for _ in range(12):
        right.update(True)
        wrong.update(True, lambda *given: -estimate(*given))
    assert mean_reward(wrong.model, 0, 300) < mean_reward(right.model, 0, 300) - 1


def test_no_update_leaves_the_shipped_model() -> None:
    assert TUNINGS["reward-before"].tuned(3).shape == load("osc", "gru", seed=3).shape
    np.testing.assert_array_equal(
        TUNINGS["reward-before"].tuned(3).flat, load("osc", "gru", seed=3).flat
    )


def test_moving_by_tokens_on_true_prefixes_lowers_the_loss_there() -> None:
    task, before = find_task("osc"), load("osc", "gru")
    after = Tuning("", "tokens", updates=60).tuned(0)
    losses = [outcomes(task, model, 300)["nll_nats"] for model in (before, after)]
    assert losses[1] < losses[0]


def test_a_baseline_takes_noise_away() -> None:
    noise = rewards.relative_variances(0, looks=60)
    assert noise["reward-no_baseline"] > 4 * noise["reward-baseline"] > 0
