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
    _assert_share(coins, p, alpha / 3, f"{own} in {{}}", _likely_rate(coins.mean(), p))
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
    count is binomial.

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
                cause = _CAUSES[what, equal > same * n]
                because = f"So often two coins {lag} {what} apart were equal: is there {cause}?"
                try:
                    assert_count(equal, n, same, alpha / 8, because)
                except AssertionError as error:
                    off = round(abs(equal / n - same), 2)
                    refused.append((lag == 1 and equal == n, off, -lag, str(error)))
    if refused:
        # Coins that hang together in one way look uneven in others too: name the strongest, and
        # first of all those that are always equal.
        raise AssertionError(max(refused)[-1])


#: What makes coins equal too often (True) or too seldom.
_CAUSES = {
    ("calls", True): "a seed inside the function, or are coins kept for the next call",
    ("calls", False): "alternation from call to call",
    ("steps", True): "one coin for the whole sequence",
    ("steps", False): "alternation in place of chance",
}


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


def _likely_rate(rate: float, p: float) -> str:
    """Name the mistake that a wrong rate looks like."""
    named = {
        1 - p: "That is the rate of 1 - sampling_prob: it is the probability of the model's token.",
        p**2: "That is the rate of sampling_prob squared: are two coins thrown for one?",
        1 - (1 - p) ** 2: "That is the rate of either of two coins: is one thrown twice?",
        0.0: "The model's own token is never fed: is sampling_prob used?",
        1.0: "The truth is never fed: is sampling_prob used?",
        0.5: "That is the rate of a fair coin: is sampling_prob used?",
    }
    nearest = min(named, key=lambda value: abs(value - rate))
    return (
        named[nearest] if abs(nearest - rate) < 0.02 else "Is the coin thrown with sampling_prob?"
    )
