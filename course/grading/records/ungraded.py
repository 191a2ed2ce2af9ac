"""Who handed something in and has no grade for it: those whom a row of 0 would wrong."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from course.grading.records.csvfiles import write_table
from course.grading.records.notgraded import what_is_in_the_way
from course.grading.records.scores import read_scores

_SCORES = ("raw_score", "late_submission_penalty", "score")


def not_graded(course: CourseDirectory, book: Gradebook, lesson_id: str) -> dict[str, str]:
    """Return those who have no grade for what they handed in, with the reason.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    book : Gradebook
        Its gradebook, open.
    lesson_id : str
        Which lesson.
    """
    [scores] = read_scores(book, [lesson_id])
    graded = {student for student, earned in scores.earned.items() if earned.graded}
    again = f"run `nbgrader autograde {lesson_id}`, which says what is in the way"
    found = dict.fromkeys(scores.earned, again)
    found |= {
        who: why or again for who, why in what_is_in_the_way(course, lesson_id, graded).items()
    }
    return {who: why for who, why in sorted(found.items()) if who not in graded}


def leave_blank(table: Path, ungraded: Collection[tuple[str, str]]) -> None:
    """Take the scores of those who have no grade out of a table of nbgrader's: they are no zeros.

    Parameters
    ----------
    table : Path
        A CSV file with nbgrader's columns; another is left as it is.
    ungraded : collection of (str, str)
        Lessons and students.
    """
    with table.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        rows = list(csv.reader(file))
    columns = {name: place for place, name in enumerate(rows[0] if rows else [])}
    if not {"assignment", "student_id", *_SCORES} <= set(columns):
        return
    changed = False
    for row in rows[1:]:
        whose = len(row) == len(columns) and (
            row[columns["assignment"]],
            row[columns["student_id"]],
        )
        if whose in ungraded:
            changed = True
            for name in _SCORES:
                row[columns[name]] = ""
    if changed:
        write_table(table, rows[0], rows[1:])
