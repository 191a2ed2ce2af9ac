"""Lessons as a learner is handed them out: what tests have left otherwise, and mending it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from course.learner.progress import STATE
from course.learner.work import content_digest
from course.lessons import lesson_ids


def changed(root: Path) -> list[str]:
    """Return what of a learner's lessons is not as handed out: files, each with why."""
    work = root / "work"
    noted = [f"{STATE} notes what a lesson earned"] if (work / STATE).exists() else []
    return noted + [
        said for lesson_id in lesson_ids(root / "release") for said in _in(root, lesson_id)
    ]


def _in(root: Path, lesson_id: str) -> Iterator[str]:
    released, theirs = (_files(root / side, lesson_id) for side in ("release", "work"))
    if not (root / "work" / lesson_id).is_dir():
        return  # no JupyterLab was started yet, which hands them out
    for name in sorted({*released, *theirs}):
        if name not in theirs:
            yield f"{name} is gone"
        elif name not in released:
            yield f"{name} is new"
        elif theirs[name] != released[name]:
            yield f"{name} says something else"


def _files(folder: Path, lesson_id: str) -> dict[str, str]:
    """Return a lesson's files with digests of what a person can have written in them."""
    return {
        path.relative_to(folder).as_posix(): content_digest(path, path.read_bytes())
        for path in (folder / lesson_id).rglob("*")
        if path.is_file() and not any(part[0] == "." for part in path.relative_to(folder).parts)
    }


def hand_out_anew(root: Path) -> None:
    """Put everything back, so that the next test file is not blamed for this one."""
    work = root / "work"
    (work / STATE).unlink(missing_ok=True)
    for lesson_id in lesson_ids(root / "release"):
        if (work / lesson_id).exists():
            shutil.rmtree(work / lesson_id)
            shutil.copytree(root / "release" / lesson_id, work / lesson_id)
