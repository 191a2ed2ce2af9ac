"""One submission to grade, and what came of it: data that can travel to any machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from course.grading.classes.lesson_pack import LessonPack
from course.grading.classes.workers import serialising as frames
from course.grading.records.handedin import MOST_BESIDE, NOT_NEEDED, CannotRead, files_in, read_file
from course.grading.steps.restore import MAX_NOTEBOOK_MIB


@dataclass(frozen=True)
class Task:
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
        """Return the task as a message."""
        about = {"student": self.student, "lesson_key": self.lesson_key, "odd": self.odd}
        return frames.pack(about, self.files)

    @classmethod
    def from_data(cls, data: bytes) -> Task:
        """Read a task from its message."""
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
    diagnoses : dict of str to str
        The judge's reports by the notebook's name, as JSON.
    scores : dict
        Automatic points by notebook and cell; ``None`` where a person gives them.
    comments : dict
        Automatic comments by notebook and cell.
    digests : dict
        What tells the answers from others, by notebook and cell: see `Written`.
    messages : list of str
        What the steps had to say.
    """

    student: str
    notebooks: dict[str, str] = field(default_factory=dict, repr=False)
    diagnoses: dict[str, str] = field(default_factory=dict, repr=False)
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)
    comments: dict[str, dict[str, str | None]] = field(default_factory=dict, repr=False)
    digests: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    messages: list[str] = field(default_factory=list, repr=False)

    def to_data(self) -> bytes:
        """Return it as a message."""
        return frames.pack(asdict(self))

    @classmethod
    def from_data(cls, data: bytes) -> Graded:
        """Read it from its message."""
        return cls(**frames.unpack(data)[0])


def read_task(folder: Path, student: str, lesson: LessonPack, ignore: Sequence[str]) -> Task:
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
    return Task(student, lesson.key, odd, files)


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
