"""A lesson as data: all that a worker needs in order to grade it, without course or gradebook."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.grading.classes.workers import serialising as frames
from course.grading.records.coursefiles import source_files
from course.grading.records.entry import marks_version
from course.grading.steps.versions import versions
from course.lessons import LessonError

#: Settings of nbgrader's converter that its steps' parts are chosen by.
_STEPS = ("sanitize_preprocessors", "autograde_preprocessors")


@dataclass(frozen=True)
class LessonPack:
    """One lesson, ready to travel.

    Attributes
    ----------
    lesson_id : str
        nbgrader's assignment.
    notebooks : dict
        Per notebook what the gradebook has of it: ``kernelspec``, ``cells`` and ``graded``.
    steps : dict
        Names of the converter's steps: see `class_name`.
    settings : dict
        What the configuration says to these steps.
    versions : dict of str to str
        What it has to be graded with.
    files : dict of str to bytes
        The lesson's folder in ``source/``.
    data : bytes
        All of that as one message.
    key : str
        Hash of that message: equal exactly where all of it is.
    """

    lesson_id: str
    notebooks: dict[str, Any]
    steps: dict[str, Any]
    settings: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, bytes] = field(repr=False)
    data: bytes = field(repr=False)
    key: str

    def marks_version(self, name: str) -> str:
        """Return the version of what marks of a notebook hang on: see `marks_version`."""
        return marks_version(self.files, name)

    @classmethod
    def from_data(cls, data: bytes) -> LessonPack:
        """Read a lesson from its message."""
        fields, files = frames.unpack(data)
        return cls(**fields, files=files, data=data, key=hashlib.sha256(data).hexdigest())


def pack_lesson(
    course: CourseDirectory, config: Config, gradebook: Gradebook, lesson_id: str
) -> LessonPack:
    """Collect a lesson from the course's folder and its gradebook.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    config : Config
        Its settings.
    gradebook : Gradebook
        Open, with the lesson in it.
    lesson_id : str
        Which lesson.

    Raises
    ------
    LessonError
        Where its folder cannot be read.
    """
    converter = Autograde(coursedir=course, config=config)
    classes = [converter.exporter_class, *(c for name in _STEPS for c in getattr(converter, name))]
    try:
        files = source_files(course, lesson_id)
    except OSError as error:
        raise LessonError(f"the lesson's folder cannot be read: {error}") from error
    kept_files = set(converter.exclude_overwriting.get(lesson_id, []))
    fields = {
        "lesson_id": lesson_id,
        "notebooks": {
            notebook.name: _from_gradebook(notebook)
            for notebook in gradebook.find_assignment(lesson_id).notebooks
        },
        "steps": {
            "exporter_class": class_name(converter.exporter_class),
            "keep": sorted(kept_files),
            **{name: [class_name(c) for c in getattr(converter, name)] for name in _STEPS},
        },
        "settings": _settings(config, classes),
        "versions": versions(),
    }
    return LessonPack.from_data(frames.pack(fields, files))


def _from_gradebook(notebook: Any) -> dict[str, Any]:
    """Return what nbgrader's steps look up in the gradebook while a notebook is graded."""
    cells = sorted(notebook.source_cells, key=lambda cell: str(cell.name))
    kinds = {"grade": notebook.grade_cells, "task": notebook.task_cells}
    graded = {cell.name: [kind, cell.max_score] for kind, some in kinds.items() for cell in some}
    commented = [cell.name for cell in (*notebook.solution_cells, *notebook.task_cells)]
    return {
        "kernelspec": notebook.kernelspec,
        "cells": [
            {key: getattr(cell, key) for key in ("name", "cell_type", "locked", "checksum")}
            | {"source": cell.source}
            for cell in cells
        ],
        "graded": dict(sorted(graded.items())),
        "commented": sorted(commented),
    }


def _settings(config: Config, classes: list[type]) -> dict[str, Any]:
    """Return what a configuration says to some classes, as far as JSON can hold it."""
    names = {base.__name__ for one in classes for base in one.__mro__}
    return {
        name: {key: value for key, value in section.items() if _is_plain(value)}
        for name, section in sorted(config.items())
        if name in names and isinstance(section, Mapping)
    }


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)
    if isinstance(value, dict):
        return all(isinstance(k, str) and _is_plain(v) for k, v in value.items())
    return value is None or isinstance(value, bool | int | float | str)


def class_name(kind: Any) -> str:
    """Return the name by which a worker finds a class again.

    >>> class_name(Path)
    'pathlib:Path'
    """
    return kind if isinstance(kind, str) else f"{kind.__module__}:{kind.__qualname__}"


def named_class(name: str) -> Any:
    """Return the class of a name; both ``module:Class`` and ``module.Class`` will do.

    >>> named_class("pathlib:Path") is named_class("pathlib.Path") is Path
    True
    """
    module, _, inside = name.partition(":") if ":" in name else name.rpartition(".")
    return getattr(importlib.import_module(module), inside)


def lay_out(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files below a folder, whose names came from there or from another machine."""
    for name, data in files.items():
        path = folder / name
        if os.path.isabs(name) or ".." in Path(name).parts:  # noqa: PTH117 - a text, no path yet
            raise ValueError(f"{name!r} is no name of a file in a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
