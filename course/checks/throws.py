"""Say of coins what was measured, and which way of throwing them gives that.

Coins are looked at as a whole: how often, at which steps, after which coin, in which calls. What
holds without exception (every coin of a call alike, a pattern that repeats) is found first; shares
are compared only then. Every share is held against bounds that fair coins leave with a probability
of 1e-10 or less, and there are enough coins that the way in which they are wrong is the same one at
each reading.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from course.checks.examples import Array
from course.checks.statistics import binomial_bounds

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


def unfair(by_prob: ByProb) -> Unfair | None:
    """Return in which way coins are not fair; None where nothing tells them from fair ones."""
    between = {p: throws for p, throws in by_prob.items() if 0 < p < 1}
    for look in (_always_alike, _by_content, _patterns, _within_calls, _between_steps):
        found = look(between)
        if found:
            return found
    return _by_step(by_prob) or _rates(by_prob) or _ends(by_prob) or _counts(between)


def _always_alike(between: ByProb) -> Unfair | None:
    """Find coins that are all the same at each probability: nothing is thrown."""
    if not all(_constant(throws.coins) for throws in between.values()):
        return None
    shares = {p: throws.coins.flat[0] for p, throws in between.items()}
    said = {1: "at every step of every call", 0: "at no step of any call"}
    if len(set(shares.values())) == 1:
        came = f"{said[next(iter(shares.values()))]}, for {_listed(sorted(shares))} alike"
    else:
        came = " and ".join(
            f"{said[value]} at {_listed([p for p in shares if shares[p] == value])}"
            for value in sorted(set(shares.values()))
        )
    return Unfair(
        "all alike",
        f"The model's own token was fed {came}",
        "there is no chance in that: throw a coin inside the loop, rng.random() < sampling_prob",
    )


def _by_content(between: ByProb) -> Unfair | None:
    """Find coins that look at the logits or at the truth, and leave nothing to chance."""
    if all(_constant(throws.coins) for throws in between.values()):
        return None
    if all(_separated(throws) for throws in between.values()):
        return Unfair(
            "by confidence",
            "Whether the own token was fed hung on the model's confidence alone, the largest "
            "probability of the row before",
            "the coin is chance alone and does not look at the logits",
        )
    for kind, flip in (("agree", 0), ("disagree", 1)):
        if all((throws.coins == (throws.agrees ^ flip)).all() for throws in between.values()):
            return Unfair(
                f"where both {kind}",
                f"The own token was fed exactly where it and the largest entry of the truth {kind}",
                "the coin is chance alone and looks neither at the logits nor at the truth",
            )
    return None


def _patterns(between: ByProb) -> Unfair | None:
    """Find coins that come in the same order in each call, or in a beat."""
    coins = {p: throws.coins for p, throws in between.items()}
    shown = "; ".join(f"at {p:g}: {_letters(some[0])}" for p, some in coins.items() if p > 0.1)
    some = [each for p, each in coins.items() if p > 0.1]
    repeated = all((each == each[:1]).all() for each in some)
    switches = [np.abs(np.diff(each, axis=1)).sum(axis=1) for each in some]
    rising = all((np.diff(each, axis=1) >= 0).all() for each in some)
    falling = all((np.diff(each, axis=1) <= 0).all() for each in some)
    if (rising or falling) and any(count.any() for count in switches):
        return _one_switch(coins, repeated, rising)
    if all(_evenly(each, p) for p, each in coins.items() if p > 0.1):
        return Unfair(
            "evenly spaced",
            f"Own tokens (O) came evenly spaced among true ones (T), without chance: {shown}",
            "throw an independent coin at every step",
        )
    beats = [_beat(each) for each in some]
    if all(beats) and max(beats) > 1 and not all(_constant(each) for each in some):
        every = " and ".join(dict.fromkeys(str(beat) for beat in beats if beat > 1))
        return Unfair(
            "periodic",
            f"The coins repeat every {every} steps (O own, T true), {shown}",
            "throw a new coin at every step; nothing in it counts steps",
        )
    if repeated:
        return Unfair(
            "same in each call",
            f"All {len(some[0])} calls had the same coins (O own, T true), {shown}",
            "is there a seed inside the function, or are coins kept from one call to the next? Make "
            "the generator with np.random.default_rng(), and throw in every call",
        )
    return None


def _one_switch(coins: Mapping[float, Array], repeated: bool, rising: bool) -> Unfair:
    """Describe calls that change over at most once, from truth to own or from own to truth."""
    first, later = ("the truth", "the model's own token") if rising else ("own tokens", "the truth")
    if repeated:
        places = [
            f"step {np.flatnonzero(np.diff(each[0]))[0] + 2} at {p:g}"
            for p, each in coins.items()
            if p > 0.1 and np.diff(each[0]).any()
        ]
        return Unfair(
            "truth first" if rising else "own first",
            f"In every call {first} came first and {later} from {' and from '.join(places)} on",
            "no step may be special: decide at each one anew, by a coin",
        )
    after, back = ("own token", "the truth") if rising else ("true one", "an own token")
    return Unfair(
        "never back to the truth" if rising else "never back to own",
        f"Once an {after} was fed, {back} never came again in that call"
        if rising
        else f"Once the truth was fed, {back} never came again in that call",
        "the coin of a step must not depend on the coins before it",
    )


def _within_calls(between: ByProb) -> Unfair | None:
    """Find coins of one call that always fall alike, or calls with the same count."""
    some = [throws.coins for p, throws in between.items() if p > 0.1]
    if all((each == each[:, :1]).all() for each in some):
        return Unfair(
            "one a call",
            f"In each of {len(some[0])} calls all coins fell alike, now all own, now all true",
            "one coin is thrown for the whole sequence: throw a new one at every step, inside the "
            "loop",
        )
    tied = _tied(some)
    if tied:
        pairs = ", ".join(f"{i} and {j}" for i, j in tied[:3]) + (", ..." if len(tied) > 3 else "")
        return Unfair(
            f"shared by steps{' two by two' * _in_pairs(tied, some[0].shape[1])}",
            f"The coins of steps {pairs} fell alike in all {len(some[0])} calls",
            "throw a new coin at every step, and use it at that step alone",
        )
    counts = {p: np.unique(each.sum(axis=1)) for p, each in _large(between)}
    if all(len(count) == 1 for count in counts.values()):
        said = " and ".join(f"{count[0]} at {p:g}" for p, count in counts.items())
        return Unfair(
            "fixed count",
            f"Each call had exactly the same number of own tokens, {said} of {some[0].shape[1]} "
            f"steps, at places that changed",
            "each step's coin is thrown on its own, so that their number varies: do not draw places "
            "without putting back",
        )
    return None


def _between_steps(between: ByProb) -> Unfair | None:
    """Find coins that know of the coin before, in the same call or at the same step a call ago."""
    for name, kind, lags in (("steps", "after the coin before", (1, 2, 3, 4)), ("calls", "", (1, 2))):
        for lag in lags:
            scores, shares = [], []
            for _, coins in _large(between):
                table = coins if name == "steps" else coins.T
                scores.append(_dependence(table, lag, along_calls=name == "calls"))
                shares.append(_after(table, lag))
            if max(map(abs, scores)) < FAR:
                continue
            said = "; ".join(
                f"at {p:g} the own token came in {own:.0%} of cases after an own one and {true:.0%} "
                f"after a true one"
                for (p, _), (own, true) in zip(_large(between), shares, strict=True)
            )
            if name == "steps":
                apart = "the step before" if lag == 1 else f"{lag} steps before"
                return Unfair(
                    kind,
                    f"The coin hangs on the one of {apart}: {said}",
                    "throw each coin on its own, whatever came before",
                )
            return Unfair(
                "after the call before",
                f"The coin hangs on the same step's {lag} calls before: {said}",
                "keep nothing from one call to the next",
            )
    return None


def _by_step(by_prob: ByProb) -> Unfair | None:
    """Find shares that change along the sequence, or single steps that are special."""
    large = dict(_large({p: throws for p, throws in by_prob.items() if 0 < p < 1}))
    odd = _odd_steps(by_prob)
    steps = next(iter(large.values())).shape[1]
    t = np.arange(1, steps + 1)
    if max(map(_spread_over_steps, large.values())) > FAR:
        for name, of in SHARES_BY_STEP.items():
            if all(_fits_by_step(coins, of(p, t, steps + 1)) for p, coins in large.items()):
                way = _way(large)
                return Unfair(f"share {name}", f"{_along(large)}: it {way}, as {name}", _SAME_P)
        slope = max((_slope(coins) for coins in large.values()), key=abs)
        inner = max((_slope(coins[:, 2:-2]) for coins in large.values()), key=abs)
        if abs(slope) > FAR and (abs(inner) > FAR or not odd):
            way = "rises" if slope > 0 else "falls"
            return Unfair(f"share {way}", f"{_along(large)}: it {way} with t", _SAME_P)
    places = sorted({place for place, _, _ in odd})
    if not places:
        return None
    place, p, share = odd[0]
    which = "the last step, " if place == steps else ""
    others = f", and at {len(places) - 1} more," if len(places) > 1 else ""
    return Unfair(
        "odd steps",
        f"At {which}step {place}{others} the own token was fed in {share:.0%} of calls with "
        f"sampling_prob = {p:g}, unlike at the other steps",
        "every step after step 0 gets a coin of the same probability",
    )


def _way(large: Mapping[float, Array]) -> str:
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
}


def _normal(x: float) -> float:
    return 0.5 * (1 + math.erf(x / math.sqrt(2)))


_UNIFORM = "rng.random() is uniform in [0, 1): compare it with sampling_prob"
_COARSE = "a coin of few sides is too coarse: compare rng.random() with sampling_prob"

#: Shares that learners' coins have: what they are, what to do, and as functions of sampling_prob.
RATES: tuple[tuple[str, str, Callable[[float], float]], ...] = (
    (
        "1 - sampling_prob",
        "turn the comparison round: sampling_prob is the probability of the model's own token",
        lambda p: 1 - p,
    ),
    (
        "sampling_prob squared",
        "two coins have to come up where one is enough: throw one coin a step",
        lambda p: p**2,
    ),
    (
        "sampling_prob cubed",
        "three coins have to come up where one is enough: throw one coin a step",
        lambda p: p**3,
    ),
    ("the square root of sampling_prob", "compare with sampling_prob itself", lambda p: p**0.5),
    (
        "1 - (1 - sampling_prob)**2, that of either of two coins",
        "a second coin is thrown where the first has not come up: throw one coin a step",
        lambda p: 1 - (1 - p) ** 2,
    ),
    (
        "0.5, that of a fair coin, whatever sampling_prob is",
        "compare the random number with sampling_prob",
        lambda p: 0.5,
    ),
    ("half of sampling_prob", "compare with sampling_prob itself", lambda p: p / 2),
    ("twice sampling_prob", "compare with sampling_prob itself", lambda p: min(2 * p, 1.0)),
    ("(1 + sampling_prob) / 2, as of random numbers from -1 to 1", _UNIFORM, lambda p: (1 + p) / 2),
    ("that of random numbers that are normal, not uniform", _UNIFORM, lambda p: _normal(p)),
    ("that of random numbers that are normal, not uniform", _UNIFORM, lambda p: 1 - _normal(p)),
    # Both lie close together, and have one name.
    ("that of random numbers that are not uniform", _UNIFORM, lambda p: 2 * _normal(p) - 1),
    ("that of random numbers that are not uniform", _UNIFORM, lambda p: 1 - math.exp(-p)),
    ("(1 - sampling_prob) squared", "throw one coin a step", lambda p: (1 - p) ** 2),
    ("1 - sampling_prob squared", "throw one coin a step", lambda p: 1 - p**2),
    (
        "sampling_prob * (1 - sampling_prob)",
        "throw one coin a step, and compare it with sampling_prob",
        lambda p: p * (1 - p),
    ),
    ("sampling_prob rounded to tenths", _COARSE, lambda p: round(p, 1)),
    (
        "sampling_prob in tenths, and a tenth more",
        _COARSE,
        lambda p: min((math.floor(10 * p + 1e-9) + 1) / 10, 1.0),
    ),
    *(
        (
            f"sampling_prob in parts of {sides}",
            _COARSE,
            lambda p, sides=sides, whole=whole: whole(sides * p) / sides,
        )
        for sides in (2, 3, 4, 5, 6, 8, 10, 12)
        for whole in (lambda x: math.floor(x + 1e-9), lambda x: math.ceil(x - 1e-9), round)
    ),
)


def _rates(by_prob: ByProb) -> Unfair | None:
    """Compare the share at each sampling_prob with it, and with what learners' coins give."""
    free = {p: throws for p, throws in by_prob.items() if 0 < p < 1}
    if all(_as_often(throws.coins, p) for p, throws in free.items()):
        return None
    said = _listed([f"{throws.coins.mean():.1%} at {p:g}" for p, throws in sorted(by_prob.items())])
    measured = f"By sampling_prob the own token was fed in {said}"
    for asked, where in ((by_prob, ""), (free, " between 0 and 1")):  # the ends may be guarded
        fits = [
            (_likelihood(asked, rate), name, advice)
            for name, advice, rate in RATES
            if all(_as_often(throws.coins, rate(p)) for p, throws in asked.items())
        ]
        if fits:
            _, name, advice = max(fits)
            return Unfair(f"rate {name}{where}", f"{measured}: that is {name}{where}", advice)
    return Unfair(
        "another rate", measured, "compare a uniform random number with sampling_prob itself"
    )


