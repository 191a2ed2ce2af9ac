"""What each exercise claims of a right answer, in the order in which a learner mends it.

A lesson's ``claims.py`` lists those of its functions in `CLAIMS`, where to begin in `BEGIN`, said
before anything is written, in `CURVES` what is drawn as a curve, not as rows: what its two axes
are, and in `ROWS` what a row is called where it is no step. What more than one lesson claims is
here.
"""

from __future__ import annotations

from typing import NamedTuple

from course.checks.cells.examples import CELL_TYPES
from course.checks.dashboard.comparisons import (
    Look,
    changed,
    docstring,
    kinds,
    numbers,
    usable,
)
from course.checks.known.lessons import table
from course.checks.known.probes import UNKNOWN_WITHOUT_STEPS, unknown_cell

ALL = ("",)

FIRST = "first"


class Claim(NamedTuple):
    """One row of the table.

    Attributes
    ----------
    sentence : str
        What a right answer does.
    look : callable
        Finds what is wrong.
    hint : str
        Where to look, when the mistake is none of the known ones.
    aspect : str
        Which of the probes' aspects it is about.
    columns : tuple of str
        Cell types or schedules that it is asked of.
    probe : str
        The probe whose numbers are drawn; `FIRST` for the first of the column.
    waits : bool
        True where it means nothing before the claims above hold in its column.
    """

    sentence: str
    look: Look
    hint: str
    aspect: str = "values"
    columns: tuple[str, ...] = ALL
    probe: str = ""
    waits: bool = True


def claims() -> dict[str, tuple[Claim, ...]]:
    """Return the claims of all exercises, by the function's name."""
    return table("claims", "CLAIMS")


def begin_with(function_name: str) -> str:
    """Return where to begin with an exercise, ``""`` where its lesson does not say."""
    return str(table("claims", "BEGIN").get(function_name, ""))


def axes_of(function_name: str) -> tuple[str, str] | None:
    """Return the axes of what is drawn as a curve, None for what is drawn as rows."""
    axes: tuple[str, str] | None = table("claims", "CURVES").get(function_name)
    return axes


def row_of(function_name: str) -> str:
    """Return what a row is in a picture of what a function gives."""
    return str(table("claims", "ROWS").get(function_name, "step"))


LEAVES = Claim(
    "leaves its arguments as they were",
    changed,
    "write h = ..., never h += ... or x[...] = ..., on what came in as an argument",
    "keeps",
    waits=False,
)
FORGETS = Claim(
    "remembers nothing between calls",
    kinds(
        "forgets",
        "calls",
        never="equal calls gave different results, whatever came before",
        remembers="the same call gave another result the second time",
        repeats="other numbers of the same shape gave the result of the first call",
        overwrites="a second call changed the result of the first",
    ),
    "start from the arguments in every call; keep nothing in global names or default values",
    "forgets",
    waits=False,
)
FLOAT32 = Claim(
    "takes float32 as well",
    numbers("six steps", aspect="float32"),
    "make no demand on dtype, and keep the precision of float32",
    "float32",
    CELL_TYPES,
)
LARGE = Claim(
    "is right for large numbers too",
    numbers("four steps", aspect="large"),
    "np.exp overflows above 709; np.tanh never does, nor does the sigmoid that is given",
    "large",
    CELL_TYPES,
)
SINGLE = Claim(
    "gives shape (1, O) for one step",
    numbers("one step", aspect="single"),
    "return the array of (T, O) as it was made: squeeze, or an index, takes an axis away",
    "single",
    CELL_TYPES,
)
ZEROS = Claim(
    "feeds a row of zeros like any other",
    numbers("five steps", aspect="zeros"),
    "rows are vectors of any values: one of zeros ends nothing, and nothing takes its place",
    "zeros",
    CELL_TYPES,
)
EQUALS = Claim(
    "of several equal logits it takes the first",
    numbers("four steps", aspect="equals"),
    "np.argmax takes the first of equals: look at one row with it, and at nothing else",
    "equals",
    CELL_TYPES,
)
DEFAULT = Claim(
    "the cell is an 'rnn' where none is named",
    numbers("cell_type", aspect="default"),
    "leave the signature as it was, cell_type='rnn'",
    "default",
)
EMPTY = Claim(
    "gives shape (0, O) for no steps",
    usable("no steps", aspect="empty"),
    "make the result with np.zeros((T, O)) before the loop, and take no row before t = 0 exists",
    "empty",
    CELL_TYPES,
    waits=False,
)
DOCUMENTED = Claim(
    "its docstring begins with what it is for",
    docstring,
    "say in your own words what would be missing without it",
    "docstring",
    waits=False,
)


def refuses(what: str, aspect: str, *probes: str) -> Claim:
    """Return the claim that something raises ValueError, which these probes ask for."""
    look = kinds(aspect, *probes, accepted="it accepts {0}")
    return Claim(
        f"{what} raises ValueError", look, "raise ValueError(...) early", aspect, waits=False
    )


STEPS = Claim(
    "gives logits of shape (T, O)",
    usable("four steps"),
    "one row for every step: W_hy @ h + b_y",
    columns=CELL_TYPES,
    probe="four steps",
)
STEP_0 = Claim(
    "step 0 is fed x_start, from the context",
    numbers("four steps", rows=1),
    "before the loop h is context_vector; in it the input of t = 0 is x_start",
    columns=CELL_TYPES,
    probe="four steps",
)
UNKNOWN = (*map(unknown_cell, CELL_TYPES), UNKNOWN_WITHOUT_STEPS)
