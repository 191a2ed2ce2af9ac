"""The one writer of the gradebook: nbgrader's tables, one transaction a submission."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.grading.records.due import Deadlines, deadlines, time_zone
from course.grading.records.marks import Marks, enter_marks, rows_of
from course.grading.records.moments import zone_called
from course.grading.records.opening import NotGenerated, look_for_gradebook, quiet
from course.grading.records.penalties import Penalties, submitted_notebooks
from course.grading.records.timestamps import TimeStamp


class GradebookWriter:
    """A gradebook kept open for one lesson.

    Parameters
    ----------
    course : CourseDirectory
        Where it is.
    config : Config
        The course's settings: of late penalties, and whether students are created.
    lesson_id : str
        The lesson.

    Raises
    ------
    LessonError
        Where the lesson is not in it.
    """

    def __init__(self, course: CourseDirectory, config: Config, lesson_id: str) -> None:
        self._course, self._lesson_id = course, lesson_id
        look_for_gradebook(course)
        converter = Autograde(coursedir=course, config=config)
        self._creates_students = bool(converter.create_student)
        self._penalties = Penalties(course, config)
        with warnings.catch_warnings():
            quiet()
            self.gradebook = Gradebook(course.db_url, course.course_id)
        try:
            self.gradebook.find_assignment(lesson_id)
        except MissingEntry:
            self.close()
            raise NotGenerated(lesson_id) from None

    def close(self) -> None:
        """Let go of the database."""
        self.gradebook.close()

    def rows(self, student: str) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
        """Return the automatic scores and comments of each of a student's notebooks."""
        with self.session() as db:
            found = {}
            for notebook, name in submitted_notebooks(self.gradebook, self._lesson_id, student):
                scores = {cell: row.auto_score for row, cell in rows_of(db, Grade, notebook)}
                comments = {cell: row.auto_comment for row, cell in rows_of(db, Comment, notebook)}
                found[name] = scores, comments
            return found

    def write(
        self,
        student: str,
        marks: Mapping[str, Marks],
        versions: Mapping[str, str],
        handed_in: TimeStamp,
        beside: Callable[[Any], None] = lambda _: None,
    ) -> list[str]:
        """Enter what came of a submission; a person's scores and comments stay as they are.

        Parameters
        ----------
        student : str
            Whose it is.
        marks : mapping of str to Marks
            What came of it, by the names of the notebooks that were handed in.
        versions : mapping of str to str
            By the names of all the lesson's notebooks what they are graded by.
        handed_in : TimeStamp
            When it was handed in. Where nothing says so, the gradebook keeps what it knows; where
            what says so cannot be read, it knows nothing.
        beside : callable, optional
            What else to write in the same transaction, into a session.

        Returns
        -------
        list of str
            Cells that have points by hand, and have changed since.
        """
        changed: list[str] = []
        with self.session() as db:
            self._submission(student, handed_in)
            for notebook, name in submitted_notebooks(self.gradebook, self._lesson_id, student):
                if name in marks:
                    changed += enter_marks(db, notebook, marks[name], versions[name])
                elif name in versions:
                    for row, _ in rows_of(db, Grade, notebook):  # was not handed in
                        row.auto_score, row.needs_manual_grade = 0, False
            db.flush()
            self._penalties.take(self.gradebook, self._lesson_id, student)
            beside(db)
            db.commit()
        return changed

    def penalize(self, student: str, handed_in: TimeStamp) -> None:
        """Take late points again, as deadline, extension, time or a score may have changed."""
        with self.session() as db:
            if handed_in.time or handed_in.problem:
                submission = self.gradebook.find_submission(self._lesson_id, student)
                submission.timestamp = handed_in.time
            self._penalties.take(self.gradebook, self._lesson_id, student)
            db.commit()

    def deadlines(self) -> Deadlines:
        """Return when the lesson is due, and for whom at another time."""
        with self.session():
            return deadlines(self.gradebook, self._lesson_id)

    def zone(self) -> ZoneInfo | None:
        """Return the time zone that was set for the course, None where none was."""
        with self.session():
            name = time_zone(self.gradebook)
        return zone_called(name) if name else None

    def after_penalty(self, student: str, points: float, seconds_late: float) -> float:
        """Return what is left of points when lateness has cost what it costs."""
        cost = self._penalties.cost(self.gradebook, student, points, seconds_late)
        return points - (cost or 0.0)

    def _submission(self, student: str, handed_in: TimeStamp) -> None:
        if self._creates_students:
            self.gradebook.update_or_create_student(student)
        else:
            self.gradebook.find_student(student)
        fields = {"timestamp": handed_in.time} if handed_in.time or handed_in.problem else {}
        self.gradebook.update_or_create_submission(self._lesson_id, student, **fields)

    @contextmanager
    def session(self) -> Iterator[Any]:
        """Yield the database's session; what the body does not commit is forgotten."""
        db = self.gradebook.db
        try:
            with warnings.catch_warnings():
                quiet()
                yield db
        except BaseException:
            db.rollback()
            raise
        finally:
            db.remove()  # nothing is kept in memory from one submission to the next
