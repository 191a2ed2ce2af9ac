"""Slips that stopped the check once, or were told by the cause of another, are told rightly."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from plain_run import LESSONS

from course.checks.dashboard.checking import examine
from course.lessons import solution_namespace

SOLVED = solution_namespace(LESSONS["06_transformers"])


def needs_a_position_more(name, function):
    """Return a function that refuses one step, or token, that is allowed."""

    @functools.wraps(function)
    def narrow(context_vector, steps, params):
        n = steps if name == "generate" else len(steps)
        if n + 1 >= len(params["positions"]) + (name != "accept_draft"):
            raise ValueError("too long")
        return function(context_vector, steps, params)

    return narrow


def leaves_out_the_next_of_a_perfect_draft(context_vector, draft, params):
    """Accept what is its own."""
    accepted, next_token = SOLVED["accept_draft"](context_vector, draft, params)
    return accepted, None if len(accepted) == len(draft) else next_token


def counts_what_is_accepted(context_vector, draft, params):
    """Accept what is its own."""
    accepted, next_token = SOLVED["accept_draft"](context_vector, draft, params)
    return len(accepted), next_token


def takes_accepted_tokens_out_of_the_draft(context_vector, draft, params):
    """Accept what is its own."""
    accepted, next_token = SOLVED["accept_draft"](context_vector, draft, params)
    del draft[: len(accepted)]
    return accepted, next_token


def runs_no_row_after_the_draft(context_vector, draft, params):
    """Accept what is its own."""
    fed = np.eye(len(params["b_out"]))[np.array(draft, dtype=int)]
    own = SOLVED["transformer_forward"](context_vector, fed, params).argmax(axis=1)
    n = 0
    while n < len(draft) and draft[n] == own[n]:
        n += 1
    return list(draft[:n]), own[n]


def adds_the_context_into_positions(context_vector, target_seq, params):
    """Read the truth."""
    positions = params["positions"]
    positions += params["W_context"] @ context_vector
    added = params | {"W_context": 0 * params["W_context"]}
    return SOLVED["transformer_forward"](context_vector, target_seq, added)


def has_numpy_refuse(context_vector, target_seq, params):
    """Read the truth."""
    T = len(target_seq)
    positions = params["positions"][:T] + np.zeros((T, 1))
    return SOLVED["transformer_forward"](
        context_vector, target_seq, params | {"positions": positions}
    )


def keeps_one_row_too_few(x_t, cache, block):
    """Look back."""
    y_t, (keys, values) = SOLVED["attention_step"](x_t, cache, block)
    return -y_t, (keys[1:], values[1:])


def halves_the_probability(context_vector, target_seq, params, sampling_prob, passes=1, rng=None):
    """Practise."""
    if not 0 <= sampling_prob <= 1:
        raise ValueError("no probability")
    run = SOLVED["two_pass_scheduled_sampling"]
    return run(context_vector, target_seq, params, sampling_prob / 2, passes, rng)


TOLD = [
    *(
        (name, needs_a_position_more(name, SOLVED[name]), "refuses arguments that are allowed")
        for name in ("transformer_forward", "generate", "accept_draft")
    ),
    ("accept_draft", leaves_out_the_next_of_a_perfect_draft, "the next token, one number"),
    ("accept_draft", counts_what_is_accepted, "return a list of the accepted tokens and"),
    ("accept_draft", takes_accepted_tokens_out_of_the_draft, "draft was changed in place"),
    ("accept_draft", runs_no_row_after_the_draft, "You run no row more than the draft has"),
    ("transformer_forward", adds_the_context_into_positions, "params was changed in place"),
    ("transformer_forward", has_numpy_refuse, "it accepts 5 steps for 1 position\n"),
    ("attention_step", keeps_one_row_too_few, "got (3, 4)"),
    ("two_pass_scheduled_sampling", halves_the_probability, "does a coin still say truth?"),
]


@pytest.mark.parametrize(("name", "wrong", "due"), TOLD)
def test_the_cause_is_told(name, wrong, due):
    failure = examine(wrong, name).failure
    assert due in f"{failure.finding}\n{failure.cause}"
    assert "kept from call to call" not in failure.cause
