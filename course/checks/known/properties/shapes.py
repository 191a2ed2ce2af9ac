"""Find how a result of another shape comes from the right one: parts of it, sums, a loss."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.told import Pair, Told


def other_shape(pairs: Sequence[Pair]) -> Told | None:
    """Return what turns right results into those of other shapes."""
    told = loses_an_axis(pairs)
    if told:
        return told
    for name, function, what in _SHAPES:
        with np.errstate(all="ignore"):
            if all(_of_shape(function, *pair) for pair in pairs):
                return Told(name, f"What came is {what}{'' if what[-1] == '?' else '.'}")
    if all(seen.ndim == 2 and seen.shape[1:] == right.shape[1:] for seen, right, _ in pairs):
        return next(filter(None, (_other_length(seen, right) for seen, right, _ in pairs)), None)
    return None


def _other_length(seen: Array, right: Array) -> Told | None:
    """Tell of rows too few or too many."""
    n, T = len(seen), len(right)
    few, many, came = 0 < n < T, n > T, f"{_rows(n)} came for {T} steps"
    if few and equal(seen, right[:n]):
        words = f"Only {_rows(n)} of {T} came, and they are right: the loop, or a `return` inside "
        return Told("stops_early", words + "it, ends it early; every step has a row.")
    if few and equal(seen, right[-n:]):
        words = f"Only the last {_rows(n)} of {T} came: every step has a row."
        return Told("returns_the_last_rows_alone", words)
    if many and equal(seen[:T], right):
        words = f"{came}; the first {T} are right, and those after them belong to no step."
        return Told("returns_rows_too_many", words)
    if many and equal(seen[-T:], right):
        words = f"{came}; the last {T} are right, what stands before them belongs to no step."
        return Told("returns_rows_before_the_first", words)
    if n == T + 1:
        words = f"{came}: is there a step too many, as where x_start is counted as one? There is "
        return Told("returns_one_row_too_many", words + "one row for each step.")
    return None


def loses_an_axis(pairs: Sequence[Pair]) -> Told | None:
    """Find right numbers without the axes of which there is one place alone."""
    if any(seen.ndim >= right.ndim or not equal(seen, right.squeeze()) for seen, right, _ in pairs):
        return None
    seen, right, given = pairs[0]
    size = "T" if "params" not in given and len(right) == 1 else "H" if "params" in given else "O"
    return Told(
        "loses_an_axis",
        f"Where {size} = 1 the numbers are right, and an axis is lost: shape {right.shape} is "
        f"asked for, and {seen.shape} came. Look for squeeze, item, float(...) or an index [0], "
        "which take an axis away.",
    )


def meaning_of(pairs: Sequence[Pair], sizes: Sequence[Mapping[str, int]]) -> str:
    """Say what each number in a shape stands for, where it does so in all calls."""
    seen = pairs[0][0].shape
    if len({one.ndim for one, *_ in pairs}) > 1:
        return ""
    said = []
    for axis, n in enumerate(seen):
        known = [
            {name for name, size in _counts(one).items() if size == came.shape[axis]}
            for (came, *_), one in zip(pairs, sizes, strict=True)
        ]
        names = [name for name in _counts(sizes[0]) if all(name in some for some in known)]
        if names:
            said.append(f"{n} is {' or '.join(names)}")
    return f" ({', '.join(dict.fromkeys(said))})" if said else ""


def _counts(sizes: Mapping[str, int]) -> dict[str, int]:
    more = {f"T {sign} 1": sizes["T"] + by for sign, by in (("-", -1), ("+", 1)) if "T" in sizes}
    return {**sizes, **more}


def _rows(n: int) -> str:
    return "1 row" if n == 1 else f"{n} rows"


def _of_shape(
    function: Callable[[Array, dict[str, Any]], Array],
    seen: Array,
    right: Array,
    given: dict[str, Any],
) -> bool:
    try:
        made = np.asarray(function(right, given), dtype=np.float64)
    except (ValueError, IndexError, KeyError, TypeError):
        return False
    return equal(seen, made)


def _loss(reduce: Callable[[Array], Array]) -> Callable[[Array, dict[str, Any]], Array]:
    def loss(right: Array, given: dict[str, Any]) -> Array:
        target = np.asarray(given["target_seq"])
        return np.asarray(reduce(-(np.log(softmax(right)) * target).sum(axis=1)))

    return loss


#: Functions of the right result, of other shapes than its own.
_SHAPES: tuple[tuple[str, Callable[[Array, dict[str, Any]], Array], str], ...] = (
    ("returns_columns_for_steps", lambda r, _: r.T, "transposed, shape (O, T): rows are steps and "
     "columns are outputs"),
    ("reshapes_to_columns", lambda r, _: r.reshape(r.shape[::-1]), "reshaped to (O, T), which "
     "tears the rows apart: rows are steps, so leave the reshape out"),
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


def logits_of_a_state(pairs: Sequence[Pair]) -> Told | None:
    """Find logits in place of a cell's new state: W_hy and b_y make them of the right one."""
    for seen, right, given in pairs:
        params = given["params"]
        if right.ndim != 1 or not equal(seen, params["W_hy"] @ right + params["b_y"]):
            return None
    O = len(pairs[0][0])
    return Told(
        "returns_logits",
        f"What came has O = {O} numbers and is right as logits, W_hy @ h + b_y: a cell returns its "
        "state h, and the decoder makes the logits of it.",
    )


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