def _likelihood(by_prob: ByProb, rate: Callable[[float], float]) -> float:
    """Return the logarithm of the probability of coins that come up with this rate."""
    total = 0.0
    for p, throws in by_prob.items():
        own, share = int(throws.coins.sum()), min(max(rate(p), 1e-9), 1 - 1e-9)
        total += own * math.log(share) + (throws.coins.size - own) * math.log1p(-share)
    return total


def _ends(by_prob: ByProb) -> Unfair | None:
    """Find coins that are fair in between, and fail at 0 or at 1."""
    for p, wanted, said in ((0.0, 0, "own token was fed"), (1.0, 1, "truth was fed")):
        coins = by_prob[p].coins if p in by_prob else np.full((1, 1), wanted)
        count = int((coins != wanted).sum())
        if count:
            return Unfair(
                f"fails at {p:g}",
                f"At sampling_prob = {p:g} the {said} in {count} of {coins.size} cases, which must "
                f"be none",
                "compare rng.random() < sampling_prob: random() can be 0, but never 1",
            )
    return None


def _counts(between: ByProb) -> Unfair | None:
    """Compare how much the number of own tokens varies from call to call with chance."""
    for p, coins in _large(between):
        n, steps = coins.shape
        came, fair = coins.sum(axis=1).var(), steps * p * (1 - p)
        # The variance of n counts is n - 1 parts of chi-square, nearly: Wilson and Hilferty.
        degrees = n - 1
        z = ((n * came / fair / degrees) ** (1 / 3) - 1 + 2 / (9 * degrees)) / math.sqrt(
            2 / (9 * degrees)
        )
        if abs(z) > FAR:
            way = "too evenly" if z < 0 else "too unevenly"
            return Unfair(
                f"counts {way}",
                f"The number of own tokens a call varies {way}: its variance at {p:g} is "
                f"{came:.2f}, that of independent coins {fair:.2f}",
                "throw each coin on its own, whatever came before",
            )
    return None


