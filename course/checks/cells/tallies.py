"""Count coins: what many calls show of them, and how far that is from chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from course.checks.cells.examples import Array
from course.checks.cells.statistics import binomial_bounds

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
class Unfair:
    """In which way coins are not fair.

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
    advice: str = ""


#: Coins by the sampling_prob that was asked for.
ByProb = Mapping[float, Throws]


def frequent(between: ByProb) -> list[tuple[float, Array]]:
    """Return the coins that are many enough to compare shares: not those of rare events."""
    return [(p, throws.coins) for p, throws in between.items() if p > 0.1]


def constant(coins: Array) -> bool:
    """Say whether all coins are the same."""
    return bool((coins == coins.flat[0]).all())


def separated(throws: Throws) -> bool:
    """Say whether some confidence parts own from true without exception, either way."""
    own, true = (throws.confidence[throws.coins == value] for value in (1, 0))
    if not len(own) or not len(true):
        return True
    return bool(own.min() > true.max() or own.max() < true.min())


def beat(coins: Array) -> int:
    """Return the smallest number of steps after which coins repeat, in or across calls; else 0."""
    steps = coins.shape[1]
    through = coins.reshape(-1)
    for beat in range(1, steps // 3 + 1):
        if (coins[:, beat:] == coins[:, :-beat]).all() or (
            len(through) > 3 * beat and (through[beat:] == through[:-beat]).all()
        ):
            return beat
    return 0


def evenly(coins: Array, p: float) -> bool:
    """Say whether any two stretches of equal length have as many own tokens, but for one."""
    steps = coins.shape[1]
    if not (coins == coins[:1]).all() or abs(coins[0].mean() - p) > 1.5 / steps:
        return False
    sums = np.concatenate([[0], coins[0].cumsum()])
    return all(np.ptp(sums[length:] - sums[:-length]) <= 1 for length in range(1, steps // 2))


def tied_steps(some: list[Array]) -> list[tuple[int, int]]:
    """Return pairs of steps whose coins fell alike in each call, each step with the next such."""
    together = np.concatenate(some)
    if not all(as_varied(each) for each in some):
        return []
    steps = together.shape[1]
    pairs = []
    for i in range(steps):
        for j in range(i + 1, steps):
            if (together[:, i] == together[:, j]).all() and np.ptp(together[:, i]):
                pairs.append((i + 1, j + 1))
                break
    return pairs


def as_varied(coins: Array) -> bool:
    """Say whether each step has both coins often enough, that two may not agree by chance."""
    shares = coins.mean(axis=0)
    return bool(np.median(np.minimum(shares, 1 - shares)) > 0.1)


def in_pairs(tied: list[tuple[int, int]], steps: int) -> bool:
    """Say whether the pairs are 1 and 2, 3 and 4, ..., or 2 and 3, 4 and 5, ..."""
    return (
        len(tied) >= steps // 2 - 1
        and all(j == i + 1 for i, j in tied)
        and (len({i % 2 for i, _ in tied}) == 1)
    )


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


def after(table: Array, lag: int) -> tuple[float, float]:
    """Return the shares of own after an own coin and after a true one."""
    first, second = table[:, :-lag], table[:, lag:]
    return float(second[first == 1].mean()) if first.any() else 0.0, float(
        second[first == 0].mean()
    ) if (first == 0).any() else 0.0


def as_often(coins: Array, p: float, alpha: float = ALPHA) -> bool:
    """Say whether as many coins came up as chance gives."""
    lo, hi = binomial_bounds(coins.size, min(max(p, 0.0), 1.0), alpha)
    return lo <= int(coins.sum()) <= hi


def spread_over_steps(coins: Array) -> float:
    """Return by how many standard deviations shares differ between steps more than by chance."""
    n, steps = coins.shape
    share = coins.mean()
    if share in (0, 1):
        return 0.0
    chi = float(((coins.mean(axis=0) - share) ** 2).sum() * n / (share * (1 - share)))
    degrees = steps - 1
    cube_root = float((chi / degrees) ** (1 / 3))  # Wilson and Hilferty's nearly normal number
    return float((cube_root - 1 + 2 / (9 * degrees)) / math.sqrt(2 / (9 * degrees)))


def lateness(coins: Array) -> float:
    """Return by how many standard deviations own tokens come later than by chance."""
    n, steps = coins.shape
    t = np.arange(steps) - (steps - 1) / 2
    share = coins.mean()
    return float((coins.mean(axis=0) * t).sum() / math.sqrt(share * (1 - share) * (t**2).sum() / n))


def letters(coins: Array, most: int = 20) -> str:
    """Write coins as O and T, the first ones only."""
    return "".join("O" if coin else "T" for coin in coins[:most]) + (
        "..." if len(coins) > most else ""
    )


def listed(parts: Sequence[float | str]) -> str:
    """Join numbers or words as a sentence has them."""
    words = [f"{part:g}" if isinstance(part, float) else str(part) for part in parts]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
