"""How far a learner is: what is written in each notebook, and what the last check gave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from course.bootstrap.files import read_json_object, seen_from, write_json
from course.bootstrap.lock import only_one
from course.learner.saved import cells_in
from course.learner.work import content_digest
from course.lessons import Lesson

STATE = ".progress.json"
LOCK = ".course.lock"

#: What nbgrader leaves in place of a solution.
STUB = re.compile(r"^\s*raise NotImplementedError", re.MULTILINE)


@dataclass(frozen=True)
class Checked:
    """What the last `check` of a lesson gave.

    Attributes
    ----------
    points, max_points : float
        What was earned and what could be, by the automatic tests.
    when : datetime
        Local time.
    notebook : str
        What was graded, relative to ``work/``; ``""`` where that was not noted.
    content : str
        Digest of what it said: see `course.learner.work.content_digest`.
    """

    points: float
    max_points: float
    when: datetime
    notebook: str = ""
    content: str = ""

    def is_older(self, work: Path) -> bool:
        """Say whether the notebook says something else by now than when it was graded."""
        path = work / self.notebook
        try:
            return bool(self.content) and content_digest(path, path.read_bytes()) != self.content
        except OSError:
            return True


@dataclass(frozen=True)
class ExercisesWritten:
    """How many of a lesson's exercises hold something of the learner's."""

    done: int
    total: int


def record(
    work: Path,
    lesson_id: str,
    points: float,
    max_points: float,
    notebook: Path | None = None,
    content: str = "",
) -> None:
    """Note the points of a check.

    Parameters
    ----------
    work : Path
        The learner's folder.
    lesson_id : str
        ``"02_teacher_forcing"``.
    points, max_points : float
        What was earned and what could be, by the automatic tests.
    notebook, content : optional
        What was graded, and a digest of what it said.
    """
    work.mkdir(parents=True, exist_ok=True)
    with only_one(work / LOCK, on_wait=lambda: None, pause_s=0.05):
        state = read_json_object(work / STATE)
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        state[lesson_id] = {"points": float(points), "max": float(max_points), "when": now}
        if notebook is not None:
            state[lesson_id] |= {"notebook": seen_from(work, notebook), "content": content}
        write_json(work / STATE, state)


def last_check(work: Path, lesson_id: str) -> Checked | None:
    """Return what the last check of a lesson gave; None before the first."""
    try:
        stored = read_json_object(work / STATE)[lesson_id]
        when = datetime.fromisoformat(stored["when"]).astimezone()
        graded = [str(stored.get(name, "")) for name in ("notebook", "content")]
        return Checked(float(stored["points"]), float(stored["max"]), when, *graded)
    except (KeyError, TypeError, ValueError):
        return None


def written(lesson: Lesson, notebook: Path) -> ExercisesWritten:
    """Count the exercises of a lesson that the learner has written.

    A function counts when the released stub is gone, an answer in words when the released text is.

    Parameters
    ----------
    lesson : Lesson
        As released.
    notebook : Path
        The learner's file; one that cannot be read holds nothing.
    """
    theirs = {cell.grade_id: cell.source for cell in cells_in(notebook)}
    exercises = list(lesson.by_role("answer"))
    done = sum(
        cell.grade_id in theirs
        and theirs[cell.grade_id].split() != cell.source.split()
        and not (cell.is_code and STUB.search(theirs[cell.grade_id]))
        for cell in exercises
    )
    return ExercisesWritten(done, len(exercises))
