"""Exact tests of coins: whether the rate is right, and one coin independent of the next.

Each test takes `alpha`, the probability that it refuses coins that are fair. The bounds come from
the binomial distribution itself, not from an approximation, so `alpha` holds for any number of
coins.

One mistake is to break one claim, and to break it every time: coins that hang together are not
refused for their rate, nor coins of a wrong rate for hanging together. Where coins are plainly not
fair in one way, the test of the other way makes allowance for it. That can only spare an answer
that the other test refuses.
"""

from __future__ import annotations

import functools
import math

import numpy as np


@functools.lru_cache(maxsize=256)  # three cell types ask for the same
def binomial_bounds(n: int, p: float, alpha: float) -> tuple[int, int]:
    """Return the counts that n fair coins stay within, but for a probability of `alpha`.

    Parameters
    ----------
    n : int
        How many coins.
    p : float
        Probability of success of each, in [0, 1].
    alpha : float
        Probability of a count outside, both sides together; down to 1e-12.

    Returns
    -------
    tuple of int
        ``(lo, hi)``, the narrowest with P(X < lo) <= alpha / 2 and P(X > hi) <= alpha / 2.

    Examples
    --------
    >>> binomial_bounds(100, 0.5, 1e-6)
    (26, 74)
    """
    if p <= 0 or p >= 1 or n == 0:
        certain = 0 if p <= 0 else n
        return certain, certain
    k = np.arange(1, n + 1)
    log_choose = np.concatenate([[0.0], np.cumsum(np.log(n - k + 1) - np.log(k))])
    successes = np.arange(n + 1)
    pmf = np.exp(log_choose + successes * np.log(p) + (n - successes) * np.log1p(-p))
    # A hair below alpha / 2, so that rounding never makes the bounds too narrow.
    tail = alpha / 2 * (1 - 1e-9)
    lo = int(np.searchsorted(np.cumsum(pmf), tail, side="right"))
    hi = n - int(np.searchsorted(np.cumsum(pmf[::-1]), tail, side="right"))
    return lo, hi


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


