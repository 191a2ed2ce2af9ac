"""What is said to people: commands as they type them, and what went wrong."""

from __future__ import annotations

import sys
import traceback
from pathlib import Path


def command(words: str) -> str:
    """Return a command of the course as it is typed on this machine.

    Parameters
    ----------
    words : str
        What follows the course's name: ``"check 2"``.
    """
    python = "py" if sys.platform == "win32" else "python3"
    return f"{python} -m course {words}"


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "student"), count(2, "student")
    ('1 student', '2 students')
    """
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def told(error: BaseException, most: int = 2000) -> str:
    """Say what an error is: its class and its message, or else the place that raised it.

    Parameters
    ----------
    error : BaseException
        What was raised; its message may be empty, or fail to be made.
    most : int, optional
        Characters of the message that are kept.

    Examples
    --------
    >>> told(ValueError("no such cell"))
    'ValueError: no such cell'
    >>> told(TimeoutError())
    'TimeoutError'
    """
    try:
        said = " ".join(str(error).split())
    except Exception:  # a class of anybody's
        said = ""
    name = type(error).__name__
    if said:
        return f"{name}: {said[:most]}"
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return name
    where = frames[-1]
    return f"{name} in {where.name}, line {where.lineno} of {Path(where.filename).name}"
