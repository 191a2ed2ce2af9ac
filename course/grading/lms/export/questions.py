"""Marks by question: a row for each student and graded cell of each lesson."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    SolutionCell,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)

from course.grading.lms.export.plugin import OfSections
from course.grading.records.csvfiles import TableError, harmless, write_table
from course.grading.records.sections import read_sections

_COLUMNS = (
    "assignment",
    "student_id",
    "last_name",
    "first_name",
    "section",
    "question",
    "graded_by",
    "score",
    "max_score",
    "waits",
    "comment",
)


class QuestionsExport(OfSections):
    """Writes what each student earned in each test and each answer that a person reads.

    A score is empty where it is still to be given. Late points are a submission's, not a
    question's: they are in nbgrader's own table.
    """

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; end the command with status 1 where it cannot be written."""
        target = Path(self.to or "questions.csv")
        try:
            write_table(target, _COLUMNS, self._rows(gradebook))
        except TableError as error:
            self.log.error("Nothing was exported: %s", error)
            sys.exit(1)
        self.log.info("Marks by question are in %s", target)

    def _rows(self, gradebook: Gradebook) -> Iterator[list[Any]]:
        lessons, only = {str(name) for name in self.assignment}, set(self.wanted(gradebook))
        sections, by_hand = read_sections(gradebook), _by_hand(gradebook)
        comments = _comments(gradebook)
        for lesson, student, last, first, notebook, cell_id, cell, grade in _grades(gradebook):
            if (lessons and lesson not in lessons) or (only and student not in only):
                continue
            is_given = grade.manual_score is not None or grade.auto_score is not None
            names = (student, last or "", first or "", sections.get(student, ""), cell)
            yield [
                lesson,
                *map(harmless, names),
                "a person" if cell_id in by_hand else "a test",
                f"{grade.score:.10g}" if is_given else "",
                f"{grade.max_score:.10g}",
                "yes" if grade.needs_manual_grade else "no",
                harmless(comments.get((notebook, cell), "")),
            ]


def _grades(gradebook: Gradebook) -> Any:
    return (
        gradebook.db.query(
            Assignment.name,
            Student.id,
            Student.last_name,
            Student.first_name,
            SubmittedNotebook.id,
            BaseCell.id,
            BaseCell.name,
            Grade,
        )
        .select_from(Grade)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .join(Student, Student.id == SubmittedAssignment.student_id)
        .order_by(Assignment.name, Student.id, BaseCell.name)
    )


def _by_hand(gradebook: Gradebook) -> set[str]:
    """Return the cells that a person gives points for: tasks, and answers that are graded."""
    answers = gradebook.db.query(SolutionCell.name, SolutionCell.notebook_id)
    solutions = {(name, notebook) for name, notebook in answers}
    graded = gradebook.db.query(BaseCell.id, BaseCell.name, BaseCell.notebook_id, BaseCell.type)
    return {
        cell
        for cell, name, notebook, kind in graded
        if kind == "TaskCell" or (kind == "GradeCell" and (name, notebook) in solutions)
    }


def _comments(gradebook: Gradebook) -> dict[tuple[str, str], str]:
    """Return what people wrote, by submitted notebook and cell."""
    found = (
        gradebook.db.query(Comment.notebook_id, BaseCell.name, Comment.manual_comment)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .filter(Comment.manual_comment.isnot(None))
    )
    return {(notebook, cell): said.strip() for notebook, cell, said in found}
