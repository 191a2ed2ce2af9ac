"""Say of coins what was measured, and which way of throwing them gives that.

Coins are looked at as a whole: how often, at which steps, after which coin, in which calls. What
holds without exception (every coin of a call alike, a pattern that repeats) is found first; shares
are compared only then. Every share is held against bounds that fair coins leave with a probability
of 1e-10 or less, and there are enough coins that the way in which they are wrong is the same one at
each reading.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from course.checks.cells.examples import Array
from course.checks.cells.tallies import (
    FAR,
    ByProb,
    Unfair,
    after,
    beat,
    constant,
    dependence,
    evenly,
    frequent,
    in_pairs,
    letters,
    listed,
    separated,
    tied_steps,
)
from course.checks.known.coins.rates import changes_along_steps, fails_at_the_ends, wrong_rate

#: Minus the logarithm of the probability of what fair coins are never said to give.
EVIDENCE = 30.0


def unfair(by_prob: ByProb) -> Unfair | None:
    """Return in which way coins are not fair; None where nothing tells them from fair ones."""
    between = {p: throws for p, throws in by_prob.items() if 0 < p < 1}
    looks = (
        _always_alike,
        _by_content,
        _at_some_steps,
        _patterns,
        _where_tokens_agree,
        _within_calls,
        _between_steps,
    )
    for look in looks:
        found = look(between)
        if found:
            return found
    return (
        changes_along_steps(by_prob)
        or wrong_rate(by_prob)
        or fails_at_the_ends(by_prob)
        or _counts(between)
    )


def without_exception(between: ByProb) -> Unfair | None:
    """Return what holds of all coins without exception; None where only shares tell."""
    if any(constant(throws.coins) for throws in between.values()):
        return None
    found = _patterns(between)
    if found is None and min(throws.coins.size for throws in between.values()) >= 100:
        found = _within_calls(between)
    return found


def _always_alike(between: ByProb) -> Unfair | None:
    """Find coins that are all the same at each probability: nothing is thrown."""
    if not all(constant(throws.coins) for throws in between.values()):
        return None
    shares = {p: throws.coins.flat[0] for p, throws in between.items()}
    said = {1: "at every step of every call", 0: "at no step of any call"}
    if len(set(shares.values())) == 1:
        came = f"{said[next(iter(shares.values()))]}, for {listed(sorted(shares))} alike"
    else:
        came = " and ".join(
            f"{said[value]} at {listed([p for p in shares if shares[p] == value])}"
            for value in sorted(set(shares.values()))
        )
    return Unfair(
        "all alike",
        f"The model's own token was fed {came}",
        "there is no chance in that: throw a coin inside the loop, rng.random() < sampling_prob",
    )


def _by_content(between: ByProb) -> Unfair | None:
    """Find coins that look at the logits or at the truth, and leave nothing to chance."""
    if all(constant(throws.coins) for throws in between.values()):
        return None
    if all(separated(throws) for throws in between.values()):
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


def _at_some_steps(between: ByProb) -> Unfair | None:
    """Find coins that are thrown at some steps only: at most others all calls are alike."""
    some = {p: throws.coins for p, throws in between.items() if p > 0.1}
    if min(len(each) for each in some.values()) < 20:
        return None
    varies = np.array([np.ptp(each, axis=0) > 0 for each in some.values()])
    free, steps = varies.any(axis=0), varies.shape[1]
    if not 0 < free.sum() <= 0.6 * steps or (varies != free).any():
        return None
    fixed = np.concatenate([each[:, ~free] for each in some.values()])
    always = {0: "the truth", 1: "the model's own token"}.get(int(fixed.sum()) // fixed.size, "")
    if np.ptp(fixed):
        always = "the same token in all calls, of the truth or of the model"
    places = np.flatnonzero(free) + 1
    which = listed([str(place) for place in places[:6]]) + ", ..." * (len(places) > 6)
    shares = listed([f"{each[:, free].mean():.0%} at {p:g}" for p, each in some.items()])
    return Unfair(
        "at some steps",
        f"A coin decided at step{'s' * (len(places) > 1)} {which} alone (own in {shares}); all "
        f"other steps of the {steps} were fed {always}",
        "throw a new coin at every step t > 0, from the first to the last",
    )


def _where_tokens_agree(between: ByProb) -> Unfair | None:
    """Find coins that are thrown only where the own token and the truth agree, or disagree."""
    some = [(p, throws) for p, throws in between.items() if p > 0.1]
    for kind, flip in (("agree", 0), ("disagree", 1)):
        for value, fed in ((0, "the truth was fed"), (1, "the own token was fed")):
            due, elsewhere, evidence = 0, [], 0.0
            for p, throws in some:
                where = throws.agrees.astype(bool) ^ bool(flip)
                # A step that is special does not count: there it is fed whether they agree or not.
                mixed = ((throws.coins != value) & ~where).any(axis=0)
                if (throws.coins[where] != value).any():
                    break
                due += int((where & mixed).sum())
                evidence -= int((where & mixed).sum()) * math.log(p if value else 1 - p)
                elsewhere.append(f"{throws.coins[~where].mean():.0%} at {p:g}")
            if len(elsewhere) == len(some) and evidence > EVIDENCE:
                return Unfair(
                    f"where both {kind} alone",
                    f"Wherever the own token and the largest entry of the truth {kind} {fed}, in "
                    f"all of {due} cases; elsewhere the own token was fed in {listed(elsewhere)}",
                    "the coin is chance alone and looks neither at the logits nor at the truth, "
                    "whether the prediction is right or wrong",
                )
    return None


def _patterns(between: ByProb) -> Unfair | None:
    """Find coins that come in the same order in each call, or in a beat."""
    coins = {p: throws.coins for p, throws in between.items()}
    shown = "; ".join(f"at {p:g}: {letters(some[0])}" for p, some in coins.items() if p > 0.1)
    some = [each for p, each in coins.items() if p > 0.1]
    repeated = all((each == each[:1]).all() for each in some)
    switches = [np.abs(np.diff(each, axis=1)).sum(axis=1) for each in some]
    rising = all((np.diff(each, axis=1) >= 0).all() for each in some)
    falling = all((np.diff(each, axis=1) <= 0).all() for each in some)
    if (rising or falling) and any(count.any() for count in switches):
        return _one_switch(coins, repeated, rising)
    short = min(each.shape[1] for each in some) < 20  # a few coins may look like any pattern
    if not short and all(evenly(each, p) for p, each in coins.items() if p > 0.1):
        return Unfair(
            "evenly spaced",
            f"Own tokens (O) came evenly spaced among true ones (T), without chance: {shown}",
            "throw an independent coin at every step",
        )
    beats = [beat(each) for each in some]
    if (
        not (repeated and short)
        and all(beats)
        and max(beats) > 1
        and not all(constant(each) for each in some)
    ):
        every = " and ".join(dict.fromkeys(str(beat) for beat in beats if beat > 1))
        return Unfair(
            "periodic",
            f"The coins repeat every {every} steps (O own, T true), {shown}",
            "alternation in place of chance: throw a new coin at every step"
            if every == "2"
            else "throw a new coin at every step; nothing in it counts steps",
        )
    if repeated:
        return Unfair(
            "same in each call",
            f"All {len(some[0])} calls had the same coins (O own, T true), {shown}",
            "no new random number decides: is there a seed inside the function, a list of coins "
            "made once and used again, or a rule made of t without any chance? Make the generator "
            "with np.random.default_rng(), and throw in every call",
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
            "there is one coin for the whole sequence: throw a new one at every step, inside the "
            "loop",
        )
    tied = tied_steps(some)
    if tied:
        pairs = ", ".join(f"{i} and {j}" for i, j in tied[:3]) + (", ..." if len(tied) > 3 else "")
        return Unfair(
            f"shared by steps{' two by two' * in_pairs(tied, some[0].shape[1])}",
            f"The coins of steps {pairs} fell alike in all {len(some[0])} calls",
            "throw a new coin at every step, and use it at that step alone",
        )
    counts = {p: np.unique(each.sum(axis=1)) for p, each in frequent(between)}
    if all(len(count) == 1 for count in counts.values()):
        said = " and ".join(f"{count[0]} at {p:g}" for p, count in counts.items())
        return Unfair(
            "fixed count",
            f"Each call had exactly the same number of own tokens, {said} of {some[0].shape[1]} "
            f"steps, at places that changed",
            "each step's coin is thrown on its own, so that their number varies: do not draw "
            "places "
            "without putting back",
        )
    return None


def _between_steps(between: ByProb) -> Unfair | None:
    """Find coins that know of the coin before, in the same call or at the same step a call ago."""
    for name, lags in (("steps", (1, 2, 3, 4)), ("calls", (1, 2))):
        for lag in lags:
            scores, shares = [], []
            for _, coins in frequent(between):
                table = coins if name == "steps" else coins.T
                scores.append(dependence(table, lag, along_calls=name == "calls"))
                shares.append(after(table, lag))
            if max(map(abs, scores)) < FAR:
                continue
            said = "; ".join(
                f"at {p:g} the own token came in {own:.0%} of cases after an own one and "
                f"{true:.0%} "
                f"after a true one"
                for (p, _), (own, true) in zip(frequent(between), shares, strict=True)
            )
            if name == "steps":
                apart = "the step before" if lag == 1 else f"{lag} steps before"
                way = "like" if max(scores, key=abs) > 0 else "unlike"
                return Unfair(
                    f"{way} the coin before",
                    f"The coin hangs on the one of {apart}: {said}",
                    "throw each coin on its own, whatever came before",
                )
            return Unfair(
                "after the call before",
                f"The coin hangs on the same step's {lag} calls before: {said}",
                "keep nothing from one call to the next",
            )
    return None


def _counts(between: ByProb) -> Unfair | None:
    """Compare how much the number of own tokens varies from call to call with chance."""
    for p, coins in frequent(between):
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
