"""The notebooks in ``work/``: which lesson one is of, and which is the learner's own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from course.bootstrap.words import count
from course.learner.progress import written
from course.learner.saved import saved_cells
from course.learner.work import content_digest
from course.lessons import Lesson, LessonError, lesson_name


def own_notebook(work: Path, lesson_id: str) -> Path:
    """Return where a lesson's notebook is looked for."""
    return work / lesson_id / f"{lesson_name(lesson_id)}.ipynb"


def other_notebooks(work: Path, lesson_id: str) -> list[Path]:
    """List the notebooks in a lesson's folder that are not called as the lesson's is."""
    own = own_notebook(work, lesson_id)
    found = sorted(path for path in own.parent.rglob("*.ipynb") if path.is_file() and path != own)
    return [path for path in found if not any(part[0] == "." for part in path.parts[-3:])]


def feedback_page(work: Path, notebook: Path) -> Path:
    """Return where a notebook's feedback page is kept.

    It lies below ``work/feedback/`` as the notebook does below ``work/``. For one that lies
    elsewhere a digest of its folder stands for that: no two notebooks share a page.
    """
    folder = notebook.resolve().parent
    try:
        inside = folder.relative_to(work.resolve())
    except ValueError:
        inside = Path("elsewhere") / hashlib.sha256(os.fsencode(folder)).hexdigest()[:8]
    return work / "feedback" / inside / f"{notebook.stem}.html"


@dataclass(frozen=True)
class Rival:
    """A notebook beside a lesson's own that is more likely to be the one worked in.

    Attributes
    ----------
    path : Path
        The notebook.
    done, own_done : int
        Exercises written in it, and in the lesson's own.
    """

    path: Path
    done: int
    own_done: int

    def told(self, own: Path) -> str:
        """Say why it is named, and what to do."""
        if self.done > self.own_done:
            done = count(self.done, "exercise")
            more = f"more is written there ({done}; {self.own_done} in {own.name})"
        else:
            more = f"it was changed after {own.name}"
        return f"{more}: if it is yours, move it to {'/'.join(own.parts[-3:])}"


def rivals(released: Lesson, work: Path) -> list[Rival]:
    """List the notebooks in which a learner may have gone on: renamed ones, and newer copies."""
    own = own_notebook(work, released.id)
    here = written(released, own).done
    found = []
    for path in other_notebooks(work, released.id):
        done = written(released, path).done
        if done > here or (done == here > 0 and _is_newer(path, own)):
            found.append(Rival(path, done, here))
    return found


def _is_newer(path: Path, own: Path) -> bool:
    """Say whether a notebook says something else than the lesson's own, and was saved after it."""
    try:
        differ = content_digest(path, path.read_bytes()) != content_digest(own, own.read_bytes())
        return differ and path.stat().st_mtime_ns > own.stat().st_mtime_ns
    except OSError:
        return False


def lesson_of(notebook: Path, lessons: Sequence[Lesson]) -> Lesson:
    """Return the lesson that a notebook is of, whatever it is called.

    Raises
    ------
    LessonError
        Where it is of none, or cannot be read.
    """
    try:
        names = {cell.grade_id for cell in saved_cells(notebook.read_bytes())} - {""}
    except OSError as error:
        raise LessonError(f"{notebook} could not be read: {error.strerror}") from error
    except ValueError:
        names = set()
    common = {
        lesson.id: len(names & {cell.grade_id for cell in lesson.by_role("test")})
        for lesson in lessons
    }
    best = max(lessons, key=lambda lesson: common[lesson.id], default=None)
    if best is None or not common[best.id]:
        raise LessonError(f"{notebook.name} is no lesson's notebook: it has no tests of a lesson")
    return best
