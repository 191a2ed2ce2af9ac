"""A lesson as data: all that a worker needs in order to grade it, without course or gradebook."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets import MetaHasTraits
from traitlets.config import Config

from course.grading.classes.workers import serialising as frames
from course.grading.records.coursefiles import source_files
from course.grading.records.entry import CellEntry
from course.grading.steps.versions import graded_by, versions
from course.lessons import LessonError

#: Settings of nbgrader's converter that name its steps.
STEPS = ("sanitize_preprocessors", "autograde_preprocessors")


@dataclass(frozen=True)
class LessonPack:
    """One lesson, ready to travel.

    Attributes
    ----------
    lesson_id : str
        nbgrader's assignment.
    notebooks : dict
        By notebook the entries of its cells: see `entries`.
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
    notebooks: dict[str, list[dict[str, Any]]]
    steps: dict[str, Any]
    settings: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, bytes] = field(repr=False)
    data: bytes = field(repr=False)
    key: str

    def entries(self, name: str) -> dict[str, CellEntry]:
        """Return what each cell of a notebook is to be, by name."""
        cells = [{**cell, "kinds": frozenset(cell["kinds"])} for cell in self.notebooks[name]]
        return {cell["name"]: CellEntry(**cell) for cell in cells}

    def graded_by(self) -> dict[str, str]:
        """Return what is kept beside the marks of each notebook: see `graded_by`."""
        return {name: graded_by(self.files, name) for name in self.notebooks}

    @classmethod
    def from_data(cls, data: bytes) -> LessonPack:
        """Read a lesson from its message."""
        fields, files = frames.unpack(data)
        return cls(**fields, files=files, data=data, key=hashlib.sha256(data).hexdigest())


def pack_lesson(
    course: CourseDirectory,
    config: Config,
    lesson_id: str,
    entries: Mapping[str, Mapping[str, CellEntry]],
) -> LessonPack:
    """Collect a lesson from the course's folder.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    config : Config
        Its settings.
    lesson_id : str
        Which lesson.
    entries : mapping
        By notebook, then by name, what each of its cells is to be: see `bring_up_to_date`.

    Raises
    ------
    LessonError
        Where its folder cannot be read.
    """
    converter = Autograde(coursedir=course, config=config)
    classes = [step for name in STEPS for step in getattr(converter, name)]
    try:
        files = source_files(course, lesson_id)
    except OSError as error:
        raise LessonError(f"the lesson's folder cannot be read: {error}") from error
    kept_files = set(converter.exclude_overwriting.get(lesson_id, []))
    fields = {
        "lesson_id": lesson_id,
        "notebooks": {
            name: [
                {**asdict(cell), "kinds": sorted(cell.kinds)} for _, cell in sorted(cells.items())
            ]
            for name, cells in sorted(entries.items())
        },
        "steps": {
            "keep": sorted(kept_files),
            **{name: [class_name(c) for c in getattr(converter, name)] for name in STEPS},
        },
        "settings": _settings(config, classes),
        "versions": versions(),
    }
    return LessonPack.from_data(frames.pack(fields, files))


def _settings(config: Config, classes: list[type]) -> dict[str, Any]:
    """Return what a configuration says to some classes, as far as JSON can hold it.

    What decides no mark stays behind: nobody is graded again for it.
    """
    names = {base.__name__ for one in classes for base in one.__mro__}
    aside = {
        trait
        for one in classes
        if isinstance(one, MetaHasTraits)
        for trait in one.class_trait_names(decides=False)
    }
    found = {
        name: {k: value for k, value in section.items() if k not in aside and _is_plain(value)}
        for name, section in sorted(config.items())
        if name in names and isinstance(section, Mapping)
    }
    return {name: section for name, section in found.items() if section}


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
