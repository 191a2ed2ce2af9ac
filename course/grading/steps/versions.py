"""What decides a mark besides a submission and its lesson: the judge's code, and libraries."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import platform
from collections.abc import Iterator, Mapping
from pathlib import Path

import course

#: Libraries that a mark or a graded notebook may depend on.
LIBRARIES = ("numpy", "ipython", "matplotlib", "nbgrader", "nbformat", "nbconvert")
#: What of the course does: folders in the package, with all that is in them.
_FOLDERS = (
    "checks",
    "figures",
    "grading/confinement",
    "grading/judge",
    "grading/steps",
    "lessons",
    "student",
)


class VersionsDiffer(Exception):
    """A worker would not give the marks that the grader would."""


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


def _code(package: Path) -> Iterator[Path]:
    for folder in _FOLDERS:
        for path in sorted((package / folder).rglob("*")):
            if path.suffix in (".py", ".npz", ".json") and path.is_file():
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
