"""The fixed calls by which a function is known: for each exercise, what to call it with.

A lesson's ``probes.py`` lists those of its functions in `PROBES`, each a function that yields them,
and in `ARGUMENTS` what each is called with; what more than one lesson asks with is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.examples import CELL_TYPES, Example, example, random_example
from course.checks.known import features
from course.checks.known.features import Arguments, Feature, Function
from course.checks.known.lessons import table

#: More steps than a limit that is meant for short examples lets through.
LONG = 70

#: An input of the example by which every sum is so large that exp overflows, or nearly so.
LARGE = np.array([3300.0, -1100.0, 2750.0])


class Probe(NamedTuple):
    """One call, or a few, and what to look at.

    Attributes
    ----------
    group : str
        Cell type or schedule: a column of the table; ``""`` where there are none.
    aspect : str
        Features of one aspect are wrong together: ``"values"``, ``"empty"``, ``"keeps"``, ...
    name : str
        Which of the aspect's calls.
    arguments : callable
        Makes the arguments, new ones for each call.
    observe : callable
        Makes the call and returns a `Feature`.
    """

    group: str
    aspect: str
    name: str
    arguments: Arguments
    observe: Callable[[Function, Arguments], Feature] = features.value

    @property
    def key(self) -> str:
        """Name of the feature, ``"lstm/values/four steps"``."""
        return f"{self.group}/{self.aspect}/{self.name}"


@lru_cache
def probes_of(function_name: str) -> tuple[Probe, ...]:
    """Return the probes of an exercise's function; none for a function that is no exercise."""
    make = table("probes", "PROBES").get(function_name)
    return tuple(make()) if make else ()


def arguments_of(function_name: str) -> tuple[str, ...]:
    """Return the names of what an exercise's function is called with; none where not listed."""
    named: tuple[str, ...] = table("probes", "ARGUMENTS").get(function_name, ())
    return named


def parts_named(function_name: str) -> tuple[str, ...]:
    """Return what the parts of a function's result are called; none where not listed."""
    named: tuple[str, ...] = table("probes", "RESULTS").get(function_name, ())
    return named


def bound(make: Callable[[Any], tuple[Any, ...]], argument: Any) -> Arguments:
    """Fix an argument, so that a loop's later values do not reach it."""
    return lambda: make(argument)


def short_or_zero(cell: str, *p: float) -> Iterator[Probe]:
    """Ask for one step, and for rows of zeros, which are vectors like others."""

    def call(cell: str, T: int) -> tuple[Any, ...]:
        context, target_seq, params = random_example(cell, T, 4, 5, 4, 23)
        target_seq[1::2] = 0.0
        return context, target_seq, params, *p, cell

    yield Probe(cell, "single", "one step", bound(lambda cell: call(cell, 1), cell))
    yield Probe(cell, "zeros", "five steps", bound(lambda cell: call(cell, 5), cell))


#: The call that asks for a cell that there is not, where there is no step to run it in.
UNKNOWN_WITHOUT_STEPS = "an unknown cell_type with T = 0"


def unknown_cell(cell: str) -> str:
    """Name the call that asks for a cell that there is not, as a sentence takes it."""
    weights = "" if cell == "rnn" else f" with the weights of {cell!r}"
    return f"an unknown cell_type{weights}"


def unknown_cells(aspect: str, arguments: Callable[[str], tuple[Any, ...]]) -> Iterator[Probe]:
    """Ask for a cell that there is not, with the weights of each that there is.

    Whatever is run in its place fails by accident where the weights do not fit.
    """
    for cell in CELL_TYPES:
        yield Probe("", aspect, unknown_cell(cell), bound(arguments, cell), features.refusal)

    def without_steps() -> tuple[Any, ...]:
        context, steps, *rest = arguments("rnn")
        return context, steps[:0] if isinstance(steps, np.ndarray) else 0, *rest

    yield Probe("", aspect, UNKNOWN_WITHOUT_STEPS, without_steps, features.refusal)


def large_example(cell: str) -> Example:
    """Return the example with rows of which exp overflows."""
    context, target_seq, params = example(cell)
    return Example(context, 3e3 * target_seq, params)
