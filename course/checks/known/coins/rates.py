"""Tell of coins that come up too often or too seldom by which rule they do."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from course.checks.cells.bounds import as_many, binomial_bounds
from course.checks.cells.examples import Array
from course.checks.cells.tallies import (
    ALPHA,
    FAR,
    ByProb,
    Coins,
    Oddity,
    frequent,
    lateness,
    spread_over_steps,
)
from course.checks.known.told import listed, percent


def changes_along_steps(by_prob: ByProb) -> Oddity | None:
    """Find shares that change along the sequence, or single steps that are special."""
    large = frequent({p: throws for p, throws in by_prob.items() if p < 1})
    odd = _odd_steps(by_prob)
    steps = next(iter(large.values())).shape[1]
    t = np.arange(1, steps + 1)
    if max(map(spread_over_steps, large.values())) > FAR:
        for name, of in SHARES_BY_STEP.items():
            if all(_fits_by_step(coins, of(p, t, steps + 1)) for p, coins in large.items()):
                way = _way(large)
                return Oddity(f"share {name}", f"{_along(large)}: it {way}, as {name}", _SAME_P)
        slope = max((lateness(coins) for coins in large.values()), key=abs)
        inner = max((lateness(coins[:, 2:-2]) for coins in large.values()), key=abs)
        if abs(slope) > FAR and (abs(inner) > FAR or not odd):
            way = "rises" if slope > 0 else "falls"
            return Oddity(f"share {way}", f"{_along(large)}: it {way} with t", _SAME_P)
    places = sorted({place for place, _, _ in odd})
    if not places:
        return None
    place, p, share = odd[0]
    which = "the last step, " if place == steps else ""
    others = f", and at {len(places) - 1} more," if len(places) > 1 else ""
    return Oddity(
        "odd steps",
        f"At {which}step {place}{others} the own token was fed in {percent(share)} of calls with "
        f"sampling_prob = {p:g}, unlike at the other steps",
        "every step after step 0 gets a coin of the same probability",
    )


def _way(large: Coins) -> str:
    rises = sum(each[:, -1].mean() - each[:, 0].mean() for each in large.values()) > 0
    return "rises with t" if rises else "falls with t"


_SAME_P = "use the same sampling_prob at every step, from the first to the last"


#: Shares by step that learners write: of p, of the steps t, and of T.
SHARES_BY_STEP: dict[str, Callable[[float, Array, int], Array]] = {
    "sampling_prob to the power of t": lambda p, t, T: p**t,
    "sampling_prob to the power of t - 1": lambda p, t, T: p ** (t - 1),
    "1 - (1 - sampling_prob)**t": lambda p, t, T: 1 - (1 - p) ** t,
    "sampling_prob * t / T": lambda p, t, T: p * t / T,
    "sampling_prob * t / (T - 1)": lambda p, t, T: p * t / (T - 1),
    "sampling_prob * 2 * t / T": lambda p, t, T: np.minimum(p * 2 * t / T, 1),
    "sampling_prob * (1 - t / T)": lambda p, t, T: p * (1 - t / T),
    "sampling_prob to the power of 1 / t": lambda p, t, T: p ** (1 / t),
    "sampling_prob / t": lambda p, t, T: p / t,
    "t / T, whatever sampling_prob is": lambda p, t, T: t / T,
    "1 - t / T, whatever sampling_prob is": lambda p, t, T: 1 - t / T,
}  # fmt: skip


#: Probability that coins of a rate are not told to be of it.
NAMED = 1e-6

#: The same of coins of a rate whose numbers are read off the coins themselves.
READ_OFF = 1e-5

#: The same of fair coins, where those at 0 or 1 fail: what a few say in between is then left out.
FAR_OFF = 1e-15

#: By how much, as a logarithm, a rate has to be likelier than the next one to be named.
CLEAR = 5.0


def _normal(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


_UNIFORM = "rng.random() is uniform in [0, 1): compare it with sampling_prob"


_COARSE = "a coin of few sides is too coarse: compare rng.random() with sampling_prob"


#: How many sides coarse coins have.
_SIDES = (2, 3, 4, 5, 6, 8, 10, 12)


def _parts(sides: int) -> str:
    return "tenths" if sides == 10 else f"parts of {sides}"


#: Shares that learners' coins have: what they are, what to do, and as functions of sampling_prob.
RATES: tuple[tuple[str, str, Callable[[float], float]], ...] = (
    ("1 - sampling_prob",
     "turn the comparison round: sampling_prob is the probability of the model's own token",
     lambda p: 1 - p),
    ("sampling_prob squared",
     "two coins have to come up where one is enough: toss one coin at each step", lambda p: p**2),
    ("sampling_prob cubed",
     "three coins have to come up where one is enough: toss one coin at each step", lambda p: p**3),
    ("the square root of sampling_prob", "compare with sampling_prob itself", lambda p: p**0.5),
    ("1 - (1 - sampling_prob)**2, that of either of two coins",
     "a second coin is tossed where the first has not come up: toss one coin at each step",
     lambda p: 1 - (1 - p) ** 2),
    ("0.5, that of a fair coin, whatever sampling_prob is",
     "compare the random number with sampling_prob", lambda p: 0.5),
    ("half of sampling_prob", "compare with sampling_prob itself", lambda p: p / 2),
    ("twice sampling_prob", "compare with sampling_prob itself", lambda p: min(2 * p, 1.0)),
    ("(1 + sampling_prob) / 2, as of random numbers from -1 to 1", _UNIFORM, lambda p: (1 + p) / 2),
    ("what normal rather than uniform random numbers give", _UNIFORM, lambda p: _normal(p)),
    ("what normal rather than uniform random numbers give", _UNIFORM, lambda p: 1 - _normal(p)),
    # Both lie close together, and have one name.
    ("what random numbers give that are not uniform", _UNIFORM, lambda p: 2 * _normal(p) - 1),
    ("what random numbers give that are not uniform", _UNIFORM, lambda p: 1 - math.exp(-p)),
    ("(1 - sampling_prob) squared", "toss one coin at each step", lambda p: (1 - p) ** 2),
    ("1 - sampling_prob squared", "toss one coin at each step", lambda p: 1 - p**2),
    ("sampling_prob * (1 - sampling_prob)",
     "toss one coin at each step, and compare it with sampling_prob", lambda p: p * (1 - p)),
    ("sampling_prob rounded to tenths", _COARSE, lambda p: round(p, 1)),
    *((f"sampling_prob in {_parts(sides)}, with <= where < is due", _COARSE,
     lambda p, sides=sides: min((math.floor(sides * p + 1e-9) + 1) / sides, 1.0))
     for sides in _SIDES),
    *((f"sampling_prob in {_parts(sides)}", _COARSE,
     lambda p, sides=sides, whole=whole: whole(sides * p) / sides)
     for sides in _SIDES
     for whole in (lambda x: math.floor(x + 1e-9), lambda x: math.ceil(x - 1e-9), round)),
)  # fmt: skip


def wrong_rate(by_prob: ByProb) -> Oddity | None:
    """Compare the share at each sampling_prob with it, and with what learners' coins give."""
    free = {p: throws for p, throws in by_prob.items() if 0 < p < 1}
    alpha = FAR_OFF if fails_at_the_ends(by_prob) else ALPHA
    if all(as_many(throws.coins, p, alpha) for p, throws in free.items()):
        return None
    said = listed(
        [f"{percent(throws.coins.mean(), 1)} at {p:g}" for p, throws in sorted(by_prob.items())]
    )
    measured = f"By sampling_prob the own token was fed in {said}"
    plain = tuple(one for one in RATES if one[1] != _COARSE)
    few_sides = _of_few_sides(by_prob, free)
    held = _held(by_prob)
    for asked, rates, where in (  # the ends may be guarded
        (by_prob, plain, ""),
        (by_prob, held, ""),
        (free, plain, " between 0 and 1"),
    ):
        fits = [
            (_likelihood(asked, rate), name, advice, _likelihood(free, rate))
            for name, advice, rate in rates
            if _fits(asked, rate, READ_OFF if rates is held else NAMED)
        ]
        if fits:
            _, name, advice, likelihood = max(fits)
            if few_sides and few_sides[0] > likelihood + (0 if rates is held else CLEAR):
                break
            kind = "held" if rates is held else name
            return Oddity(f"rate {kind}{where}", f"{measured}: that is {name}{where}", advice)
    if few_sides:
        _, name = few_sides
        return Oddity(f"rate {name}", f"{measured}: that is {name}", _COARSE)
    factor = sum(throws.coins.sum() for throws in free.values()) / sum(
        p * throws.coins.size for p, throws in free.items()
    )
    if 0 < factor < 1 and _fits(by_prob, lambda p: factor * p):
        measured += f": that is {factor:.2g} times sampling_prob throughout"
    return Oddity(
        "another rate",
        measured,
        "compare a uniform random number from 0 to 1 with sampling_prob itself; neither is divided "
        "or multiplied",
    )


