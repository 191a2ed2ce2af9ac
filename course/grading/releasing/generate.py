"""A lesson generated, its entry in the gradebook brought up to date, and nothing lost on the way.

`SaveLesson`, a step of `nbgrader generate_assignment`, enters the lesson also where nbgrader's own
refuses, as somebody has handed in. `bring_up_to_date` does so before anything is graded.
"""

from __future__ import annotations

import copy
import logging
import time
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError
from traitlets.config import Config

from course.grading.records.coursefiles import course_directory
from course.grading.records.entry import CellEntry, enter, entries_of
from course.grading.records.kept import keep_digests, make_tables
from course.grading.records.opening import NotGenerated, lasts, opened
from course.grading.steps.written import digests_of_graded_copies
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
            make_own_tables(gradebook, course)
            kernelspec = nb.metadata.get("kernelspec", {})
            for change in enter(
                gradebook, about["assignment"], about["notebook"], wanted, kernelspec
            ):
                self.log.warning("%s: %s", about["assignment"], change)
        return nb, resources


def make_own_tables(gradebook: Gradebook, course: CourseDirectory) -> None:
    """Make the course's own tables where they are missing, from graded copies that are there."""
    if make_tables(gradebook):
        keep_digests(gradebook.db, dict(digests_of_graded_copies(gradebook, course)))
        gradebook.db.commit()


class UpToDate(NamedTuple):
    """A lesson as it is in ``source/`` now.

    Attributes
    ----------
    said : list of str
        In sentences, what has changed since it was generated, and where students have another
        release.
    entries : dict
        By notebook, then by name, what each of its cells is to be.
    """

    said: list[str]
    entries: dict[str, dict[str, CellEntry]]


def bring_up_to_date(
    course: CourseDirectory, config: Config, gradebook: Gradebook, lesson_id: str
) -> UpToDate:
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

    Raises
    ------
    LessonError
        Where the lesson was never generated, or cannot be.
    """
    try:
        known = {notebook.name for notebook in gradebook.find_assignment(lesson_id).notebooks}
    except MissingEntry:
        raise NotGenerated(lesson_id) from None
    make_own_tables(gradebook, course)
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
    entries = {}
    for name, path in paths.items():
        if name not in known:
            continue
        wanted, released = generated(course, config, lesson_id, path)
        entries[name] = wanted
        kernelspec = released.metadata.get("kernelspec", {})
        said += _entered(gradebook, lesson_id, name, wanted, kernelspec)
        said += _release_differs(course, lesson_id, name, released)
    return UpToDate(said, entries)


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


def generated(
    course: CourseDirectory, config: Config, lesson_id: str, path: Path
) -> tuple[Any, NotebookNode]:
    """Take a source notebook through the steps; return entries, and what students should have.

    Raises
    ------
    LessonError
        Where that cannot be, with the cell.
    """
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
