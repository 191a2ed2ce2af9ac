"""nbgrader's own code where one student's folder would stop a class, or cost somebody a mark.

`nbgrader_config.py` calls `mend`, so every command of nbgrader's in the course's folder, Formgrader
and `python3 -m course grade` have the same. Each function here takes the place of one of nbgrader's
for which it has no setting:

- dates are read as they were written, and what is no date is told (`records.timestamps`);
- of a student's folder plain files are copied, and nothing else is opened;
- a course's folder may have any name: nbgrader takes ``[2025]`` in it for a pattern;
- who is not graded is told, by name and with the reason, and not only counted as a zero.
"""

from __future__ import annotations

import functools
import glob
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import nbgrader.apps.api
import nbgrader.utils
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.exportapp import ExportApp
from nbgrader.converters import Autograde, BaseConverter, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from sqlalchemy.engine import make_url

from course.grading.records.folders import lesson_notebooks, take_each_folder
from course.grading.records.handedin import CannotRead, copy_files_beside, is_ignored
from course.grading.records.notgraded import leave_blank, not_graded
from course.grading.records.timestamps import Stamp, parse_utc, read_stamp

_roots: set[str] = set()
_LOG = logging.getLogger("course")


def mend(root: Path) -> None:
    """Put nbgrader right, for a course in this folder; it may be called for several."""
    _roots.add(str(root))
    _everywhere("parse_utc", parse_utc)
    _everywhere("is_ignored", is_ignored)
    for module in _modules():
        if getattr(module, "glob", None) is glob:
            vars(module)["glob"] = SimpleNamespace(**{**vars(glob), "glob": _glob})
    if getattr(BaseConverter, "is_mended", False):
        return
    BaseConverter.is_mended = True
    CourseDirectory.get_existing_timestamp = _existing_timestamp
    NbGraderAPI.get_submitted_timestamp = _submitted_timestamp
    BaseConverter.init_assignment = _copy_beside
    Autograde.init_assignment = _noted(_without_a_wrong_time(Autograde.init_assignment))
    Autograde.convert_single_notebook = _noted(Autograde.convert_single_notebook)
    for converter in (Autograde, GenerateFeedback):
        converter.init_notebooks = _init_notebooks
        converter.convert_notebooks = _and_say_who_was_left(BaseConverter.convert_notebooks)
    Exchange.ensure_root = _made_in_the_course(Exchange.ensure_root)
    ExportApp.start = _and_say_who_has_no_grade(ExportApp.start)


def gradebook_file(path: Path) -> str:
    """Return the address of a gradebook in a file, which may have ``?`` and ``%`` in its name.

    >>> gradebook_file(Path("/course/gradebook.db"))
    'sqlite:////course/gradebook.db'
    """
    place = str(path)
    for text in (place, place.replace("%", "%25").replace("?", "%3F")):
        if make_url(f"sqlite:///{text}").database == place:
            return f"sqlite:///{text}"
    return f"sqlite:///file:{quote(place)}?uri=true"  # SQLAlchemy before 2.1 unquotes nothing


def _modules() -> Iterator[Any]:
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "nbgrader" and ".tests" not in name:
            yield module


def _everywhere(name: str, function: Any) -> None:
    """Put a function in the place of nbgrader's own, wherever that was imported."""
    original = vars(nbgrader.utils)[name]
    for module in _modules():
        if vars(module).get(name) is original:
            vars(module)[name] = function


def _glob(pattern: str, **settings: Any) -> list[str]:
    """Look for files by a pattern in which the course's own folder is no part of the pattern."""
    text = os.fspath(pattern)
    for root in sorted(_roots, key=len, reverse=True):
        if text == root or text.startswith(root + os.sep):
            text = glob.escape(root) + text[len(root) :]
            break
    return glob.glob(text, **settings)  # noqa: PTH207 - nbgrader's own way


@functools.cache
def _warn_once(message: str) -> None:
    _LOG.warning(message)


def told_stamp(folder: str | Path) -> Stamp:
    """Read a submission's time; say once where that cannot be done, and what it counts as."""
    stamp = read_stamp(folder)
    if stamp.problem:
        _warn_once(f"{stamp.problem}; it counts as handed in without a time, and is never late")
    return stamp


