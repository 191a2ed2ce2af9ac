"""One submission to grade, and what came of it: data that can travel to any machine."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from course.grading.classgrade import frames
from course.grading.classgrade.lesson import LessonPack
from course.grading.restore import MAX_NOTEBOOK_MIB

#: A submission's files beside its notebooks travel up to this many bytes; the judge takes less.
MOST_BESIDE = 256 * 2**20


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
            total.update(f"\0{name}\0{len(data)}\0".encode())
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
        What tells the answers from others, by notebook and cell: `course.grading.kept.Written`.
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


def read_task(folder: Path, student: str, lesson: LessonPack, ignore: Any) -> Task:
    """Read what a student handed in.

    Parameters
    ----------
    folder : Path
        ``submitted/STUDENT/LESSON``.
    student : str
        Whose it is.
    lesson : LessonPack
        What it is handed in for.
    ignore : callable
        Says of a path whether the course leaves it out.
    """
    files: dict[str, bytes] = {}
    odd: dict[str, int] = {}
    left = MOST_BESIDE
    wanted = {f"{name}.ipynb" for name in lesson.notebooks}
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if not ignore(str(Path(place) / one)))
        for path in (Path(place) / name for name in sorted(names)):
            inside = path.relative_to(folder).as_posix()
            about = path.lstat()
            if inside in wanted:
                if not stat.S_ISREG(about.st_mode):
                    odd[inside] = -1
                elif about.st_size > MAX_NOTEBOOK_MIB * 2**20:
                    odd[inside] = about.st_size
                else:
                    files[inside] = path.read_bytes()
            elif (
                stat.S_ISREG(about.st_mode)
                and path.suffix != ".ipynb"
                and not ignore(str(path))
                and (left := left - about.st_size) >= 0
            ):
                files[inside] = path.read_bytes()
        for name in (one for one in (*folders,) if (Path(place) / one).is_symlink()):
            folders.remove(name)
    for name in wanted:  # a folder or a link to one in a notebook's place
        if (folder / name).is_dir() or (folder / name).is_symlink():
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
