"""Bounds are exact; coins that are not fair are refused, and those that are pass."""

import re
from fractions import Fraction
from itertools import product
from math import comb

import numpy as np
import pytest

from course import checks
from course.checks.cells.bounds import equal_pairs

ALPHA = 1e-7


def exact_bounds(n, p, alpha):
    """Return the bounds from exact fractions, the slow way."""
    p, half = Fraction(p), Fraction(alpha) / 2
    pmf = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    lo, below = 0, Fraction(0)
    while below + pmf[lo] <= half:
        below += pmf[lo]
        lo += 1
    hi, above = n, Fraction(0)
    while above + pmf[hi] <= half:
        above += pmf[hi]
        hi -= 1
    return lo, hi


@pytest.mark.parametrize("n", [1, 2, 9, 60, 300])
@pytest.mark.parametrize("p", [0.5, 0.75, 0.1, 0.99])
@pytest.mark.parametrize("alpha", [0.05, 1e-6, 1e-12])
def test_bounds_are_those_of_exact_fractions(n, p, alpha):
    assert checks.binomial_bounds(n, p, alpha) == exact_bounds(n, p, alpha)


def test_certain_coins_have_one_count():
    assert checks.binomial_bounds(50, 0.0, 1e-9) == (0, 0)
    assert checks.binomial_bounds(50, 1.0, 1e-9) == (50, 50)
    assert checks.binomial_bounds(0, 0.3, 1e-9) == (0, 0)


def test_many_coins_do_not_underflow():
    lo, hi = checks.binomial_bounds(100_000, 0.75, 1e-12)
    assert 73_900 < lo < 74_100
    assert 75_900 < hi < 76_100


def test_a_count_out_of_bounds_says_what_chance_gives():
    with pytest.raises(AssertionError, match=r"99 of 100, where chance gives 26 to 74. Alas"):
        checks.assert_count(99, 100, 0.5, 1e-6, "Alas")
    checks.assert_count(74, 100, 0.5, 1e-6)


def throw(rng, p, shape=(200, 9)):
    return (rng.random(shape) < p).astype(int)


@pytest.mark.parametrize(
    ("thrown", "said"), [(0.75**2, "sampling_prob squared"), (0.25, "rate of 1 - sampling_prob")]
)
def test_a_coin_of_another_rate_is_refused_by_name(rng, thrown, said):
    with pytest.raises(AssertionError, match=said):
        checks.assert_rate(throw(rng, thrown), 0.75, ALPHA)


def test_a_rate_that_drifts_with_t_is_refused(rng):
    drifting = throw(rng, np.linspace(0.5, 1.0, 9))
    assert abs(drifting.mean() - 0.75) < 0.03
    with pytest.raises(AssertionError, match=r"third of the sequence.*change with t"):
        checks.assert_rate(drifting, 0.75, ALPHA)


def test_one_odd_step_is_refused(rng):
    coins = throw(rng, 0.5, (400, 12))
    coins[:, 6] = 0
    with pytest.raises(AssertionError, match=r"where sampling_prob = 0\.5 gives"):
        checks.assert_rate(coins, 0.5, ALPHA)


def test_alternation_is_refused_though_its_rate_is_right(rng):
    coins = (rng.integers(2, size=(200, 1)) + np.arange(10)) % 2
    checks.assert_rate(coins, 0.5, ALPHA)
    with pytest.raises(AssertionError, match=r"one step apart.*alternation in place of chance"):
        checks.assert_independent(coins, 0.5, ALPHA)


@pytest.mark.parametrize(
    ("p", "shape", "times", "axis", "said"),
    [
        (0.75, (200, 1), 9, 1, "one coin for the whole sequence"),
        (0.05, (200, 1), 9, 1, "one coin for the whole sequence"),
        (0.75, (200, 5), 2, 1, "one step apart"),
        (0.75, (1, 9), 200, 0, "a seed inside the function"),
    ],
    ids=["one coin a sequence", "one that seldom comes up", "a coin kept for two steps", "a seed"],
)
def test_a_coin_that_is_used_again_is_refused_by_name(rng, p, shape, times, axis, said):
    coins = np.repeat(throw(rng, p, shape), times, axis=axis)
    with pytest.raises(AssertionError, match=said):
        checks.assert_independent(coins, p, ALPHA)


