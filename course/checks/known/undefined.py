"""Say where a function is defined that a call has missed: in a cell that was not run."""

from __future__ import annotations

import re

from course.checks.known.bank import known_functions
from course.checks.known.told import Told

#: What Python says of a name that nothing defines.
_NOT_DEFINED = re.compile(r"name '(\w+)' is not defined")


def run_it_first(message: str) -> Told | None:
    """Say which cell to run first, where an exception misses a function of a lesson.

    Parameters
    ----------
    message : str
        Of a `NameError`.

    Examples
    --------
    >>> run_it_first("name 'rnn_cell_step' is not defined").name
    'calls_what_is_defined_elsewhere'
    """
    found = _NOT_DEFINED.search(message)
    if found is None or found[1] not in known_functions():
        return None
    return Told(
        "calls_what_is_defined_elsewhere",
        f"`{found[1]}` is defined in a cell of its own, which has not been run: run the cell of "
        f"`{found[1]}` first. If that cell stands further down, do without `{found[1]}` here: "
        "grading runs the cells from top to bottom, each test right below what it tests.",
    )