def _fits(by_prob: ByProb, rate: Callable[[float], float], alpha: float = NAMED) -> bool:
    return all(as_many(throws.coins, rate(p), alpha) for p, throws in by_prob.items())


def _of_few_sides(by_prob: ByProb, free: ByProb) -> tuple[float, str] | None:
    """Name the few-sided coin that comes up so often, after the likelihood of what came.

    None where there is none, or several.
    """
    fits = sorted(
        (
            (_likelihood(free, rate), name, rate)
            for name, advice, rate in RATES
            if advice == _COARSE and _fits(free, rate)
        ),
        key=lambda fit: -fit[0],
    )
    if not fits:
        return None
    best, name, rate = fits[0]
    for likelihood, _, other in fits[1:]:
        if best - likelihood < CLEAR and any(abs(rate(p) - other(p)) > 1e-9 for p in free):
            return None
    return best, name if _fits(by_prob, rate) else f"{name} between 0 and 1"


def _held(by_prob: ByProb) -> tuple[tuple[str, str, Callable[[float], float]], ...]:
    """Return rates that keep off 0 or off 1, by the shares that came there."""
    if not {0.0, 1.0} <= by_prob.keys():
        return ()
    lo, hi = (float(by_prob[p].coins.mean()) for p in (0.0, 1.0))
    if hi - lo < 0.3 or (lo == 0 and hi == 1):
        return ()
    # All coins that a bound decides say together where it is.
    low = [each.coins for p, each in by_prob.items() if p < 0.8 * lo]
    high = [each.coins for p, each in by_prob.items() if 1 - p < 0.8 * (1 - hi)]
    least, most = (
        float(np.concatenate([each.reshape(-1) for each in some]).mean()) if some else end
        for some, end in ((low, lo), (high, hi))
    )
    bounds = " and ".join(
        [f"never below {least:.2f}"] * (lo > 0) + [f"never above {most:.2f}"] * (hi < 1)
    )
    return (
        (
            f"sampling_prob itself in between, and {bounds}, as of a probability that is clipped",
            "compare with sampling_prob as it was given; 0 and 1 are allowed",
            lambda p: min(max(p, least), most),
        ),
        (
            (f"{lo:.2f} + " if lo else "") + f"{hi - lo:.2f} * sampling_prob",
            "compare with sampling_prob itself, so that 0 is never and 1 is always",
            lambda p: lo + (hi - lo) * p,
        ),
    )


