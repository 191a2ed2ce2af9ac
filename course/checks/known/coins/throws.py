"""Say of coins what was measured, and which way of tossing them gives that.

Coins are looked at as a whole: how often, at which steps, after which coin, in which calls. What
holds without exception (every coin of a call alike, a pattern that repeats) is found first; shares
are compared only then. Every share is held against bounds that fair coins leave with a probability
of 1e-10 or less, and there are enough coins that the way in which they are wrong is the same one at
each reading.
"""

from __future__ import annotations

import math

import numpy as np

from course.checks.cells.patterns import patterns, within_calls
from course.checks.cells.tallies import (
    FAR,
    ByProb,
    Coins,
    Oddity,
    after,
    confidence_counts,
    constant,
    dependence,
    deviations,
    frequent,
    separated,
)
from course.checks.known.coins.rates import changes_along_steps, fails_at_the_ends, wrong_rate
from course.checks.known.told import listed, percent

#: Minus the logarithm of the probability of what fair coins are never said to give.
EVIDENCE = 30.0


def unfair(by_prob: ByProb) -> Oddity | None:
    """Return in which way coins are not fair; None where nothing tells them from fair ones."""
    between = {p: throws for p, throws in by_prob.items() if 0 < p < 1}
    often = frequent(between)
    return (
        _always_alike(between)
        or _by_content(between)
        or _where_tokens_agree(between)
        or _where_confident(between)
        or _at_some_steps(often)
        or patterns(often)
        or within_calls(often)
        or _between_steps(often)
        or changes_along_steps(by_prob)
        or wrong_rate(by_prob)
        or fails_at_the_ends(by_prob)
        or _counts(often)
    )


def _always_alike(between: ByProb) -> Oddity | None:
    """Find coins that are all the same at each probability: nothing is tossed."""
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
    return Oddity(
        "all alike",
        f"The model's own token was fed {came}",
        "that is not random: draw a new number for each coin inside the loop, from one "
        "generator that is made before it, and compare it with sampling_prob: rng.random() < "
        "sampling_prob",
    )


def _by_content(between: ByProb) -> Oddity | None:
    """Find coins that look at the logits or at the truth, and leave nothing to chance."""
    if all(constant(throws.coins) for throws in between.values()):
        return None
    if all(separated(throws) for throws in between.values()):
        return Oddity(
            "by confidence",
            "Whether the own token was fed hung on the model's confidence alone, the largest "
            "probability of the row before",
            "the coin is chance alone and does not look at the logits",
        )
    for kind, flip in (("agree", 0), ("disagree", 1)):
        if all((throws.coins == (throws.agrees ^ flip)).all() for throws in between.values()):
            return Oddity(
                f"where both {kind}",
                f"The own token was fed exactly where it and the largest entry of the truth {kind}",
                "the coin is chance alone and looks neither at the logits nor at the truth",
            )
    return None


def _at_some_steps(some: Coins) -> Oddity | None:
    """Find coins that are tossed at some steps only: at most others all calls are alike."""
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
    shares = listed([f"{percent(each[:, free].mean())} at {p:g}" for p, each in some.items()])
    return Oddity(
        "at some steps",
        f"A coin decided at step{'s' * (len(places) > 1)} {which} alone (own in {shares}); all "
        f"other steps of the {steps} were fed {always}",
        "toss a new coin at every step t > 0, from the first to the last",
    )


def _where_tokens_agree(between: ByProb) -> Oddity | None:
    """Find coins that are tossed only where the own token and the truth agree, or disagree."""
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
                elsewhere.append(f"{percent(throws.coins[~where].mean())} at {p:g}")
            if len(elsewhere) == len(some) and evidence > EVIDENCE:
                return Oddity(
                    f"where both {kind} alone",
                    f"Wherever the own token and the largest entry of the truth {kind} {fed}, in "
                    f"all of {due} cases; elsewhere the own token was fed in {listed(elsewhere)}",
                    "the coin is chance alone and looks neither at the logits nor at the truth, "
                    "whether the prediction is right or wrong",
                )
    return None


def _where_confident(between: ByProb) -> Oddity | None:
    """Find chance that looks at the logits: the calls that are surer at a step have other coins."""
    some = {p: throws for p, throws in between.items() if p > 0.1}
    if max(abs(confidence_counts(throws)) for throws in some.values()) < FAR:
        return None
    said = []
    for p, throws in some.items():
        surer = throws.confidence > np.median(throws.confidence, axis=0)
        shares = [percent(throws.coins[which].mean()) for which in (surer, ~surer) if which.any()]
        said.append(f"{' and '.join(shares)} at {p:g}")
    return Oddity(
        "by confidence in part",
        "Chance decided, and the model's confidence besides, the largest probability of the row "
        "before: in the surer and in the less sure calls of a step the own token was fed in "
        + "; ".join(said),
        "the coin is chance alone and does not look at the logits",
    )


def _between_steps(often: Coins) -> Oddity | None:
    """Find coins that know of the coin before, in the same call or at the same step a call ago."""
    for name, lags in (("steps", (1, 2, 3, 4)), ("calls", (1, 2))):
        for lag in lags:
            scores, shares = [], []
            for coins in often.values():
                table = coins if name == "steps" else coins.T
                scores.append(dependence(table, lag, along_calls=name == "calls"))
                shares.append(after(table, lag))
            if max(map(abs, scores)) < FAR:
                continue
            said = "; ".join(
                f"at {p:g} the own token came in {percent(own)} of cases after an own one and "
                f"{percent(true)} after a true one"
                for p, (own, true) in zip(often, shares, strict=True)
            )
            if name == "steps":
                apart = "the step before" if lag == 1 else f"{lag} steps before"
                way = "like" if max(scores, key=abs) > 0 else "unlike"
                return Oddity(
                    f"{way} the coin before",
                    f"The coin depends on the one of {apart}: {said}",
                    "toss each coin on its own, whatever came before",
                )
            return Oddity(
                "after the call before",
                f"The coin depends on the same step's {lag} calls before: {said}",
                "keep nothing from one call to the next",
            )
    return None


def _counts(often: Coins) -> Oddity | None:
    """Compare how much the number of own tokens varies from call to call with chance."""
    for p, coins in often.items():
        n, steps = coins.shape
        came, fair = coins.sum(axis=1).var(), steps * p * (1 - p)
        z = deviations(float(n * came / fair), n - 1)
        if abs(z) > FAR:
            way = "too evenly" if z < 0 else "too unevenly"
            return Oddity(
                f"counts {way}",
                f"The number of own tokens a call varies {way}: its variance at {p:g} is "
                f"{came:.2f}, that of independent coins {fair:.2f}",
                "toss each coin on its own, whatever came before",
            )
    return None
