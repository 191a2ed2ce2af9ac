"""Which lessons there are, and which one somebody means. Standard library only."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from course.lessons.notebook import Lesson, LessonError, lesson_name, read_lesson

#: How a lesson's folder is called: a number, then the notebook's name.
_LESSON_ID = re.compile(r"\d+_[^\W_]\w*", re.ASCII)


def lesson_ids(folder: Path) -> list[str]:
    """List the lessons below ``source/`` or ``release/``, in the order of their numbers.

    A lesson is a folder that is called ``NN_name`` and holds a notebook ``name.ipynb``.

    >>> lesson_ids(course_root() / "source")[0]
    '01_decoder_cells'
    """
    found = [path.name for path in _folders(folder) if not _why_no_lesson(path)]
    return sorted(found, key=lambda lesson_id: (int(lesson_id.split("_")[0]), lesson_id))


def not_lessons(folder: Path) -> list[str]:
    """Say of each folder below ``source/`` or ``release/`` that is no lesson why it is none."""
    return [
        f"{folder.name}/{path.name} is no lesson: {why}"
        for path in _folders(folder)
        if (why := _why_no_lesson(path))
    ]


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    kept_out = (".", "__")  # what tools leave behind
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(kept_out)
    )


def _why_no_lesson(path: Path) -> str:
    """Say why a folder is no lesson, ``""`` where it is one."""
    if not _LESSON_ID.fullmatch(path.name):
        return "a lesson's folder is called by a number and a name, such as 05_attention"
    wanted = f"{lesson_name(path.name)}.ipynb"
    if (path / wanted).is_file():
        return ""
    others = sorted(one.name for one in path.glob("*.ipynb"))
    there = f"; {', '.join(others)} lies there" if others else ""
    return f"its notebook {wanted} is missing{there}"


def find_lessons(folder: Path) -> list[Lesson]:
    """Read all lessons below ``source/`` or ``release/``, in order.

    Raises
    ------
    LessonError
        Where a lesson's notebook cannot be read.

    Examples
    --------
    >>> [lesson.id for lesson in find_lessons(course_root() / "source")][0]
    '01_decoder_cells'
    """
    return [
        read_lesson(folder / lesson_id / f"{lesson_name(lesson_id)}.ipynb")
        for lesson_id in lesson_ids(folder)
    ]


def pick_lesson(wanted: str, known: Sequence[str], others: Sequence[str] = ()) -> str:
    """Return the lesson id that somebody means by its id, name, or number.

    Parameters
    ----------
    wanted : str
        What was asked for.
    known : sequence of str
        The lessons' ids.
    others : sequence of str, optional
        What `not_lessons` says, for the message.

    Raises
    ------
    LessonError
        Where nothing fits, or several lessons do; the message lists what there is.

    Examples
    --------
    >>> pick_lesson("2", ["01_decoder_cells", "02_teacher_forcing"])
    '02_teacher_forcing'
    """
    asked = wanted.strip().strip("/").removesuffix(".ipynb")
    number = asked.lstrip("0") if asked.isdecimal() else None
    fitting = [
        lesson_id
        for lesson_id in known
        if asked in (lesson_id, lesson_name(lesson_id))
        or number == lesson_id.split("_")[0].lstrip("0")
    ]
    if asked in fitting:
        return asked
    if len(fitting) > 1:
        raise LessonError(f"{wanted!r} may be any of {', '.join(fitting)}: give the whole name")
    if not fitting:
        there = "; ".join([f"there are: {', '.join(known) or 'none'}", *others])
        raise LessonError(f"there is no lesson {wanted!r}; {there}")
    return fitting[0]


def asked_lesson(wanted: str, folder: Path) -> str:
    """Return the lesson of a folder that somebody means: see `pick_lesson`."""
    return pick_lesson(wanted, lesson_ids(folder), not_lessons(folder))


def course_root() -> Path:
    """Return the course's folder: ``COURSE_ROOT`` where that is set, else where `course` lies."""
    named = os.environ.get("COURSE_ROOT")
    return Path(named).resolve() if named else Path(__file__).resolve().parents[2]
