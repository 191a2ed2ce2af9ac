"""What a learner reads of wrong answers to lesson 7 that no known mistake explains."""

from __future__ import annotations

import numpy as np
import pytest
from plain_run import LESSONS

from course.checks.dashboard.checking import examine
from course.lessons import solution_namespace

RIGHT = solution_namespace(LESSONS["07_beyond_the_teacher"])


def needs_a_label_more(arms, length, labels, rng):
    """Draw a star."""
    if labels <= 1 + arms * (length - 1):
        raise ValueError("such a star cannot be")
    return RIGHT["path_star"](arms, length, labels, rng)


def never_takes_the_last_arm(arms, length, labels, rng):
    """Draw a star."""
    star = RIGHT["path_star"](arms, length, labels, rng)
    rng.integers(arms - 1)
    return star


def has_a_node_too_few(arms, length, labels, rng):
    """Draw a star."""
    star = RIGHT["path_star"](arms, length, labels, rng)
    np.reshape(range(arms * length), (arms, length - 1))
    return star


def asks_the_old_interface(arms, length, labels, rng):
    """Draw a star."""
    star = RIGHT["path_star"](arms, length, labels, rng)
    rng.randint(arms)
    return star


@pytest.mark.parametrize(
    ("wrong", "line", "call", "cause"),
    [
        (
            needs_a_label_more,
            "raise ValueError(",
            "arms=3, length=4, labels=10, rng",
            "You refuse exactly as many labels as there are nodes",
        ),
        (
            never_takes_the_last_arm,
            "rng.integers(arms - 1)",
            "arms=1, length=6, labels=20, rng",
            "a star may have a single arm",
        ),
        (
            has_a_node_too_few,
            "np.reshape(range(arms",
            "arms=3, length=4, labels=20, rng",
            "each arm has length - 1 nodes",
        ),
        (
            asks_the_old_interface,
            "rng.randint(arms)",
            "arms=3, length=4, labels=20, rng",
            "a generator has integers, permutation",
        ),
    ],
)
def test_a_star_that_stops_is_told_with_its_own_line_and_call(wrong, line, call, cause):
    failure = examine(wrong, "path_star").failure
    assert f"at `{line}" in failure.finding
    assert f"The call: path_star({call})" in failure.finding
    assert "of these shapes" not in failure.hint
    assert cause in failure.cause


def distillation_with(change, only=("forward", "reverse")):
    def distillation_gradient(student_logits, teacher_logits, direction):
        """Learn from an expert."""
        right = RIGHT["distillation_gradient"](student_logits, teacher_logits, direction)
        size = max(student_logits.shape[0], 1), student_logits.shape[1]
        return change(*right, *size) if direction in only else right

    return distillation_gradient


@pytest.mark.parametrize("only", [("forward", "reverse"), ("forward",), ("reverse",)])
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda loss, d, T, O: (loss * T, d), "the loss, as many times too large as there are"),
        (lambda loss, d, T, O: (loss / 3, d), "the loss, 0.3333 times what is right."),
        (lambda loss, d, T, O: (loss, d / T), "d_logits, as many times too small as there are"),
        (lambda loss, d, T, O: (loss, d / O), "d_logits, as many times too small as a row has"),
        (lambda loss, d, T, O: (loss, 0 * d), "d_logits, zero throughout. Right: the loss."),
    ],
)
def test_a_part_of_a_divergence_is_told_by_how_it_is_made_of_the_right_one(change, said, only):
    failure = examine(distillation_with(change, only), "distillation_gradient").failure
    assert said in failure.cause


def reward_with(change):
    def expected_reward_gradient(logits, tokens, reward, baseline=0.0):
        """Learn from a reward."""
        right = RIGHT["expected_reward_gradient"](logits, tokens, reward, baseline)
        return change(right, np.arange(len(tokens))[:, None], max(len(tokens), 1))

    return expected_reward_gradient


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows, t, T: rows * (T - t) / T, "in one call 1, 0.8, 0.6, 0.4 and 0.2; multiply"),
        (lambda rows, t, T: rows * 0.5**t, "in one call 1, 0.5, 0.25, 0.125 and 0.0625; multiply"),
        (lambda rows, t, T: -rows / T, "of the wrong sign, and as many times too small as there"),
        (lambda rows, t, T: 2 * rows, "What came is 2 times what is right."),
    ],
)
def test_rows_of_a_reward_are_told_by_what_they_are_multiplied_with(change, said):
    failure = examine(reward_with(change), "expected_reward_gradient").failure
    assert said in failure.cause


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (lambda r, b: r * (1 - b), "The rows show: reward * (1 - baseline) stands"),
        (lambda r, b: np.tanh(r - b), "another factor than reward - baseline: it is 0.9051 with"),
    ],
)
def test_a_reward_is_told_by_its_factor(factor, said):
    def expected_reward_gradient(logits, tokens, reward, baseline=0.0):
        """Learn from a reward."""
        rows = RIGHT["expected_reward_gradient"](logits, tokens, 1.0)
        return factor(reward, baseline) * rows

    failure = examine(expected_reward_gradient, "expected_reward_gradient").failure
    assert said in failure.cause
    assert "or else" not in failure.cause


def test_tokens_beside_rows_are_told_to_be_no_one_hot_rows():
    def expected_reward_gradient(logits, tokens, reward, baseline=0.0):
        """Learn from a reward."""
        return (baseline - reward) * (tokens - logits)

    failure = examine(expected_reward_gradient, "expected_reward_gradient").failure
    assert "np.eye(O)[tokens]" in failure.cause


def test_numbers_that_are_made_in_no_known_way_are_told_by_the_claim_alone():
    wrong = reward_with(lambda rows, t, T: np.tanh(rows) + 0.1 * t)
    failure = examine(wrong, "expected_reward_gradient").failure
    assert not failure.cause
    assert failure.hint
