"""Reading what each step was fed, and judging how the coins fell."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from course.engine import context_from, forward, scheduled_sampling
from course.labs.calling.feeds import fault_of, read_feeds
from course.tasks import find_task

CELLS = ("rnn", "lstm", "gru")


@pytest.mark.parametrize("cell", CELLS)
def test_the_coins_are_read_from_the_logits(load: Any, cell: str) -> None:
    parameters = load("ring", cell)
    batch = find_task("ring").draw_test(9, np.random.default_rng(1))
    T, N = batch.tokens.shape
    feed = scheduled_sampling(T, N, 0.5, "argmax", np.random.default_rng(2))
    contexts = context_from(parameters, batch.features)
    logits = forward(cell, parameters, contexts, batch.tokens, feed).logits
    read = read_feeds(logits, parameters, contexts, batch.tokens)
    for n, letters in enumerate(read):
        assert letters[0] == "S"
        for t in range(1, T):
            alike = logits[t - 1, :, n].argmax() == batch.tokens[t - 1, n]
            assert letters[t] == ("=" if alike else "TO"[int(feed.own[t, n])])


def test_from_the_step_on_that_nothing_explains_nothing_is_said(load: Any) -> None:
    parameters = load("ring", "gru")
    batch = find_task("ring").draw_test(3, np.random.default_rng(1))
    contexts = context_from(parameters, batch.features)
    logits = forward("gru", parameters, contexts, batch.tokens).logits.copy()
    logits[4, :, 1] += 0.1
    logits[0, :, 2] += 0.1
    read = read_feeds(logits, parameters, contexts, batch.tokens)
    assert set(read[0]) <= set("ST=")
    assert read[1].index("?") == 4
    assert set(read[1][4:]) == set(read[2]) == {"?"}
    assert fault_of(read[:2], 0.5).startswith("step 4 was fed neither target_seq[3] nor")
    assert fault_of(read, 0.5).startswith("step 4")
    assert fault_of(read[2:], 0.5) == "step 0 was not fed x_start."


def thrown(rng: np.random.Generator, p: float, sequences: int = 6, steps: int = 20) -> list[str]:
    coins = rng.random((sequences, steps - 1)) < p
    return ["S" + "".join(np.where(row, "O", "T")) for row in coins]


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_honest_coins_are_hardly_ever_found_fault_with(p: float) -> None:
    rng = np.random.default_rng(3)
    assert [fault_of(thrown(rng, p), p) for _ in range(500)] == [""] * 500


def test_few_coins_prove_nothing() -> None:
    assert fault_of(["ST=====", "SO====="], 0.5) == ""
    assert fault_of(["S", "S"], 0.5) == ""


@pytest.mark.parametrize(
    ("feeds", "said"),
    [
        (thrown(np.random.default_rng(4), 0.125), "of 114 steps were fed .* about 57: is it fed"),
        (thrown(np.random.default_rng(4), 0.9), "of 114 steps were fed .* about 57: is it fed"),
        (["S" + letter * 19 for letter in "TOTTOO"], "tossed once a sequence"),
        (thrown(np.random.default_rng(4), 0.5, 1) * 6, "fell alike in all 6 calls"),
    ],
)
def test_coins_that_fall_otherwise_are_found_out(feeds: list[str], said: str) -> None:
    assert re.search(said, fault_of(feeds, 0.5))
