"""nbgrader's autograding of one submission, on data handed over instead of a gradebook.

The steps are those of the course's configuration, each done by its own code. What they need of the
gradebook comes with the lesson, and what would be written there is returned. Two things differ from
`nbgrader autograde`, and a test holds that no result does: a notebook is validated at the end and
not after each step, and it is not written to a file in between.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import setenv
from traitlets.config import Config

from course.grading.classes.lesson_pack import STEPS, LessonPack, lay_out, named_class
from course.grading.classes.submission import Graded, Submission, lay_out_odd
from course.grading.judge.judge import judge
from course.grading.judge.plan import Plan, TestResult, Verdict
from course.grading.steps.marks import SaveMarks
from course.grading.steps.passage import Passage
from course.grading.steps.reading import read_or_note

#: Steps that the one does who has the gradebook.
_WRITERS = (SaveMarks, AssignLatePenalties)


class Conversion:
    """The steps of one lesson, made once and used for one submission after the other.

    Parameters
    ----------
    lesson : LessonPack
        The lesson.
    root : Path
        An empty folder to work in.
    """

    def __init__(self, lesson: LessonPack, root: Path) -> None:
        self.lesson = lesson
        lay_out(lesson.files, root / "source" / lesson.lesson_id)
        config = Config(lesson.settings)
        self._course = CourseDirectory(config=config, root=str(root))
        converter = Autograde(coursedir=self._course, config=config)
        classes = {name: map(named_class, lesson.steps[name]) for name in STEPS}
        self._sanitize, self._autograde = (
            [one(parent=converter) for one in classes[name] if not issubclass(one, _WRITERS)]
            for name in STEPS
        )
        self._entries = {name: lesson.entries(name) for name in lesson.notebooks}

    def grade(self, handed_in: Submission, ask: Callable[[Plan], Verdict] = judge) -> Graded:
        """Grade one submission.

        Parameters
        ----------
        handed_in : Submission
            What was handed in.
        ask : callable, optional
            Judges a plan; by default here, in a process that is a judge's already.

        Raises
        ------
        Exception
            Whatever a step raises: that is no student's fault.
        """
        submitted, graded = (
            Path(self._course.format_path(step, handed_in.student, self.lesson.lesson_id))
            for step in (self._course.submitted_directory, self._course.autograded_directory)
        )
        beside = {k: data for k, data in handed_in.files.items() if not k.endswith(".ipynb")}
        lay_out(handed_in.files, submitted)
        lay_out_odd(handed_in.odd, submitted)
        graded.mkdir(parents=True)
        lay_out(beside, graded)
        given = {
            name: data
            for name, data in self.lesson.files.items()
            if not name.endswith(".ipynb") and name not in self.lesson.steps["keep"]
        }
        lay_out(given, graded)
        result = Graded(handed_in.student)
        with _heard(result.messages) as log:
            for name in self.lesson.notebooks:
                path = submitted / f"{name}.ipynb"
                if path.is_symlink() or path.exists():
                    passage = Passage(self._entries[name], ask)
                    text = self._converted(path, graded, passage, handed_in.student, log)
                    result.notebooks[name] = text
                    result.marks[name] = passage.marks
                    result.diagnoses[name] = passage.diagnosis
        shutil.rmtree(submitted)
        shutil.rmtree(graded)
        return result

    def _converted(
        self, path: Path, folder: Path, passage: Passage, student: str, log: logging.Logger
    ) -> str:
        """Take one notebook through all steps; return its text."""
        about = {"student": student, "assignment": self.lesson.lesson_id, "notebook": path.stem}
        resources: Any = {"nbgrader": about, "course": passage, "unique_key": path.stem}
        notebook = read_or_note(path, log)
        with setenv(NBGRADER_EXECUTION="autograde"):
            for place, steps in ((path.parent, self._sanitize), (folder, self._autograde)):
                resources["metadata"] = {"path": str(place)}
                for step in steps:
                    step.log = log
                    notebook, resources = step(notebook, resources)
        nbformat.validate(notebook, relax_add_props=True)
        text: str = nbformat.v4.writes(notebook)
        return text if text.endswith("\n") else text + "\n"

    def sources(self) -> list[Path]:
        """List the instructor's notebooks."""
        folder = self._course.format_path(self._course.source_directory, ".", self.lesson.lesson_id)
        paths = [Path(folder) / f"{name}.ipynb" for name in self.lesson.notebooks]
        return [path for path in paths if path.is_file()]

    def rehearse(self) -> None:
        """Take the instructor's own notebook through the steps, so that all they need is loaded."""
        names = [f"{name}.ipynb" for name in self.lesson.notebooks]
        files = {name: self.lesson.files[name] for name in names if name in self.lesson.files}
        self.grade(Submission("rehearsal", self.lesson.key, {}, files), not_judged)


def not_judged(plan: Plan) -> Verdict:
    """Say of a plan that nothing was earned; nothing is run."""
    tests = [cell for cell in plan.cells if cell.role == "test"]
    return Verdict(tests=[TestResult(cell.grade_id, "", cell.points) for cell in tests])


@contextmanager
def _heard(messages: list[str]) -> Iterator[logging.Logger]:
    """Keep what is logged, warnings and worse."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            messages.append(record.getMessage())

    log = logging.Logger("course.classes", logging.WARNING)
    log.addHandler(Keep())
    yield log
