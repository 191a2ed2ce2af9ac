"""Say which rows of a result are right, and what that leaves to look at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Array
from course.checks.known.told import Pair, Told


def first_row_that_differs(
    group: str, pairs: list[Pair], broken: set[str], runs_free: bool = False
) -> Told:
    """Say from which row on numbers differ, and what that leaves to look at."""
    first = min(int(np.argmax(~right_rows(seen, right))) for seen, right, _ in pairs)
    alone = ""
    if len(broken) == 1 and group in CELL_TYPES:
        others = " and ".join(f"'{cell}'" for cell in CELL_TYPES if cell != group)
        alone = (
            f" It is so for '{group}' alone, {others} are right: look at its cell, and at the "
            "lines that are run for it alone."
        )
    again = all(right_rows(seen, right)[first + 1 :].any() for seen, right, _ in pairs)
    if again:
        words = (
            f"Row {first} is the first that differs, and rows after it are right again, so the "
            "state is carried on rightly: look at how a row is stored, out[t] = ..., for one that "
            "is never written (np.empty leaves what was there), or written over."
        )
    elif first == 0 and broken >= set(CELL_TYPES):
        words = (
            "Row 0 differs already, and so it does with every cell type, so look at what they "
            "share before the formula of one: the first state, x_start, what is done to h after "
            "the cell, the line W_hy @ h + b_y, and a sigmoid or another function of your own."
        )
    elif first == 0:
        words = (
            "Row 0 differs already, where x_start is fed and the state is the context: look at "
            "the first state, at the formula of the cell, and at the line W_hy @ h + b_y."
        )
    elif first == 1:
        is_forced = "target_seq" in pairs[0][2] and not runs_free
        fed = "target_seq[0]" if is_forced else "the one-hot vector of argmax"
        formula = "most of the cell's formula" if group == "lstm" else "the cell's formula"
        words = (
            f"Row 0 is right, so the first state, {formula} and W_hy @ h + b_y are in step 0, "
            "and row 1 is the first that differs: look at the line that chooses what step 1 is fed "
            f"({fed}), at how the state is carried from step 0 to step 1, and for what is done to "
            "h or to a row in later steps alone."
        )
        if group == "lstm":
            words += (
                " An LSTM carries two, h and c; and in step 0 an old c of zeros hides the forget "
                "gate, so look at f * c too."
            )
    elif all(not seen[first:].any() for seen, *_ in pairs):
        words = (
            f"Rows from row {first} on are zeros, which nothing has been written into: a break, a "
            "return or a limit ends the loop early. There is a row for each step."
        )
    else:
        words = (
            f"Rows 0 to {first - 1} are right, and row {first} is the first that differs: look for "
            "what changes with the number of the step, an index, a counter or a limit."
        )
    return Told(f"differs_from_row_{min(first, 2)}_on", words + alone)


def ends_early(pairs: list[Pair], of: str) -> Iterator[Told]:
    """Find right rows, or right units of a state, with zeros after them."""
    ends = []
    for seen, right, _ in pairs:
        if not right.ndim or len(right) < 2 or not np.isfinite(seen).all():
            continue
        n = int(np.argmin(right_rows(seen, right)))
        if not n or seen[n:].any() or not right[n:].any():
            return
        ends.append((n, len(right)))
    if not ends:
        return
    n, of_all = ends[0]
    one, many = ("row", "rows") if of == "step" else ("element", "elements")
    which = f"{one} 0 of {of_all} is" if n == 1 else f"{many} 0 to {n - 1} of {of_all} are"
    why = (
        f"does the loop end one {of} early? Every {of} is computed"
        if all(n == of_all - 1 for n, of_all in ends)
        else f"does `return` or `break` stand inside the loop? Every {of} is computed"
        if len({n for n, _ in ends}) == 1
        else f"a `break` or a limit ends the loop at another {one} each time, as at an end token. "
        f"There is a {one} for each {of}"
    )
    last = f"{one} {n} is" if n == of_all - 1 else f"{many} {n} to {of_all - 1} are"
    yield Told(
        "stops_early",
        f"{which.capitalize()} right, and {last} zeros, which nothing is written into: {why}.",
    )


def rows_of_zeros(pairs: list[Pair]) -> Iterator[Told]:
    """Find a first or a last row that nothing is written into, whatever the others are."""
    for place, which, why in (
        (0, "Row 0 is", "does the loop begin at step 1?"),
        (-1, "The last row is", "does the loop end one step early?"),
    ):
        if pairs and all(
            seen.ndim == 2 and seen.any() and not seen[place].any() and right[place].any()
            for seen, right, _ in pairs
        ):
            yield Told(
                f"leaves_a_row_of_zeros_{'first' if place == 0 else 'last'}",
                f"{which} zeros, which nothing is written into: {why} Every step has a row. Other "
                "rows are not right either, which may come of it.",
            )


def zeros_after_a_step(pairs: list[Pair]) -> Iterator[Told]:
    """Find right numbers that end at some step, with zeros after it."""
    seen, right, _ = max(pairs, key=lambda pair: pair[1].size)
    n = int(np.argmin(right_rows(seen, right)))
    if n and not seen[n:].any():
        why = (
            "the last one is 0: does the loop end one step early?"
            if all(not seen[-1] and right_rows(seen, right)[:-1].all() for seen, right, _ in pairs)
            else "the rest are zeros: does `return` or `break` stand inside the loop?"
        )
        first = f"The first of {len(right)} numbers is"
        if n > 1:
            first = f"The first {n} of {len(right)} numbers are"
        yield Told(
            "stops_early",
            f"{first} right, and {why} Every step has its own.",
        )


def right_rows(seen: Array, right: Array) -> Array:
    """Say which rows, or which numbers of a vector, are right."""
    with np.errstate(invalid="ignore"):
        apart = ~np.isclose(seen, right, 1e-4, 1e-5)
    rows: Array = ~apart.reshape(len(seen), -1).any(axis=1)
    return rows
