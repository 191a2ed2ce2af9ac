"""Exact tests of coins: whether the rate is right, and one coin independent of the next.

Each test takes `alpha`, the probability that it refuses coins that are fair. The bounds come from
the distributions themselves, not from approximations, so `alpha` holds for any number of coins.

One mistake is to break one claim, and to break it every time: coins that hang together are not
refused for their rate, nor coins of a wrong rate for hanging together. Where coins are plainly not
fair in one way, the test of the other way makes allowance for it. That can only spare an answer
that the other test refuses.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from course.checks.cells.bounds import (
    as_many,
    binomial_bounds,
    bounds_of,
    chi_square_bound,
    equal_pairs,
    spread_bounds,
)
from course.checks.cells.patterns import without_exception


def assert_count(successes: int, n: int, p: float, alpha: float, because: str = "") -> None:
    """Assert that a number of successes is one that n fair coins give.

    Parameters
    ----------
    successes, n : int
        How many came up, of how many.
    p : float
        Probability of each.
    alpha : float
        Probability of refusing a fair count.
    because : str
        The likely cause, added to the message.
    """
    lo, hi = binomial_bounds(n, p, alpha)
    if not lo <= successes <= hi:
        finding = f"{successes} of {n}, where chance gives {lo} to {hi}"
        raise AssertionError(f"{finding}. {because}" if because else finding)


def assert_uniform(outcomes: Iterable[int], k: int, alpha: float, because: str = "") -> None:
    """Assert that outcomes 0, 1, ..., k - 1 come up as often as chance has it, each equally likely.

    Parameters
    ----------
    outcomes : iterable of int
        What came up, one a call.
    k : int
        How many there are, up to 4.
    alpha : float
        Probability that this call refuses fair outcomes: that chi-square is larger.
    because : str
        The likely cause, added to the message.

    Examples
    --------
    >>> assert_uniform([0, 1, 2] * 40, 3, alpha=1e-9)
    >>> assert_uniform([0, 1, 0] * 40, 3, alpha=1e-9, because="Is one never chosen?")
    Traceback (most recent call last):
    AssertionError: of 120 calls 80, 40, 0 came out, where each is equally likely: ...
    """
    counts = np.bincount(np.asarray(list(outcomes), dtype=np.int64), minlength=k)
    n = int(counts.sum())
    chi_square = k / n * float((counts**2).sum()) - n
    bound = chi_square_bound(n, k, alpha)
    if len(counts) > k or chi_square > bound + 1e-9:
        seen = f"of {n} calls {', '.join(map(str, counts))} came out, where each is equally likely"
        finding = f"{seen}: chi-square is {chi_square:.1f}, and stays below {bound:.1f}"
        raise AssertionError(f"{finding}. {because}" if because else finding)


def assert_rate(
    coins: np.ndarray, p: float, alpha: float, beside: np.ndarray | None = None
) -> None:
    """Assert that coins come up with probability p: overall, in each third, and at each step.

    Parameters
    ----------
    coins : ndarray of int
        Shape (runs, steps), 1 where the model's own token was fed.
    p : float
        The `sampling_prob` that was asked for.
    alpha : float
        Probability that this call refuses fair coins, all its tests together.
    beside : ndarray of int, optional
        Coins of the same function for a probability in the middle. Where p is so small that runs
        may well be all alike, they tell whether a run throws one coin or many.
    """
    coins = np.asarray(coins)
    coins = coins if beside is not None and not _one_each(beside) else _thrown(coins)
    steps = coins.shape[1]
    own = "the model's own token was fed"
    _assert_share(coins, p, alpha / 3, f"{own} in {{}}", _likely_rate(coins, p))
    for part, name in zip(_thirds(coins), ("first", "second", "last"), strict=True):
        where = f"in the {name} third of the sequence {own} in {{}}"
        _assert_share(part, p, alpha / 9, where, "Does the probability change with t?")
    for t in range(steps):
        where = f"at step {t + 1} {own} in {{}}"
        _assert_share(
            coins[:, t], p, alpha / (3 * steps), where, "Does the probability change with t?"
        )


def assert_independent(coins: np.ndarray, p: float, alpha: float) -> None:
    """Assert that coins know nothing of each other, from step to step and from call to call.

    Pairs of equal coins one and two apart are counted, along the steps and along the calls, and so
    is how far the number of successes of a call is from what is expected: drawn without
    replacement, each coin may look fair beside the next, but their number hardly varies. What is
    expected comes from the rates: p, unless the rate is plainly another, which `assert_rate` is
    there to refuse. All distributions are exact.

    Parameters
    ----------
    coins : ndarray of int
        Shape (runs, steps), 1 where the model's own token was fed.
    p : float
        The `sampling_prob` that was asked for.
    alpha : float
        Probability that this call refuses fair coins, all its tests together; but for two
        hundredths of it, by which coins that all fall alike, or never go back, are refused.
    """
    coins = np.asarray(coins)
    rates = _rates(coins, p)
    refused = []
    for what, sequences, expected in (("calls", coins.T, rates.T), ("steps", coins, rates)):
        for lag in (1, 2):
            equal = int((sequences[:, lag:] == sequences[:, :-lag]).sum())
            n = sequences[:, lag:].size
            pmf = equal_pairs(tuple(map(tuple, expected)), lag)
            lo, hi = bounds_of(pmf, alpha / 5)
            if n and not lo <= equal <= hi:
                same = float(pmf @ np.arange(len(pmf))) / n
                often = "often" if equal > same * n else "seldom"
                apart = f"one {what[:-1]}" if lag == 1 else f"two {what}"
                said = (
                    f"Two coins {apart} apart were equal in {equal} of {n} pairs: too {often}, "
                    f"since chance gives {lo} to {hi}"
                )
                refused.append(
                    (lag == 1 and equal == n, round(abs(equal / n - same), 2), -lag, said)
                )
    if refused:
        # Coins that hang together in one way look uneven in others too: name the strongest, and
        # first of all those that are always equal.
        raise AssertionError(f"{max(refused)[-1]}. {_what_it_is(coins, p)}")
    if coins.size and (coins == coins.flat[0]).all() and max(p, 1 - p) ** coins.size < alpha / 100:
        fed = "the model's own token" if coins.flat[0] else "the truth"
        raise AssertionError(
            f"{fed} was fed at all steps of all calls, where sampling_prob is {p:g}: no coin "
            "decided, so none is independent of another. Is sampling_prob used?"
        )
    switches = np.diff(coins, axis=1)
    one_way = (switches >= 0).all() or (switches <= 0).all()
    if switches.any() and one_way and _one_way(rates[0]) ** len(coins) < alpha / 100:
        raise AssertionError(f"No call goes back after it has changed. {_what_it_is(coins, p)}")
    _assert_numbers_vary(coins.sum(axis=1), tuple(rates[0]) if len(rates) else (), alpha / 10)


def _one_way(rates: np.ndarray) -> float:
    """Return how likely a call's coins are to change once at most, each tossed with its rate."""
    n = len(rates)
    rising = sum(float(np.prod(1 - rates[:k]) * np.prod(rates[k:])) for k in range(n + 1))
    falling = sum(float(np.prod(rates[:k]) * np.prod(1 - rates[k:])) for k in range(n + 1))
    return min(1.0, rising + falling)


