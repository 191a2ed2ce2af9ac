"""Students' folders of a lesson: whose are taken, and what lies in those without its notebook."""

from __future__ import annotations

import os
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from course.grading.faults import CannotRead
from course.grading.records.handedin import cannot_be_named, files_in, students_in

#: Names that are told of what lies in a folder.
_TOLD = 5


def lesson_notebooks(course: Any, lesson_id: str) -> list[str]:
    """List the names of a lesson's notebooks, with their endings: nbgrader's `CourseDirectory`."""
    folder = Path(course.format_path(course.source_directory, ".", lesson_id))
    return sorted(path.name for path in folder.glob("*.ipynb"))


def take_each_folder(converter: Any, notebooks: Iterable[str] = ()) -> dict[str, str]:
    """Give a converter of nbgrader's each student's folder, and leave out what it would stop at.

    nbgrader looks for notebooks by patterns, and takes a folder's name for part of one: of
    ``[ann]`` it finds nothing, of ``*`` everybody's. At a line break in a name it stops, and grades
    nobody who comes after. For a folder without the lesson's notebook it writes down a zero.

    Parameters
    ----------
    converter : nbgrader's BaseConverter
        Its `assignments` are set.
    notebooks : iterable of str, optional
        Names of the lesson's notebooks, with their endings: folders with none of them are left out.

    Returns
    -------
    dict of str to str
        Whose folder cannot be looked into, and why.
    """
    course = converter.coursedir
    base = Path(course.root, converter._input_directory)
    found = students_in(base, course.assignment_id)
    wanted, taken, closed = course.student_id, {}, {}
    left_out = course.student_id_exclude.split(",")
    alone = wanted != "*" and wanted in found
    for student, problem in found.items():
        if student != wanted if alone else not fnmatchcase(student, wanted):
            continue
        folder = base / student / course.assignment_id
        if why := cannot_be_named(student):
            converter.log.error(
                "The folder %r is left out: its name %s. Rename it, and run this again",
                f"{converter._input_directory}/{student}",
                why,
            )
        elif student in left_out:
            continue
        elif problem:
            converter.log.error("%s is not graded: %s", student, problem)
            closed[student] = problem
        else:
            names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
            here = [n for n in names if fnmatchcase(n, f"{course.notebook_id}.ipynb")]
            if notebooks:
                here = [name for name in here if name in notebooks]
            if notebooks and not here:
                lies = what_lies_in(folder, notebooks)
                converter.log.error("%s is not graded: %s", student, lies)
            elif here:
                taken[str(folder)] = [str(folder / name) for name in sorted(here)]
    if notebooks:
        for student, why in astray(base, course.assignment_id, notebooks).items():
            if student == wanted or (not alone and fnmatchcase(student, wanted)):
                converter.log.error("%s is not graded: %s", student, why)
    converter.assignments = taken
    return closed


def what_lies_in(folder: Path, notebooks: Iterable[str]) -> str:
    """Say what lies in a folder that lacks a lesson's notebook, and what to do about it.

    Parameters
    ----------
    folder : Path
        ``submitted/STUDENT/LESSON``, or ``work/LESSON``.
    notebooks : iterable of str
        Names of the lesson's notebooks, with their endings.
    """
    missing = " and ".join(sorted(notebooks))
    try:
        files = [p.relative_to(folder).as_posix() for p in files_in(folder, None, lambda *_: None)]
    except CannotRead as error:
        return f"there is no {missing}; {error}"
    shown = [one for one in files if not any(part.startswith(".") for part in Path(one).parts)]
    likely = [one for one in shown if ".ipynb" in one.lower()]
    if not shown:
        return f"there is no {missing} in {folder}, which is empty"
    told = ", ".join(map(quoted, (likely or shown)[:_TOLD]))
    if len(likely or shown) > _TOLD:
        told += f" and {len(likely or shown) - _TOLD} more"
    if not likely:
        return f"there is no {missing} in {folder}, and no other notebook; there is {told}"
    remedy = f"if that is it, move it to {folder / missing}"
    if len(likely) > 1:
        remedy = f"move the right one to {folder / missing}"
    return f"there is no {missing} in {folder}; there is {told}: {remedy}"


def astray(folder: Path, lesson_id: str, notebooks: Iterable[str]) -> dict[str, str]:
    """Find students who have another thing than a folder for a lesson, or its notebook elsewhere.

    Parameters
    ----------
    folder : Path
        ``submitted/``.
    lesson_id : str
        The lesson.
    notebooks : iterable of str
        Names of its notebooks, with their endings.

    Returns
    -------
    dict of str to str
        What to do, by student.
    """
    found = {}
    names = set(notebooks)
    handed_in = students_in(folder, lesson_id)
    for student in _names(folder):
        inside = folder / student
        odd = inside if inside.is_symlink() else inside / lesson_id
        if student in handed_in:
            continue
        if os.path.lexists(odd) and not os.path.isdir(odd):  # noqa: PTH112 - never raises
            found[student] = f"{odd} is no folder: lay the notebook into one of this name"
            continue
        places = [inside, *(inside / one for one in _folders(inside))]
        places += [place / lesson_id for place in places[1:]]
        for path in (place / name for place in places for name in names):
            if os.path.isfile(path):  # noqa: PTH113 - says no where it may not look
                goal = inside / lesson_id / path.name
                found[student] = f"{path} lies in the wrong place: move it to {goal}"
    return found


def _names(place: Path) -> list[str]:
    try:
        return sorted(path.name for path in place.iterdir())
    except OSError:
        return []


def _folders(place: Path) -> list[str]:
    return [name for name in _names(place) if os.path.isdir(place / name)]  # noqa: PTH112


def quoted(name: str) -> str:
    """Return a file's name so that nobody takes it for part of a sentence, on one line."""
    return f"'{name}'" if name.isprintable() else ascii(name)
