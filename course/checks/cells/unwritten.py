"""Say which function is not written yet: the one called, or another that it calls."""

from __future__ import annotations

import re
import traceback

#: Said of what still raises `NotImplementedError`.
UNFINISHED = "not written yet: it still raises NotImplementedError"

#: What is noted of an error from another process: what was called, and where in it this arose.
_NOTED = re.compile(r"raised in `(\w+)`(?:, line \d+ of the cell, in the call of `(\w+)`)?")


def who_is_not_written(error: BaseException) -> str:
    """Return the name of the function that raised `NotImplementedError`; ``""`` if not known.

    >>> def later():
    ...     raise NotImplementedError
    >>> try:
    ...     (lambda: later())()
    ... except NotImplementedError as error:
    ...     who_is_not_written(error)
    'later'
    """
    for note in getattr(error, "__notes__", ()):
        if noted := _NOTED.match(str(note)):
            return noted[2] or noted[1]
    frames = traceback.extract_tb(error.__traceback__)
    return frames[-1].name if frames and frames[-1].name.isidentifier() else ""


def unfinished(name: str) -> str:
    """Say that a function is not written.

    >>> unfinished("training_step")
    'training_step is not written yet: it still raises NotImplementedError'
    """
    return f"{name} is {UNFINISHED}" if name else UNFINISHED
