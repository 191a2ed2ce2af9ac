"""Find the slip in a schedule's formula that gives the numbers that came.

One slip comes before two, and one that all schedules share, in a line that they pass through,
before one in each.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.schedules.formulas import (
    RIGHT,
    RIGHT_WORDS,
    changes,
    finished,
    results,
    variants,
)
from course.checks.known.schedules.tables import ScheduleTable, as_numbers, same


def slip_in_it(seen: ScheduleTable, came: Array) -> str:
    """Find the formula that gives these numbers: with one slip, then with two."""
    i, k, c, e = seen.asked.T
    name, own, ends = seen.schedule, RIGHT[seen.schedule], results()
    with np.errstate(all="ignore"):
        for words, said in _one_slip(name, i, k, c, e):
            if same(came, words):
                return said
        for changed, formula in variants(name).items():
            for done, result in ends.items():
                if same(came, result(formula(i, k, c, e), e)):
                    return f"{_epsilon(name, changed)}; and {done}"
        for changed, arguments in changes().items():
            j, *numbers = arguments(i, k, c, e)
            for done, result in ends.items():
                if same(came, result(own(j, *numbers), e)):
                    return f"{done}; and the formula is given {changed}"
    return ""


def slip_in_all(tables: Sequence[ScheduleTable]) -> str:
    """Return what is to be said of all wrong schedules alike; ``""`` where there is no such slip.

    A floor under every schedule changes 'linear' only where eps_min is below 0: there it looks like
    a bound that is missing.
    """
    wrong = [(one, as_numbers(one.came)) for one in tables]
    wrong = [(one, came) for one, came in wrong if came is None or not same(came, one.wanted)]
    if len(wrong) < 2:
        return ""
    fits: list[list[str]] = []
    for one, came in wrong:
        call = (one.schedule, *one.asked.T)
        with np.errstate(all="ignore"):
            slips = [*_results(*call), *_given(*call), *_floored(*call)]
        fits.append([words for numbers, words in slips if came is not None and same(came, numbers)])
    return next((words for words in fits[0] if all(words in other for other in fits[1:])), "")


def _results(name: str, i: Array, k: Array, c: Array, e: Array) -> Iterator[tuple[Array, str]]:
    for done, result in results().items():
        yield result(RIGHT[name](i, k, c, e), e), done


def _given(name: str, i: Array, k: Array, c: Array, e: Array) -> Iterator[tuple[Array, str]]:
    for changed, arguments in changes().items():
        numbers = finished(RIGHT[name](*arguments(i, k, c, e)))
        yield numbers, f"the formula is right, but it is given {changed}"


def _floored(name: str, i: Array, k: Array, c: Array, e: Array) -> Iterator[tuple[Array, str]]:
    """Yield what comes where eps_min is the least epsilon of every schedule, in place of 0."""
    line = k - c * i if name == "linear" else RIGHT[name](i, k, c, e)
    yield 1 - np.minimum(np.maximum(line, e), 1), f"epsilon is {_FLOOR}"
    yield 1 - np.maximum(line, e), f"epsilon may be above 1, and it is {_FLOOR}"
    yield np.minimum(np.maximum(line, e), 1), f"epsilon itself is returned, and it is {_FLOOR}"


#: Said where one line holds the epsilon of all schedules.
_FLOOR = (
    "held at eps_min or above by a line that all schedules pass through: eps_min is for 'linear' "
    "alone, and the epsilon of each is then clipped to [0, 1]"
)


def _one_slip(name: str, i: Array, k: Array, c: Array, e: Array) -> Iterator[tuple[Array, str]]:
    """Yield results of formulas with one slip, with what is to be said of each."""
    for other, formula in RIGHT.items():
        if other != name:
            said = f"the result is that of {other!r}: are two branches exchanged?"
            yield finished(formula(i, k, c, e)), said
    yield from _results(name, i, k, c, e)
    for changed, formula in variants(name).items():
        yield finished(formula(i, k, c, e)), _epsilon(name, changed)
    yield from _given(name, i, k, c, e)


def _epsilon(name: str, words: str) -> str:
    what, _, why = words.partition(": ")
    why = why or f"it is {RIGHT_WORDS[name].partition('= ')[2]}"
    return f"your epsilon is {what}; {why}"