def _what_it_is(coins: np.ndarray, p: float) -> str:
    """Say in which way coins hang together, where that holds without exception."""
    if (coins == coins.flat[0]).all():
        return "All coins of all calls fell alike: is there one coin for the whole sequence?"
    found = without_exception({p: coins})
    if found:
        return f"{found.measured}: {found.advice}"
    return "Does a coin know of the one before, in the same call or in the call before?"


def _assert_numbers_vary(successes: np.ndarray, rates: tuple[float, ...], tail: float) -> None:
    """Assert that the numbers of successes of calls vary as chance has it, each way with `tail`.

    That they vary too little is seen best by what they should be; that they vary too much, by pairs
    of calls, since a wrong rate is no dependence.
    """
    runs, of = len(successes), len(rates)
    lo, hi = spread_bounds(rates, runs, tail)
    spread = int(((2 * successes - round(2 * sum(rates))) ** 2).sum())
    first, second = successes[: runs // 2 * 2].reshape(-1, 2).T
    apart = int(((first - second) ** 2).sum())
    if spread < lo or apart > hi:
        less = spread < lo
        raise AssertionError(
            f"in {runs} calls the model's own token was fed {successes.min()} to {successes.max()} "
            f"times of {of}, which varies {'less' if less else 'more'} than chance does. "
            + (
                "Is a fixed number drawn, in place of a coin tossed at each step?"
                if less
                else "Does one coin decide of several steps?"
            )
        )


#: Fair coins seem to have another rate with this probability; then the rate that is seen counts.
_PLAINLY = 1e-4


def _thrown(coins: np.ndarray) -> np.ndarray:
    """Return the coins that were tossed: one of each run, where all runs repeat their first.

    Twenty fair runs of fifteen coins do so with a probability of far less than 1e-80.
    """
    return coins[:, :1] if _one_each(coins) else coins


def _one_each(coins: np.ndarray) -> bool:
    """Say whether all runs repeat their first coin."""
    return bool((coins == coins[:, :1]).all())


def _thirds(coins: np.ndarray) -> list[np.ndarray]:
    """Cut runs into first, second and last third; a single step is its own three thirds."""
    return np.array_split(coins, 3, axis=1) if coins.shape[1] > 2 else [coins] * 3


def _rates(coins: np.ndarray, p: float) -> np.ndarray:
    """Return each coin's probability: p, or by thirds of the sequence what is seen instead."""
    rates = np.full(coins.shape, float(p))
    fair = all(as_many(part, p, _PLAINLY / 3) for part in _thirds(_thrown(coins)))
    if not fair:
        for part, place in zip(_thirds(coins), _thirds(rates), strict=True):
            place[...] = part.mean()  # a view of `rates`
    return rates


def _assert_share(coins: np.ndarray, p: float, alpha: float, said: str, cause: str) -> None:
    lo, hi = binomial_bounds(coins.size, p, alpha)
    count = int(coins.sum())
    if not lo <= count <= hi:
        share = said.format(f"{count} of {coins.size} cases")
        raise AssertionError(f"{share}, where sampling_prob = {p:g} gives {lo} to {hi}. {cause}")


def _likely_rate(coins: np.ndarray, p: float) -> str:
    """Name the mistake that a wrong rate looks like, where it can be no other known one."""
    named = {
        "That is the rate of 1 - sampling_prob: it is the probability of the model's token.": 1 - p,
        "That is the rate of sampling_prob squared: are two coins tossed for one?": p**2,
        "That is the rate of either of two coins: is one tossed twice?": 1 - (1 - p) ** 2,
        "The model's own token is never fed: is sampling_prob used, and is it rounded?": 0.0,
        "The truth is never fed: is sampling_prob used?": 1.0,
        "That is the rate of a fair coin: is sampling_prob used?": 0.5,
        "": p / 2,
        " ": p**3,
        "  ": p**0.5,
    }
    for sides in (10, 100):
        rounded = math.ceil(sides * p) / sides
        if abs(rounded - coins.mean()) < 0.2 * abs(rounded - p):
            return f"That is the rate of {rounded:g}: is it a coin of {sides} sides?"
    fits = {rate: name for name, rate in named.items() if as_many(coins, rate, 1e-3)}
    if len(fits) == 1 and next(iter(fits.values())).strip():
        return next(iter(fits.values()))
    return "Is the coin tossed with sampling_prob?"
