"""Find rows that are off by one vector, or by one number each, and what that vector is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.told import Pair, Told, listed

#: How often b_y is added too often, the name of that, and how it is said.
_BIASES = (
    (-1, "forgets_the_output_bias", "b_y is not added"),
    (1, "adds_the_output_bias_twice", "b_y is added twice"),
    (-2, "subtracts_the_output_bias", "b_y is subtracted"),
)

#: What is the same for all steps, by the right rows, and may be subtracted from each or added.
_OVER_THE_STEPS: tuple[tuple[str, Callable[[Array], Array]], ...] = (
    ("the mean of each column over the steps", lambda rows: rows.mean(axis=0)),
    ("the largest number of each column over the steps", lambda rows: rows.max(axis=0)),
    ("the smallest number of each column over the steps", lambda rows: rows.min(axis=0)),
    ("the sum of each column over the steps", lambda rows: rows.sum(axis=0)),
    ("row 0", lambda rows: rows[0]),
    ("the last row", lambda rows: rows[-1]),
)


def off_by_vectors(pairs: Sequence[Pair]) -> Told | None:
    """Find one vector that is added to each row, or one number to all of a row."""
    if any(seen.ndim != 2 or len(seen) < 2 or not np.isfinite(seen).all() for seen, *_ in pairs):
        return None
    apart = [seen - right for seen, right, _ in pairs]
    told = _biases(pairs, apart)
    if told:
        return told
    if all(equal(one, 0 * one + one[0]) for one in apart):
        return _one_vector(pairs, apart)
    if pairs[0][1].shape[1] > 1 and all(equal(one, 0 * one + one[:, :1]) for one in apart):
        return Told(
            "adds_a_number_to_each_row",
            "Within a row all numbers are off by the same amount, as where a maximum, a mean or a "
            "logarithm of a sum is subtracted: return W_hy @ h + b_y as it is.",
        )
    return None


def _biases(pairs: Sequence[Pair], apart: list[Array]) -> Told | None:
    """Find b_y added too often or too seldom, in all rows or in some."""
    biases = [given.get("b_y") for *_, given in pairs]
    if not all(isinstance(b, np.ndarray) and one.shape[1:] == b.shape and b.any()
               for one, b in zip(apart, biases, strict=True)):  # fmt: skip
        return None
    for times, name, words in _BIASES:
        # By the first step of which it is so, the first of which it is not, and the step between.
        for begin, end, by, where in (
            (0, None, 1, ""),
            (1, None, 1, "every row but row 0"),
            (0, 1, 1, "row 0 alone"),
            (0, -1, 1, "every row but the last"),
            (-1, None, 1, "the last row alone"),
            (0, None, 2, "every other row, from row 0 on"),
            (1, None, 2, "every other row, from row 1 on"),
        ):
            if all(
                equal(one, _in_some(one, times * np.asarray(b), slice(begin, end, by)))
                for one, b in zip(apart, biases, strict=True)
            ):
                begin_with = f"In {where}," if where else "In what came"
                rest = ", and the others are right" if where else ""
                return Told(name, f"{begin_with} {words}{rest}: each row is W_hy @ h + b_y.")
    return None


def _in_some(like: Array, vector: Array, rows: slice) -> Array:
    added = np.zeros_like(like)
    added[rows] = vector
    return added


def _one_vector(pairs: Sequence[Pair], apart: list[Array]) -> Told:
    """Say which vector all rows are off by, as far as it is known."""
    for what, of in _OVER_THE_STEPS:
        for sign, words in ((-1, "less"), (1, "plus")):
            if all(
                equal(one[0], sign * of(right))
                for one, (_, right, _) in zip(apart, pairs, strict=True)
            ):
                return Told(
                    "changes_rows_by_what_all_steps_share",
                    f"Each row that came is the right one {words} {what}: no step knows of the "
                    "others in its row; return W_hy @ h + b_y as it is.",
                )
    vector = listed([f"{x:.4g}" for x in apart[0][0][:6].round(6) + 0.0]) + ", ..." * (
        apart[0].shape[1] > 6
    )
    return Told(
        "adds_a_vector_to_each_row",
        f"All rows of what came are off by one and the same vector, {vector} in the first call: "
        "look at what is done to a row beside W_hy @ h + b_y, or in place of it.",
    )
