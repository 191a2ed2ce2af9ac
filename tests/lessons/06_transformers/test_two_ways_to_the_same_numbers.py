"""Forced pass, cached loop and passes, as the lesson's own solutions have them."""

from __future__ import annotations

import numpy as np
import pytest
from plain_run import LESSONS

from course import checks
from course.lessons import solution_namespace

SOLVED = solution_namespace(LESSONS["06_transformers"])
SHAPES = [(1, 2, 3, 0), (2, 1, 4, 1), (7, 5, 1, 2), (12, 3, 8, 3), (40, 6, 5, 2), (90, 16, 32, 2)]


@pytest.mark.parametrize(("T", "O", "d", "n_blocks"), SHAPES)
def test_a_forced_pass_over_own_tokens_is_the_cached_loop(T, O, d, n_blocks):
    for seed in range(5):
        example = checks.random_transformer(T, O, d, O, seed, T, n_blocks)
        context_vector, _, params = example
        rows = SOLVED["generate"](context_vector, T, params)
        own = np.eye(O)[rows.argmax(axis=1)]
        forced = SOLVED["transformer_forward"](context_vector, own, params)
        assert np.abs(rows - forced).max() < 1e-9


def test_enough_passes_are_free_running_and_one_less_is_not():
    example = checks.random_transformer(9, 5, 4, 5, seed=2417)
    free = SOLVED["generate"](example.context_vector, 9, example.params)
    run = SOLVED["two_pass_scheduled_sampling"]
    assert np.abs(run(*example, 1.0, 8) - free).max() < 1e-9
    assert np.abs(run(*example, 1.0, 7) - free).max() > 1e-3