def _likelihood(by_prob: ByProb, rate: Callable[[float], float]) -> float:
    """Return the logarithm of the probability of coins that come up with this rate."""
    total = 0.0
    for p, throws in by_prob.items():
        own, share = int(throws.coins.sum()), min(max(rate(p), 1e-9), 1 - 1e-9)
        total += own * math.log(share) + (throws.coins.size - own) * math.log1p(-share)
    return total


def fails_at_the_ends(by_prob: ByProb) -> Oddity | None:
    """Find coins that are fair in between, and fail at 0 or at 1."""
    for p, wanted, said in ((0.0, 0, "own token was fed"), (1.0, 1, "truth was fed")):
        coins = by_prob[p].coins if p in by_prob else np.full((1, 1), wanted)
        count = int((coins != wanted).sum())
        if count:
            return Oddity(
                f"fails at {p:g}",
                f"At sampling_prob = {p:g} the {said} in {count} of {coins.size} cases, which must "
                f"be none",
                "compare rng.random() < sampling_prob: random() can be 0, but never 1",
            )
    return None


def _fits_by_step(coins: Array, shares: Array) -> bool:
    """Say whether shares by step are these, up to chance."""
    shares = np.clip(shares, 0, 1)
    certain = (shares < 1e-12) | (shares > 1 - 1e-12)
    if (coins[:, certain] != shares[certain].round()).any():
        return False
    n, came, free = len(coins), coins.mean(axis=0)[~certain], shares[~certain]
    variance = free * (1 - free) * n
    rare = variance < 1.0
    chi = float((((came - free) * n) ** 2 / np.maximum(variance, 1.0)).sum())
    degrees = max(len(free) - int(rare.sum()), 1)
    together = abs(float(((came - free) * n).sum())) / math.sqrt(max(float(variance.sum()), 1e-9))
    return together < 4.5 and chi < degrees + 6 * math.sqrt(2 * degrees) + 12


def _odd_steps(by_prob: ByProb) -> list[tuple[int, float, float]]:
    """Return single steps whose share is not that of the others: step, sampling_prob, share."""
    found = []
    for p, throws in by_prob.items():
        coins = throws.coins
        n, steps = coins.shape
        usual = float(np.median(coins.mean(axis=0)))
        for t, count in enumerate(coins.sum(axis=0).tolist()):
            if p in (0, 1):  # what fails now and then is no matter of the step
                odd = count == n * (1 - usual) and usual in (0, 1)
            else:
                # A step is odd beside the middle one and beside all others together.
                others = float((coins.sum() - count) / (n * max(steps - 1, 1)))
                bounds = [binomial_bounds(n, rate, ALPHA / steps) for rate in (usual, others)]
                odd = p > 0.1 and all(not lo <= count <= hi for lo, hi in bounds)
            if odd:
                found.append((t + 1, p, count / n))
    return sorted(found, key=lambda one: (one[1] in (0, 1), one[0], -one[1]))


def _along(coins: Coins) -> str:
    """Say how often own tokens came in the first, the middle and the last steps."""
    said = []
    for p, each in coins.items():
        parts = [part.mean() for part in np.array_split(each, 3, axis=1)]
        said.append(f"{percent(parts[0])}, {percent(parts[1])} and {percent(parts[2])} at {p:g}")
    return (
        "The share of own tokens in the first, the middle and the last third of the steps is "
        + "; ".join(said)
    )
