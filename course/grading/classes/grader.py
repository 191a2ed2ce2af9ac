"""A class graded: what is left to do, who does it, and the one who writes it down."""

from __future__ import annotations

import errno
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from nbgrader.api import InvalidEntry, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from course.grading.classes.lesson_pack import LessonPack, pack_lesson
from course.grading.classes.publish import Publisher, agrees
from course.grading.classes.submission import Graded, Submission, read_folder
from course.grading.classes.workers.local import Outcome
from course.grading.faults import CannotRead, CannotWrite, GradingFault
from course.grading.records.folders import astray, what_lies_in
from course.grading.records.gradebook import GradebookWriter
from course.grading.records.handedin import cannot_be_named, students_in
from course.grading.records.opening import cause_of, lasts, opened, remedy
from course.grading.records.timestamps import read_stamp
from course.grading.releasing.generate import bring_up_to_date
from course.lessons import LessonError

#: Seconds to wait before a lost database is asked again, each time: one that was killed mends its
#: files when it starts.
WAITS_S = (0.5, 2.0, 5.0, 10.0)
#: Results in a row that cannot be written before the rest is left for another time.
ENOUGH = 3

_Answer = TypeVar("_Answer")


class Pool(Protocol):
    """What grades tasks, wherever it does."""

    def run(self, tasks: Iterable[Submission]) -> Iterator[Outcome | None]:
        """Yield what became of each task, ``None`` now and then while there is nothing new."""

    def close(self) -> None:
        """End what was started."""


@dataclass
class Tally:
    """What has been done so far.

    Attributes
    ----------
    total : int
        Submissions that were found.
    graded, unchanged : dict of str to float
        Automatic points by student, of those graded now and of those left as they were.
    empty : dict of str to str
        Students without a notebook of the lesson, and what lies there instead.
    untimed : dict of str to str
        Students whose time of handing in cannot be read, and why.
    faults : dict of str to str
        Why a student's submission could not be graded, where that is not the student's doing.
    changed : dict of str to list of str
        Cells by student that have points by hand, and have changed since those were given.
    started : float
        When, on `time.monotonic`'s clock.
    """

    total: int = 0
    graded: dict[str, float] = field(default_factory=dict)
    unchanged: dict[str, float] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)
    untimed: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)
    changed: dict[str, list[str]] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> int:
        """How many need no more work."""
        return len(self.graded) + len(self.unchanged) + len(self.empty) + len(self.faults)

    @property
    def left(self) -> int:
        """How many are still to come."""
        return self.total - self.done

    @property
    def rate(self) -> float:
        """Submissions graded a second."""
        return len(self.graded) / max(time.monotonic() - self.started, 1e-9)