def assert_rate(coins: np.ndarray, p: float, alpha: float) -> None:
    """Assert that coins come up with probability p: overall, in each third, and at each step.

    Parameters
    ----------
    coins : ndarray of int
        Shape (runs, steps), 1 where the model's own token was fed.
    p : float
        The `sampling_prob` that was asked for.
    alpha : float
        Probability that this call refuses fair coins, all its tests together.
    """
    coins = _thrown(np.asarray(coins))
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

    Two independent coins are equal with probability q*r + (1 - q)*(1 - r), where q and r are their
    rates: p both, unless the rate is plainly another, which `assert_rate` is there to refuse.
    Pairs one and two apart are counted, in two sets of pairs that do not overlap, so that each
    count is binomial. The number of successes a call has to vary as that of independent coins does:
    as many in each, drawn without putting back, are no coins.

    Parameters
    ----------
    coins : ndarray of int
        Shape (runs, steps), 1 where the model's own token was fed.
    p : float
        The `sampling_prob` that was asked for.
    alpha : float
        Probability that this call refuses fair coins, all its tests together.
    """
    coins = np.asarray(coins)
    rates = _rates(coins, p)
    refused = []
    for what, sequences, expected in (("calls", coins.T, rates.T), ("steps", coins, rates)):
        for lag in (1, 2):
            for offset in (0, lag):
                first, second = _disjoint_pairs(sequences, lag, offset)
                q, r = _disjoint_pairs(expected, lag, offset)
                equal, n = int((first == second).sum()), first.size
                same = float((q * r + (1 - q) * (1 - r)).mean()) if n else 1.0
                often = "often" if equal > same * n else "seldom"
                because = f"So {often} two coins {lag} {what} apart were equal"
                try:
                    assert_count(equal, n, same, alpha / 10, because)
                except AssertionError as error:
                    off = round(abs(equal / n - same), 2)
                    refused.append((lag == 1 and equal == n, off, -lag, str(error)))
    if refused:
        # Coins that hang together in one way look uneven in others too: name the strongest, and
        # first of all those that are always equal.
        raise AssertionError(f"{max(refused)[-1]}. {_what_it_is(coins, p)}")
    if _is_count(coins, p, 0.05):  # what comes too often or too seldom varies otherwise too
        _assert_counts_vary(coins, p, alpha / 5)


def _what_it_is(coins: np.ndarray, p: float) -> str:
    """Say in which way coins hang together, where that holds without exception."""
    from course.checks.tallies import Throws  # which count with this module's bounds
    from course.checks.throws import without_exception

    if (coins == coins.flat[0]).all():
        return "All coins of all calls fell alike: is there one coin for the whole sequence?"
    nothing = np.zeros(coins.shape)
    found = without_exception({p: Throws(coins, nothing, nothing.astype(bool))})
    if found:
        return f"{found.measured}: {found.advice}"
    return "Does a coin know of the one before, in the same call or in the call before?"


def _assert_counts_vary(coins: np.ndarray, p: float, alpha: float) -> None:
    """Assert that the number of successes varies from call to call as it has to."""
    some = coins[:64, :64]
    runs, steps = some.shape
    if not 0 < p < 1 or runs < 2 or not steps:
        return
    middle = round(steps * p)
    counts = some.sum(axis=1)
    came = int(((counts - middle) ** 2).sum())
    lo, hi = _square_bounds(runs, steps, p, alpha)
    if lo <= came <= hi:
        return
    variance, fair = counts.var(), steps * p * (1 - p)
    way = "too little" if came < lo else "too much"
    said = (
        f"every one of {runs} calls had {counts[0]} own tokens in {steps} steps"
        if not variance
        else f"in {runs} calls of {steps} steps it had variance {variance:.2f}"
    )
    raise AssertionError(
        f"the number of own tokens varies {way} from call to call: {said}, where that of "
        f"independent coins has variance {fair:.2f}. Throw each step's coin on its own"
    )


@functools.lru_cache(maxsize=64)
def _square_bounds(runs: int, steps: int, p: float, alpha: float) -> tuple[int, int]:
    """Return bounds of the sum of squares of counts about their middle: exact, by convolution."""
    k = np.arange(steps + 1)
    log_choose = np.array(
        [math.lgamma(steps + 1) - math.lgamma(i + 1) - math.lgamma(steps - i + 1) for i in k]
    )
    pmf = np.exp(log_choose + k * math.log(p) + (steps - k) * math.log1p(-p))
    squares = (k - round(steps * p)) ** 2
    one = np.bincount(squares, weights=pmf)
    size = runs * (len(one) - 1) + 1
    together = np.fft.irfft(np.fft.rfft(one, size) ** runs, size).clip(0)
    tail = alpha / 2 * (1 - 1e-6)  # what the transform rounds is far below that
    lo = int(np.searchsorted(np.cumsum(together), tail, side="right"))
    hi = size - 1 - int(np.searchsorted(np.cumsum(together[::-1]), tail, side="right"))
    return lo, hi


#: Fair coins seem to have another rate with this probability; then the rate that is seen counts.
_PLAINLY = 1e-4


def _thrown(coins: np.ndarray) -> np.ndarray:
    """Return the coins that were thrown: one of each run, where all runs repeat their first.

    Twenty fair runs of fifteen coins do so with a probability of far less than 1e-80.
    """
    return coins[:, :1] if (coins == coins[:, :1]).all() else coins


def _thirds(coins: np.ndarray) -> list[np.ndarray]:
    """Cut runs into first, second and last third; a single step is its own three thirds."""
    return np.array_split(coins, 3, axis=1) if coins.shape[1] > 2 else [coins] * 3


def _rates(coins: np.ndarray, p: float) -> np.ndarray:
    """Return each coin's probability: p, or by thirds of the sequence what is seen instead."""
    rates = np.full(coins.shape, float(p))
    fair = all(_is_count(part, p, _PLAINLY / 3) for part in _thirds(_thrown(coins)))
    if not fair:
        for part, place in zip(_thirds(coins), _thirds(rates), strict=True):
            place[...] = part.mean()  # a view of `rates`
    return rates


def _is_count(coins: np.ndarray, p: float, alpha: float) -> bool:
    """Say whether as many coins came up as chance gives."""
    lo, hi = binomial_bounds(coins.size, p, alpha)
    return lo <= int(coins.sum()) <= hi


def _disjoint_pairs(sequence: np.ndarray, lag: int, offset: int) -> tuple[np.ndarray, np.ndarray]:
    """Pair entries `lag` apart along the last axis, each entry in one pair at most."""
    length = (sequence.shape[1] - offset) // (2 * lag) * 2 * lag
    blocks = sequence[:, offset : offset + max(length, 0)].reshape(len(sequence), -1, 2, lag)
    return blocks[:, :, 0], blocks[:, :, 1]


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
        "That is the rate of sampling_prob squared: are two coins thrown for one?": p**2,
        "That is the rate of either of two coins: is one thrown twice?": 1 - (1 - p) ** 2,
        "The model's own token is never fed: is sampling_prob used?": 0.0,
        "The truth is never fed: is sampling_prob used?": 1.0,
        "That is the rate of a fair coin: is sampling_prob used?": 0.5,
        "": p / 2,
        " ": p**3,
        "  ": p**0.5,
    }
    fits = {rate: name for name, rate in named.items() if _is_count(coins, rate, 1e-3)}
    if len(fits) == 1 and next(iter(fits.values())).strip():
        return next(iter(fits.values()))
    return "Is the coin thrown with sampling_prob?"
