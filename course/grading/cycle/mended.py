"""nbgrader's own code where it has no setting, put right in nbgrader's processes and only there.

`nbgrader_config.py` calls `mend` where one of nbgrader's commands reads it, or a Jupyter server
with Formgrader. Nothing of the course's own does (`python3 -m course grade`, `check`, `demo`,
workers, the judge): it names the classes that it needs. What is put in the place of what:

- the course's converters in the place of nbgrader's, which its commands name themselves;
- dates are read as they were written, and what is no date is told (`records.timestamps`);
- a course's folder may have any name: nbgrader takes ``[2025]`` in it for a pattern, and, where it
  collects from zips, ``{2025}`` for a place to fill in;
- Validate says which claims hold, in their words (`cycle.validating`);
- where a lesson's due date is set, by `nbgrader db` or in Formgrader, extensions lie where nbgrader
  can count with them (`records.due`);
- a new gradebook's version is looked up here, in place of a program that takes a second for it;
- what the system or the database refuses is said in a sentence, whichever command meets it;
- `nbgrader export`, whichever exporter it uses, takes late points of what was given by hand since,
  and names who is not graded, and why.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbgrader.api
import nbgrader.apps
import nbgrader.utils
from nbgrader.api import Gradebook, InvalidEntry
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.apps.exportapp import ExportApp
from nbgrader.apps.zipcollectapp import ZipCollectApp
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.validator import Validator
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Application

from course.bootstrap.problems import refused
from course.grading.cycle.converters import Autograding, FeedbackPages
from course.grading.cycle.validating import ClaimsValidator
from course.grading.faults import GradingFault
from course.grading.records.coursefiles import CourseFolders
from course.grading.records.due import settle
from course.grading.records.handedin import is_ignored
from course.grading.records.kept import EXTENSIONS, make
from course.grading.records.opening import cause_of, remedy, schema_version
from course.grading.records.penalties import take_late_points
from course.grading.records.timestamps import parse_utc, told_stamp
from course.grading.records.ungraded import leave_blank, not_graded
from course.grading.releasing.generating import Generating
from course.lessons import LessonError

#: The course's converters by nbgrader's.
OURS = {Autograde: Autograding, GenerateFeedback: FeedbackPages, GenerateAssignment: Generating}
_roots: set[str] = set()


def is_nbgraders_process() -> bool:
    """Say whether this is a command of nbgrader's, or a server with its extensions."""
    return bool(Application.initialized())


def mend(root: Path) -> None:
    """Put nbgrader right in this process, for a course in this folder."""
    _roots.add(str(root))
    _everywhere("parse_utc", parse_utc)
    _everywhere("is_ignored", is_ignored)
    nbgrader.api.get_alembic_version = schema_version
    for kind, ours in OURS.items():
        for module in _modules("nbgrader.apps"):  # where commands and Formgrader name it
            if kind.__name__ in vars(module):
                vars(module)[kind.__name__] = ours
    for module in _modules():
        if vars(module).get("Validator") is Validator and module.__name__ != Validator.__module__:
            vars(module)["Validator"] = ClaimsValidator
        if getattr(module, "glob", None) is glob:
            vars(module)["glob"] = SimpleNamespace(**{**vars(glob), "glob": _glob})
    if not hasattr(ExportApp.start, "__wrapped__"):
        NbGrader.start = _and_say_what_was_refused(NbGrader.start)
        CourseDirectory.get_existing_timestamp = CourseFolders.get_existing_timestamp
        NbGraderAPI.get_submitted_timestamp = _submitted_timestamp
        ZipCollectApp._format_collect_path = _collect_path
        ExportApp.start = _and_say_who_has_no_grade(ExportApp.start)
        Gradebook.update_or_create_assignment = _and_settle(Gradebook.update_or_create_assignment)


def _modules(within: str = "nbgrader") -> Iterator[Any]:
    for name, module in list(sys.modules.items()):
        if f"{name}.".startswith(f"{within}.") and ".tests" not in name:
            yield module


def _everywhere(name: str, ours: Any) -> None:
    """Put a function in the place of nbgrader's own, wherever that was imported."""
    original = vars(nbgrader.utils)[name]
    for module in _modules():
        if vars(module).get(name) is original:
            vars(module)[name] = ours


def _glob(pattern: str, **settings: Any) -> list[str]:
    """Look for files by a pattern in which the course's own folder is no part of the pattern."""
    text = os.fspath(pattern)
    for root in sorted(_roots, key=len, reverse=True):
        if text == root or text.startswith(root + os.sep):
            text = glob.escape(root) + text[len(root) :]
            break
    return glob.glob(text, **settings)  # noqa: PTH207 - nbgrader's own way


def _collect_path(app: ZipCollectApp, collect_step: str) -> str:
    inside = str(app.collect_directory_structure).format(
        downloaded=app.downloaded_directory,
        assignment_id=app.coursedir.assignment_id,
        collect_step=collect_step,
    )
    return str(Path(app.coursedir.root, inside))


def _submitted_timestamp(api: NbGraderAPI, assignment_id: str, student_id: str) -> Any:
    course = api.coursedir
    return told_stamp(
        course.format_path(course.submitted_directory, student_id, assignment_id)
    ).time


def _and_settle(set_lesson: Any) -> Any:
    """Have extensions follow where a lesson gets a due date, or loses it: nbgrader fails there."""

    @functools.wraps(set_lesson)
    def update(gradebook: Gradebook, name: str, **fields: Any) -> Any:
        if "duedate" in fields:
            make(gradebook, EXTENSIONS)
        lesson = set_lesson(gradebook, name, **fields)
        if "duedate" in fields:
            settle(gradebook, name)
            gradebook.db.commit()
        return lesson

    return update


def _and_say_what_was_refused(start: Any) -> Any:
    """Have a command end with a sentence where its files or the gradebook cannot be written."""

    @functools.wraps(start)
    def begin(app: NbGrader) -> None:
        try:
            start(app)
        except (OSError, SQLAlchemyError, InvalidEntry) as raised:
            error = cause_of(raised)
            if isinstance(error, OSError) and not refused(error, ""):
                raise  # something else is wrong, and where it shows is what helps
            if isinstance(error, InvalidEntry):
                raise
            app.log.error("Ended here: %s, then run the same command again", remedy(error))
            app.exit(1)

    return begin


def _and_say_who_has_no_grade(start: Any) -> Any:
    """Have an export take late points anew, and name who handed in what is not graded."""

    @functools.wraps(start)
    def export(app: ExportApp) -> None:
        course = app.coursedir
        with contextlib.suppress(LessonError, GradingFault):  # which nbgrader meets itself
            take_late_points(course, app.config)
        start(app)
        ungraded: set[tuple[str, str]] = set()
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