def _existing_timestamp(_course: CourseDirectory, dest_path: str) -> Any:
    return told_stamp(dest_path).time


def _submitted_timestamp(api: NbGraderAPI, assignment_id: str, student_id: str) -> Any:
    course = api.coursedir
    return told_stamp(
        course.format_path(course.submitted_directory, student_id, assignment_id)
    ).time


def _copy_beside(converter: BaseConverter, assignment_id: str, student_id: str) -> None:
    """Copy what lies beside a student's notebook, as `BaseConverter.init_assignment` does.

    Raises
    ------
    CannotRead
        Where a file cannot be read that the student's code may need.
    """
    source = Path(converter._format_source(assignment_id, student_id))
    target = Path(converter._format_dest(assignment_id, student_id))
    course = converter.coursedir

    def odd(path: Path, what: str) -> None:
        converter.log.warning("%s is %s; left out", path, what)

    copy_files_beside(source, target, [*course.ignore, "*.ipynb"], odd)


def _without_a_wrong_time(init_assignment: Any) -> Any:
    """Have a submission whose time cannot be read keep none in the gradebook either."""

    @functools.wraps(init_assignment)
    def init(converter: Autograde, assignment_id: str, student_id: str) -> None:
        init_assignment(converter, assignment_id, student_id)
        if read_stamp(converter._format_source(assignment_id, student_id)).problem:
            course = converter.coursedir
            with Gradebook(course.db_url, course.course_id) as book:
                book.find_submission(assignment_id, student_id).timestamp = None
                book.db.commit()

    return init


def _init_notebooks(converter: BaseConverter) -> None:
    """Find what is to be converted, folder by folder."""
    converter.assignments, converter.notebooks = {}, []
    course = converter.coursedir
    graded = isinstance(converter, Autograde)
    lesson = lesson_notebooks(course, course.assignment_id) if graded else []
    vars(converter)["_left_out"] = list(take_each_folder(converter, lesson).values())
    if not converter.assignments:
        where = converter._format_source(course.assignment_id, course.student_id)
        message = f"No notebooks were matched by '{where}'"
        converter.log.error(message)
        raise NbGraderException(message)


def _made_in_the_course(ensure_root: Any) -> Any:
    """Make the exchange's folder where it is one in the course: nobody else would."""

    @functools.wraps(ensure_root)
    def ensure(exchange: Exchange) -> None:
        if any(Path(exchange.root).is_relative_to(root) for root in _roots):
            Path(exchange.root).mkdir(exist_ok=True)
        ensure_root(exchange)

    return ensure


def _and_say_who_was_left(convert_notebooks: Any) -> Any:
    """Say at the end, below all tracebacks, what could not be read; end with an error then."""

    @functools.wraps(convert_notebooks)
    def convert(converter: BaseConverter) -> None:
        left: list[str] = vars(converter)["_left_out"]
        try:
            convert_notebooks(converter)
            if left:
                raise NbGraderException("some submissions could not be read")
        finally:
            for why in left:
                converter.log.error("Not graded: %s", why)

    return convert


def _noted(step: Any) -> Any:
    """Keep what a step of a conversion could not read, to be said at the end."""

    @functools.wraps(step)
    def take(converter: BaseConverter, *arguments: str) -> None:
        try:
            step(converter, *arguments)
        except CannotRead as error:
            vars(converter)["_left_out"].append(str(error))
            raise

    return take


def _and_say_who_has_no_grade(start: Any) -> Any:
    """Have an export name those who handed in something that is not graded."""

    @functools.wraps(start)
    def export(app: ExportApp) -> None:
        start(app)
        ungraded: set[tuple[str, str]] = set()
        course = app.coursedir
        wanted = [str(name) for name in app.plugin_inst.assignment]
        students = {str(name) for name in app.plugin_inst.student}
        with Gradebook(course.db_url, course.course_id) as book:
            lessons = [one.name for one in book.assignments if not wanted or one.name in wanted]
            for lesson_id in sorted(lessons):
                for student, why in not_graded(course, book, lesson_id).items():
                    ungraded.add((lesson_id, student))
                    if not students or student in students:
                        app.log.warning("%s: %s has no grade: %s", lesson_id, student, why)
        table = Path(app.plugin_inst.to or "grades.csv")
        if ungraded and table.is_file():
            leave_blank(table, ungraded)

    return export
