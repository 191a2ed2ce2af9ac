"""What the gradebook says that each student has earned, in one query a lesson."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import exists
from sqlalchemy.orm import aliased


@dataclass(frozen=True)
class Earned:
    """One submission's total.

    Attributes
    ----------
    when : datetime or None
        When it was handed in, where that is known.
    raw, penalty : float
        Points, and what lateness cost.
    by_hand_left : bool
        Whether answers wait to be graded by a person.
    graded : bool
        False where the autograder has not got through: its points are no zero then.
    """

    when: datetime | None
    raw: float
    penalty: float
    by_hand_left: bool
    graded: bool

    @property
    def score(self) -> float:
        """Points after late penalties, as `nbgrader export` counts them: never below 0."""
        return max(0.0, self.raw - self.penalty)


#: Of somebody who has handed in nothing.
NOTHING = Earned(None, 0.0, 0.0, False, False)


@dataclass(frozen=True)
class LessonScores:
    """A lesson's points: how many there are, and what students have earned, by their ids."""

    lesson_id: str
    max_score: float
    earned: dict[str, Earned]


def read_scores(gradebook: Gradebook, only: Sequence[str] = ()) -> list[LessonScores]:
    """Return the scores of lessons, in the order of their ids.

    Parameters
    ----------
    gradebook : Gradebook
        Open.
    only : sequence of str, optional
        Ids of lessons; all where it is empty.
    """
    return [
        LessonScores(lesson.name, float(lesson.max_score), _earned(gradebook, lesson))
        for lesson in sorted(gradebook.assignments, key=lambda one: one.name)
        if not only or lesson.name in only
    ]


def read_comments(gradebook: Gradebook, lesson_id: str) -> dict[str, str]:
    """Return what people wrote to each student about a lesson, by the student's id.

    The autograder's remarks are left out: students have them on their feedback page.
    """
    found = (
        gradebook.db.query(SubmittedAssignment.student_id, Comment.manual_comment)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Comment, Comment.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Comment.cell_id)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .filter(Assignment.name == lesson_id, Comment.manual_comment.isnot(None))
        .order_by(BaseCell.name)
    )
    comments: dict[str, list[str]] = {}
    for student, comment in found:
        if comment.strip():
            comments.setdefault(student, []).append(comment.strip())
    return {student: "\n".join(texts) for student, texts in comments.items()}


def _earned(gradebook: Gradebook, lesson: Assignment) -> dict[str, Earned]:
    found = gradebook.db.query(
        SubmittedAssignment.student_id,
        SubmittedAssignment.timestamp,
        SubmittedAssignment.score,
        SubmittedAssignment.late_submission_penalty,
        SubmittedAssignment.needs_manual_grade,
    ).filter(SubmittedAssignment.assignment_id == lesson.id)
    not_graded = _not_graded(gradebook, lesson)
    return {
        student: Earned(
            when, float(raw or 0), float(penalty or 0), bool(by_hand), student not in not_graded
        )
        for student, when, raw, penalty, by_hand in found
    }


def _not_graded(gradebook: Gradebook, lesson: Assignment) -> set[str]:
    """Return whose submission has a test without a score: the autograder gives each test one."""
    answers = aliased(BaseCell)
    found = (
        gradebook.db.query(SubmittedAssignment.student_id)
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .filter(
            SubmittedAssignment.assignment_id == lesson.id,
            BaseCell.type == "GradeCell",
            Grade.auto_score.is_(None),
            Grade.manual_score.is_(None),
            # A cell that is an answer too is graded by hand.
            ~exists().where(
                answers.notebook_id == BaseCell.notebook_id,
                answers.name == BaseCell.name,
                answers.type == "SolutionCell",
            ),
        )
    )
    return {student for (student,) in found}
