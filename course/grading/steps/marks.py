"""The step of `nbgrader autograde` that writes marks down, and says what waits for a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades, saveautogrades
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

from course.grading.records.coursefiles import course_directory, source_files, source_notebook
from course.grading.records.entry import marks_version
from course.grading.records.kept import Written, digests, keep_digests
from course.grading.steps.restore import UNREADABLE_TAG

_NO_RESPONSE = "No response."


def enter_mark(grade: Any, score: float | None, points: float, changed: bool) -> bool:
    """Enter what the judge gave; say whether points by hand are now for another answer.

    A person is asked where only a person can give points, and where what they gave points for has
    changed. Nobody is asked for a cell without points, or once more for the same answer.

    Parameters
    ----------
    grade : nbgrader's Grade
        Changed; points by hand and extra credit stay.
    score : float or None
        ``None`` where a person gives the points.
    points : float
        What the cell can earn.
    changed : bool
        Whether it is another answer, or another result of a test, than it was.
    """
    grade.auto_score = score
    if not points:
        grade.needs_manual_grade = False
    elif grade.manual_score is None:
        grade.needs_manual_grade = score is None
    elif changed:
        grade.needs_manual_grade = True
        return True
    return False


class SaveMarks(SaveAutoGrades):
    """nbgrader's step; a submission's marks are written all at once, or not at all."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Enter the marks of one notebook."""
        about = resources["nbgrader"]
        names = about["notebook"], about["assignment"], about["student"]
        course = course_directory(self)
        folder = course.format_path(course.submitted_directory, about["student"], names[1])
        written = Written(Path(folder) / f"{names[0]}.ipynb", nb)
        has_own_prose = _has_own_prose(nb, source_notebook(self, names[1], names[0]))
        # As that module has it: a class's grader puts another gradebook there.
        with saveautogrades.Gradebook(about["db_url"], course.course_id) as gradebook:
            marks: list[_Mark] = []
            for cell in (cell for cell in nb.cells if "nbgrader" in cell.metadata):
                left_out = is_solution(cell) and _is_left_out(cell, written, has_own_prose)
                name = cell.metadata.nbgrader.get("grade_id")
                if is_grade(cell) or is_task(cell):
                    points = float(cell.metadata.nbgrader.points)
                    score = self._score(cell, left_out, points)
                    digest = written.digest(cell, score)
                    grade = gradebook.find_grade(name, *names)
                    marks.append(_Mark(name, grade, score, points, digest))
                if is_solution(cell) or is_task(cell):
                    comment = gradebook.find_comment(name, *names)
                    comment.auto_comment = _NO_RESPONSE if left_out else None
            if isinstance(gradebook, Gradebook):
                self._write(gradebook, marks, names)
            else:
                for mark in marks:
                    mark.grade.auto_score, mark.grade.digest = mark.score, mark.digest
        return nb, resources

    def _score(self, cell: NotebookNode, left_out: bool, points: float) -> float | None:
        """Return what a cell earns; ``None`` where that is for a person to say."""
        if is_task(cell):
            return None if points else 0.0
        if is_solution(cell) and (left_out or not points):
            return 0.0
        score: float | None = determine_grade(cell, self.log)[0]
        return score

    def _write(self, gradebook: Any, marks: list[_Mark], names: tuple[str, ...]) -> None:
        known = digests(gradebook.db, [mark.grade.id for mark in marks])
        for mark in marks:
            before = known.get(mark.grade.id)
            if enter_mark(mark.grade, mark.score, mark.points, before != mark.digest):
                self.log.warning(
                    "%s: %s has changed since points were given by hand: look at it again",
                    names[2],
                    mark.cell,
                )
        row = gradebook.find_submission_notebook(*names)
        version = marks_version(source_files(course_directory(self), names[1]), names[0])
        keep_digests(
            gradebook.db, {mark.grade.id: mark.digest for mark in marks} | {row.id: version}
        )
        gradebook.db.commit()


class _Mark(NamedTuple):
    """What came of one graded cell."""

    cell: str
    grade: Any
    score: float | None
    points: float
    digest: str


def _is_left_out(cell: NotebookNode, written: Written, has_own_prose: bool) -> bool:
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
