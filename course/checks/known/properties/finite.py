"""Tell of numbers that are none, and of those that no squashed state gives."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.asking import READABLE, Calls
from course.checks.known.told import Told, listed


def growing(calls: Calls) -> Iterator[Told]:
    """Find whether numbers grow without bound, as no squashed state lets them."""
    (base,) = calls.results([lambda given: None])
    if base is not None and np.isnan(base).any():
        yield _not_a_number(base)
    elif base is not None and not (np.abs(base) < READABLE).all():
        yield Told(
            "grows_without_bound",
            f"Numbers grow to {np.abs(base).max():.2g}, which no state between -1 and 1 gives: a "
            "squashing is missing. Gates are sigmoid(...), a candidate and a plain state "
            "np.tanh(...), and nothing is added up from step to step beside them.",
        )


def _not_a_number(base: Array) -> Told:
    """Say which numbers are none; where a state is not a number, later ones are not either."""
    none = np.isnan(base)
    if base.ndim < 2:
        places = np.flatnonzero(np.atleast_1d(none))
        which = f"number {places[0]}" if len(places) == 1 else f"numbers {_numbers(places)}"
        return Told(
            "gives_some_that_are_no_numbers",
            f"Of {base.size} numbers {which} (counted from 0) are nan, not a number, and the "
            "others are not: look for a place that nothing is written into (np.empty), and for "
            "0 / 0 or the logarithm of a negative number in one place.",
        )
    rows = np.flatnonzero(none.reshape(len(base), -1).any(axis=1))
    which = f"Row {rows[0]} is" if len(rows) == 1 else f"Rows {_numbers(rows)} are"
    if rows[-1] < len(base) - 1:
        return Told(
            "gives_rows_that_are_no_numbers",
            f"{which} nan (not a number) and later rows are numbers, so the state is one: nothing "
            "is written into such a row, as np.empty leaves it (does the loop begin at step 0, and "
            "write every row?), or it is spoilt after the step.",
        )
    return Told(
        "gives_rows_that_are_no_numbers",
        f"{which} nan, not a number: look for a row that nothing is written into (np.empty), and "
        "for 0 / 0, inf - inf, or exp of a large number on the way.",
    )


def _numbers(places: Array) -> str:
    if len(places) > 2 and np.ptp(places) == len(places) - 1:
        return f"{places[0]} to {places[-1]}"
    return listed(places.tolist())