def test_two_calls_that_take_turns_are_refused():
    coins = np.tile([[1, 0, 1, 1, 0, 0, 1, 0], [1, 1, 0, 1, 0, 1, 0, 0]], (100, 1))
    with pytest.raises(AssertionError, match=r"apart were equal"):
        checks.assert_independent(coins, 0.5, ALPHA)


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("shape", [(200, 9), (50, 1), (1, 40), (3, 2)])
def test_fair_coins_pass(rng, p, shape):
    coins = throw(rng, p, shape)
    checks.assert_rate(coins, p, ALPHA)
    checks.assert_independent(coins, p, ALPHA)


def test_fair_coins_are_refused_no_more_often_than_alpha(rng):
    refused = 0
    for _ in range(400):
        coins = throw(rng, 0.75, (40, 5))
        try:
            checks.assert_rate(coins, 0.75, 0.05)
            checks.assert_independent(coins, 0.75, 0.05)
        except AssertionError:
            refused += 1
    # At most 10 % each time: 400 times give more than 70 with probability 3e-6.
    assert refused <= 70


@pytest.mark.parametrize("p", [0.25, 0.5, 0.6, 0.75])
def test_one_coin_a_sequence_is_never_refused_for_its_rate(rng, p):
    for _ in range(200):
        checks.assert_rate(np.repeat(throw(rng, p, (20, 1)), 15, axis=1), p, ALPHA)


@pytest.mark.parametrize("p", [0.5, 0.6])
@pytest.mark.parametrize("rate", [lambda p: p**2, lambda p: 1 - (1 - p) ** 2, lambda p: 1 - p])
def test_coins_of_a_wrong_rate_are_not_refused_for_hanging_together(rng, p, rate):
    for _ in range(60):
        checks.assert_independent(throw(rng, rate(p), (12, 24)), p, ALPHA)


def test_a_rate_that_drifts_is_not_refused_for_hanging_together(rng):
    for _ in range(60):
        checks.assert_independent(throw(rng, np.linspace(0.1, 0.9, 24), (12, 24)), 0.5, 1e-8)


def test_one_coin_a_sequence_is_refused_every_time(rng):
    for _ in range(200):
        coins = np.repeat(throw(rng, 0.6, (12, 1)), 24, axis=1)
        with pytest.raises(AssertionError, match=r"one coin for the whole sequence|coins kept"):
            checks.assert_independent(coins, 0.6, ALPHA)


def refused(test, coins, p, times=60):
    """Return how many of some tries are refused."""
    count = 0
    for _ in range(times):
        try:
            test(coins(), p, 5e-8)
        except AssertionError:
            count += 1
    return count


@pytest.mark.parametrize("lag", [1, 2])
@pytest.mark.parametrize("rates", [((0.6,) * 5,), ((0.5, 0.1, 0.9, 0.3), (0.7,) * 4)])
def test_the_number_of_equal_pairs_is_that_of_all_sequences(rates, lag):
    lengths = [len(one) for one in rates]
    expected = np.zeros(sum(max(length - lag, 0) for length in lengths) + 1)
    for coins in product((0, 1), repeat=sum(lengths)):
        parts = np.split(np.array(coins), np.cumsum(lengths)[:-1])
        equal = sum(int((one[lag:] == one[:-lag]).sum()) for one in parts)
        flat = np.concatenate(rates)
        expected[equal] += np.prod(np.where(coins, flat, 1 - flat))
    np.testing.assert_allclose(equal_pairs(rates, lag), expected, atol=1e-15)


def drawn(rng, p, runs, steps, first=0):
    """Return coins of which as many come up in each run; the first may be one that nobody sees."""
    total = steps + first
    chosen = rng.random((runs, total)).argsort(axis=1).argsort(axis=1) < round(p * total)
    return chosen[:, first:].astype(int)


