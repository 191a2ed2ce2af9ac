"""Read a lesson's marks from nbgrader's gradebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nbgrader.api import (
    BaseCell,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.api import Grade as GradeRow
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from course.grading.faults import GradebookTrouble
from course.grading.records.opening import file_of, remedy
from course.grading.records.sections import read_sections


@dataclass(frozen=True)
class Grade:
    """The points of one cell of one submission.

    Attributes
    ----------
    automatic, by_hand : float or None
        From the judge, and from a person, whose word counts; ``None`` where not given.
    extra : float
        Extra credit.
    waits : bool
        Whether a person still has to look at it.
    """

    automatic: float | None
    by_hand: float | None
    extra: float
    waits: bool

    @property
    def points(self) -> float:
        """What counts, as nbgrader counts it."""
        given = self.by_hand if self.by_hand is not None else self.automatic
        return self.extra + given if given is not None else 0.0


@dataclass(frozen=True)
class GradebookRow:
    """One student's submission in the gradebook: grades by cell, and points lost for lateness.

    ``submission`` is the number by which Formgrader knows the notebook.
    """

    grades: Mapping[str, Grade]
    late_penalty: float = 0.0
    submission: str = ""


@dataclass(frozen=True)
class LessonMarks:
    """One lesson in the gradebook.

    Attributes
    ----------
    names : mapping of str to str
        All students of the course by their id, with first and last name where known.
    max_points : mapping of str to float
        What each graded cell can earn.
    rows : mapping of str to GradebookRow
        The submissions by student.
    sections : mapping of str to str
        Students' sections, of those who are in one.
    problem : str
        Why there is nothing in it, ``""`` where there is.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    max_points: Mapping[str, float] = field(default_factory=dict)
    rows: Mapping[str, GradebookRow] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def read_gradebook(url: str, course_id: str, lesson_id: str, notebook: str) -> LessonMarks:
    """Read one lesson's marks, in a handful of queries whatever the size of the class.

    Parameters
    ----------
    url, course_id : str
        nbgrader's settings of the same names.
    lesson_id, notebook : str
        nbgrader's assignment and notebook.

    Raises
    ------
    GradebookTrouble
        Where the file is no gradebook, or is held by another program.
    """
    file = file_of(url)
    # Opening it would make an empty one.
    if file and not file.is_file():
        return LessonMarks(problem=f"there is no gradebook at {file}: marks are the judge's own")
    try:
        with Gradebook(url, course_id) as gradebook:
            return _read(gradebook, lesson_id, notebook)
    except SQLAlchemyError as error:
        raise GradebookTrouble(
            f"the gradebook {file or make_url(url).database} cannot be read: {remedy(error)}"
        ) from error


def _read(gradebook: Gradebook, lesson_id: str, notebook: str) -> LessonMarks:
    students = gradebook.db.query(Student.id, Student.first_name, Student.last_name)
    names = {id_: " ".join(filter(None, (first, last))) for id_, first, last in students}
    sections = read_sections(gradebook)
    try:
        entry = gradebook.find_notebook(notebook, lesson_id)
    except MissingEntry:
        why = f"the gradebook has no {lesson_id}: run `nbgrader generate_assignment {lesson_id}`"
        return LessonMarks(
            names, sections=sections, problem=f"{why}. Until then, marks are the judge's own"
        )
    max_points = {cell.name: float(cell.max_score) for cell in entry.grade_cells + entry.task_cells}
    submissions = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            SubmittedNotebook.late_submission_penalty,
            SubmittedNotebook.id,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .filter(SubmittedNotebook.notebook_id == entry.id)
    )
    about = {student: (float(penalty or 0), number) for student, penalty, number in submissions}
    grades: dict[str, dict[str, Grade]] = {student: {} for student in about}
    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            BaseCell.name,
            GradeRow.auto_score,
            GradeRow.manual_score,
            GradeRow.extra_credit,
            GradeRow.needs_manual_grade,
        )
        .select_from(GradeRow)
        .join(SubmittedNotebook, GradeRow.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(BaseCell, GradeRow.cell_id == BaseCell.id)
        .filter(SubmittedNotebook.notebook_id == entry.id)
    )
    for student, cell, automatic, by_hand, extra, waits in rows:
        grades[student][cell] = Grade(automatic, by_hand, float(extra or 0), bool(waits))
    rows_of = {student: GradebookRow(grades[student], *about[student]) for student in about}
    return LessonMarks(names, max_points, rows_of, sections)
