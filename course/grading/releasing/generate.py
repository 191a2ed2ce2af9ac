"""A lesson generated: into the gradebook, and into ``release/``, where nothing is lost on the way.

Two steps of `nbgrader generate_assignment` are ours. `SaveLesson` brings the gradebook's entry up
to date where nbgrader's own refuses once somebody has handed in. `LessonExporter` keeps the release
there was where a new one cannot be made. `bring_up_to_date` does the first of them before anything
is graded.
"""

from __future__ import annotations

import copy
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from traitlets.config import Config

from course.grading.records.aside import Aside
from course.grading.records.coursefiles import course_directory
from course.grading.records.entry import enter, entries_of
from course.grading.records.kept import make_tables
from course.grading.records.opening import lasts, opened
from course.lessons import LessonError

#: How many cells a sentence names.
_TOLD = 5
#: Seconds to wait for another process that enters the same lesson, each time.
_WAITS_S = (0.1, 0.5)
_SILENT = logging.Logger("course.generate", logging.CRITICAL)


class SaveLesson(NbGraderPreprocessor):
    """Enter a lesson's cells into the gradebook, also when there are submissions: see `enter`."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Enter one notebook."""
        about, wanted = resources["nbgrader"], entries_of(nb)
        converter = self.parent.parent if self.parent else None
        if getattr(converter, "no_database", False):
            return nb, resources
        course = course_directory(self)
        with opened(course) as gradebook:
            make_tables(gradebook, course)
            kernelspec = nb.metadata.get("kernelspec", {})
            for change in enter(
                gradebook, about["assignment"], about["notebook"], wanted, kernelspec
            ):
                self.log.warning("%s: %s", about["assignment"], change)
        return nb, resources


class LessonExporter(NotebookExporter):
    """nbgrader's exporter of what students get; the release stays where it cannot be made anew."""

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        converter: Any = self.parent
        if getattr(converter, "assignments", None):
            convert = converter.convert_notebooks
            converter.convert_notebooks = lambda: _keeping_releases(converter, convert)


def _keeping_releases(converter: Any, convert: Callable[[], None]) -> None:
    course = converter.coursedir
    for folder, paths in converter.assignments.items():
        for path in paths:  # to say which cell it is, before anything is touched
            try:
                _generated(course, converter.config, Path(folder).name, Path(path))
            except LessonError as error:
                converter.log.error("Nothing is generated: %s", error)
                raise NbGraderException(str(error)) from error
    places = {
        Path(course.format_path(course.release_directory, ".", Path(folder).name))
        for folder in converter.assignments
    }
    releases = [Aside(place) for place in sorted(places)]
    try:
        for release in releases:
            release.keep()
        convert()
    except BaseException:
        for release in releases:
            release.bring_back()
        raise
    for release in releases:
        release.drop()


def bring_up_to_date(
    course: CourseDirectory, config: Config, gradebook: Gradebook, lesson_id: str
) -> list[str]:
    """Bring a lesson's entry in the gradebook up to date with ``source/``, before grading by it.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    config : Config
        Its settings: the steps by which lessons are generated.
    gradebook : Gradebook
        Open.
    lesson_id : str
        Which lesson.

    Returns
    -------
    list of str
        In sentences, what has changed since it was generated, and where students have another
        release.

    Raises
    ------
    LessonError
        Where the lesson was never generated, or cannot be.
    """
    try:
        known = {notebook.name for notebook in gradebook.find_assignment(lesson_id).notebooks}
    except MissingEntry:
        raise LessonError(
            f"{lesson_id} is not in the gradebook yet: run "
            f"`nbgrader generate_assignment {lesson_id}` first"
        ) from None
    make_tables(gradebook, course)
    folder = Path(course.format_path(course.source_directory, ".", lesson_id))
    paths = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    if not known & set(paths):
        wanted = ", ".join(f"{name}.ipynb" for name in sorted(known)) or "a notebook"
        raise LessonError(f"{lesson_id} is graded by {wanted} in {folder}, which is not there")
    said = [
        f"the gradebook has a notebook {name}, and {folder} has not: its marks stay as they are"
        for name in sorted(known - set(paths))
    ]
    said += [
        f"{paths[name]} is not in the gradebook, and not graded: if it is part of it, run "
        f"`nbgrader generate_assignment {lesson_id}`"
        for name in sorted(set(paths) - known)
    ]
    for name, path in paths.items():
        if name not in known:
            continue
        wanted, released = _generated(course, config, lesson_id, path)
        kernelspec = released.metadata.get("kernelspec", {})
        said += _entered(gradebook, lesson_id, name, wanted, kernelspec)
        said += _release_differs(course, lesson_id, name, released)
    return said


