"""Graded folders in ``autograded/``: written beside their place, then moved into it whole."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from course.bootstrap.files import parsed
from course.grading.classes.lesson_pack import LessonPack
from course.grading.classes.submission import Graded
from course.grading.records.handedin import copy_files_beside
from course.grading.records.marks import Marks

#: Where in a diagnosis the class's grader keeps what it graded, and what came of it.
RECORD = "graded"
_NEW, _OLD = ".new", ".old"


class Publisher:
    """Writes graded folders of one lesson.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    lesson : LessonPack
        The lesson.
    permissions : int
        Of the files, as `chmod` takes them.
    """

    def __init__(self, course: CourseDirectory, lesson: LessonPack, permissions: int) -> None:
        self._course, self._lesson = course, lesson
        self._permissions = permissions

    def place(self, student: str) -> Path:
        """Return where a student's graded folder is."""
        step = self._course.autograded_directory
        return Path(self._course.format_path(step, student, self._lesson.lesson_id))

    def record(self, student: str, notebook: str) -> dict[str, Any]:
        """Return what is recorded beside a graded notebook, nothing where that is not whole."""
        folder = self.place(student)
        with contextlib.suppress(OSError, ValueError, AttributeError):
            text = (folder / f"{notebook}.diagnosis.json").read_text(encoding="utf-8")
            found = parsed(text).get(RECORD)
            if isinstance(found, dict) and (folder / f"{notebook}.ipynb").is_file():
                return found
        return {}

    @contextmanager
    def published(self, graded: Graded, key: str) -> Iterator[None]:
        """Put a graded folder into its place, and take it back where the body fails.

        Parameters
        ----------
        graded : Graded
            What to write.
        key : str
            `Submission.key` of what was graded.
        """
        place = self.place(graded.student)
        new = place.with_name(f".{place.name}{_NEW}")
        old = place.with_name(f".{place.name}{_OLD}")
        self.tidy(graded.student)
        moved = False
        try:
            self._write(new, graded, key)
            if place.exists():
                place.rename(old)
            new.rename(place)
            moved = True
            yield
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            if moved:
                shutil.rmtree(place, ignore_errors=True)
            if old.exists():
                old.rename(place)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def tidy(self, student: str) -> None:
        """Remove what a killed grader left half-written; bring back what it had moved away."""
        place = self.place(student)
        new = place.with_name(f".{place.name}{_NEW}")
        old = place.with_name(f".{place.name}{_OLD}")
        shutil.rmtree(new, ignore_errors=True)
        if old.exists():
            if place.exists():
                shutil.rmtree(old)
            else:
                old.rename(place)

    def _write(self, folder: Path, graded: Graded, key: str) -> None:
        """Write a graded folder: what was handed in, what is given over it, what was graded."""
        folder.mkdir(parents=True)
        step = self._course.submitted_directory
        submitted = Path(self._course.format_path(step, graded.student, self._lesson.lesson_id))
        ignore = [*self._course.ignore, "*.ipynb"]
        copy_files_beside(submitted, folder, ignore, lambda *_: None)
        for name, data in self._lesson.files.items():
            if not name.endswith(".ipynb") and name not in self._lesson.steps["keep"]:
                _fill(folder / name, data, kept=False)
        for name, text in graded.notebooks.items():
            _fill(folder / f"{name}.ipynb", text.encode("utf-8"))
            diagnosis = {**graded.diagnoses[name], RECORD: record_of(graded.marks[name], key)}
            _fill(folder / f"{name}.diagnosis.json", json.dumps(diagnosis, indent=1).encode())
        for path in folder.rglob("*"):
            if path.is_file():
                path.chmod(self._permissions)
        if self._course.groupshared:
            for path in (folder.parent, folder, *(p for p in folder.rglob("*") if p.is_dir())):
                with contextlib.suppress(PermissionError):
                    path.chmod((path.stat().st_mode | 0o2770) & 0o2777)


def record_of(marks: Marks, key: str) -> dict[str, Any]:
    """Return what is kept beside a graded notebook, to be held against the gradebook."""
    scores, comments = (dict(sorted(some.items())) for some in (marks.scores, marks.comments))
    return {"key": key, "scores": scores, "comments": comments}


def agrees(
    record: Mapping[str, Any], scores: Mapping[str, Any], comments: Mapping[str, Any]
) -> bool:
    """Say whether a gradebook's rows hold what is recorded beside the notebook."""
    kept, said = record.get("scores"), record.get("comments")
    if not isinstance(kept, dict) or not isinstance(said, dict):
        return False
    return all(k in scores and scores[k] == v for k, v in kept.items()) and all(
        k in comments and comments[k] == v for k, v in said.items()
    )


def _fill(path: Path, data: bytes, kept: bool = True) -> None:
    """Write a file; where it says what was graded, have the disk say that it holds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with path.open("wb") as file:
        file.write(data)
        if kept:
            file.flush()
            os.fsync(file.fileno())
