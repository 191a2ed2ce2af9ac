"""All grades as one table: what `nbgrader export` writes without more words."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook

from course.grading.lms.export.plugin import OfSections
from course.grading.records.csvfiles import TableError, harmless, write_table
from course.grading.records.scores import NOTHING, read_scores
from course.grading.records.sections import read_sections

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


class GradesExport(OfSections):
    """nbgrader's own table, a row for each student and lesson, with every cell quoted rightly.

    Names may hold commas, quotes and line breaks. One that a spreadsheet would run as a formula
    gets an apostrophe in front.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; end the command with status 1 where it cannot be written."""
        target = Path(self.to or "grades.csv")
        try:
            sections = read_sections(gradebook)
            columns = (*_COLUMNS, "section") if sections else _COLUMNS
            write_table(target, columns, self._rows(gradebook, sections))
        except TableError as error:
            self.log.error("Nothing was exported: %s", error)
            sys.exit(1)
        self.log.info("Grades are in %s", target)

    def _rows(self, gradebook: Gradebook, sections: Mapping[str, str]) -> list[list[str]]:
        only, rows = set(self.wanted(gradebook)), []
        scores = {s.lesson_id: s for s in read_scores(gradebook, list(map(str, self.assignment)))}
        for lesson in gradebook.assignments:
            for student in gradebook.students if lesson.name in scores else ():
                if only and student.id not in only:
                    continue
                earned = scores[lesson.name].earned.get(student.id, NOTHING)
                row: list[Any] = [lesson.name, lesson.duedate, earned.when, student.id]
                row += [student.last_name, student.first_name, student.email]
                row += [earned.raw, earned.penalty, earned.score, lesson.max_score]
                row += [sections.get(student.id, "")] if sections else []
                rows.append([_cell(value) for value in row])
        return rows


def _cell(value: Any) -> str:
    """Return a value as nbgrader writes it, and no formula."""
    if isinstance(value, str):
        return harmless(value)
    return "" if value is None else str(value)
