"""What is made again because something that it was made from has changed.

nbgrader leaves a graded copy and a feedback page alone that are there, until a newer submission
comes. Here a submission is graded again too where the lesson's tests have changed since, and a page
is made again where marks, comments, late points or the graded copy have.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import SQLAlchemyError

from course.grading.cycle.pages import FeedbackExporter
from course.grading.records.aside import Aside
from course.grading.records.coursefiles import source_files
from course.grading.records.entry import marks_version
from course.grading.records.gradebook import Book
from course.grading.records.kept import digests
from course.grading.records.opening import opened
from course.grading.records.timestamps import read_stamp
from course.grading.releasing.generate import bring_up_to_date
from course.grading.steps.restore import SubmissionExporter
from course.lessons import LessonError

#: Where a page says what it was made from.
_MADE_FROM = '<meta name="made-from" content="{}">'
_SAYS = re.compile(_MADE_FROM.format("([0-9a-f]+)"))
#: Larger files beside a notebook are told apart by size and time.
_READ_BYTES = 2**20


class CurrentExporter(SubmissionExporter):
    """Reads submissions for `nbgrader autograde`, by the lesson as it is in ``source/`` now."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        converter: Any = self.parent
        if isinstance(converter, Autograde) and converter.assignments:
            look_at_lesson(converter)
            late = _LatePoints(converter)
            _make_again(converter, functools.partial(_is_graded_otherwise, converter, late), True)


class CurrentFeedback(FeedbackExporter):
    """Makes feedback pages, and says in each what it was made from."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        converter: Any = self.parent
        if isinstance(converter, GenerateFeedback) and converter.assignments:
            with _or_nothing(converter, "made"), opened(converter.coursedir):
                pass  # without a gradebook, pages that are there would be removed
            _make_again(converter, functools.partial(_is_stale, converter))

    def from_notebook_node(
        self, nb: Any, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Export one graded notebook."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        about = resources.get("nbgrader", {})
        if isinstance(self.parent, GenerateFeedback) and "student" in about:
            names = about["notebook"], about["assignment"], about["student"]
            made_from = _MADE_FROM.format(_made_from(self.parent, *names))
            page = page.replace("</head>", f"{made_from}\n</head>", 1)
        return page, resources


def look_at_lesson(converter: Any) -> None:
    """Bring the gradebook up to date with ``source/`` before submissions are graded by it.

    Raises
    ------
    NbGraderException
        Where that cannot be: nothing is graded, and nothing was changed.
    """
    course = converter.coursedir
    lesson_id = course.assignment_id
    with _or_nothing(converter, "graded"), opened(course) as gradebook:
        said = bring_up_to_date(course, converter.config, gradebook, lesson_id)
    for difference in said:
        converter.log.warning("%s: %s", lesson_id, difference)


@contextmanager
def _or_nothing(converter: Any, what: str) -> Iterator[None]:
    """End nbgrader's command with a message, before anything is touched."""
    try:
        yield
    except LessonError as error:
        converter.log.error("Nothing is %s: %s", what, error)
        raise NbGraderException(str(error)) from error


def _make_again(
    converter: Any, is_stale: Callable[[str, str], bool], keeps_old: bool = False
) -> None:
    """Have a converter also make what it would leave alone, where that is stale.

    Where it cannot be told, what is there stays: nbgrader would remove it. With `keeps_old` it also
    stays where nothing can be made in its place: a mistake in a test costs no graded copy.
    """
    init, convert = converter.init_destination, converter.convert_notebooks
    finish, course = converter.set_permissions, converter.coursedir
    failed: list[str] = []
    kept: dict[str, Aside] = {}

    def init_destination(lesson_id: str, student: str) -> bool:
        place = course.format_path(converter._output_directory, student, lesson_id)
        aside = Aside(Path(place))
        aside.bring_back()
        if init(lesson_id, student):
            return True
        try:
            if not is_stale(lesson_id, student):
                return False
            if keeps_old:
                aside.keep()
                kept[student] = aside
        except (LessonError, OSError, SQLAlchemyError) as error:
            failed.append(f"{student}: left as it was: {error}")
            converter.log.error(failed[-1])
            return False
        converter.force = True
        try:
            return bool(init(lesson_id, student))
        finally:
            converter.force = False

    def set_permissions(lesson_id: str, student: str) -> None:
        finish(lesson_id, student)
        if student in kept:
            kept.pop(student).drop()

    def convert_notebooks() -> None:
        try:
            convert()
        finally:
            for student, aside in kept.items():
                aside.bring_back()
                converter.log.error("%s: the graded copy of before stays as it was", student)
        if failed:
            raise NbGraderException("; ".join(failed))

    converter.init_destination = init_destination
    converter.set_permissions = set_permissions
    converter.convert_notebooks = convert_notebooks


