"""All grades as one table: what `nbgrader export` writes without more words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, SubmittedAssignment
from nbgrader.plugins import ExportPlugin

from course.grading.records.csvfiles import TableError, harmless, write_table

_COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)


class GradesExport(ExportPlugin):
    """nbgrader's own table, a row for each student and lesson, with every cell quoted rightly.

    Names may hold commas, quotes and line breaks. One that a spreadsheet would run as a formula
    gets an apostrophe in front.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; end the command with status 1 where it cannot be written."""
        target = Path(self.to or "grades.csv")
        try:
            write_table(target, _COLUMNS, self._rows(gradebook))
        except TableError as error:
            self.log.error("Nothing was exported: %s", error)
            sys.exit(1)
        self.log.info("Grades are in %s", target)

    def _rows(self, gradebook: Gradebook) -> list[list[str]]:
        lessons, students = set(map(str, self.assignment)), set(map(str, self.student))
        rows = []
        for lesson in gradebook.assignments:
            if lessons and lesson.name not in lessons:
                continue
            handed_in = _handed_in(gradebook, lesson.id)
            for student in gradebook.students:
                if students and student.id not in students:
                    continue
                when, raw, penalty = handed_in.get(student.id, (None, 0.0, 0.0))
                row: list[Any] = [lesson.name, lesson.duedate, when, student.id]
                row += [student.last_name, student.first_name, student.email]
                row += [raw, penalty, max(0.0, raw - penalty), lesson.max_score]
                rows.append([_cell(value) for value in row])
        return rows


def _handed_in(gradebook: Gradebook, lesson_id: str) -> dict[str, tuple[Any, float, float]]:
    """Return when each student has handed a lesson in, the points, and what lateness cost."""
    found = gradebook.db.query(
        SubmittedAssignment.student_id,
        SubmittedAssignment.timestamp,
        SubmittedAssignment.score,
        SubmittedAssignment.late_submission_penalty,
    ).filter(SubmittedAssignment.assignment_id == lesson_id)
    return {who: (when, float(raw or 0), float(cost or 0)) for who, when, raw, cost in found}


def _cell(value: Any) -> str:
    """Return a value as nbgrader writes it, and no formula."""
    if isinstance(value, str):
        return harmless(value)
    return "" if value is None else str(value)
