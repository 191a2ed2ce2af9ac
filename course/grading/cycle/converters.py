"""`nbgrader autograde` and `nbgrader generate_feedback` in this course.

nbgrader's converters stop at what lies in one student's folder, and leave alone a graded copy and a
feedback page that are there until a newer submission comes. Here a class goes on, a submission is
graded again where the lesson's tests or the course's code have changed since, and a page is made
again where what it shows has.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SQLAlchemyError

from course.bootstrap.files import look_writable
from course.grading.cycle.made_from import is_stale
from course.grading.faults import CannotRead, GradingFault
from course.grading.records.aside import Aside
from course.grading.records.coursefiles import source_files
from course.grading.records.due import settle
from course.grading.records.entry import CellEntry
from course.grading.records.folders import lesson_notebooks, take_each_folder
from course.grading.records.gradebook import GradebookWriter
from course.grading.records.kept import digests
from course.grading.records.lock import graded_alone
from course.grading.records.opening import opened
from course.grading.records.penalties import Penalties
from course.grading.records.timestamps import read_stamp
from course.grading.releasing.generate import bring_up_to_date
from course.grading.releasing.generating import PlainFiles
from course.grading.steps.passage import Passage
from course.grading.steps.reading import read_or_note
from course.grading.steps.versions import graded_by, what_changed
from course.lessons import LessonError


class _MadeAgain(PlainFiles):
    """Takes folder by folder, makes again what is stale, and says at the end who was left out."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._left_out: list[str] = []
        self._failed: list[str] = []

    def lesson_notebooks(self) -> list[str]:
        """List the notebooks that a folder has to have one of; any, where there are none."""
        return []

    def is_stale(self, lesson_id: str, student: str) -> bool:
        """Say whether what is there has to be made again."""
        raise NotImplementedError

    def init_notebooks(self) -> None:
        """Find what is to be converted, without taking a folder's name for a pattern."""
        course = self.coursedir
        self.notebooks: list[str] = []
        self._left_out = list(take_each_folder(self, self.lesson_notebooks()).values())
        if not self.assignments:
            where = self._format_source(course.assignment_id, course.student_id)
            self.log.error(message := f"No notebooks were matched by '{where}'")
            raise NbGraderException(message)

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Say whether a submission is to be converted; where that cannot be told, it stays."""
        if super().init_destination(assignment_id, student_id):
            return True
        if student_id in self.coursedir.student_id_exclude.split(","):
            return False
        try:
            if not self.is_stale(assignment_id, student_id):
                return False
        except (LessonError, GradingFault, OSError, SQLAlchemyError) as error:
            return self.leave(student_id, error)
        self.force = True
        try:
            return bool(super().init_destination(assignment_id, student_id))
        finally:
            self.force = False

    def leave(self, student: str, error: Exception) -> bool:
        """Leave what there is of a student, as it cannot be told, or kept, and say so."""
        self._failed.append(f"{student}: left as it was: {error}")
        self.log.error(self._failed[-1])
        return False

    def convert_notebooks(self) -> None:
        """Convert; say at the end, below all tracebacks, what could not be."""
        try:
            super().convert_notebooks()
            if self._left_out:
                raise NbGraderException("some submissions could not be read")
        finally:
            for why in self._left_out:
                self.log.error("Not graded: %s", why)
        if self._failed:
            raise NbGraderException("; ".join(self._failed))

    @contextmanager
    def _or_nothing(self, what: str) -> Iterator[None]:
        """End the command with a message, before anything is touched."""
        try:
            yield
        except (LessonError, GradingFault) as error:
            self.log.error("Nothing is %s: %s", what, error)
            raise NbGraderException(str(error)) from error


class FeedbackPages(GenerateFeedback, _MadeAgain):
    """Makes feedback pages, those that are stale too."""

    def convert_notebooks(self) -> None:
        """Make pages; without a gradebook, or a right to write, some that are there would go.

        Points by hand were given since grading: what lateness takes of them is taken first.
        """
        course = self.coursedir
        look_writable(Path(course.root, self._output_directory))
        with self._or_nothing("made"), opened(course) as gradebook:
            Penalties(course, self.config).take_all(gradebook, course.assignment_id)
        super().convert_notebooks()

    def is_stale(self, lesson_id: str, student: str) -> bool:
        """Say whether one of a submission's pages was made from something else."""
        notebooks = [Path(name).stem for name in self.notebooks]
        if is_stale(self.coursedir, notebooks, lesson_id, student):
            self.log.warning("%s: the feedback page is made again, as it is stale", student)
            return True
        return False