def _entered(gradebook: Gradebook, lesson_id: str, name: str, wanted: Any, spec: Any) -> list[str]:
    """Enter a notebook; once more where another process is doing the same."""
    for wait in _WAITS_S:
        try:
            return enter(gradebook, lesson_id, name, wanted, spec)
        except (DBAPIError, StaleDataError) as error:
            if lasts(error):
                raise
        time.sleep(wait)
    return enter(gradebook, lesson_id, name, wanted, spec)


def _generated(
    course: CourseDirectory, config: Config, lesson_id: str, path: Path
) -> tuple[Any, NotebookNode]:
    """Take a source notebook through the steps; return entries, and what students should have."""
    generator = GenerateAssignment(coursedir=course, config=config)
    exporter = NotebookExporter(parent=generator, config=generator.config)
    about = {
        "student": ".",
        "assignment": lesson_id,
        "notebook": path.stem,
        "db_url": course.db_url,
    }
    resources: Any = {"nbgrader": about, "metadata": {"path": str(path.parent)}}
    entries = None
    try:
        nb = nbformat.read(path, as_version=4)
        for kind in generator.preprocessors:
            if kind.__name__ in ("SaveLesson", "SaveCells"):
                entries = entries_of(nb)
                continue
            step = kind(parent=exporter)
            step.log = _SILENT  # what is raised says it, with the cell
            try:
                nb, resources = step(nb, resources)
            except Exception as error:
                cell = _culprit(step, nb, resources)
                raise LessonError(f"{cell}: {type(error).__name__}: {error}") from error
    except Exception as error:
        raise LessonError(
            f"{path} cannot be generated: {error}. Mend it in source/; the release and the "
            f"gradebook are as they were"
        ) from error
    if entries is None:
        raise LessonError("GenerateAssignment.preprocessors has no SaveLesson: nothing to grade by")
    return entries, nb


def _culprit(step: Any, nb: NotebookNode, resources: Any) -> str:
    """Say at which cell a step stops: alone, or as it has another one's name."""
    seen: set[str] = set()
    for number, cell in enumerate(nb.cells, start=1):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        name = f"the cell {grade_id}" if grade_id else f"cell {number}"
        alone = NotebookNode({**nb, "cells": [copy.deepcopy(cell)]})
        try:
            step(alone, copy.deepcopy(resources))
        except Exception:
            return name
        if grade_id and grade_id in seen:
            return f"two cells are called {grade_id}"
        seen.add(grade_id)
    return f"the step {type(step).__name__}"


def _release_differs(
    course: CourseDirectory, lesson_id: str, name: str, released: NotebookNode
) -> list[str]:
    """Say where students have another lesson than ``source/`` gives now."""
    folder = course.format_path(course.release_directory, ".", lesson_id)
    path = Path(folder) / f"{name}.ipynb"
    try:
        theirs = _texts(nbformat.read(path, as_version=4))
    except FileNotFoundError:
        return []  # the next release is from source/
    except (OSError, ValueError, AttributeError, KeyError, TypeError):  # no notebook of ours
        theirs = {}
    ours = _texts(released)
    differing = [cell for cell in {**ours, **theirs} if ours.get(cell) != theirs.get(cell)]
    if not differing:
        return []
    more = f" and {len(differing) - _TOLD} more" if len(differing) > _TOLD else ""
    return [
        f"release/ differs from source/ in {', '.join(differing[:_TOLD])}{more}: students have "
        f"another text. `nbgrader generate_assignment {lesson_id}` makes it anew"
    ]


def _texts(nb: NotebookNode) -> dict[str, Any]:
    """Return what students see of marked cells, by name, and of the others together."""
    marked = {c.metadata.nbgrader.grade_id: c for c in nb.cells if "nbgrader" in c.metadata}
    texts: dict[str, Any] = {
        name: (cell.cell_type, cell.source, cell.metadata.nbgrader.get("points"))
        for name, cell in marked.items()
    }
    texts["the order of its cells"] = list(marked)
    texts["prose"] = [cell.source for cell in nb.cells if "nbgrader" not in cell.metadata]
    return texts
