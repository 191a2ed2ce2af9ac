"""One submission to grade, and what came of it: data that can travel to any machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course.grading.classes.lesson_pack import LessonPack
from course.grading.classes.workers import serialising as frames
from course.grading.faults import CannotRead
from course.grading.records.handedin import MOST_BESIDE, NOT_NEEDED, files_in, read_file
from course.grading.records.marks import Marks
from course.grading.steps.reading import MAX_NOTEBOOK_MIB


@dataclass(frozen=True)
class Submission:
    """One submission.

    Attributes
    ----------
    student : str
        Whose it is.
    lesson_key : str
        Of the lesson to grade it by: `LessonPack.key`.
    odd : dict of str to int
        Notebooks that are not read: -1 for links and what is no file, else a size in bytes.
    files : dict of str to bytes
        What was handed in.
    """

    student: str
    lesson_key: str
    odd: dict[str, int]
    files: dict[str, bytes] = field(repr=False)

    @property
    def key(self) -> str:
        """Hash of everything that decides what the submission earns."""
        total = hashlib.sha256(f"{self.lesson_key}\0{self.student}\0{sorted(self.odd)}".encode())
        for name, data in sorted(self.files.items()):
            total.update(f"\0{name}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
            total.update(data)
        return total.hexdigest()

    def to_data(self) -> bytes:
        """Return it as a message."""
        about = {"student": self.student, "lesson_key": self.lesson_key, "odd": self.odd}
        return frames.pack(about, self.files)

    @classmethod
    def from_data(cls, data: bytes) -> Submission:
        """Read it from its message."""
        about, files = frames.unpack(data)
        return cls(**about, files=files)


@dataclass(frozen=True)
class Graded:
    """What came of a submission.

    Attributes
    ----------
    student : str
        Whose it is.
    notebooks : dict of str to str
        The graded notebooks' texts by name.
    diagnoses : dict of str to dict
        Their diagnoses.
    marks : dict of str to Marks
        What they earned.
    messages : list of str
        What the steps had to say.
    """

    student: str
    notebooks: dict[str, str] = field(default_factory=dict, repr=False)
    diagnoses: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    marks: dict[str, Marks] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list, repr=False)

    def to_data(self) -> bytes:
        """Return it as a message."""
        return frames.pack(asdict(self))

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> Graded:
        """Read it from a message that was unpacked."""
        marks = {name: Marks(**earned) for name, earned in message["marks"].items()}
        return cls(**{**message, "marks": marks})

    def points(self) -> float:
        """Return the automatic points together."""
        return sum(earned.total() for earned in self.marks.values())


def read_folder(
    folder: Path, student: str, lesson: LessonPack, ignore: Sequence[str]
) -> Submission:
    """Read what a student handed in.

    Parameters
    ----------
    folder : Path
        ``submitted/STUDENT/LESSON``.
    student : str
        Whose it is.
    lesson : LessonPack
        What it is handed in for.
    ignore : sequence of str
        Patterns of names that the course leaves out.

    Raises
    ------
    CannotRead
        Where a file cannot be read that decides what the submission earns.
    """
    files: dict[str, bytes] = {}
    odd: dict[str, int] = {}
    left = MOST_BESIDE
    wanted = {f"{name}.ipynb" for name in lesson.notebooks}
    for path in files_in(folder, ignore, lambda *_: None):
        inside = path.relative_to(folder).as_posix()
        size = path.lstat().st_size
        if inside in wanted:
            if size > MAX_NOTEBOOK_MIB * 2**20:
                odd[inside] = size
            else:
                files[inside] = read_file(path)
        elif path.suffix != ".ipynb" and (left := left - size) >= 0:
            try:
                files[inside] = read_file(path)
            except CannotRead:
                if path.name not in NOT_NEEDED:
                    raise
    for name in wanted - {*files, *odd}:  # a folder, a pipe or a link in a notebook's place
        if os.path.lexists(folder / name):
            odd[name] = -1
    return Submission(student, lesson.key, odd, files)


def lay_out_odd(odd: dict[str, int], folder: Path) -> None:
    """Put something in the place of notebooks that do not travel, so that it is said why."""
    for name, size in odd.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if size < 0:
            path.symlink_to("nothing")
        else:
            with path.open("wb") as file:
                file.truncate(size)
