"""Attention and a pass that go by another formula are told by the part that is another."""

from __future__ import annotations

import numpy as np
import pytest
from plain_run import LESSONS

from course.checks.dashboard.checking import examine
from course.checks.known.diagnosis import diagnose
from course.lessons import solution_namespace

LESSON = LESSONS["06_transformers"]
RIGHT = solution_namespace(LESSON)


def rows_of(scores, weigh):
    """Return the weights of each row, made of the scores that it sees."""
    weights = np.zeros(scores.shape)
    for t in range(len(scores)):
        weights[t, : t + 1] = weigh(scores[t, : t + 1])
    return weights


def softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def attention_with(weigh=softmax, key=lambda x, block: x @ block["W_k"].T, far=0.0):
    def causal_attention(x, block):
        """Look back."""
        T, d = x.shape
        q, v = x @ block["W_q"].T, x @ block["W_v"].T
        apart = np.arange(T)[:, None] - np.arange(T)
        weights = rows_of(q @ key(x, block).T / np.sqrt(d) - far * apart, weigh)
        return weights @ v @ block["W_o"].T

    return causal_attention


def step_with(weigh=softmax, value=lambda x, block: block["W_v"] @ x):
    def attention_step(x_t, cache, block):
        """Look back from one row."""
        keys = np.vstack([cache[0], block["W_k"] @ x_t])
        values = np.vstack([cache[1], value(x_t, block)])
        weights = weigh(keys @ (block["W_q"] @ x_t) / np.sqrt(len(x_t)))
        return block["W_o"] @ (weights @ values), (keys, values)

    return attention_step


def root_mean_square(x):
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + 1e-6)


def forward_with(hears=lambda x, y, rms: rms(y), adds=1.0, rms=root_mean_square, n_blocks=None):
    def transformer_forward(context_vector, target_seq, params):
        """Run it."""
        T = len(target_seq)
        if len(params["positions"]) < T:
            raise ValueError("too long")
        x = np.vstack([params["x_start"], target_seq])[:T] @ params["W_in"].T
        x = x + params["W_context"] @ context_vector + params["positions"][:T]
        for block in params["blocks"][:n_blocks]:
            y = x + RIGHT["causal_attention"](rms(x), block)
            inner = np.maximum(0, hears(x, y, rms) @ block["W_1"].T + block["b_1"])
            x = y + adds * (inner @ block["W_2"].T + block["b_2"])
        return rms(x) @ params["W_out"].T + params["b_out"]

    return transformer_forward


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (attention_with(key=lambda x, block: x @ block["W_k"]), "keys are x @ W_k, without"),
        (attention_with(lambda s: softmax(2 * s)), "or the exponentials are squared"),
        (attention_with(lambda s: softmax(np.log(2) * s)), "2**scores stands where exp(scores)"),
        (attention_with(far=0.5), "They hang on how far apart two rows are"),
        (step_with(value=lambda x, block: x @ block["W_v"]), "values are x @ W_v, without"),
        (step_with(lambda s: s), "scores themselves are the weights"),
        (forward_with(lambda x, y, rms: rms(x)), "W_1 gets rms of x as it was before attention"),
        (forward_with(adds=-1.0), "what W_2 gives is subtracted, and to be added"),
        (forward_with(n_blocks=0), "no block is run"),
        (
            forward_with(rms=lambda x: root_mean_square(x) / np.sqrt(x.shape[1])),
            "rms divides by the root of the sum of squares",
        ),
    ],
)
def test_another_formula_is_told_by_its_part(wrong, said):
    told = " ".join(one.sentence for one in diagnose(wrong, wrong.__name__, LESSON.id))
    assert said in told


def generates_one_row(context_vector, seq_len, params):
    rows = RIGHT["generate"](context_vector, seq_len, params)
    rows[1:] = 0
    return rows


def generates_without_a_bias(context_vector, seq_len, params):
    return RIGHT["generate"](context_vector, seq_len, {**params, "b_out": 0 * params["b_out"]})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (generates_one_row, "rows 1 to 6 are zeros, which nothing is written into"),
        (generates_without_a_bias, "b_out"),
    ],
)
def test_of_what_runs_free_all_rows_have_to_follow(wrong, said):
    told = " ".join(one.sentence for one in diagnose(wrong, "generate", LESSON.id))
    assert said in told
    assert "x_start is added" not in told


def accepts_all(context_vector, draft, params):
    """Take it."""
    _, token = RIGHT["accept_draft"](context_vector, draft, params)
    return draft, token


def test_of_a_draft_no_pass_is_asked_for():
    failure = examine(accepts_all, "accept_draft").failure
    assert "The rows show" not in failure.cause


def stops_in_its_own_line(context_vector, target_seq, params):
    """Run it."""
    return target_seq @ params["W_hidden"]


def stops_at_blocks(context_vector, seq_len, params):
    """Write alone."""
    for block in params["blocks"][:seq_len]:
        block["W_q"] + np.zeros(1000)
    return RIGHT["generate"](context_vector, seq_len, params)


def test_a_stop_is_told_with_the_learners_line():
    failure = examine(stops_in_its_own_line, "transformer_forward").failure
    assert "at `return target_seq @" in failure.finding


def test_a_stop_that_no_size_makes_is_told_by_the_blocks():
    failure = examine(stops_at_blocks, "generate").failure
    assert "Without blocks it is right: look at the loop over them." in failure.cause


@pytest.mark.parametrize("right", [attention_with(), step_with(), forward_with()])
def test_the_right_formula_is_told_nothing(right):
    assert not diagnose(right, right.__name__, LESSON.id)
