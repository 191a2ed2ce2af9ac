"""What chance gives: distributions of what is counted of coins, and the bounds that it keeps.

All come from the distributions themselves, not from approximations.
"""

from __future__ import annotations

import functools
from collections import Counter

import numpy as np

from course.checks.cells.examples import Array


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
    return bounds_of(_binomial(n, p), alpha)


def _binomial(n: int, p: float) -> Array:
    """Return the distribution of the successes of n coins, 0 < p < 1."""
    k = np.arange(1, n + 1)
    log_choose = np.concatenate([[0.0], np.cumsum(np.log(n - k + 1) - np.log(k))])
    successes = np.arange(n + 1)
    pmf: Array = np.exp(log_choose + successes * np.log(p) + (n - successes) * np.log1p(-p))
    return pmf


def bounds_of(pmf: Array, alpha: float) -> tuple[int, int]:
    """Return what a number with this distribution stays within, but for `alpha`, half each way."""
    # A hair below alpha / 2, so that rounding never makes the bounds too narrow.
    tail = alpha / 2 * (1 - 1e-9)
    lo = int(np.searchsorted(np.cumsum(pmf), tail, side="right"))
    hi = len(pmf) - 1 - int(np.searchsorted(np.cumsum(pmf[::-1]), tail, side="right"))
    return lo, hi


def as_many(coins: Array, p: float, alpha: float) -> bool:
    """Say whether as many coins came up as chance gives, but for `alpha`."""
    lo, hi = binomial_bounds(coins.size, min(max(p, 0.0), 1.0), alpha)
    return lo <= int(coins.sum()) <= hi


@functools.lru_cache(maxsize=64)
def equal_pairs(rates: tuple[tuple[float, ...], ...], lag: int) -> Array:
    """Return the distribution of how many pairs of coins `lag` apart are equal.

    Parameters
    ----------
    rates : tuple of tuple of float
        Each coin's probability, a tuple for each sequence.
    lag : int
        How far apart the coins of a pair are, within a sequence.

    Returns
    -------
    ndarray
        The probability of 0, 1, 2, ... equal pairs of coins that are independent.

    Examples
    --------
    >>> equal_pairs(((0.5, 0.5, 0.5),), 1)
    array([0.25, 0.5 , 0.25])
    """
    chains = Counter(sequence[start::lag] for sequence in rates for start in range(lag))
    pmf = np.ones(1)
    for chain, times in chains.items():
        pmf = np.convolve(pmf, _power(_equal_neighbours(chain), times))
    return pmf


def _equal_neighbours(rates: tuple[float, ...]) -> Array:
    """Return the distribution of how many neighbours in one sequence are equal."""
    if not rates:
        return np.ones(1)
    n = len(rates)
    ends_0, ends_1 = np.zeros(n), np.zeros(n)  # by the number so far, and by the last coin
    ends_0[0], ends_1[0] = 1 - rates[0], rates[0]
    for q in rates[1:]:
        one_more_0, one_more_1 = np.roll(ends_0, 1), np.roll(ends_1, 1)
        ends_0, ends_1 = (1 - q) * (one_more_0 + ends_1), q * (ends_0 + one_more_1)
    return ends_0 + ends_1


def _power(pmf: Array, times: int) -> Array:
    """Return the distribution of a sum of independent numbers that all have this one.

    By Fourier transform: exact up to some 1e-16, which is far less than any `alpha`.
    """
    size = (len(pmf) - 1) * times + 1
    room = 2 ** (size - 1).bit_length()
    power = np.fft.irfft(np.fft.rfft(pmf, room) ** times, room)[:size]
    clipped: Array = np.maximum(power, 0.0)
    return clipped


@functools.lru_cache(maxsize=64)
def spread_bounds(rates: tuple[float, ...], runs: int, tail: float) -> tuple[int, int]:
    """Return the least sum of squares about twice the mean, and the greatest between two calls."""
    of = len(rates)
    number = functools.reduce(np.convolve, [np.array([1 - q, q]) for q in rates], np.ones(1))
    # Twice the mean, to the next whole number: so all squares are whole numbers.
    squares = (2 * np.arange(of + 1) - round(2 * sum(rates))) ** 2
    lo, _ = bounds_of(_power(np.bincount(squares, weights=number), runs), 2 * tail)
    apart = np.convolve(number, number[::-1])
    squares = np.arange(-of, of + 1) ** 2
    _, hi = bounds_of(_power(np.bincount(squares, weights=apart), runs // 2), 2 * tail)
    return lo, hi


@functools.lru_cache(maxsize=64)
def chi_square_bound(n: int, k: int, alpha: float) -> float:
    """Return what chi-square stays within, of n outcomes that are k alike, but for `alpha`.

    The distribution is that of the counts themselves, not the one that it comes near to.

    Parameters
    ----------
    n : int
        How many outcomes, some hundreds at most.
    k : int
        Of how many kinds, each as likely; up to 4, beyond which this takes long.
    alpha : float
        Probability of more than the bound.

    Examples
    --------
    >>> chi_square_bound(240, 2, 1e-9)
    36.81666666666666
    """
    squares, shares = _sums_of_squares(n, k)
    above = np.cumsum(shares[::-1])[::-1]  # the probability of this sum, or of a larger one
    refused = squares[above <= alpha * (1 - 1e-9)]
    largest = squares[-1] if not len(refused) else squares[squares < refused[0]][-1]
    return float(k * largest / n - n)


@functools.lru_cache(maxsize=1024)
def _sums_of_squares(n: int, k: int) -> tuple[Array, Array]:
    """Return what the squares of the counts of n outcomes sum up to, and how likely each is."""
    if k == 1 or n == 0:
        return np.array([n * n]), np.ones(1)
    half = k // 2
    likely = np.zeros(n * n + 1)
    for m, share in enumerate(_binomial(n, half / k)):
        one, other = _sums_of_squares(m, half), _sums_of_squares(n - m, k - half)
        sums = np.add.outer(one[0], other[0]).ravel()
        np.add.at(likely, sums, share * np.outer(one[1], other[1]).ravel())
    squares = np.flatnonzero(likely)
    return squares, likely[squares]
