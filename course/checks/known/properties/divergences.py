"""Find what a divergence of two arrays of logits does that it should not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.asking import Calls, Change, shift, shift_row
from course.checks.known.features import Feature, equal
from course.checks.known.told import Told


def _turned(name: str) -> Change:
    """Return a change by which the tokens of one side are others."""

    def change(given: dict[str, Any]) -> None:
        given[name] = np.roll(given[name], 1, axis=1)

    return change


def _sure_of_others(by: float) -> Change:
    """Return a change by which each side is sure of one token, another one each."""

    def change(given: dict[str, Any]) -> None:
        T, O = given["logits_true"].shape
        given["logits_true"] = by * np.eye(O)[np.arange(T) % O]
        given["logits_own"] = by * np.eye(O)[np.arange(1, T + 1) % O]

    return change


def takes_the_log_of_logits(calls: Calls, seen: Feature) -> Told | None:
    """Find logarithms of logits as they are: of negative ones nan, of positive ones numbers."""
    if "logits_true" not in calls.names or seen.values is None or np.isfinite(seen.values).all():
        return None

    def positive(given: dict[str, Any]) -> None:
        for name in ("logits_true", "logits_own"):
            given[name] = np.abs(given[name]) + 0.1

    (came,) = calls.results([positive])
    if came is None or not np.isfinite(came).all():
        return None
    return Told(
        "takes_the_log_of_the_logits",
        "It gives nan where logits are negative, and numbers where all are positive: the logarithm "
        "of the logits themselves is taken. Logits are no probabilities: take the softmax of each "
        "row first, or better log p = logits - log(sum(exp(logits))).",
    )


def of_two_logits(calls: Calls, right: Array) -> Iterator[Told]:
    """Find what a divergence of two arrays of logits does that it should not."""

    def exchanged(given: dict[str, Any]) -> None:
        given["logits_true"], given["logits_own"] = given["logits_own"], given["logits_true"]

    def same(given: dict[str, Any]) -> None:
        given["logits_own"] = given["logits_true"].copy()

    def raised_by_a_constant(name: str) -> Change:
        def change(given: dict[str, Any]) -> None:
            given[name] = given[name] + 0.7

        return change

    def cooled(by: float) -> Change:
        def change(given: dict[str, Any]) -> None:
            for name in ("logits_true", "logits_own"):
                given[name] = by * given[name]

        return change

    base, other, zero = calls.results([lambda given: None, exchanged, same])
    if base is None or base.shape != right.shape:
        return
    if other is not None and equal(other, right):
        yield Told(
            "exchanges_its_arguments",
            "It would be right with the two arguments exchanged: KL(true || own) takes p from "
            "logits_true and q from logits_own, sum p * (log p - log q).",
        )
        return
    for by in (0.5, 2.0, 0.1, 10.0, 0.25, 4.0, 5.0, 0.2, 3.0, 1 / 3, 1.5, 2 / 3, 0.7, 1 / 0.7):
        (cold,) = calls.results([cooled(by)])
        if cold is not None and equal(cold, right):
            yield Told(
                "divides_by_a_temperature",
                f"It would be right if the logits were {by:.3g} times as large: they are divided "
                f"by a temperature of {by:.3g} somewhere; take them as they are.",
            )
            return
    if base.ndim == 1 and len(base) > 2:
        for name in ("logits_true", "logits_own"):
            row = next(
                (
                    t
                    for t, rows in enumerate(
                        calls.changed_rows([shift_row(name, t) for t in range(len(base))])
                    )
                    if rows is not None and len(rows) == len(base) and np.delete(rows, t).any()
                ),
                None,
            )
            if row is not None:
                yield Told(
                    "mixes_the_steps",
                    f"Another step's number changes with row {row} of {name}: an index, a maximum, "
                    "a sum or a mean runs over the steps (axis 0, or the whole array); it runs "
                    "over the tokens of a step, axis=1 with keepdims=True.",
                )
                return
    told = _normalised_by_the_other(calls, base, right) or _of_the_difference(calls, base)
    if told:
        yield told
        return
    for name in ("logits_true", "logits_own"):
        (raised,) = calls.results([raised_by_a_constant(name)])
        if raised is None:
            return
        if not equal(raised, base):
            yield Told(
                "does_not_normalise",
                f"What comes changes when a constant is added to {name}, which changes no "
                "probability: its softmax is missing, or not complete. log p is the logits less "
                "the log of the row's sum of exp.",
            )
            return
    for name in ("logits_true", "logits_own"):
        (turned,) = calls.results([_turned(name)])
        if turned is not None and equal(turned, base):
            yield Told(
                "does_not_mind_which_token_is_which",
                f"It gives the same when the tokens of {name} change places, so each token counts "
                "alike, as in a sum or a mean without weights, a maximum, or sorted numbers: in "
                "each term p and log p - log q of the same token are multiplied.",
            )
            return
    if zero is not None and not equal(zero, 0 * zero):
        yield Told(
            "is_not_zero_for_equal_predictions",
            f"For two equal arrays it gives {np.array2string(zero[:3], precision=3)} and not 0: is "
            "an entropy added, or log q alone used? Each term is p * (log p - log q).",
        )
    yield from _of_a_power(calls, base)
    if _is_symmetric(calls, cooled):
        yield Told(
            "does_not_mind_the_order",
            "It gives the same with the two arguments exchanged, so it is a symmetric distance; "
            "KL(true || own) is not: sum p * (log p - log q), p from logits_true.",
        )
    wide, wider = calls.results([_sure_of_others(30.0), _sure_of_others(60.0)])
    if (
        wide is not None
        and wider is not None
        and equal(wide, wider, 10)
        and (np.abs(wide) > 1).any()
    ):
        yield Told(
            "adds_a_small_number_to_the_probabilities",
            f"Where each side is sure of another token, by logits 30 or 60 above the rest, it is "
            f"{np.abs(wide).max():.3g} for both, where 30 and 60 are due: a number is added to the "
            "probabilities, or they, or the logits, are cut off at one (clip, maximum, where).",
        )
    if np.abs(base - right).max() < 0.05 * np.abs(right).max():
        yield Told(
            "adds_a_small_number",
            "It is nearly right: small terms are left out, a small number (epsilon) is added to "
            "the probabilities, or digits are lost; make log-probabilities from the logits, "
            "without the detour, and add up the terms of all tokens.",
        )
    yield Told(
        "has_another_formula",
        "A constant that is added to a row changes nothing, and the steps do not mix: look at the "
        "line that makes the terms, p * (log p - log q) with p = exp(log p), at what is done to "
        "their sum over the tokens, and whether log p and log q are each normalised by its own "
        "sum.",
    )


def _of_a_power(calls: Calls, base: Array) -> Iterator[Told]:
    """Find a sum of powers of what p and q, or their logarithms, are apart by."""
    lp, lq = (_log_softmax(calls.given[name]) for name in ("logits_true", "logits_own"))
    p, q = np.exp(lp), np.exp(lq)
    terms = (
        ("|p - q|", np.abs(p - q), 1.0),
        ("|log p - log q|", np.abs(lp - lq), 1.0),
        ("|log p - log q|", np.abs(lp - lq), p),
    )
    for words, apart, weights in terms:
        for power in (0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 6):
            due = (weights * apart**power).sum(axis=1)
            for made, root in ((due, ""), (due ** (1 / power), "the root of ")):
                factor = float(base @ made / (made @ made)) if made.any() else 0.0
                if abs(factor) > 1e-3 and equal(base, factor * made):
                    times = "" if abs(factor - 1) < 1e-3 else f"{factor:.4g} times "
                    weighed = "p * " if weights is p else ""
                    yield Told(
                        "takes_a_power_of_the_difference",
                        f"It is {times}{root}the sum of {weighed}{words}**{power:g} over the "
                        "tokens, and p * (log p - log q) is due in its place.",
                    )
                    return


def _log_softmax(rows: Array) -> Array:
    log_p: Array = rows - np.logaddexp.reduce(rows, axis=1, keepdims=True)
    return log_p


def _normalised_by_the_other(calls: Calls, base: Array, right: Array) -> Told | None:
    """Find a log q, or a log p, that takes the log of the sum of exp of the other side."""
    sums = {}
    for name in ("logits_true", "logits_own"):
        rows = calls.given[name]
        largest = rows.max(axis=1, keepdims=True)
        sums[name] = {"shifted": np.log(np.exp(rows - largest).sum(axis=1))}
        sums[name]["as they are"] = sums[name]["shifted"] + largest[:, 0]
    off = base - right
    for kind in ("shifted", "as they are"):
        apart = sums["logits_true"][kind] - sums["logits_own"][kind]
        if np.abs(apart).max() > 1e-2 and equal(off, apart):
            return Told(
                "normalises_one_side_by_the_other",
                "What came is off, at each step, by the difference of the logarithms of the sums "
                "of exp of the two rows: log q is made with the sum over logits_true; it needs "
                "that of logits_own. Look for a name that stands in both.",
            )
    return None


def _of_the_difference(calls: Calls, base: Array) -> Told | None:
    """Find a result that hangs on logits_true - logits_own alone."""

    def both(given: dict[str, Any]) -> None:
        for name in ("logits_true", "logits_own"):
            shift(name, 1.3)(given)

    moved, one = calls.results([both, shift("logits_true", 1.3)])
    if moved is None or one is None or not equal(moved, base) or equal(one, base):
        return None
    return Told(
        "compares_the_difference_alone",
        "It gives the same when the same numbers are added to both arrays, token by token, so it "
        "depends on logits_true - logits_own alone: take the softmax of each array by itself, and "
        "subtract afterwards, log p - log q, weighed by p.",
    )


def _is_symmetric(calls: Calls, cooled: Callable[[float], Change]) -> bool:
    """Say whether the two arguments may be exchanged, for several of them."""

    def exchanged(by: float) -> Change:
        def change(given: dict[str, Any]) -> None:
            cooled(by)(given)
            given["logits_true"], given["logits_own"] = given["logits_own"], given["logits_true"]

        return change

    found = calls.results([turn(by) for by in (1.0, 0.6, 1.7) for turn in (cooled, exchanged)])
    pairs = [(one, other) for one, other in zip(found[::2], found[1::2], strict=True)]
    return all(
        one is not None and other is not None and equal(one, other) and not equal(one, 0 * one)
        for one, other in pairs
    )
