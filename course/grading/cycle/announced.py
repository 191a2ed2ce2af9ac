"""The due date where students see it: a file beside the lesson in the exchange.

Whoever fetches the lesson has it beside the notebook. In the exchange it is kept up to date, so
`nbgrader list` and Assignment List tell the date as it is now.
"""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook

from course.bootstrap.files import write_whole
from course.grading.records.due import due_of, time_zone
from course.grading.records.moments import shown

NAME = "DUE.md"
_BEGIN = "Due: **"
#: The file has a line or two.
_MOST = 1000


def announce(gradebook: Gradebook, lesson_id: str, released: Path) -> None:
    """Write when a lesson is due, or take away what was written where it no longer has a date.

    Parameters
    ----------
    gradebook : Gradebook
        Open.
    lesson_id : str
        Which lesson.
    released : Path
        Its folder in the exchange.
    """
    due, place = due_of(gradebook, lesson_id), released / NAME
    if due is None:
        place.unlink(missing_ok=True)
        return
    text = (
        f"{_BEGIN}{shown(due, time_zone(gradebook))}**\n\n"
        "Assignment List and `nbgrader list` say when it is due now. An extension of yours is not "
        "in here: your instructor has told you of it.\n"
    )
    if not place.is_file() or place.read_text(encoding="utf-8") != text:
        write_whole(place, text.encode())
        place.chmod(0o644)


def announced(released: Path) -> str:
    """Return what a released lesson's folder says of when it is due, ``""`` where nothing."""
    try:
        with (released / NAME).open(encoding="utf-8") as file:
            first = file.read(_MOST).partition("\n")[0]
    except (OSError, UnicodeError):
        return ""
    return first.removeprefix(_BEGIN).rstrip("*") if first.startswith(_BEGIN) else ""
