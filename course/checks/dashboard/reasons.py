"""Why a claim does not hold, in the reader's words: one reason, though a test may give several."""

from __future__ import annotations

import re
import traceback

from course.checks.cells.asserts import explain
from course.checks.known.undefined import run_it_first

#: A reason: a line, and the two rows of numbers that may stand below it, with what follows these.
_REASON = re.compile(r"^.+(?:\nexpected .+\ngot .+(?:\n(?!\w+(?:, \w+)*: ).+)?)?$", re.MULTILINE)


def why(error: BaseException) -> str:
    """Say why a claim does not hold, in the reader's words."""
    said = explain(error)
    if isinstance(error, NameError):
        inside = traceback.extract_tb(error.__traceback__)[-1:]
        elsewhere = run_it_first(said)
        if elsewhere and inside and inside[0].name != "<module>":  # not the claim's own line
            return f"{said}. {elsewhere.sentence}"
        return f"{said}: is it misspelt, or defined in a cell above that was not run?"
    return said


def first_reason(said: str) -> str:
    """Return the first reason alone, of several that a test gives: the check looks at them all."""
    first, *more = _REASON.findall(said.strip()) or [""]
    return f"{first.strip()}\n({len(more)} more)" if more else first.strip()
