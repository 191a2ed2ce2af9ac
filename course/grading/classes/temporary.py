"""A class in a folder of its own: what `build release` and `demo` work in, and many tests.

The course is copied there as far as grading needs it, with its `nbgrader_config.py`, and nbgrader
itself does the work. The repository is left as it was.
"""

from __future__ import annotations

import json
import logging
import shutil
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import BaseConverter
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory

from course.grading.cycle.converters import Autograding, FeedbackPages
from course.grading.records.coursefiles import CourseFolders, read_settings
from course.grading.records.opening import begin_gradebook
from course.grading.releasing.generating import Generating
from course.lessons import Lesson, LessonError, lesson_name, read_lesson


@dataclass(frozen=True)
class Mark:
    """What one submission earned.

    Attributes
    ----------
    student : str
        Who handed it in.
    points, max_points : float
        Automatic points, and how many there are.
    report : dict
        The judge's diagnoses, ``{}`` where it gave none: see `course.grading.steps.execute.report`.
    graded : bool
        False where something that is not the student's doing kept it from being graded.
    """

    student: str
    points: float
    max_points: float
    report: dict[str, Any]
    graded: bool


class Classroom:
    """One lesson, some submissions, and nbgrader.

    Parameters
    ----------
    root : Path
        The course.
    lesson_id : str
        Which lesson.
    folder : Path
        Where to work; made, and not removed.
    log : logging.Logger, optional
        Where nbgrader's messages go; by default errors are kept in `messages`, others dropped.

    Attributes
    ----------
    messages : list of str
        What nbgrader said went wrong.
    """

    def __init__(
        self, root: Path, lesson_id: str, folder: Path, log: logging.Logger | None = None
    ) -> None:
        self.folder = folder
        self.lesson_id = lesson_id
        self.lesson: Lesson = read_lesson(
            root / "source" / lesson_id / f"{lesson_name(lesson_id)}.ipynb"
        )
        self.messages: list[str] = []
        self._log = log or _collecting_log(self.messages)
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(root / "source" / lesson_id, folder / "source" / lesson_id)
        shutil.copy(root / "nbgrader_config.py", folder)
        self.config = read_settings(folder)

    def generate(self) -> Path:
        """Make the release, and enter the lesson into the gradebook; return the notebook."""
        begin_gradebook(self._course().db_url)
        self._run(Generating)
        return self.folder / "release" / self.lesson_id / f"{self.lesson.name}.ipynb"

    def hand_in(self, student: str, content: str | bytes) -> Path:
        """Put a file into the place of a student's notebook."""
        path = self.folder / "submitted" / student / self.lesson_id / f"{self.lesson.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def autograde(self, student: str = "*") -> list[str]:
        """Grade what was handed in; return the students that could not be graded."""
        self._run(Autograding, student)
        handed_in = sorted(path.name for path in (self.folder / "submitted").iterdir())
        return [name for name in handed_in if not self._graded(name)]

    def generate_feedback(self, student: str = "*") -> None:
        """Write the feedback pages."""
        self._run(FeedbackPages, student)

    def feedback_page(self, student: str) -> Path:
        """Return where a student's feedback page is."""
        return self.folder / "feedback" / student / self.lesson_id / f"{self.lesson.name}.html"

    def graded_notebook(self, student: str) -> Path:
        """Return where a student's graded notebook is."""
        return self.folder / "autograded" / student / self.lesson_id / f"{self.lesson.name}.ipynb"

    def mark(self, student: str) -> Mark:
        """Return what a student earned."""
        total = sum(test.points for test in self.lesson.by_role("test"))
        points = sum(self.scores(student).values())
        path = self.graded_notebook(student).with_suffix(".diagnosis.json")
        report = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return Mark(student, points, total, report, self._graded(student))

    def scores(self, student: str) -> dict[str, float]:
        """Return the automatic points of each test, as the gradebook has them."""
        with Gradebook(self._course().db_url) as gradebook:
            try:
                submission = gradebook.find_submission_notebook(
                    self.lesson.name, self.lesson_id, student
                )
            except MissingEntry:
                return {}
            tests = {cell.grade_id for cell in self.lesson.by_role("test")}
            return {g.name: g.auto_score or 0.0 for g in submission.grades if g.name in tests}

    def _graded(self, student: str) -> bool:
        return self.graded_notebook(student).is_file()

    def _course(self, student: str = "*") -> CourseDirectory:
        course = CourseFolders(config=self.config)
        course.assignment_id, course.student_id = self.lesson_id, student
        return course

    def _run(self, converter: type[BaseConverter], student: str = "*") -> None:
        step = converter(coursedir=self._course(student), config=self.config)
        step.log = self._log
        step.force = True
        try:
            with warnings.catch_warnings():
                # nbgrader's own mappings, under SQLAlchemy 2.
                warnings.filterwarnings("ignore", message="Object of type <Submitted")
                step.start()
        except NbGraderException as error:
            # nbgrader says so after it has gone through everybody; who is missing is seen.
            if converter is not Autograding:
                raise LessonError(
                    f"{converter.__bases__[0].__name__} failed for {self.lesson_id}: {error}"
                ) from error


def _collecting_log(messages: list[str]) -> logging.Logger:
    """Return a logger that keeps errors in a list."""

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    log = logging.Logger("course.classroom", logging.ERROR)
    log.addHandler(Keeping())
    return log
