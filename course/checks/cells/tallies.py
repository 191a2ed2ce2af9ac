"""Count coins: what many calls show of them, and how far that is from chance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from course.checks.cells.examples import Array

#: Probability that fair coins leave the bounds of one test.
ALPHA = 1e-10


#: Standard deviations that a normal variable leaves with less than that.
FAR = 6.7


@dataclass(frozen=True)
class Throws:
    """Coins of calls with the same arguments.

    Attributes
    ----------
    coins : ndarray of int
        Shape (N, S): 1 where the model's own token was fed at steps 1, ..., S.
    confidence : ndarray
        The largest probability that the model gave before each coin, shape (N, S).
    agrees : ndarray of bool
        Whether the model's own token was that of the largest entry of the truth, shape (N, S).
    """

    coins: Array
    confidence: Array
    agrees: Array


@dataclass(frozen=True)
class Oddity:
    """One thing that is wrong with coins, or with the inputs that they choose.

    Attributes
    ----------
    kind : str
        Short, and the same at each reading: what the known mistakes are matched by.
    measured : str
        The sentence with the numbers.
    advice : str
        What to look for in the code.
    """

    kind: str
    measured: str
    advice: str

    @property
    def is_of_inputs(self) -> bool:
        """Whether it is about which vectors are fed, not about the coins that choose."""
        return self.kind.startswith(("step 0 is", "truth is", "own is", "input is"))


#: What was seen by the sampling_prob that was asked for, and the coins alone.
ByProb = Mapping[float, Throws]
Coins = Mapping[float, Array]


def frequent(between: ByProb) -> Coins:
    """Return the coins that are many enough to compare shares: not those of rare events."""
    return {p: throws.coins for p, throws in between.items() if p > 0.1}


def constant(coins: Array) -> bool:
    """Say whether all coins are the same."""
    return bool((coins == coins.flat[0]).all())


def separated(throws: Throws) -> bool:
    """Say whether some confidence parts own from true without exception, either way."""
    own, true = (throws.confidence[throws.coins == value] for value in (1, 0))
    if not len(own) or not len(true):
        return True
    return bool(own.min() > true.max() or own.max() < true.min())


def dependence(table: Array, lag: int, along_calls: bool) -> float:
    """Return by how many standard deviations coins `lag` apart agree too often or too seldom.

    Mantel and Haenszel's test: shares may change from step to step, each pair of steps is a table
    of its own. Along calls each step is one.
    """
    first, second = table[:, :-lag], table[:, lag:]
    axis = 1 if along_calls else 0
    n = first.shape[axis]
    both, one, other = (x.sum(axis=axis) for x in (first & second, first, second))
    expected = one * other / n
    variance = one * (n - one) * other * (n - other) / (n**2 * max(n - 1, 1))
    total = variance.sum()
    return 0.0 if total < 1e-9 else float((both - expected).sum() / math.sqrt(total))


def confidence_counts(throws: Throws) -> float:
    """Return by how many standard deviations own coins go with confidence.

    Calls are compared that had the same coin before, at one step each: what was fed there changes
    the confidence, and a coin that hangs on the one before would seem to hang on it too.
    """
    before = np.concatenate([np.zeros_like(throws.coins[:, :1]), throws.coins[:, :-1]], axis=1)
    together = variance = 0.0
    for value in (0, 1):
        among = before == value
        n = among.sum(axis=0)
        coins, sure = (
            np.where(among, x - (x * among).sum(axis=0) / np.maximum(n, 1), 0.0)
            for x in (throws.coins, throws.confidence)
        )
        together += float((coins * sure).sum())
        squares = (coins**2).sum(axis=0) * (sure**2).sum(axis=0)
        variance += float((squares / np.maximum(n - 1, 1)).sum())
    return 0.0 if variance < 1e-12 else together / math.sqrt(variance)


def after(table: Array, lag: int) -> tuple[float, float]:
    """Return the shares of own after an own coin and after a true one."""
    first, second = table[:, :-lag], table[:, lag:]
    return float(second[first == 1].mean()) if first.any() else 0.0, float(
        second[first == 0].mean()
    ) if (first == 0).any() else 0.0


def spread_over_steps(coins: Array) -> float:
    """Return by how many standard deviations shares differ between steps more than by chance."""
    n, steps = coins.shape
    share = coins.mean()
    if share in (0, 1):
        return 0.0
    chi = float(((coins.mean(axis=0) - share) ** 2).sum() * n / (share * (1 - share)))
    return deviations(chi, steps - 1)


def deviations(chi: float, degrees: int) -> float:
    """Return a sum of squares in standard deviations, nearly: Wilson and Hilferty's number."""
    apart = float(chi / degrees) ** (1 / 3) - 1 + 2 / (9 * degrees)
    return float(apart / math.sqrt(2 / (9 * degrees)))


def lateness(coins: Array) -> float:
    """Return by how many standard deviations own tokens come later than by chance."""
    n, steps = coins.shape
    t = np.arange(steps) - (steps - 1) / 2
    share = coins.mean()
    return float((coins.mean(axis=0) * t).sum() / math.sqrt(share * (1 - share) * (t**2).sum() / n))
