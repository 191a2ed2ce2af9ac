"""When a lesson is due: nbgrader's own date, and extensions of single students.

nbgrader has an extension in its row of a submission, so none of somebody who has not handed in, and
it fails where a lesson has an extension and no date. So an extension lies in nbgrader's row where
there are both, else it waits in a table of the course's; `settle` moves it. It is a length of time:
where the lesson's date moves, it moves along.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from nbgrader.api import Assignment, Gradebook, MissingEntry, SubmittedAssignment
from sqlalchemy import delete, insert, select

from course.grading.records.kept import EXTENSIONS, is_there, keep_setting, make, setting
from course.grading.records.opening import NotGenerated

_ZONE = "time zone"


class Deadlines(NamedTuple):
    """When a lesson is due, in UTC, without a zone; None where nobody said.

    Attributes
    ----------
    usual : datetime or None
        For those who have no extension.
    extended : dict of str to datetime
        For the others.
    """

    usual: datetime | None
    extended: dict[str, datetime]

    def of(self, student: str) -> datetime | None:
        """Return when it is due for a student."""
        return self.extended.get(student, self.usual)


def deadlines(gradebook: Gradebook, lesson_id: str) -> Deadlines:
    """Return when a lesson is due for all.

    Raises
    ------
    NotGenerated
        Where the gradebook does not have the lesson.
    """
    due: datetime | None = _lesson(gradebook, lesson_id).duedate
    if due is None:
        return Deadlines(None, {})
    extended = extensions(gradebook, lesson_id)
    return Deadlines(due, {student: due + more for student, more in extended.items()})


def due_of(gradebook: Gradebook, lesson_id: str, student: str = "") -> datetime | None:
    """Return when a lesson is due, for a student with the extension; None where it never is.

    Parameters
    ----------
    gradebook : Gradebook
        Open.
    lesson_id : str
        Which lesson.
    student : str, optional
        For whom; without, for whoever has no extension.

    Returns
    -------
    datetime or None
        In UTC, without a zone, as nbgrader keeps it.

    Raises
    ------
    NotGenerated
        Where the gradebook does not have the lesson.
    """
    due: datetime | None = _lesson(gradebook, lesson_id).duedate
    if due is None or not student:
        return due
    return due + extensions(gradebook, lesson_id, student).get(student, timedelta())


def extensions(gradebook: Gradebook, lesson_id: str, student: str = "") -> dict[str, timedelta]:
    """Return the extensions of a lesson by student: all, or that of one."""
    handed_in = (
        select(SubmittedAssignment.student_id, SubmittedAssignment.extension)
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == lesson_id, SubmittedAssignment.extension.isnot(None))
    )
    if student:
        handed_in = handed_in.where(SubmittedAssignment.student_id == student)
    found = dict(gradebook.db.execute(handed_in).all())
    return dict(sorted({**found, **_waiting(gradebook, lesson_id, student)}.items()))


def set_due(gradebook: Gradebook, lesson_id: str, due: datetime | None) -> None:
    """Set when a lesson is due, or that it never is; extensions stay.

    Parameters
    ----------
    gradebook : Gradebook
        Open; committed here.
    lesson_id : str
        Which lesson.
    due : datetime or None
        In UTC, without a zone.

    Raises
    ------
    NotGenerated
        Where the gradebook does not have the lesson.
    """
    make(gradebook, EXTENSIONS)
    _lesson(gradebook, lesson_id).duedate = due
    settle(gradebook, lesson_id)
    gradebook.db.commit()


def extend(gradebook: Gradebook, lesson_id: str, student: str, by: timedelta | None) -> None:
    """Give a student an extension in place of one there was, or take it away.

    Parameters
    ----------
    gradebook : Gradebook
        Open; committed here.
    lesson_id, student : str
        For which lesson, to whom: they need not have handed in, nor be known yet.
    by : timedelta or None
        From the lesson's date on.

    Raises
    ------
    NotGenerated
        Where the gradebook does not have the lesson.
    """
    make(gradebook, EXTENSIONS)
    lesson, db = _lesson(gradebook, lesson_id), gradebook.db
    for submission in _submissions(gradebook, lesson, student):
        submission.extension = None
    _keep(db, lesson_id, student, by)
    settle(gradebook, lesson_id, student)
    db.commit()


def time_zone(gradebook: Gradebook) -> str:
    """Return the name of the time zone in which dates are shown, ``""`` for this machine's."""
    return setting(gradebook, _ZONE)


def keep_time_zone(gradebook: Gradebook, zone: str) -> None:
    """Keep the name of the time zone in which dates are shown; commits."""
    keep_setting(gradebook, _ZONE, zone)
    gradebook.db.commit()


def settle(gradebook: Gradebook, lesson_id: str, student: str = "") -> None:
    """Have extensions lie where nbgrader counts with them; the caller commits.

    To be called where a submission was entered: of one student, or of all.
    """
    lesson = _lesson(gradebook, lesson_id)
    if lesson.duedate is None:
        for one in _submissions(gradebook, lesson, student):
            if one.extension is not None:
                _keep(gradebook.db, lesson_id, one.student_id, one.extension)
                one.extension = None
    elif waiting := _waiting(gradebook, lesson_id, student):
        for one in _submissions(gradebook, lesson, student):
            if one.student_id in waiting:
                one.extension = waiting[one.student_id]
                _keep(gradebook.db, lesson_id, one.student_id, None)
    gradebook.db.flush()


def _lesson(gradebook: Gradebook, lesson_id: str) -> Any:
    try:
        return gradebook.find_assignment(lesson_id)
    except MissingEntry:
        raise NotGenerated(lesson_id) from None


def _submissions(gradebook: Gradebook, lesson: Any, student: str) -> list[Any]:
    found = gradebook.db.query(SubmittedAssignment).filter(
        SubmittedAssignment.assignment_id == lesson.id
    )
    return list(found.filter(SubmittedAssignment.student_id == student) if student else found)


def _waiting(gradebook: Gradebook, lesson_id: str, student: str) -> dict[str, timedelta]:
    if not is_there(gradebook, EXTENSIONS):
        return {}
    found = select(EXTENSIONS.c.student, EXTENSIONS.c.extension).where(
        EXTENSIONS.c.lesson == lesson_id
    )
    if student:
        found = found.where(EXTENSIONS.c.student == student)
    return dict(gradebook.db.execute(found).all())


def _keep(db: Any, lesson_id: str, student: str, by: timedelta | None) -> None:
    whose = {"lesson": lesson_id, "student": student}
    db.execute(delete(EXTENSIONS).filter_by(**whose))
    if by is not None:
        db.execute(insert(EXTENSIONS).values(**whose, extension=by))
