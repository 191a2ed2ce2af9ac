"""What a notebook earns, of the judge's verdict, and the step that enters it in the gradebook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import compute_checksum, is_grade, is_solution, is_task

from course.grading.judge.plan import Verdict
from course.grading.records.coursefiles import course_directory, source_files
from course.grading.records.marks import Marks, enter_marks
from course.grading.steps.reading import UNREADABLE_TAG
from course.grading.steps.versions import graded_by
from course.grading.steps.written import AnswerDigests

_NO_RESPONSE = "No response."


def marks_of(
    nb: NotebookNode, verdict: Verdict, written: AnswerDigests, source: NotebookNode
) -> Marks:
    """Return what a notebook earns.

    Parameters
    ----------
    nb : NotebookNode
        The submission, made whole.
    verdict : Verdict
        What the judge found.
    written : AnswerDigests
        Of what was handed in.
    source : NotebookNode
        The instructor's notebook.
    """
    tests = {test.grade_id: test.score for test in verdict.tests}
    has_own_prose, marks = _has_own_prose(nb, source), Marks()
    for cell in (cell for cell in nb.cells if "nbgrader" in cell.metadata):
        left_out = is_solution(cell) and _is_left_out(cell, written, has_own_prose)
        name = cell.metadata.nbgrader.get("grade_id")
        if is_grade(cell) or is_task(cell):
            points = float(cell.metadata.nbgrader.points)
            score: float | None = tests.get(name)
            if is_solution(cell) or is_task(cell):  # for a person to say, where there is anything
                score = 0.0 if not points or left_out else None
            marks.scores[name], marks.points[name] = score, points
            marks.digests[name] = written.digest(cell, score)
        if is_solution(cell) or is_task(cell):
            marks.comments[name] = _NO_RESPONSE if left_out else None
    return marks


class SaveMarks(NbGraderPreprocessor):
    """The step of `nbgrader autograde` that writes: all marks at once, and the diagnosis."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Enter the marks of one notebook, and write its diagnosis beside it."""
        about, passage = resources["nbgrader"], resources["course"]
        name, lesson_id, student = about["notebook"], about["assignment"], about["student"]
        course = course_directory(self)
        version = graded_by(source_files(course, lesson_id), name)
        with Gradebook(about["db_url"], course.course_id) as gradebook:
            row = gradebook.find_submission_notebook(name, lesson_id, student)
            changed = enter_marks(gradebook.db, row, passage.marks, version)
            gradebook.db.commit()
        for cell in changed:
            self.log.warning(
                "%s: %s has changed since points were given by hand: look at it again",
                student,
                cell,
            )
        folder = Path(course.format_path(course.autograded_directory, student, lesson_id))
        diagnosis = json.dumps(passage.diagnosis, indent=1)
        (folder / f"{name}.diagnosis.json").write_text(diagnosis, encoding="utf-8")
        return nb, resources


def _is_left_out(cell: NotebookNode, written: AnswerDigests, has_own_prose: bool) -> bool:
    """Say whether an answer is as it was released, or empty or missing and not elsewhere either."""
    marks = cell.metadata.nbgrader
    if marks.get("checksum") == compute_checksum(cell):
        return True
    return not (has_own_prose or (written.has(marks.grade_id) and cell.source.strip()))


def _has_own_prose(nb: NotebookNode, source: NotebookNode) -> bool:
    """Say whether a student wrote in cells of their own, where an answer may be."""
    given = {cell.source for cell in source.cells}
    return any(
        cell.cell_type == "markdown"
        and "nbgrader" not in cell.metadata
        and cell.source.strip()
        and cell.source not in given
        and cell.id != UNREADABLE_TAG
        for cell in nb.cells
    )