def _large(between: ByProb) -> list[tuple[float, Array]]:
    """Return the coins that are many enough to compare shares: not those of rare events."""
    return [(p, throws.coins) for p, throws in between.items() if p > 0.1]


def _constant(coins: Array) -> bool:
    return bool((coins == coins.flat[0]).all())


def _separated(throws: Throws) -> bool:
    """Say whether some confidence parts own from true without exception, either way."""
    own, true = (throws.confidence[throws.coins == value] for value in (1, 0))
    if not len(own) or not len(true):
        return True
    return bool(own.min() > true.max() or own.max() < true.min())


def _beat(coins: Array) -> int:
    """Return the smallest number of steps after which coins repeat, in or across calls; else 0."""
    steps = coins.shape[1]
    through = coins.reshape(-1)
    for beat in range(1, steps // 3 + 1):
        if (coins[:, beat:] == coins[:, :-beat]).all() or (
            len(through) > 3 * beat and (through[beat:] == through[:-beat]).all()
        ):
            return beat
    return 0


def _evenly(coins: Array, p: float) -> bool:
    """Say whether any two stretches of equal length have as many own tokens, but for one."""
    steps = coins.shape[1]
    if not (coins == coins[:1]).all() or abs(coins[0].mean() - p) > 1.5 / steps:
        return False
    sums = np.concatenate([[0], coins[0].cumsum()])
    return all(
        np.ptp(sums[length:] - sums[:-length]) <= 1 for length in range(1, steps // 2)
    )


def _tied(some: list[Array]) -> list[tuple[int, int]]:
    """Return pairs of steps whose coins fell alike in each call, each step with the next such."""
    together = np.concatenate(some)
    if not all(_as_varied(each) for each in some):
        return []
    steps = together.shape[1]
    pairs = []
    for i in range(steps):
        for j in range(i + 1, steps):
            if (together[:, i] == together[:, j]).all() and np.ptp(together[:, i]):
                pairs.append((i + 1, j + 1))
                break
    return pairs


def _as_varied(coins: Array) -> bool:
    """Say whether each step has both coins often enough, that two may not agree by chance."""
    shares = coins.mean(axis=0)
    return bool(np.median(np.minimum(shares, 1 - shares)) > 0.1)


def _in_pairs(tied: list[tuple[int, int]], steps: int) -> bool:
    """Say whether the pairs are 1 and 2, 3 and 4, ..., or 2 and 3, 4 and 5, ..."""
    return len(tied) >= steps // 2 - 1 and all(j == i + 1 for i, j in tied) and (
        len({i % 2 for i, _ in tied}) == 1
    )


def _dependence(table: Array, lag: int, along_calls: bool) -> float:
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


def _after(table: Array, lag: int) -> tuple[float, float]:
    """Return the shares of own after an own coin and after a true one."""
    first, second = table[:, :-lag], table[:, lag:]
    return float(second[first == 1].mean()) if first.any() else 0.0, float(
        second[first == 0].mean()
    ) if (first == 0).any() else 0.0


def _as_often(coins: Array, p: float) -> bool:
    """Say whether as many coins came up as chance gives."""
    lo, hi = binomial_bounds(coins.size, min(max(p, 0.0), 1.0), ALPHA)
    return lo <= int(coins.sum()) <= hi


def _spread_over_steps(coins: Array) -> float:
    """Return by how many standard deviations shares differ between steps more than by chance."""
    n, steps = coins.shape
    share = coins.mean()
    if share in (0, 1):
        return 0.0
    chi = float(((coins.mean(axis=0) - share) ** 2).sum() * n / (share * (1 - share)))
    degrees = steps - 1
    return ((chi / degrees) ** (1 / 3) - 1 + 2 / (9 * degrees)) / math.sqrt(2 / (9 * degrees))


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


def _slope(coins: Array) -> float:
    """Return by how many standard deviations own tokens come later than by chance."""
    n, steps = coins.shape
    t = np.arange(steps) - (steps - 1) / 2
    share = coins.mean()
    return float((coins.mean(axis=0) * t).sum() / math.sqrt(share * (1 - share) * (t**2).sum() / n))


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
                lo, hi = binomial_bounds(n, usual, ALPHA / steps)
                odd = p > 0.1 and not lo <= count <= hi
            if odd:
                found.append((t + 1, p, count / n))
    return sorted(found, key=lambda one: (one[1] in (0, 1), one[0], -one[1]))


def _along(coins: Mapping[float, Array]) -> str:
    """Say how often own tokens came in the first, the middle and the last steps."""
    said = []
    for p, each in coins.items():
        parts = [part.mean() for part in np.array_split(each, 3, axis=1)]
        said.append(f"{parts[0]:.0%}, {parts[1]:.0%} and {parts[2]:.0%} at {p:g}")
    return (
        "The share of own tokens in the first, the middle and the last third of the steps is "
        + "; ".join(said)
    )


def _letters(coins: Array, most: int = 20) -> str:
    return "".join("O" if coin else "T" for coin in coins[:most]) + ("..." if len(coins) > most else "")


def _listed(parts: list[object] | list[str] | list[float]) -> str:
    words = [f"{part:g}" if isinstance(part, float) else str(part) for part in parts]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