@pytest.mark.parametrize(("p", "runs", "steps", "first"), [(0.5, 24, 12, 0), (0.6, 30, 24, 1)])
def test_a_fixed_number_drawn_without_replacement_is_refused(rng, p, runs, steps, first):
    with pytest.raises(AssertionError, match=r"varies less than chance does. Is a fixed number"):
        checks.assert_independent(drawn(rng, p, runs, steps, first), p, 5e-8)
    assert refused(checks.assert_independent, lambda: drawn(rng, p, runs, steps, first), p) == 60


def test_calls_of_different_rates_are_refused_though_each_throws_its_own_coins(rng):
    coins = throw(rng, rng.choice([0.2, 0.8], (30, 1)), (30, 24))
    known = r"one coin|varies more than chance|know of the one before"
    with pytest.raises(AssertionError, match=known):
        checks.assert_independent(coins, 0.5, 5e-8)


def test_a_coin_that_is_kept_now_and_then_is_refused(rng):
    def coins():
        sticky = throw(rng, 0.6, (30, 24))
        for t in range(1, 24):
            sticky[:, t] = np.where(rng.random(30) < 0.5, sticky[:, t - 1], sticky[:, t])
        return sticky

    assert refused(checks.assert_independent, coins, 0.6) == 60


@pytest.mark.parametrize(
    ("p", "runs", "steps", "rate"),
    [
        (0.63, 20, 15, 0.63**2),
        (0.63, 20, 15, 1 - 0.37**2),
        (0.63, 20, 15, 0.37),
        (0.03, 20, 35, 0.0),
        (0.03, 20, 35, 0.1),
        (0.0028, 45, 150, 0.0),
        (0.0028, 45, 150, 0.01),
    ],
)
def test_a_coin_that_is_squared_or_doubled_or_in_tenths_or_per_cent_is_refused(
    rng, p, runs, steps, rate
):
    beside = throw(rng, 0.5, (4, steps))

    def test(coins, p, alpha):
        checks.assert_rate(coins, p, alpha, beside=beside)

    assert refused(test, lambda: throw(rng, rate, (runs, steps)), p) >= 55


def test_one_coin_a_sequence_is_not_refused_for_a_small_rate_either(rng):
    beside = np.repeat(throw(rng, 0.5, (4, 1)), 35, axis=1)
    for _ in range(50):
        coins = np.repeat(throw(rng, 0.03, (20, 1)), 35, axis=1)
        checks.assert_rate(coins, 0.03, 5e-8, beside=beside)


@pytest.mark.parametrize(
    ("coins", "never"),
    [
        (np.tile(np.arange(24) % 2, (12, 1)), "seed|one coin for"),
        (np.tile(np.arange(24) < 12, (12, 1)).astype(int), "seed|one coin for"),
        (np.tile(np.arange(24) % 3 > 0, (12, 1)).astype(int), "seed|one coin for"),
    ],
)
def test_a_pattern_is_told_as_a_pattern_and_not_as_a_seed(coins, never):
    with pytest.raises(AssertionError, match=r"repeat every|came first|evenly spaced") as caught:
        checks.assert_independent(coins, 0.5, ALPHA)
    assert not re.search(never, str(caught.value))


@pytest.mark.parametrize("p", [0.25, 0.75])
def test_a_wrong_rate_is_named_only_where_no_other_gives_it(rng, p):
    few = throw(rng, 0.5, (20, 3))
    with pytest.raises(AssertionError, match=r"Is the coin tossed with sampling_prob\?$"):
        checks.assert_rate(np.concatenate([few, 1 - few]), p, 0.01)


@pytest.mark.parametrize(("own", "fed"), [(0, "the truth"), (1, "the model's own token")])
def test_where_no_coin_is_thrown_none_is_independent(own, fed):
    with pytest.raises(AssertionError, match=rf"^{fed} was fed at all steps of all calls"):
        checks.assert_independent(np.full((24, 12), own), 0.5, 5e-8)


def test_a_step_without_a_coin_is_refused_by_the_rate(rng):
    coins = throw(rng, 0.63, (24, 15))
    coins[:, 0] = 0
    with pytest.raises(AssertionError, match=r"at step 1 "):
        checks.assert_rate(coins, 0.63, 5e-8)
