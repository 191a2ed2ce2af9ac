"""Late points, taken as nbgrader's step `AssignLatePenalties` does, with the course's plug-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from nbgrader.api import (
    Assignment,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from course.grading.records.due import settle
from course.grading.records.opening import opened


class Penalties:
    """The steps of a course that take late points.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    config : Config
        Its settings.
    """

    def __init__(self, course: CourseDirectory, config: Config) -> None:
        converter = Autograde(coursedir=course, config=config)
        self.steps: list[Any] = [
            step(parent=converter)
            for step in converter.autograde_preprocessors
            if isinstance(step, type) and issubclass(step, AssignLatePenalties)
        ]
        for step in self.steps:
            step.init_plugin()

    def take(self, gradebook: Gradebook, lesson_id: str, student: str) -> None:
        """Take a student's late points again; the caller commits."""
        settle(gradebook, lesson_id, student)
        if not self.steps:
            return
        late = gradebook.find_submission(lesson_id, student).total_seconds_late
        for notebook, _ in submitted_notebooks(gradebook, lesson_id, student):
            penalty = None
            if late > 0:
                gradebook.db.refresh(notebook)
                penalty = self.cost(gradebook, student, notebook.score, late)
            notebook.late_submission_penalty = penalty

    def cost(
        self, gradebook: Gradebook, student: str, points: float, seconds_late: float
    ) -> float | None:
        """Return what lateness takes of points, as nbgrader limits it; None where nobody says."""
        said = None
        for step in self.steps:
            step.gradebook = gradebook  # as nbgrader does, for the plug-in
            if seconds_late > 0:
                said = step.plugin_inst.late_submission_penalty(student, points, seconds_late)
        return None if said is None else min(max(0.0, said), points)

    def take_all(self, gradebook: Gradebook, lesson_id: str) -> list[str]:
        """Take the late points of a lesson again, and commit; return whose have changed.

        Whoever was in time and lost nothing is left alone, and who handed in without a time.
        """
        settle(gradebook, lesson_id)
        before = _concerned(gradebook, lesson_id)
        for student in before:
            self.take(gradebook, lesson_id, student)
        gradebook.db.flush()
        after = _concerned(gradebook, lesson_id)
        gradebook.db.commit()
        return [student for student, lost in before.items() if lost != after.get(student, 0.0)]


def take_late_points(
    course: CourseDirectory, config: Config, only: str = ""
) -> dict[str, list[str]]:
    """Take the late points of all lessons, or of one, again; return by lesson whose have changed.

    Nothing is judged anew: what lateness costs hangs on times, points and the policy alone.
    """
    penalties = Penalties(course, config)
    with opened(course) as gradebook:
        lessons = [one.name for one in gradebook.assignments if only in ("", one.name)]
        found = {lesson: penalties.take_all(gradebook, lesson) for lesson in lessons}
    return {lesson: changed for lesson, changed in found.items() if changed}


def submitted_notebooks(
    gradebook: Gradebook, lesson_id: str, student: str
) -> list[tuple[Any, str]]:
    """Return a submission's notebooks, each with its name."""
    found = (
        gradebook.db.query(SubmittedNotebook, Notebook.name)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .filter(
            SubmittedAssignment.student_id == student,
            SubmittedAssignment.assignment.has(name=lesson_id),
        )
    )
    return [(notebook, name) for notebook, name in found]


def _concerned(gradebook: Gradebook, lesson_id: str) -> dict[str, float]:
    """Return what each student lost who is late, or has lost something, where the time is known."""
    rows = (
        gradebook.db.query(
            SubmittedAssignment.student_id,
            Assignment.duedate,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
            SubmittedNotebook.late_submission_penalty,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == lesson_id)
        .order_by(SubmittedAssignment.student_id)
    )
    found: dict[str, float] = {}
    for student, due, when, extension, penalty in rows:
        is_late = due and when and when > due + (extension or timedelta())
        if is_late or (penalty and when):
            found[student] = found.get(student, 0.0) + float(penalty or 0.0)
    return found
