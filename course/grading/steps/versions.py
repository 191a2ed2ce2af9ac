"""What decides a mark besides a submission: its lesson, the code of some folders, libraries.

`FOLDERS` is the one list of that code. What it imports of the course lies in these folders too, but
for `course.bootstrap`, `course.grading.faults`, and `course.grading.records`, which finds and keeps
and decides nothing.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

import course
from course.grading.faults import VersionsDiffer
from course.lessons import role_of, source_text

#: Libraries that a mark or a graded notebook may depend on.
LIBRARIES = ("numpy", "ipython", "matplotlib", "nbgrader", "nbformat", "nbconvert")
#: Folders in the package, with all that is in them.
FOLDERS = (
    "checks",
    "figures",
    "grading/confinement",
    "grading/judge",
    "grading/steps",
    "lessons",
    "student",
)


#: Roles of cells that a mark hangs on.
_DECIDES = ("setup", "answer", "test")
#: Files of a lesson that are looked at, and that no cell reads.
_SHOWN = (".svg", ".png", ".jpg", ".jpeg", ".gif", ".md", ".pdf")


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions that this process would grade with."""
    found = {"python": ".".join(platform.python_version_tuple()[:2])}
    for name in LIBRARIES:
        found[name] = importlib.metadata.version(name)
    found["judge"] = judge_version(Path(course.__file__).parent)
    return found


def judge_version(package: Path) -> str:
    """Return a hash of all code that a mark depends on.

    Parameters
    ----------
    package : Path
        The folder of the package `course`.
    """
    total = hashlib.sha256()
    for path in _code(package):
        total.update(f"{path.relative_to(package).as_posix()}\0".encode())
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def lesson_version(files: Mapping[str, bytes], name: str) -> str:
    """Return a digest of all in a lesson's folder that the marks of a notebook hang on.

    Prose, labs and pictures are no part of it.

    Parameters
    ----------
    files : mapping of str to bytes
        The lesson's files in ``source/``: see `source_files`.
    name : str
        The notebook.
    """
    total = hashlib.sha256(_cells_version(files[f"{name}.ipynb"]).encode())
    for path, data in sorted(files.items()):
        if not path.lower().endswith((".ipynb", *_SHOWN)):
            total.update(f"\0{path}\0{len(data)}\0".encode("utf-8", "replace") + data)
    return total.hexdigest()


@functools.lru_cache(maxsize=8)
def _cells_version(notebook: bytes) -> str:
    raw = json.loads(notebook)
    cells = []
    for cell in raw["cells"]:
        marks = cell.get("metadata", {}).get("nbgrader", {})
        if (role := role_of(cell)) in _DECIDES:
            about = [marks.get("grade_id"), marks.get("grade"), marks.get("points")]
            cells.append([role, cell.get("cell_type"), source_text(cell), about])
    limits = raw.get("metadata", {}).get("course", {}).get("limits")
    return hashlib.sha256(json.dumps([cells, limits], sort_keys=True).encode()).hexdigest()


def graded_by(files: Mapping[str, bytes], name: str) -> str:
    """Return what is kept beside a notebook's marks: the lesson's version, and the code's.

    >>> from course.grading.steps.versions import what_changed
    >>> what_changed("a:1", "b:1"), what_changed("a:1", "a:2")
    ('the lesson', 'the course')
    """
    return f"{lesson_version(files, name)[:40]}:{_versions_hash()}"


@functools.cache
def _versions_hash() -> str:
    return hashlib.sha256(json.dumps(versions()).encode()).hexdigest()[:16]


def what_changed(before: str | None, now: str) -> str:
    """Say in two words why marks are no longer valid, ``""`` where they are: see `graded_by`."""
    if before == now:
        return ""
    same = before is not None and before.split(":")[0] == now.split(":")[0]
    return "the course" if same or before is None else "the lesson"


def _code(package: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((package / folder).rglob("*")):
            if path.is_file() and path.parent.name != "__pycache__":  # Python's own, of the rest
                yield path


def check_versions(wanted: Mapping[str, str]) -> None:
    """Refuse to grade for a grader that has other versions.

    Parameters
    ----------
    wanted : mapping of str to str
        The grader's `versions`.

    Raises
    ------
    VersionsDiffer
        Where any of them is not this process's own.
    """
    own = versions()
    differing = [
        f"{name} {own.get(name, 'missing')} here, {wanted[name]} there"
        for name in wanted
        if own.get(name) != wanted[name]
    ]
    if differing:
        raise VersionsDiffer(
            f"this worker has other versions than the grader, so its marks could differ: "
            f"{'; '.join(differing)}. Install the same course and requirements.txt on both"
        )