class _LatePoints:
    """Takes late points again, as deadlines and points by hand may have changed."""

    def __init__(self, converter: Any) -> None:
        self._converter = converter
        self._book: Book | None = None
        convert = converter.convert_notebooks

        def convert_notebooks() -> None:
            try:
                convert()
            finally:
                if self._book is not None:
                    self._book.close()

        converter.convert_notebooks = convert_notebooks

    def take(self, student: str) -> None:
        course = self._converter.coursedir
        if self._book is None:
            self._book = Book(course, self._converter.config, course.assignment_id)
        folder = course.format_path(course.submitted_directory, student, course.assignment_id)
        self._book.penalize(student, read_stamp(folder))


def _is_graded_otherwise(converter: Any, late: _LatePoints, lesson_id: str, student: str) -> bool:
    """Say whether a submission was graded by another version of the lesson; take late points."""
    course = converter.coursedir
    if student in course.student_id_exclude.split(","):
        return False
    files = source_files(course, lesson_id)
    with opened(course) as gradebook:
        try:
            submission = gradebook.find_submission(lesson_id, student)
        except MissingEntry:  # was removed in formgrader, and the graded copy left there
            return True
        rows = {row.id: row.name for row in submission.notebooks}
        known = digests(gradebook.db, rows)
        handed_in = {Path(name).stem for name in converter.notebooks}
        for row, name in rows.items():
            if name not in handed_in or f"{name}.ipynb" not in files:
                continue
            if known.get(row) != marks_version(files, name):
                why = "the lesson" if row in known else "the course"
                converter.log.warning("%s is graded again: %s has changed since", student, why)
                return True
    late.take(student)
    return False


def _is_stale(converter: Any, lesson_id: str, student: str) -> bool:
    """Say whether one of a submission's feedback pages was made from something else."""
    course = converter.coursedir
    if student in course.student_id_exclude.split(","):
        return False
    folder = Path(course.format_path(course.feedback_directory, student, lesson_id))
    for notebook in (Path(name).stem for name in converter.notebooks):
        try:
            page = (folder / f"{notebook}.html").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return True
        says = _SAYS.search(page[: page.find("</head>")])
        if says is None or says[1] != _made_from(converter, notebook, lesson_id, student):
            converter.log.warning("%s: the feedback page is made again, as it is stale", student)
            return True
    return False


def _made_from(converter: Any, notebook: str, lesson_id: str, student: str) -> str:
    """Return a digest of all that a feedback page shows: marks, comments, notebook, pictures."""
    course = converter.coursedir
    folder = Path(course.format_path(course.autograded_directory, student, lesson_id))
    total = hashlib.sha256(_own_code())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".diagnosis.json"):
            about = path.stat()
            total.update(
                f"\0{path.relative_to(folder)}\0{about.st_size}\0".encode("utf-8", "replace")
            )
            is_small = about.st_size <= _READ_BYTES or path.suffix == ".ipynb"
            total.update(path.read_bytes() if is_small else str(about.st_mtime_ns).encode())
    with opened(course) as gradebook:
        total.update(json.dumps(_marks(gradebook, notebook, lesson_id, student)).encode())
    return total.hexdigest()


def _marks(gradebook: Gradebook, notebook: str, lesson_id: str, student: str) -> list[Any]:
    try:
        row: Any = gradebook.find_submission_notebook(notebook, lesson_id, student)
    except MissingEntry:
        return []
    db = gradebook.db
    grades = db.query(Grade.cell_id, Grade.score, Grade.max_score, Grade.needs_manual_grade)
    comments = db.query(Comment.cell_id, Comment.comment)
    return [
        row.late_submission_penalty,
        sorted(map(list, grades.filter(Grade.notebook_id == row.id))),
        sorted(map(list, comments.filter(Comment.notebook_id == row.id))),
    ]


@functools.cache
def _own_code() -> bytes:
    """Return what tells these modules, which make the pages, from those of another version."""
    import nbgrader

    from course.grading.cycle import pages
    from course.grading.releasing import first_sentences

    codes = [Path(module.__file__ or "").read_bytes() for module in (pages, first_sentences)]
    return hashlib.sha256(b"\0".join([nbgrader.__version__.encode(), *codes])).digest()
