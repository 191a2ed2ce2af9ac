"""Compare how the results of a function with chance in it are spread."""

from __future__ import annotations

import itertools
import math

import numpy as np

from course.checks.asserts import ATOL, RTOL
from course.checks.examples import Array
from course.checks.features import Feature, alike, is_raised
from course.checks.statistics import binomial_bounds


def agrees(got: Feature, known: Feature, right: Feature) -> bool:
    """Say whether a feature can be the known one, which is right's own or that of a mistake."""
    if known.kind == "array" and known.values is None:
        # Always the same, but what it is hangs on a seed.
        return got.kind == "array"
    if right.kind != "outcomes":
        # A right answer may say of an exception what it likes.
        return got.kind == known.kind if known is right and is_raised(got) else alike(got, known)
    if known is right:
        return coins_of(got, right) is not None
    return surprise(got, known, right) < 1


def surprise(got: Feature, known: Feature, right: Feature) -> float:
    """Compare how outcomes are spread: below 1 where both can be of one function.

    It is the likelihood ratio G over what it rarely exceeds. A mistake's one outcome that hangs on
    a seed has no values: any coins will do, if they are always the same. So have outcomes that are
    too many to list: others that are as many will do.
    """
    by_chance_constant = (got.kind, known.kind) == ("constant", "outcomes")
    if got.kind not in ("outcomes", "constant") or (
        got.kind != known.kind and not by_chance_constant
    ):
        return 0.0 if alike(got, known) else np.inf
    if known.values is None:
        fits = (coins_of(got, right) is not None) if known.kind == "constant" else _is_endless(got)
        return 0.0 if fits else np.inf
    counts, shares = _tally(got, known)
    if shares is None:
        return 0.0 if not counts[-1] else np.inf
    if shares[-1] > 0.5 or not _as_often_allowed(got, known, right):
        return np.inf
    seen, expected = counts > 0, shares * counts.sum()
    ratio = 2 * float((counts[seen] * np.log(counts[seen] / expected[seen])).sum())
    freedom = len(counts) - 1
    return ratio / (freedom + 6 * math.sqrt(2 * freedom) + 12)


def distinct(runs: Array) -> tuple[Array, Array]:
    """Return the index of each outcome's first run, and how often it came."""
    _, first, counts = np.unique(runs.round(4), axis=0, return_index=True, return_counts=True)
    return first, counts


def _is_endless(got: Feature) -> bool:
    """Say whether hardly an outcome comes twice, so that they cannot be listed."""
    return got.values is not None and (distinct(got.values)[1] == 1).mean() > 0.8


def _as_often_allowed(got: Feature, known: Feature, right: Feature) -> bool:
    """Say whether as many outcomes are also the right answer's as a mistake would give."""
    if got.values is None or known.values is None or known.shares is None or right.values is None:
        return False
    allowed = _nearest(known.values, right.values)[1]
    share = float(known.shares[allowed].sum() / known.shares.sum())
    seen = _nearest(got.values, right.values)[1]
    # The share is an estimate itself, from some hundred runs.
    lo, hi = binomial_bounds(len(seen), min(max(share, 0.02), 0.98), 1e-6)
    return lo <= int(seen.sum()) <= hi


def unlikelihood(got: Feature, known: Feature, right: Feature) -> float:
    """Return how unlikely outcomes are under a mistake that agrees: minus log-likelihood."""
    if known.kind == "constant" and known.values is None:
        # Coins that are not all equal are more likely a pattern, if there is one that fits.
        coins = coins_of(got, right)
        return 0.0 if coins is None or len(np.unique(coins)) < 2 else 1.0
    if known.kind != "outcomes":
        return 0.0
    counts, shares = _tally(got, known)
    # What is not known of a mistake may be any of some hundred outcomes.
    each = np.append(shares[:-1], shares[-1] / 100) if shares is not None else np.ones(len(counts))
    return -float((counts * np.log(each)).sum())


def _tally(got: Feature, known: Feature) -> tuple[Array, Array | None]:
    """Count how often each known outcome came, the others last; and their known shares."""
    if known.values is None:
        return np.array([1]), None
    nearest, fits = _nearest(got.values, known.values)
    counts = np.append(np.bincount(nearest[fits], minlength=len(known.values)), (~fits).sum())
    if known.shares is None:
        return counts, None
    shares = np.append(known.shares, max(1 - known.shares.sum(), 0)) + 1e-3
    return counts, shares / shares.sum()


def coins_of(feature: Feature, right: Feature) -> Array | None:
    """Return the coins (runs, T - 1) behind outcomes; None where one is not of the right answer.

    The right answer's outcomes are in the order of their coins, read as a binary number.
    """
    if feature.kind not in ("outcomes", "constant") or right.values is None:
        return None
    nearest, fits = _nearest(feature.values, right.values)
    if not fits.all():
        return None
    coins: Array = coin_sequences(right.values.shape[1] - 1)[nearest]
    return coins


def coin_sequences(n_coins: int) -> Array:
    """Return all sequences of coins, shape (2**n_coins, n_coins), as binary numbers in order."""
    return np.array(list(itertools.product((0, 1), repeat=n_coins)))


def _nearest(runs: Array | None, known: Array) -> tuple[Array, Array]:
    """Return for each run the index of the nearest known outcome, and whether it is that one."""
    if runs is None or runs.shape[1:] != known.shape[1:]:
        n = 1 if runs is None else len(runs)
        return np.zeros(n, dtype=int), np.zeros(n, dtype=bool)
    apart = np.abs(runs[:, None] - known[None]) - RTOL * np.abs(known[None])
    apart = apart.reshape(len(runs), len(known), -1).max(axis=2)
    nearest = apart.argmin(axis=1)
    return nearest, apart[np.arange(len(runs)), nearest] <= ATOL
