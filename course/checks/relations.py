"""Find how a result comes from the right one: a known function of it, a factor, a part, a shift.

Each relation has a name, which the class report counts by, and a sentence for the learner. It has
to hold for all results that are looked at, with the same constant where there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from course.checks.asserts import ATOL, RTOL
from course.checks.examples import Array


class Told(NamedTuple):
    """What is found: a name for the class report, and a sentence for the learner."""

    name: str
    sentence: str


#: A wrong result, the right one, and the arguments of the call by their names.
Pair = tuple[Array, Array, dict[str, object]]


def equal(one: Array, other: Array, tolerance: float = 1.0) -> bool:
    """Say whether two arrays agree up to rounding, not a number beside not a number."""
    if one.shape != other.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(np.allclose(one, other, tolerance * RTOL, tolerance * ATOL, equal_nan=True))


def _softmax(rows: Array, axis: int | None = -1) -> Array:
    e = np.exp(rows - rows.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _one_hot(rows: Array) -> Array:
    return np.eye(rows.shape[-1])[rows.argmax(axis=-1)]


def _shift(rows: Array, by: int) -> Array:
    """Shift rows, zeros coming in."""
    out = np.zeros_like(rows)
    if by > 0:
        out[by:] = rows[:-by]
    else:
        out[:by] = rows[-by:]
    return out


_Function = Callable[[Array], Array]
_T: Callable[[Array], Array] = lambda r: np.arange(1, len(r) + 1).reshape(-1, *[1] * (r.ndim - 1))  # noqa: E731

#: Functions of rows of logits, in the order in which they are tried.
_OF_LOGITS: tuple[tuple[str, _Function, str], ...] = (
    ("returns_probabilities", _softmax, "softmax(logits) of each row: return the logits as they "
     "are"),
    ("takes_a_softmax_over_the_steps", lambda r: _softmax(r, 0), "a softmax over the steps, axis "
     "0: return the logits as they are"),
    ("takes_one_softmax_of_all", lambda r: _softmax(r, None), "one softmax of the whole array: "
     "return the logits as they are"),
    ("returns_log_probabilities", lambda r: np.log(_softmax(r)), "log_softmax(logits): return the "
     "logits as they are"),
    ("takes_a_log_softmax_over_the_steps", lambda r: np.log(_softmax(r, 0)), "a log-softmax over "
     "the steps, axis 0: return the logits as they are"),
    ("takes_one_log_softmax_of_all", lambda r: np.log(_softmax(r, None)), "one log-softmax of the "
     "whole array: return the logits as they are"),
    ("takes_the_softmax_twice", lambda r: _softmax(_softmax(r)), "the softmax taken twice: return "
     "the logits as they are"),
    ("returns_the_exponential", np.exp, "exp(logits): return the logits as they are"),
    ("returns_a_sigmoid", lambda r: 1 / (1 + np.exp(-r)), "sigmoid(logits): return the logits as "
     "they are"),
    ("returns_a_tanh", np.tanh, "tanh(logits): only the state is squashed, W_hy @ h + b_y is not"),
    ("cuts_off_below_zero", lambda r: np.maximum(r, 0), "the logits with what is below 0 cut off, "
     "as a ReLU does: return them as they are"),
    ("returns_a_leaky_relu", lambda r: np.where(r > 0, r, 0.01 * r), "a leaky ReLU of the logits: "
     "return them as they are"),
    ("returns_one_hot_tokens", _one_hot, "the likeliest token of each row as a one-hot vector: "
     "return the logits"),
    ("subtracts_the_mean", lambda r: r - r.mean(axis=-1, keepdims=True), "each row less its mean: "
     "return the logits as they are"),
    ("subtracts_the_largest_logit", lambda r: r - r.max(axis=-1, keepdims=True), "each row less "
     "its largest number: a good trick inside a softmax, but return the logits as they are"),
    ("subtracts_the_largest_of_all", lambda r: r - r.max(), "everything less the largest number: "
     "return the logits as they are"),
    ("makes_rows_of_length_one", lambda r: r / np.linalg.norm(r, axis=-1, keepdims=True), "each "
     "row scaled to length 1 (its norm): return the logits as they are"),
    ("divides_rows_by_their_sum", lambda r: r / r.sum(axis=-1, keepdims=True), "each row divided "
     "by its sum: return the logits as they are"),
    ("divides_rows_by_their_largest", lambda r: r / r.max(axis=-1, keepdims=True), "each row "
     "divided by its largest number: return the logits as they are"),
    ("standardises_rows", lambda r: (r - r.mean(-1, keepdims=True)) / r.std(-1, keepdims=True),
     "each row less its mean, divided by its standard deviation: return the logits as they are"),
    ("sums_along_each_row", lambda r: r.cumsum(axis=-1), "sums along each row, axis 1: return the "
     "logits as they are"),
    ("turns_the_columns_round", lambda r: r[:, ::-1], "each row from its last number to its first: "
     "column k belongs to output k"),
    ("sorts_each_row", lambda r: np.sort(r, axis=-1), "each row sorted: column k belongs to output "
     "k"),
)  # fmt: skip

#: Functions of any array that has a row, or a number, for each step.
_OF_STEPS: tuple[tuple[str, _Function, str], ...] = (
    ("turns_the_sign_round", np.negative, "the negative of the right result: turn the sign round"),
    ("takes_the_absolute_value", np.abs, "the absolute value of the right result: leave the sign "
     "as it is"),
    ("takes_the_square", np.square, "the square of the right result: leave it out"),
    ("takes_the_square_root", lambda r: np.sqrt(np.maximum(r, 0)), "the square root of the right "
     "result: leave it out"),
    ("takes_one_minus_exp", lambda r: 1 - np.exp(-r), "1 - exp(-d) of the right numbers d: return "
     "them as they are"),
    ("takes_exp_of_minus", lambda r: np.exp(-r), "exp(-d) of the right numbers d: return them as "
     "they are"),
    ("takes_the_exponential", np.exp, "exp(d) of the right numbers d: return them as they are"),
    ("takes_the_logarithm", lambda r: np.log(np.maximum(r, 1e-300)), "the logarithm of the right "
     "result: leave it out"),
    ("takes_log_of_one_plus", lambda r: np.log1p(np.maximum(r, -0.999)), "log(1 + d) of the right "
     "numbers d: return them as they are"),
    ("squashes_the_result", np.tanh, "the tanh of the right result: leave it out"),
    ("divides_by_one_plus", lambda r: r / (1 + r), "d / (1 + d) of the right numbers d: return "
     "them as they are"),
    ("returns_rows_backwards", lambda r: r[::-1], "the right result from the last step to the "
     "first, backwards: row t belongs to step t"),
    ("sums_rows_up", lambda r: r.cumsum(axis=0), "sums over the steps so far: each row has the "
     "rows before it added; row t is of step t alone"),
    ("sums_rows_up_from_the_end", lambda r: r[::-1].cumsum(axis=0)[::-1], "sums from each step to "
     "the last: row t is of step t alone"),
    ("averages_the_rows_so_far", lambda r: r.cumsum(axis=0) / _T(r), "means over the steps so "
     "far: row t is of step t alone"),
    ("averages_neighbouring_rows", lambda r: np.concatenate([r[:1], (r[1:] + r[:-1]) / 2]), "means "
     "of each row and the one before: row t is of step t alone"),
    ("takes_differences_of_rows", lambda r: np.diff(r, axis=0, prepend=0 * r[:1]), "differences "
     "between each row and the one before: row t is of step t alone"),
    ("takes_the_largest_so_far", lambda r: np.maximum.accumulate(r), "the largest so far at each "
     "step: row t is of step t alone"),
    ("divides_by_the_number_of_the_step", lambda r: r / _T(r), "row t divided by t + 1: leave the "
     "division out"),
    ("multiplies_by_the_number_of_the_step", lambda r: r * _T(r), "row t multiplied by t + 1: "
     "leave the factor out"),
    ("divides_by_the_sum_over_the_steps", lambda r: r / r.sum(axis=0), "the right result divided "
     "by its sum over the steps: leave the division out"),
    ("divides_by_the_largest", lambda r: r / np.abs(r).max(), "the right result divided by its "
     "largest number: leave the division out"),
    ("subtracts_the_mean_over_the_steps", lambda r: r - r.mean(axis=0), "the right result less "
     "its mean over the steps: leave that out"),
    ("gives_the_mean_to_each_step", lambda r: 0 * r + r.mean(axis=0), "the mean over the steps, "
     "the same in each row: each step has its own"),
    ("gives_the_sum_to_each_step", lambda r: 0 * r + r.sum(axis=0), "the sum over the steps, the "
     "same in each row: each step has its own"),
    ("sorts_the_steps", lambda r: np.sort(r, axis=0), "the right numbers sorted over the steps: "
     "row t belongs to step t"),
    ("sets_the_first_row_to_zero", lambda r: np.concatenate([0 * r[:1], r[1:]]), "right but for "
     "row 0, which is zeros: step 0 is a step like the others; does the loop start at 1?"),
    ("leaves_the_last_row_empty", lambda r: np.concatenate([r[:-1], 0 * r[-1:]]), "right but for "
     "the last row, which is zeros: does the loop end one step early?"),
    ("repeats_the_last_row", lambda r: 0 * r + r[-1], "the last step's row in every place: all "
     "rows are one array, written again at each step; store a new array (or a copy) for each"),
    ("repeats_the_first_row", lambda r: 0 * r + r[0], "row 0 in every place: the state is not "
     "carried on, or all rows are written from the first step"),
    ("rolls_rows_down", lambda r: np.roll(r, 1, axis=0), "the right rows shifted down by one, the "
     "last in row 0 (an index of -1): row t belongs to step t"),
    ("rolls_rows_up", lambda r: np.roll(r, -1, axis=0), "the right rows shifted up by one, the "
     "first in the last row (an index of -1): row t belongs to step t"),
    ("shifts_rows_down", lambda r: _shift(r, 1), "the right rows one place too low, with zeros in "
     "row 0: row t belongs to step t"),
    ("shifts_rows_up", lambda r: _shift(r, -1), "the right rows one place too high, with zeros in "
     "the last row: row t belongs to step t"),
    ("cuts_to_whole_numbers", np.trunc, "cut to whole numbers: make the array of floats, without "
     "dtype=int or astype(int)"),
    ("rounds_down", np.floor, "rounded down to whole numbers: return it as it is"),
)  # fmt: skip


def function_of_the_right_one(pairs: Sequence[Pair], of_logits: bool) -> Told | None:
    """Return what turns right results into those that came, of the same shapes."""
    if not pairs or any(seen.shape != right.shape for seen, right, _ in pairs):
        return None
    if all(seen.size and np.ptp(seen) < ATOL for seen, *_ in pairs):
        return None  # of a constant nothing can be said
    finders: tuple[Callable[[Sequence[Pair]], Told | None], ...] = (
        _scaled,
        _off_by_vectors,
        _named(of_logits),
        *([_tokens] if of_logits else []),
        _rounded,
        _clipped,
        _thresholded,
        _power,
        _misplaced,
    )
    for finder in (*finders, _some_columns, _nearly):
        told = finder(pairs)
        if told:
            return told
    return None


def _named(of_logits: bool) -> Callable[[Sequence[Pair]], Told | None]:
    functions = (*_OF_LOGITS, *_OF_STEPS) if of_logits else _OF_STEPS

    def find(pairs: Sequence[Pair]) -> Told | None:
        for name, function, what in functions:
            with np.errstate(all="ignore"):
                if all(_is(function, seen, right) for seen, right, _ in pairs):
                    return Told(name, f"What came is {what}{'' if what[-1] == '?' else '.'}")
        return None

    return find


def _is(function: _Function, seen: Array, right: Array) -> bool:
    return equal(seen, np.asarray(function(right), dtype=np.float64))


def _scaled(pairs: Sequence[Pair]) -> Told | None:
    """Find one factor, or one number added, for all."""
    seen, right = (np.concatenate([np.ravel(pair[i]) for pair in pairs]) for i in (0, 1))
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
            return Told("scales_the_result", f"What came is the right result {words}: leave that out.")
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
    for key, what in (("W_hy", "outputs O"), ("W_hh", "hidden units H"), ("logits_true", "tokens O")):
        for axis in (0, 1):
            arrays = [given.get(key) for *_, given in pairs]
            sizes = [a.shape[axis] for a in arrays if isinstance(a, np.ndarray)]
            wanted = 0 if key == "W_hy" else 1
            if axis == wanted and len(sizes) == len(pairs) and len(set(sizes)) > 1:
                yield [1 / n for n in sizes], f"divided by the number of {what}"
                yield [n**-0.5 for n in sizes], f"divided by the root of the number of {what}"
                yield [float(n) for n in sizes], f"times the number of {what}"


def _off_by_vectors(pairs: Sequence[Pair]) -> Told | None:
    """Find one vector that is added to each row, or one number to all of a row."""
    if any(seen.ndim != 2 or len(seen) < 2 or not np.isfinite(seen).all() for seen, *_ in pairs):
        return None
    apart = [seen - right for seen, right, _ in pairs]
    if all(equal(one, 0 * one + one[0]) for one in apart):
        for times, name, words in (
            (-1, "forgets_the_output_bias", "b_y is not added: each row is W_hy @ h + b_y"),
            (1, "adds_the_output_bias_twice", "b_y is added twice: each row is W_hy @ h + b_y"),
            (-2, "subtracts_the_output_bias", "b_y is subtracted: each row is W_hy @ h + b_y"),
        ):
            biases = [given.get("b_y") for *_, given in pairs]
            if all(
                isinstance(b, np.ndarray) and equal(one[0], times * b)
                for one, b in zip(apart, biases, strict=True)
            ):
                return Told(name, f"In what came {words}.")
        return Told(
            "adds_a_vector_to_each_row",
            "All rows of what came are off by one and the same vector: look at what is added to "
            "W_hy @ h; it is b_y, once.",
        )
    if pairs[0][1].shape[1] > 1 and all(equal(one, 0 * one + one[:, :1]) for one in apart):
        return Told(
            "adds_a_number_to_each_row",
            "Within a row all numbers are off by the same amount, as where a maximum, a mean or a "
            "logarithm of a sum is subtracted: return W_hy @ h + b_y as it is.",
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
    seen, right = (np.concatenate([np.ravel(pair[i]) for pair in pairs]) for i in (0, 1))
    if not np.isfinite(seen).all() or not seen.size:
        return None
    low, high = seen.min(), seen.max()
    if np.ptp(seen) > ATOL and equal(seen, np.clip(right, low, high)):
        within = [f"below {low:.4g}"] * int(right.min() < low - 1e-4)
        within += [f"above {high:.4g}"] * int(right.max() > high + 1e-4)
        # One number at a bound may be there by accident.
        if within and ((np.abs(seen - low) < 1e-6).sum() > 1 or (np.abs(seen - high) < 1e-6).sum() > 1):
            return Told(
                "cuts_numbers_off",
                f"What came is the right result cut off (clipped) {' and '.join(within)}: it has "
                "no bounds.",
            )
    return None


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
    seen, right = (np.concatenate([np.ravel(pair[i]) for pair in pairs]) for i in (0, 1))
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
    seen, right = (np.concatenate([np.ravel(pair[i]) for pair in pairs]) for i in (0, 1))
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


def _misplaced(pairs: Sequence[Pair]) -> Told | None:
    """Find right rows, or right numbers, in other places."""
    if any(right.ndim == 0 or len(right) < 3 or seen.size != right.size for seen, right, _ in pairs):
        return None
    places = [[_place_of(row, right) for row in seen] for seen, right, _ in pairs]
    if all(None not in some for some in places) and any(
        isinstance(place, int) and place != i for some in places for i, place in enumerate(some)
    ):
        listed = ", ".join(
            "zeros" if place == "zeros" else f"row {place}" for place in places[-1][:8]
        )
        return Told(
            "writes_rows_in_other_places",
            f"Each row that came is a right one, or zeros, in another place: in order {listed}. "
            "Look at the index where a row is stored, out[t] = ...: row t belongs to step t.",
        )
    if all(equal(np.sort(seen.ravel()), np.sort(right.ravel())) for seen, right, _ in pairs):
        return Told(
            "mixes_the_numbers_up",
            "All numbers that came are right, and stand in other places: a reshape mixes rows and "
            "columns up (only .T transposes), or an index is wrong.",
        )
    return None


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


def _nearly(pairs: Sequence[Pair]) -> Told | None:
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


def other_shape(pairs: Sequence[Pair]) -> Told | None:
    """Return what turns right results into those of other shapes."""
    for name, function, what in _SHAPES:
        with np.errstate(all="ignore"):
            if all(_of_shape(function, *pair) for pair in pairs):
                return Told(name, f"What came is {what}{'' if what[-1] == '?' else '.'}")
    if all(seen.ndim == 2 and seen.shape[1:] == right.shape[1:] for seen, right, _ in pairs):
        for seen, right, _ in pairs:
            n = len(seen)
            if 0 < n < len(right) and equal(seen, right[:n]):
                return Told(
                    "stops_early",
                    f"Only {_rows(n)} of {len(right)} came, and they are right: the loop, or a "
                    "`return` inside it, ends it early; every step has a row.",
                )
            if 0 < n < len(right) and equal(seen, right[-n:]):
                return Told(
                    "returns_the_last_rows_alone",
                    f"Only the last {_rows(n)} of {len(right)} came: every step has a row.",
                )
            if n > len(right) and equal(seen[: len(right)], right):
                return Told(
                    "returns_rows_too_many",
                    f"{n} rows came for {len(right)} steps; the first {len(right)} are right, the "
                    "rest is one step too many, or more.",
                )
            if n == len(right) + 1:
                return Told(
                    "returns_one_row_too_many",
                    f"{n} rows came for {len(right)} steps: is there a step too many, as where "
                    "x_start is counted as one? There is one row for each step.",
                )
            if n > len(right) and equal(seen[-len(right) :], right):
                return Told(
                    "returns_rows_before_the_first",
                    f"{n} rows came for {len(right)} steps; the last {len(right)} are right, "
                    "what stands before them belongs to no step.",
                )
    return None


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n} rows"


def _of_shape(
    function: Callable[[Array, dict[str, object]], Array], seen: Array, right: Array, given: dict[str, object]
) -> bool:  # fmt: skip
    try:
        made = np.asarray(function(right, given), dtype=np.float64)
    except (ValueError, IndexError, KeyError, TypeError):
        return False
    return equal(seen, made)


def _loss(reduce: Callable[[Array], Array]) -> Callable[[Array, dict[str, object]], Array]:
    def loss(right: Array, given: dict[str, object]) -> Array:
        target = np.asarray(given["target_seq"])
        return np.asarray(reduce(-(np.log(_softmax(right)) * target).sum(axis=1)))

    return loss


#: Functions of the right result, of other shapes than its own.
_SHAPES: tuple[tuple[str, Callable[[Array, dict[str, object]], Array], str], ...] = (
    ("returns_columns_for_steps", lambda r, _: r.T, "transposed, shape (O, T): rows are steps and "
     "columns are outputs"),
    ("adds_an_axis_in_front", lambda r, _: r[None], "right, but with an axis too many in front, as "
     "for a batch: return shape (T, O)"),
    ("adds_an_axis_at_the_end", lambda r, _: r[..., None], "right, but with an axis too many at "
     "the end, as of columns: leave the reshape or keepdims out"),
    ("adds_an_axis_in_the_middle", lambda r, _: r[:, None], "right, but with an axis too many in "
     "the middle: return shape (T, O)"),
    ("flattens_the_result", lambda r, _: r.ravel(), "all rows in one long vector: return shape "
     "(T, O), a row a step"),
    ("drops_the_first_row", lambda r, _: r[1:], "right but for row 0 (step 0), which is missing: "
     "every step has a row"),
    ("drops_the_last_row", lambda r, _: r[:-1], "right but for the last row, which is missing: "
     "every step has a row"),
    ("returns_the_last_row_alone", lambda r, _: r[-1], "the row of the last step alone: collect "
     "the rows of all steps, and return them after the loop"),
    ("returns_the_last_row_alone", lambda r, _: r[-1:], "the row of the last step alone: collect "
     "the rows of all steps, and return them after the loop"),
    ("returns_the_first_row_alone", lambda r, _: r[0], "row 0 alone: does `return` stand inside "
     "the loop? Every step has a row"),
    ("returns_the_first_row_alone", lambda r, _: r[:1], "row 0 alone: does `return` stand inside "
     "the loop? Every step has a row"),
    ("returns_token_numbers", lambda r, _: r.argmax(axis=1), "the number of the likeliest token of "
     "each row, the argmax: return the whole rows of logits"),
    ("returns_the_largest_of_each_row", lambda r, _: r.max(axis=1), "the largest number of each "
     "row: return the whole rows"),
    ("averages_over_the_steps", lambda r, _: r.mean(axis=0), "the mean over the steps: each step "
     "has its own"),
    ("sums_over_the_steps", lambda r, _: r.sum(axis=0), "the sum over the steps: each step has its "
     "own"),
    ("sums_over_the_outputs", lambda r, _: r.sum(axis=1), "the sum of each row: return the whole "
     "rows"),
    ("averages_over_the_outputs", lambda r, _: r.mean(axis=1), "the mean of each row: return the "
     "whole rows"),
    ("sums_everything_up", lambda r, _: r.sum(), "the sum of all numbers: return them apart, one "
     "for each step"),
    ("averages_everything", lambda r, _: r.mean(), "the mean of all numbers: return them apart, "
     "one for each step"),
    ("returns_the_largest_alone", lambda r, _: r.max(), "the largest of all numbers: return them "
     "apart, one for each step"),
    ("returns_the_loss", _loss(np.mean), "the loss, the mean cross-entropy: return the logits, and "
     "leave the loss to whoever calls"),
    ("returns_the_loss", _loss(np.sum), "the loss, the sum of cross-entropies: return the logits, "
     "and leave the loss to whoever calls"),
    ("returns_the_loss_of_each_step", _loss(lambda losses: losses), "the cross-entropy of each "
     "step: return the logits, and leave the loss to whoever calls"),
    ("returns_one_row_too_many", lambda r, _: np.concatenate([r, r[-1:]]), "right, with the last "
     "row once more: there is one row for each step"),
    ("starts_with_a_row_of_zeros", lambda r, _: np.concatenate([0 * r[:1], r]), "right, with a row "
     "of zeros in front: there is one row for each step"),
    ("ends_with_a_row_of_zeros", lambda r, _: np.concatenate([r, 0 * r[-1:]]), "right, with a row "
     "of zeros at the end: there is one row for each step"),
    ("returns_every_other_row", lambda r, _: r[::2], "every other row: each step has a row"),
    ("drops_the_first_column", lambda r, _: r[:, 1:], "right but for the first column, which is "
     "missing: a row has O numbers"),
    ("drops_the_last_column", lambda r, _: r[:, :-1], "right but for the last column, which is "
     "missing: a row has O numbers"),
)  # fmt: skip


def hidden_states(pairs: Sequence[Pair]) -> Told | None:
    """Find hidden states in place of logits: W_hy and b_y make the right rows of them."""
    for seen, right, given in pairs:
        W, b = given.get("W_hy"), given.get("b_y")
        if not isinstance(W, np.ndarray) or not isinstance(b, np.ndarray):
            return None
        if seen.ndim != 2 or seen.shape[1] != W.shape[1] or not equal(seen @ W.T + b, right):
            return None
    return Told(
        "returns_hidden_states",
        "What came are the hidden states, and they are right: multiply each by W_hy and add b_y "
        "to get its row of logits.",
    )