class Autograding(Autograde, _MadeAgain):
    """Grades submissions by the lesson as it is in ``source/`` now.

    A graded copy stays where nothing can be made in its place: a mistake in a test costs none, nor
    does a file that can no longer be read.

    Attributes
    ----------
    entries : dict
        By notebook, then by name, what each cell of the lesson is to be.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.entries: dict[str, dict[str, CellEntry]] = {}
        self._kept: dict[str, Aside] = {}
        self._writer: GradebookWriter | None = None

    def lesson_notebooks(self) -> list[str]:
        """List the lesson's notebooks."""
        return lesson_notebooks(self.coursedir, self.coursedir.assignment_id)

    def convert_notebooks(self) -> None:
        """Grade, when nobody else grades the lesson."""
        course = self.coursedir
        waiting = f"{course.assignment_id} is being graded by another command; waiting ..."
        with graded_alone(course, course.assignment_id, lambda: self.log.warning(waiting)):
            self._convert_notebooks()

    def _convert_notebooks(self) -> None:
        """Bring the gradebook up to date with ``source/``, and grade."""
        course = self.coursedir
        lesson_id = course.assignment_id
        with self._or_nothing("graded"), opened(course) as gradebook:
            said, self.entries = bring_up_to_date(course, self.config, gradebook, lesson_id)
        for difference in said:
            self.log.warning("%s: %s", lesson_id, difference)
        try:
            super().convert_notebooks()
        finally:
            if self._writer is not None:
                self._writer.close()
            for student, aside in self._kept.items():
                aside.bring_back()
                self.log.error("%s: the graded copy of before stays as it was", student)

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Say whether a submission is to be graded; keep the graded copy of before aside."""
        place = self.coursedir.format_path(self._output_directory, student_id, assignment_id)
        aside = Aside(Path(place))
        aside.bring_back()
        if self.force and student_id not in self.coursedir.student_id_exclude.split(","):
            try:
                self._keep(aside, student_id)
            except OSError as error:  # nbgrader would remove it
                return self.leave(student_id, error)
        return super().init_destination(assignment_id, student_id)

    def _keep(self, aside: Aside, student: str) -> None:
        aside.keep()
        if aside.is_kept:
            self._kept[student] = aside

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Enter a submission, with the extension that waited for it.

        One whose time cannot be read has none in the gradebook either.
        """
        with self._noted():
            super().init_assignment(assignment_id, student_id)
        course = self.coursedir
        with Gradebook(course.db_url, course.course_id) as book:
            settle(book, assignment_id, student_id)
            if read_stamp(self._format_source(assignment_id, student_id)).problem:
                book.find_submission(assignment_id, student_id).timestamp = None
            book.db.commit()

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """Grade one notebook."""
        with self._noted():
            super().convert_single_notebook(notebook_filename)

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        """Finish a submission: the graded copy of before is no longer needed."""
        super().set_permissions(assignment_id, student_id)
        if student_id in self._kept:
            self._kept.pop(student_id).drop()

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Keep what could not be read, to be said at the end."""
        try:
            yield
        except CannotRead as error:
            self._left_out.append(str(error))
            raise

    def is_stale(self, lesson_id: str, student: str) -> bool:
        """Say whether a submission was graded by something else; if not, take late points again."""
        course = self.coursedir
        files = source_files(course, lesson_id)
        with opened(course) as gradebook:
            try:
                submission = gradebook.find_submission(lesson_id, student)
            except MissingEntry:  # was removed in formgrader, and the graded copy left there
                return True
            rows = {row.id: row.name for row in submission.notebooks}
            known = digests(gradebook.db, rows)
        handed_in = {Path(name).stem for name in self.notebooks}
        for row, name in rows.items():
            if name not in handed_in or f"{name}.ipynb" not in files:
                continue
            if why := what_changed(known.get(row), graded_by(files, name)):
                self.log.warning("%s is graded again: %s has changed since", student, why)
                place = course.format_path(self._output_directory, student, lesson_id)
                self._keep(Aside(Path(place)), student)
                return True
        if self._writer is None:
            self._writer = GradebookWriter(course, self.config, lesson_id)
        folder = course.format_path(course.submitted_directory, student, lesson_id)
        self._writer.penalize(student, read_stamp(folder))
        return False


class SubmissionExporter(NotebookExporter):
    """nbgrader's exporter, for which every file is a notebook: ``c.Autograde.exporter_class``."""

    def from_filename(
        self, filename: str, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Export a notebook; one that cannot be read becomes an empty one that says so."""
        converter, resources = self.parent, resources or {}
        if not isinstance(converter, Autograding):
            raise TypeError(
                f"{type(converter).__name__} has no lesson to grade by: run `nbgrader autograde` "
                f"in the course's folder, or use course.grading.cycle.converters.Autograding"
            )
        if converter._sanitizing:
            name = resources["nbgrader"]["notebook"]
            self._passage = Passage(converter.entries.get(name, {}))
        resources["course"] = self._passage
        exported: tuple[NotebookNode, dict[str, Any]]
        if converter._sanitizing:
            resources.setdefault("metadata", {}).setdefault("path", str(Path(filename).parent))
            notebook = read_or_note(Path(filename), self.log)
            exported = self.from_notebook_node(notebook, resources=resources, **kw)
        else:  # the second of nbgrader's two passes reads what the first one wrote
            exported = super().from_filename(filename, resources=resources, **kw)
        return exported
