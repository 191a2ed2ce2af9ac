"""What is looked at in submitted folders before nbgrader copies them: see `nbgrader_config.py`."""

from __future__ import annotations

import glob
import logging
import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

#: A link to a file of more bytes than this is not followed even by the copy.
_LARGEST_LINKED = 64 * 2**20


def drop_what_cannot_be_copied(notebooks: list[str], **_: object) -> None:
    """Remove links, pipes and devices at which nbgrader's copy would stop, hang or never end.

    A plain file is never touched, and a link holds nothing of a student's work.

    Parameters
    ----------
    notebooks : list of str
        The submission's notebooks, as nbgrader hands them to a ``pre_convert_hook``.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        for place, _folders, names in os.walk(folder):
            for path in (Path(place) / name for name in names):
                if not _can_be_copied(path):
                    logging.getLogger("course").warning("%s is no plain file; removed", path)
                    path.unlink(missing_ok=True)


def _can_be_copied(path: Path) -> bool:
    try:
        small = not path.is_symlink() or path.stat().st_size <= _LARGEST_LINKED
        return path.is_file() and small
    except OSError:  # a link to itself, or to a place that may not be looked at
        return False


def take_each_folder(converter: Any) -> None:
    """Give each student's folder the notebooks in it, and leave out what nbgrader would stop at.

    nbgrader looks for notebooks by patterns, and takes a folder's name for part of one: of
    ``[ann]`` it finds nothing, of ``*`` everybody's. At a line break in a name it stops, and grades
    nobody who comes after. To be called once it has looked, and before it converts.

    Parameters
    ----------
    converter : nbgrader's BaseConverter, or None
        Its `assignments` are set anew; nothing is done where it has not looked.
    """
    if not getattr(converter, "assignments", None):
        return
    course = converter.coursedir
    students = Path(course.root, converter._input_directory)
    wanted = course.student_id
    alone = wanted != "*" and (students / wanted / course.assignment_id).is_dir()
    taken = {}
    for student in sorted(path.name for path in students.iterdir()):
        folder = students / student / course.assignment_id
        named = student == wanted if alone else fnmatchcase(student, wanted)
        if not named or not folder.is_dir():
            continue
        if why := cannot_be_named(student):
            converter.log.error(
                "The folder %r is left out: its name %s. Rename it, and run this again",
                f"{converter._input_directory}/{student}",
                why,
            )
        else:  # `Path.glob` gives hidden files too, which nbgrader leaves out
            pattern = f"{glob.escape(str(folder))}/{course.notebook_id}.ipynb"
            if found := glob.glob(pattern):  # noqa: PTH207
                taken[str(folder)] = found
    converter.assignments = taken


def cannot_be_named(student: str) -> str:
    r"""Say why nbgrader cannot work with a student of this name, ``""`` where it can.

    >>> cannot_be_named("ann\n"), cannot_be_named("*[ann]")
    ('has a line break', '')
    """
    if "\n" in student:
        return "has a line break"
    if student.startswith("."):
        return "begins with a dot"
    if student != student.encode("utf-8", "replace").decode():
        return "is no text"
    return ""
