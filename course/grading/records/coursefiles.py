"""Where a command, or a preprocessor, finds the course's own files."""

from __future__ import annotations

import functools
import os
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config, PyFileConfigLoader

from course.grading.records.handedin import is_ignored
from course.grading.records.timestamps import told_stamp
from course.lessons import LessonError


class CourseFolders(CourseDirectory):
    """nbgrader's folders of a course, where ``timestamp.txt`` may be anything."""

    def get_existing_timestamp(self, dest_path: str) -> datetime | None:
        """Return when what lies there was handed in; None where that cannot be read."""
        return told_stamp(dest_path).time


def read_settings(root: Path) -> Config:
    """Read ``nbgrader_config.py`` of a course in a folder of any name.

    Raises
    ------
    LessonError
        Where there is none.
    """
    path = root.absolute() / "nbgrader_config.py"
    if not path.is_file():
        raise LessonError(f"there is no {path.name} in {root}: is this the course's folder?")
    settings: Config = PyFileConfigLoader(str(path)).load_config()  # of a folder it expands $HOME
    return settings


def open_course(root: Path) -> CourseFolders:
    """Return a course as nbgrader knows it, settings of its own included.

    Raises
    ------
    LessonError
        Where there are none, or nbgrader's own commands do not find them.
    """
    look_at_name(root)
    course = CourseFolders(config=read_settings(root))
    course.root = str(root)
    return course


def look_at_name(root: Path) -> None:
    """See that nbgrader's commands find their settings: it expands variables in a folder's name.

    Raises
    ------
    LessonError
        Where it would look for them elsewhere.
    """
    looked_at = os.path.expandvars(root)
    if looked_at != str(root):
        raise LessonError(
            f"nbgrader takes a part of the folder's name '{root}' for a variable, and looks for "
            f"its settings in '{looked_at}': give the folder a name without `$` and `%`"
        )


def course_directory(preprocessor: Any) -> CourseDirectory:
    """Return the course that a preprocessor works for: that of the converter it runs in."""
    owner = preprocessor
    while owner is not None:
        if isinstance(getattr(owner, "coursedir", None), CourseDirectory):
            return owner.coursedir
        owner = getattr(owner, "parent", None)
    raise RuntimeError(
        f"{type(preprocessor).__name__} found no course folder: it runs as a step of "
        f"`nbgrader autograde`, set in nbgrader_config.py"
    )


def source_path(preprocessor: Any, assignment: str, notebook: str) -> Path:
    """Return where the instructor's notebook of an assignment lies."""
    course = course_directory(preprocessor)
    folder = course.format_path(course.source_directory, ".", assignment)
    return Path(folder) / f"{notebook}.ipynb"


def source_files(course: CourseDirectory, assignment: str) -> dict[str, bytes]:
    """Read the files of an assignment in ``source/``, by their names there."""
    folder = Path(course.format_path(course.source_directory, ".", assignment))
    found = {path.relative_to(folder): path for path in sorted(folder.rglob("*"))}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in found.items()
        if path.is_file() and not any(is_ignored(part, course.ignore) for part in name.parts)
    }


def source_notebook(preprocessor: Any, assignment: str, notebook: str) -> NotebookNode:
    """Read the instructor's notebook of an assignment."""
    path = source_path(preprocessor, assignment, notebook)
    about = path.stat()
    return cast(NotebookNode, _copied(_read(path, about.st_mtime_ns, about.st_size)))


def _copied(value: Any) -> Any:
    """Return a copy of a notebook's part, as `copy.deepcopy` does in many times as long."""
    if isinstance(value, NotebookNode):
        copy = NotebookNode()
        # Past `NotebookNode.__setitem__`, which looks at each value again.
        dict.update(copy, {name: _copied(item) for name, item in value.items()})
        return copy
    return [_copied(item) for item in value] if isinstance(value, list) else value


@functools.lru_cache(maxsize=8)
def _read(path: Path, _changed: int, _size: int) -> NotebookNode:
    """Read a notebook; again only where its file has changed."""
    return nbformat.read(path, as_version=4)
