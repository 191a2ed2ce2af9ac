"""Functions of a right result that learners return in its place."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array


def _one_hot(rows: Array) -> Array:
    tokens: Array = np.eye(rows.shape[-1])[rows.argmax(axis=-1)]
    return tokens


def _shift(rows: Array, by: int) -> Array:
    """Shift rows, zeros coming in."""
    out = np.zeros_like(rows)
    if by > 0:
        out[by:] = rows[:-by]
    else:
        out[:by] = rows[-by:]
    return out


Function = Callable[[Array], Array]

AS_THEY_ARE = "return the logits as they are"

_T: Callable[[Array], Array] = lambda r: np.arange(1, len(r) + 1).reshape(-1, *[1] * (r.ndim - 1))  # noqa: E731

#: Functions of rows of logits, in the order in which they are tried. Where nothing else is said of
#: one, `AS_THEY_ARE` is.
OF_LOGITS: tuple[tuple[str, Function, str], ...] = (
    ("returns_probabilities", softmax, "softmax(logits) of each row"),
    ("takes_a_softmax_over_the_steps", lambda r: softmax(r, 0), "a softmax over the steps, axis 0"),
    ("takes_one_softmax_of_all", lambda r: softmax(r, None), "one softmax of the whole array"),
    ("returns_log_probabilities", lambda r: np.log(softmax(r)), "log_softmax(logits)"),
    ("returns_negative_log_probabilities", lambda r: -np.log(softmax(r)), "minus "
     "log_softmax(logits), which belongs to the loss"),
    ("takes_a_logsoftmax_over_the_steps", lambda r: np.log(softmax(r, 0)), "a log-softmax over the "
     "steps, axis 0"),
    ("takes_one_logsoftmax_of_all", lambda r: np.log(softmax(r, None)), "one log-softmax of the "
     "whole array"),
    ("takes_the_softmax_twice", lambda r: softmax(softmax(r)), "the softmax taken twice"),
    ("returns_the_exponential", np.exp, "exp(logits)"),
    ("returns_a_sigmoid", lambda r: 1 / (1 + np.exp(-r)), "sigmoid(logits)"),
    ("returns_a_tanh", np.tanh, "tanh(logits): only the state is squashed, W_hy @ h + b_y is not"),
    ("cuts_off_below_zero", lambda r: np.maximum(r, 0), "the logits with what is below 0 cut off, "
     "as a ReLU does: return them as they are"),
    ("returns_a_leaky_relu", lambda r: np.where(r > 0, r, 0.01 * r), "a leaky ReLU of the logits: "
     "return them as they are"),
    ("returns_one_hot_tokens", _one_hot, "the likeliest token of each row as a one-hot vector: "
     "return the logits"),
    ("subtracts_the_mean", lambda r: r - r.mean(axis=-1, keepdims=True), "each row less its mean"),
    ("subtracts_the_largest_logit", lambda r: r - r.max(axis=-1, keepdims=True), "each row less "
     "its largest number: a good trick inside a softmax, but return the logits as they are"),
    ("subtracts_the_largest_of_all", lambda r: r - r.max(), "everything less the largest number"),
    ("makes_rows_of_length_one", lambda r: r / np.linalg.norm(r, axis=-1, keepdims=True), "each "
     "row scaled to length 1 (its norm)"),
    ("divides_rows_by_their_sum", lambda r: r / r.sum(axis=-1, keepdims=True), "each row divided "
     "by its sum"),
    ("divides_rows_by_their_largest", lambda r: r / r.max(axis=-1, keepdims=True), "each row "
     "divided by its largest number"),
    ("standardises_rows", lambda r: (r - r.mean(-1, keepdims=True)) / r.std(-1, keepdims=True), ""
     "each row less its mean, divided by its standard deviation"),
    ("sums_along_each_row", lambda r: r.cumsum(axis=-1), "sums along each row, axis 1"),
    ("turns_the_columns_round", lambda r: r[:, ::-1], "each row from its last number to its first: "
     "column k belongs to output k"),
    ("sorts_each_row", lambda r: np.sort(r, axis=-1), "each row sorted: column k belongs to output "
     "k"),
)  # fmt: skip

#: Functions of each number by itself.
OF_NUMBERS: tuple[tuple[str, Function, str], ...] = (
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
    ("divides_by_one_minus", lambda r: r / (1 - r), "d / (1 - d) of the right numbers d: return "
     "them as they are"),
)  # fmt: skip

#: Functions of any array that has a row, or a number, for each step.
OF_STEPS: tuple[tuple[str, Function, str], ...] = (
    *OF_NUMBERS,
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
    ("divides_by_the_norm", lambda r: r / np.linalg.norm(r), "the right result divided by its "
     "norm, scaled to length 1: leave the division out"),
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
    ("repeats_the_last_row", lambda r: 0 * r + r[-1], "the last step's row in every place, as "
     "where all rows are one array that is written again, or are made of the last state when the "
     "loop is over: store a new array (or a copy) for each step"),
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


def _standardised(h: Array) -> Array:
    return np.array((h - h.mean()) / (h.std() + 1e-9))


#: What is done to a state: a function of the right one, and how it is called.
OF_STATES: tuple[tuple[Callable[[Array], Array], str], ...] = (
    (np.tanh, "the tanh of the right one"),
    (lambda h: 1 / (1 + np.exp(-h)), "the sigmoid of the right one"),
    (lambda h: np.maximum(h, 0), "the right one with what is below 0 cut off, as by a ReLU"),
    (np.abs, "the right one without its signs"),
    (np.square, "the square of the right one"),
    (np.sign, "the signs of the right one alone"),
    (np.round, "the right one rounded"),
    (lambda h: h[::-1], "the right one turned round"),
    (np.sort, "the right one sorted"),
    (lambda h: h - h.mean(), "the right one less its mean"),
    (_standardised, "the right one less its mean and divided by its standard deviation, as a "
     "layer norm does"),
    (lambda h: h / np.linalg.norm(h), "the right one scaled to length 1, divided by its norm"),
    (lambda h: h / np.abs(h).max(), "the right one divided by its largest number"),
    (lambda h: h / np.abs(h).sum(), "the right one divided by the sum of its sizes"),
    (lambda h: np.exp(h) / np.exp(h).sum(), "the softmax of the right one"),
)  # fmt: skip
