"""What keeps the folder of somebody who handed something in from being graded."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from course.grading.faults import CannotRead
from course.grading.records.folders import astray, lesson_notebooks, what_lies_in
from course.grading.records.handedin import (
    NOT_NEEDED,
    cannot_be_named,
    files_in,
    see_that_it_can_be_read,
    students_in,
)


def _unreadable_in(place: Path) -> str:
    """Say which file keeps a submission from being graded, ``""`` where none does."""
    try:
        for path in files_in(place, None, lambda *_: None):
            if path.name not in NOT_NEEDED:
                see_that_it_can_be_read(path)
    except CannotRead as error:
        return str(error)
    return ""


def what_is_in_the_way(
    course: CourseDirectory, lesson_id: str, graded: Collection[str] = ()
) -> dict[str, str]:
    """Return what keeps each student's folder from being graded, ``""`` where nothing does."""
    folder = Path(course.format_path(course.submitted_directory, ".", ".")).resolve()
    notebooks = lesson_notebooks(course, lesson_id)
    found = students_in(folder, lesson_id)
    for student, problem in found.items():
        if student in graded:
            continue
        place = folder / student / lesson_id
        if why := cannot_be_named(student):
            found[student] = f"the folder's name {why}: rename it, and grade again"
        elif not problem and not any(os.path.lexists(place / name) for name in notebooks):
            found[student] = what_lies_in(place, notebooks)
        elif not problem:
            found[student] = _unreadable_in(place)
    return found | astray(folder, lesson_id, notebooks)
