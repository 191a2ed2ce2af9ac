"""What a student wrote, cell by cell, as digests: they tell an answer from the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_solution

from course.grading.steps.notebook_cells import grade_id_of
from course.grading.steps.reading import Unreadable, follow_renames, read_submission
from course.grading.steps.released import as_released, claims_in


class AnswerDigests:
    """Digests of what was handed in, before anything of it was cleaned.

    Parameters
    ----------
    cells : iterable of NotebookNode
        What was handed in, by the names that the lesson has now.
    answers : collection of str
        Names of the cells that a student writes.
    """

    def __init__(self, cells: Iterable[NotebookNode], answers: Collection[str]) -> None:
        cells = list(cells)
        self._cells: dict[str, str] = {}
        for cell in cells:
            if grade_id := grade_id_of(cell):  # of doubles the first one is the answer
                self._cells.setdefault(grade_id, _digest(cell.source, cell.get("attachments")))
        # Tests that the lesson had once, and that are nobody's answer, are left out.
        own = [cell for cell in cells if grade_id_of(cell) in {"", *answers}]
        self._code = _digest(*(cell.source for cell in own if cell.cell_type == "code"))
        claims = claims_in(cells)
        self._all = _digest(*filter(None, (as_released(cell, claims) for cell in own)))

    def has(self, grade_id: str) -> bool:
        """Say whether a cell was handed in."""
        return grade_id in self._cells

    def digest(self, cell: NotebookNode, score: float | None) -> str:
        """Return what tells an answer, or what a test found, from another one.

        A test that a person gave points for is another one where its result has changed, or
        anything in the student's code.
        """
        marks = cell.metadata.nbgrader
        if marks.solution:
            return self._cells.get(marks.grade_id, "")
        if marks.get("task"):
            return self._all
        return _digest(self._code, 0 if score == 0 else score)


def _digest(*parts: Any) -> str:
    texts = [_plain(part) if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def _plain(text: str) -> str:
    """Return text without spaces and lines at which nobody could tell a change."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def written_in(path: Path, graded: NotebookNode) -> AnswerDigests:
    """Return the digests of a file that was handed in, by the names of its graded copy."""
    try:
        cells = read_submission(path).cells
    except Unreadable:
        cells = []
    follow_renames(
        cells, {cell.id: grade_id_of(cell) for cell in graded.cells if grade_id_of(cell)}
    )
    return AnswerDigests(cells, {grade_id_of(cell) for cell in graded.cells if is_solution(cell)})


def digests_of_graded_copies(
    gradebook: Gradebook, course: CourseDirectory
) -> Iterator[tuple[str, str]]:
    """Yield digests of what has points by hand, in a gradebook of an older version."""
    by_hand = (
        gradebook.db.query(Grade, BaseCell.name, Notebook.name, Assignment.name)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .add_columns(SubmittedAssignment.student_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .filter(Grade.manual_score.isnot(None))
    )
    last: tuple[Any, ...] = ()
    cells: dict[str, NotebookNode] = {}
    for grade, name, notebook, lesson, student in by_hand.order_by(Grade.notebook_id):
        if last != (grade.notebook_id,):
            last = (grade.notebook_id,)
            folder = course.format_path(course.autograded_directory, student, lesson)
            path = Path(folder) / f"{notebook}.ipynb"
            try:
                graded = nbformat.read(path, as_version=4)
            except (OSError, ValueError):
                cells = {}
                continue
            written = written_in(path, graded)
            marked = (cell for cell in graded.cells if "nbgrader" in cell.metadata)
            cells = {cell.metadata.nbgrader.get("grade_id", ""): cell for cell in marked}
        if name in cells:
            yield grade.id, written.digest(cells[name], grade.auto_score)
