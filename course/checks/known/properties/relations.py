"""Find how a result comes from the right one: a known function of it, a factor, a part, a shift.

A relation has to hold for all results that are looked at, with the same constant if it has one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from course.checks.cells.asserts import ATOL
from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.properties.transforms import (
    AS_THEY_ARE,
    OF_LOGITS,
    OF_NUMBERS,
    OF_STEPS,
    Function,
)
from course.checks.known.properties.vectors import off_by_vectors
from course.checks.known.told import Pair, Told


def function_of_the_right_one(pairs: Sequence[Pair], of_logits: bool) -> Told | None:
    """Return what turns right results into those that came, of the same shapes."""
    if not pairs or any(seen.shape != right.shape for seen, right, _ in pairs):
        return None
    if all(seen.size for seen, *_ in pairs) and np.ptp(_together(pairs)[0]) < ATOL:
        return None  # of a constant nothing can be said
    finders: tuple[Callable[[Sequence[Pair]], Told | None], ...] = (
        _scaled,
        off_by_vectors,
        _named(of_logits),
        *([_tokens, _before_the_bias] if of_logits else []),
        _rounded,
        _clipped,
        _thresholded,
        _power,
        _shifted,
        _misplaced,
    )
    for finder in (*finders, _whole, _some_columns, nearly):
        told = finder(pairs)
        if told:
            return told
    return None


#: What turns numbers that are squashed right into those of another curve.
_OF_A_CURVE = {
    "scales_the_result",
    "scales_and_shifts_the_result",
    "takes_a_power",
    *(name for name, *_ in OF_NUMBERS),
}


def of_a_squashed_sum(told: Told) -> Told:
    """Tell what came of a sum that is squashed last, where another curve may be in its place."""
    if told.name not in _OF_A_CURVE:
        return told
    measured = told.sentence.partition(":")[0]
    return told._replace(
        sentence=f"{measured}. Either that is done to the new state before it is returned, or the "
        "sum is squashed by another function than np.tanh: if its formula is written out, compare "
        "it with tanh's, sign by sign."
    )


def _together(pairs: Sequence[Pair]) -> tuple[Array, Array]:
    """Return all numbers that came, and all right ones, as two vectors."""
    seen = np.concatenate([np.ravel(seen) for seen, *_ in pairs])
    return seen, np.concatenate([np.ravel(right) for _, right, _ in pairs])


def _named(of_logits: bool) -> Callable[[Sequence[Pair]], Told | None]:
    functions = (*OF_LOGITS, *OF_STEPS) if of_logits else OF_STEPS

    def find(pairs: Sequence[Pair]) -> Told | None:
        for name, function, what in functions:
            with np.errstate(all="ignore"):
                if all(_is(function, seen, right) for seen, right, _ in pairs):
                    what = what if ":" in what else f"{what}: {AS_THEY_ARE}"
                    return Told(name, f"What came is {what}{'' if what[-1] == '?' else '.'}")
        return None

    return find


def _is(function: Function, seen: Array, right: Array) -> bool:
    return equal(seen, np.asarray(function(right), dtype=np.float64))


def _scaled(pairs: Sequence[Pair]) -> Told | None:
    """Find one factor, or one number added, for all."""
    seen, right = _together(pairs)
    if not np.isfinite(seen).all() or seen.size < 2:
        return None
    if np.ptp(seen) < ATOL:
        return None
    factor = float(seen @ right / (right @ right)) if right @ right else 1.0
    if abs(factor - 1) > 1e-3 and equal(seen, factor * right):
        if abs(factor + 1) < 1e-4:
            return None  # has a name of its own
        return Told(
            "scales_the_result",
            f"What came is the right result times {factor:.4g}, the same factor everywhere: look "
            "for a factor or a division too many, in what is returned or just before.",
        )
    for scale, words in _scales(pairs):
        if all(equal(s, f * r) for (s, r, _), f in zip(pairs, scale, strict=True)):
            return Told(
                "scales_the_result", f"What came is the right result {words}: leave that out."
            )
    offset = float((seen - right).mean())
    if abs(offset) > 1e-4 and equal(seen, right + offset):
        return Told(
            "adds_a_constant",
            f"What came is off by {offset:.4g}, the same number everywhere: look for what is added "
            "to the result.",
        )
    design = np.stack([right, np.ones_like(right)], axis=1)
    (a, b), *_ = np.linalg.lstsq(design, seen, rcond=None)
    if seen.size > 4 and abs(a) > 1e-3 and equal(seen, a * right + b):
        return Told(
            "scales_and_shifts_the_result",
            f"What came is {a:.4g} times the right result, plus {b:.4g}: look at what is done to "
            "the result before it is returned.",
        )
    return None


def _scales(pairs: Sequence[Pair]) -> Iterator[tuple[list[float], str]]:
    """Factors that differ with the sizes of the arrays."""
    steps = [len(right) for _, right, _ in pairs]
    if len(set(steps)) > 1 and 0 not in steps:
        yield [1 / n for n in steps], "divided by the number of steps"
        yield [float(n) for n in steps], "times the number of steps"
    for key, what in (
        ("W_hy", "outputs O"),
        ("W_hh", "hidden units H"),
        ("logits_true", "tokens O"),
    ):
        for axis in (0, 1):
            arrays = [given.get(key) for *_, given in pairs]
            sizes = [a.shape[axis] for a in arrays if isinstance(a, np.ndarray)]
            wanted = 0 if key == "W_hy" else 1
            if axis == wanted and len(sizes) == len(pairs) and len(set(sizes)) > 1:
                yield [1 / n for n in sizes], f"divided by the number of {what}"
                yield [n**-0.5 for n in sizes], f"divided by the root of the number of {what}"
                yield [float(n) for n in sizes], f"times the number of {what}"
                logs = [float(np.log(n)) for n in sizes]
                if 0.0 not in logs:
                    yield [1 / n for n in logs], f"divided by the logarithm of the number of {what}"
                    yield logs, f"times the logarithm of the number of {what}"


#: What is done to W_hy @ h where b_y should be added, and how it is called.
_TO_PRODUCTS: tuple[tuple[Callable[[Array, Array], Array], str], ...] = (
    (lambda y, b: y * b, "multiplied by b_y, where it is added"),
    (lambda y, b: np.maximum(y, 0) + b, "cut off below 0, as by a ReLU, before b_y is added"),
    (lambda y, b: np.tanh(y) + b, "squashed by tanh before b_y is added"),
    (lambda y, b: 1 / (1 + np.exp(-y)) + b, "squashed by a sigmoid before b_y is added"),
)


def _before_the_bias(pairs: Sequence[Pair]) -> Told | None:
    """Find what is done to W_hy @ h before its bias."""
    biases = [given.get("b_y") for *_, given in pairs]
    for function, how in _TO_PRODUCTS:
        with np.errstate(all="ignore"):
            if all(
                isinstance(b, np.ndarray) and equal(seen, function(right - b, b))
                for (seen, right, _), b in zip(pairs, biases, strict=True)
            ):
                return Told(
                    "changes_what_the_bias_is_added_to",
                    f"In what came W_hy @ h is {how}: each row is W_hy @ h + b_y.",
                )
    return None


def _rounded(pairs: Sequence[Pair]) -> Told | None:
    for digits in range(5):
        if all(
            equal(seen, right.round(digits), 0.1) and not equal(seen, right, 0.1)
            for seen, right, _ in pairs
        ):
            what = "whole numbers" if not digits else f"{digits} decimal{'s' * (digits > 1)}"
            return Told(
                "rounds_the_result",
                f"What came is the right result rounded to {what}: return it as it is.",
            )
    return None


def _clipped(pairs: Sequence[Pair]) -> Told | None:
    """Find bounds that numbers are kept within."""
    seen, right = _together(pairs)
    if not np.isfinite(seen).all() or not seen.size:
        return None
    low, high = seen.min(), seen.max()
    if np.ptp(seen) > ATOL and equal(seen, np.clip(right, low, high)):
        within = [f"below {low:.4g}"] * int(right.min() < low - 1e-4)
        within += [f"above {high:.4g}"] * int(right.max() > high + 1e-4)
        # One number at a bound may be there by accident.
        if within and (
            (np.abs(seen - low) < 1e-6).sum() > 1 or (np.abs(seen - high) < 1e-6).sum() > 1
        ):
            return Told(
                "cuts_numbers_off",
                f"What came is the right result cut off (clipped) {' and '.join(within)}: it has "
                "no bounds.",
            )
    return None


def _whole(pairs: Sequence[Pair]) -> Told | None:
    """Find whole numbers, however they come, where they are not due."""
    seen, right = _together(pairs)
    if not np.isfinite(seen).all() or (seen != seen.round()).any():
        return None
    if np.abs(seen).max(initial=0.0) > 1e9:
        return None  # a float so large has no fraction
    if not any(np.ptp(one) for one, *_ in pairs):
        return None
    if np.abs(right - right.round()).max() < 1e-3:
        return None
    return Told(
        "gives_whole_numbers",
        "All numbers that came are whole numbers: is the array made with dtype=int, or something "
        "on the way cut to int? What is written into such an array, or added to it, loses its "
        "fraction.",
    )


def _tokens(pairs: Sequence[Pair]) -> Told | None:
    """Find one-hot rows, whichever token they are."""
    if all(np.isin(seen, (0, 1)).all() and (seen.sum(axis=-1) <= 1).all() for seen, *_ in pairs):
        return Told(
            "returns_one_hot_rows",
            "What came holds a single 1 in a row and zeros, as one-hot tokens do: return the row "
            "of logits, W_hy @ h + b_y, of each step.",
        )
    return None


def _thresholded(pairs: Sequence[Pair]) -> Told | None:
    """Find numbers below a bound that are set to 0."""
    seen, right = _together(pairs)
    zero = seen == 0
    if not zero.any() or zero.all() or not equal(seen[~zero], right[~zero]):
        return None
    largest, least = right[zero].max(), right[~zero].min()
    if not largest < least or zero.sum() < 2:
        return None
    return Told(
        "sets_small_numbers_to_zero",
        f"What came is right where it is {least:.4g} or more, and 0 wherever it should be "
        f"{largest:.4g} or less: small numbers are set to 0; return them as they are.",
    )


def _power(pairs: Sequence[Pair]) -> Told | None:
    seen, right = _together(pairs)
    if seen.size < 4 or not (seen > 1e-9).all() or not (right > 1e-9).all():
        return None
    design = np.stack([np.log(right), np.ones_like(right)], axis=1)
    (power, factor), *_ = np.linalg.lstsq(design, np.log(seen), rcond=None)
    if not equal(seen, np.exp(factor) * right**power):
        return None
    times = "" if abs(factor) < 1e-3 else f", times {np.exp(factor):.4g}"
    return Told(
        "takes_a_power",
        f"What came is the right result to the power of {power:.4g}{times}: return it as it is.",
    )


def _shifted(pairs: Sequence[Pair]) -> Told | None:
    """Find right rows in the place before or after their own, whatever fills the gap."""
    if any(seen.ndim == 0 or len(seen) < 3 for seen, *_ in pairs):
        return None
    if any(equal(right[1:], right[:-1]) for _, right, _ in pairs):
        return None
    if all(equal(seen[:-1], right[1:]) for seen, right, _ in pairs):
        return Told(
            "is_one_step_ahead",
            "Each row t that came is the right row t + 1, one step ahead, and row 0 (step 0) is "
            "missing: every step has a row, the first one too, and row t belongs to step t.",
        )
    if all(equal(seen[1:], right[:-1]) for seen, right, _ in pairs):
        return Told(
            "is_one_step_late",
            "Each row t that came is the right row t - 1, one step late: what is stored first "
            "belongs to no step; row 0 is W_hy @ h + b_y after the first step of the cell.",
        )
    return None


def _misplaced(pairs: Sequence[Pair]) -> Told | None:
    """Find right rows, or right numbers, in other places."""
    if any(
        right.ndim == 0 or len(right) < 3 or seen.size != right.size for seen, right, _ in pairs
    ):
        return None
    places = [[_place_of(row, right) for row in seen] for seen, right, _ in pairs]
    if all(None not in some for some in places) and any(
        isinstance(place, int) and place != i for some in places for i, place in enumerate(some)
    ):
        repeated = [_stays(some) for some in places]
        if all(repeated):
            return Told(
                "repeats_a_row_to_the_end",
                f"Rows 0 to {repeated[-1]} of {len(places[-1])} are right, and row "
                f"{repeated[-1]} comes again in each place after it, so from there on no step is "
                "computed: is there a `break`, or a condition under which the state, the input or "
                "the row stays what it was? Every row comes from a step of its own.",
            )
        listed = ", ".join(
            "zeros" if place == "zeros" else f"row {place}" for place in places[-1][:8]
        )
        return Told(
            "writes_rows_in_other_places",
            f"Each row that came is a right one, or zeros, in another place: in order {listed}. "
            "Look at the index where a row is stored, out[t] = ..., and for steps that are left "
            "out or made twice: row t belongs to step t.",
        )
    if all(equal(np.sort(seen.ravel()), np.sort(right.ravel())) for seen, right, _ in pairs):
        return Told(
            "mixes_the_numbers_up",
            "All numbers that came are right, and stand in other places: a reshape mixes rows and "
            "columns up (only .T transposes), or an index is wrong.",
        )
    return None


def _stays(places: list[int | str | None]) -> int | None:
    """Return the row that is repeated to the end, where all before it are in place."""
    last = places[-1]
    if not isinstance(last, int) or last > len(places) - 2:
        return None
    return last if places == [min(i, last) for i in range(len(places))] else None


def _place_of(row: Array, right: Array) -> int | str | None:
    if not np.any(row):
        return "zeros"
    return next((i for i, other in enumerate(right) if equal(row, other)), None)


def _some_columns(pairs: Sequence[Pair]) -> Told | None:
    """Find columns that are right, where others are not."""
    if any(right.ndim != 2 or right.shape[1] < 3 or len(right) < 3 for _, right, _ in pairs):
        return None
    for seen, right, _ in pairs:
        fine = [k for k in range(right.shape[1]) if equal(seen[:, k], right[:, k])]
        if not fine or len(fine) == right.shape[1]:
            return None
    rest = np.delete(seen, fine, axis=1)
    what = "zeros" if not rest.any() else "wrong"
    return Told(
        "is_right_in_some_columns",
        f"Of each row number {', '.join(map(str, fine))} (counted from 0) is right, the others are "
        f"{what}: a row is W_hy @ h + b_y as a whole, out[t] = ...",
    )


def nearly(pairs: Sequence[Pair]) -> Told | None:
    """Find results that are right to two or three digits."""
    if all(
        np.isfinite(seen).all()
        and right.size
        and np.abs(seen - right).max() < 4e-3 * np.abs(right).max()
        for seen, right, _ in pairs
    ):
        return Told(
            "is_right_to_a_few_digits",
            "What came is right to two or three digits and no further: look for float16, for "
            "np.round or a small number that is added, in the weights or on the way.",
        )
    return None
