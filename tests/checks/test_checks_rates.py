"""A formula is told of coins only where all that was measured fits it."""

import numpy as np
import pytest

from course.checks.cells.tallies import Throws
from course.checks.known.coins.rates import wrong_rate

#: How many coins the check reads by sampling_prob, in calls of 59 steps after step 0.
CALLS = {0.0: 18, 0.04: 30, 0.3: 36, 0.75: 60, 1.0: 18}


def told(shares, rng):
    """Return what is told of coins that came up in just these shares, by sampling_prob."""
    by_prob = {}
    for (p, calls), share in zip(CALLS.items(), shares, strict=True):
        coins = np.zeros(calls * 59, dtype=int)
        coins[: round(share * coins.size)] = 1
        coins = rng.permutation(coins).reshape(calls, 59)
        by_prob[p] = Throws(coins, np.full(coins.shape, 0.5), coins == 1)
    return wrong_rate(by_prob)


@pytest.mark.parametrize(
    ("shares", "name"),
    [
        ((0.101, 0.098, 0.392, 0.801, 1), "in tenths, with <= where < is due"),
        ((0.2, 0.2, 0.4, 0.8, 1), "in parts of 5, with <= where < is due"),
        ((0.25, 0.25, 0.5, 1, 1), "in parts of 4, with <= where < is due"),
        ((0, 0, 0.3, 0.7, 1), "in tenths"),
    ],
)
def test_a_coarse_coin_is_told_by_its_sides(shares, name, rng):
    found = told(shares, rng)
    assert found.measured.endswith(f"that is sampling_prob {name}")
    assert "too coarse" in found.advice


@pytest.mark.parametrize(
    ("shares", "formula"),
    [
        ((0.1, 0.136, 0.37, 0.775, 1), "0.10 + 0.90 * sampling_prob"),
        ((0, 0.032, 0.24, 0.6, 0.8), "0.80 * sampling_prob"),
    ],
)
def test_a_formula_that_fits_every_share_is_told(shares, formula, rng):
    assert told(shares, rng).measured.endswith(f"that is {formula}")


def test_a_formula_that_one_share_contradicts_is_not_told(rng):
    found = told((0.1, 0.175, 0.345, 0.775, 1), rng)
    assert found.kind == "another rate"
    assert "that is" not in found.measured