class ClassGrader:
    """Grades what was handed in for one lesson.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    config : Config
        Its settings.
    lesson_id : str
        Which lesson.

    Raises
    ------
    LessonError
        Where the lesson is not in the gradebook, or cannot be read.

    Attributes
    ----------
    differences : list of str
        Where ``source/`` was not what the gradebook had of the lesson, or what students have.
    """

    def __init__(self, course: CourseDirectory, config: Config, lesson_id: str) -> None:
        self._course, self._config, self._lesson_id = course, config, lesson_id
        with opened(course) as gradebook:
            self.differences, entries = bring_up_to_date(course, config, gradebook, lesson_id)
        self.book = GradebookWriter(course, config, lesson_id)
        self.lesson: LessonPack = pack_lesson(course, config, lesson_id, entries)
        permissions = int(str(Autograde(coursedir=course, config=config).permissions), 8)
        self.publisher = Publisher(course, self.lesson, permissions)
        self.tally = Tally()
        self._is_lost = False

    def close(self) -> None:
        """Let go of the gradebook."""
        self.book.close()

    def students(self, wanted: Iterable[str] = ()) -> list[str]:
        """List who handed something in.

        Raises
        ------
        LessonError
            Where somebody wanted has not.
        """
        wanted, handed_in = list(wanted), self._submitted()
        found = set(students_in(handed_in, self._lesson_id))
        found -= set(self._course.student_id_exclude.split(","))
        lost = self._astray()
        missing = [student for student in wanted if student not in found | set(lost)]
        if missing:
            raise LessonError(f"nothing of {', '.join(missing)} lies in {self._folder(missing[0])}")
        return sorted(wanted or found | set(lost))

    def run(
        self,
        pool: Pool,
        students: list[str],
        regrade: bool = False,
        on_change: Callable[[Tally], None] = lambda _: None,
    ) -> Tally:
        """Grade these students' submissions, but for those that are graded as they are.

        Parameters
        ----------
        pool : Pool
            Who does it.
        students : list of str
            Whose.
        regrade : bool, optional
            Whether to grade what has not changed, too.
        on_change : callable, optional
            Told of the tally several times a second.

        Raises
        ------
        CannotWrite
            Where results cannot be written any more.
        """
        self.tally = Tally(total=len(students))
        failed = 0
        for outcome in pool.run(self._tasks(students, regrade)):
            if outcome is not None:
                why = _on_a_worker(outcome.fault) or self._keep(outcome)
                failed = failed + 1 if why and not outcome.fault else 0
                if why:
                    self.tally.faults[outcome.task.student] = why
                if failed >= ENOUGH:
                    raise CannotWrite(why)
            on_change(self.tally)
        return self.tally

    def _tasks(self, students: list[str], regrade: bool) -> Iterator[Submission]:
        """Yield what is to be graded; settle what is not."""
        lost = self._astray()
        for student in students:
            if why := cannot_be_named(student):
                self.tally.faults[student] = f"the folder's name {why}: rename it, and grade again"
                continue
            if student in lost:
                self.tally.empty[student] = lost[student]
                continue
            try:
                task = self._asked(partial(self._to_do, student, regrade))
            except CannotRead as error:
                self.tally.faults[student] = str(error)
            except (OSError, SQLAlchemyError) as error:
                self.tally.faults[student] = remedy(error)
            else:
                if task is not None:
                    yield task

    def _astray(self) -> dict[str, str]:
        """Find whose notebook lies in the wrong place."""
        return astray(self._submitted(), self._lesson_id, self._names())

    def _to_do(self, student: str, regrade: bool) -> Submission | None:
        """Return what is to be graded of a student, ``None`` where that is settled."""
        self.publisher.tidy(student)
        task = self._task(student)
        if not self._names() & {*task.files, *task.odd}:
            self.tally.empty[student] = what_lies_in(self._folder(student), self._names())
            return None
        stamp = read_stamp(self._folder(student))
        if stamp.problem:
            self.tally.untimed[student] = stamp.problem
        if regrade or (points := self._points(task)) is None:
            return task
        self.book.penalize(student, stamp)
        self.tally.unchanged[student] = points
        return None

    def _names(self) -> set[str]:
        return {f"{name}.ipynb" for name in self.lesson.notebooks}

    def _submitted(self) -> Path:
        return Path(self._course.format_path(self._course.submitted_directory, ".", ".")).resolve()

    def _folder(self, student: str) -> Path:
        step = self._course.submitted_directory
        return Path(self._course.format_path(step, student, self._lesson_id))

    def _task(self, student: str) -> Submission:
        return read_folder(self._folder(student), student, self.lesson, self._course.ignore)

    def _points(self, task: Submission) -> float | None:
        """Return what this very submission earned, where notebook and gradebook both hold it."""
        rows = self.book.rows(task.student)
        points = 0.0
        for name in self.lesson.notebooks:
            if f"{name}.ipynb" not in {*task.files, *task.odd}:
                continue
            record = self.publisher.record(task.student, name)
            if record.get("key") != task.key or not agrees(record, *rows.get(name, ({}, {}))):
                return None
            points += sum(score or 0.0 for score in record["scores"].values())
        return points

    def _keep(self, outcome: Outcome) -> str:
        """Write down what came of a submission; return why that could not be done, or ``""``."""
        graded, task = outcome.graded, outcome.task
        assert graded is not None

        try:
            changed = self._asked(partial(self._write, graded, task))
        except CannotRead as error:
            return str(error)
        except (MissingEntry, InvalidEntry, ValueError, OSError, SQLAlchemyError) as error:
            cause = cause_of(error)
            if isinstance(cause, OSError | SQLAlchemyError):
                return f"graded, but not written down: {remedy(cause)}"
            return str(error)
        self.tally.graded[task.student] = graded.points()
        if changed:
            self.tally.changed[task.student] = changed
        if _is_unreadable(graded):
            self.tally.unreadable.append(task.student)
        return ""

    def _write(
        self, graded: Graded, task: Submission, beside: Callable[[Any], None] = lambda _: None
    ) -> list[str]:
        """Put a graded folder into its place and its marks into the gradebook, or do neither."""
        with self.publisher.published(graded, task.key):
            stamp = read_stamp(self._folder(task.student))
            versions = self.lesson.graded_by()
            return self.book.write(graded.student, graded.marks, versions, stamp, beside)

    def _asked(self, ask: Callable[[], _Answer]) -> _Answer:
        """Ask the database; wait where it is lost, but no more once that was of no use."""
        for wait in () if self._is_lost else WAITS_S:
            try:
                return ask()
            except (InvalidEntry, SQLAlchemyError) as error:
                cause = cause_of(error)
                if not isinstance(cause, SQLAlchemyError) or lasts(cause):
                    raise
            time.sleep(wait)
            self._renew()
        self._is_lost = True
        answer = ask()
        self._is_lost = False
        return answer

    def _renew(self) -> None:
        """Connect to the database anew."""
        try:
            renewed = GradebookWriter(self._course, self._config, self._lesson_id)
        except (SQLAlchemyError, LessonError, GradingFault):
            return
        self.book.close()
        self.book = renewed


def _on_a_worker(fault: str) -> str:
    """Return a worker's fault, with what to do where the disk that it works on is full."""
    if f"Errno {errno.ENOSPC}]" not in fault:
        return fault
    return (
        f"{fault}: the disk with temporary files is full, {tempfile.gettempdir()} on this machine; "
        f"make room there, or set TMPDIR"
    )


def _is_unreadable(graded: Graded) -> bool:
    return any(diagnosis["unreadable"] for diagnosis in graded.diagnoses.values())
