"""A lesson's notebook, read: what each of its cells is for. Standard library only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.bootstrap.files import parsed
from course.bootstrap.words import command

#: What a cell is for when a submission is graded. ``setup`` runs on both sides, ``test`` in the
#: judge's process, ``answer`` and ``other`` in the student's, ``lab`` nowhere; ``text`` is prose.
ROLES = ("setup", "lab", "answer", "test", "other", "text")


class LessonError(Exception):
    """A lesson's files are missing or do not say what they must."""


@dataclass(frozen=True)
class LessonCell:
    """One cell of a lesson's notebook.

    Attributes
    ----------
    index : int
        Place in the notebook, from 0.
    grade_id : str
        nbgrader's name of the cell, ``""`` where it has none.
    role : str
        One of `ROLES`.
    source : str
        The text.
    points : float
        What the cell can earn; 0 where nothing.
    by_hand : bool
        True where a person gives the points.
    is_code : bool
        False for markdown.
    """

    index: int
    grade_id: str
    role: str
    source: str
    points: float = 0.0
    by_hand: bool = False
    is_code: bool = True


@dataclass(frozen=True)
class Lesson:
    """One lesson, read from its notebook.

    Attributes
    ----------
    id : str
        nbgrader's assignment, ``"02_teacher_forcing"``.
    name : str
        nbgrader's notebook, ``"teacher_forcing"``.
    path : Path
        The notebook file that this was read from.
    title, summary, difficulty : str
        What the start page says of it.
    minutes : int
        How long it takes.
    functions : tuple of str
        What the learner writes.
    cells : tuple of LessonCell
        All cells in order.
    """

    id: str
    name: str
    path: Path
    title: str
    summary: str
    difficulty: str
    minutes: int
    functions: tuple[str, ...]
    cells: tuple[LessonCell, ...] = field(repr=False)

    def by_role(self, role: str) -> Iterator[LessonCell]:
        """Yield the cells that have this role, in order."""
        return (cell for cell in self.cells if cell.role == role)

    def cell(self, grade_id: str) -> LessonCell:
        """Return the cell of this name; `KeyError` where there is none."""
        for cell in self.cells:
            if cell.grade_id == grade_id:
                return cell
        raise KeyError(grade_id)


def lesson_name(lesson_id: str) -> str:
    """Return the notebook's name of a lesson: the id without its number.

    >>> lesson_name("02_teacher_forcing")
    'teacher_forcing'
    """
    return re.sub(r"^\d+_", "", lesson_id)


def role_of(raw: Mapping[str, Any]) -> str:
    """Say what a cell of an instructor's notebook is for.

    Parameters
    ----------
    raw : mapping
        The cell as it stands in the notebook's JSON.

    Returns
    -------
    str
        One of `ROLES`.
    """
    marks = raw.get("metadata", {}).get("nbgrader", {})
    if marks.get("solution"):
        return "answer"
    if raw.get("cell_type") != "code":
        return "text"
    if marks.get("grade"):
        return "test"
    if marks.get("locked"):
        return "lab" if "lab" in raw["metadata"].get("tags", ()) else "setup"
    return "other"


def source_text(raw: Mapping[str, Any]) -> str:
    """Return a raw cell's text, which notebooks keep as a string or as a list of lines."""
    source = raw.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def claim_of(source: str) -> str:
    r"""Return what a test cell claims: the sentence in comments that it begins with.

    >>> claim_of("# Zeros give\n# zeros.\nassert f(0) == 0")
    'Zeros give zeros.'
    """
    lines: list[str] = []
    for line in source.strip().splitlines():
        if not line.startswith("#") or line.startswith("###") or " ".join(lines).endswith("."):
            break
        lines.append(line.lstrip("# ").strip())
    return " ".join(lines)


def read_lesson(path: Path) -> Lesson:
    """Read a lesson from its notebook.

    Parameters
    ----------
    path : Path
        ``.../NN_lesson/lesson.ipynb``, in ``source/`` or in ``release/``.

    Raises
    ------
    LessonError
        Where the file is missing, is not a notebook, or lacks the ``course`` metadata.
    """
    try:
        notebook = parsed(path.read_bytes())
        about = notebook["metadata"]["course"]
        cells = tuple(_read_cell(i, raw) for i, raw in enumerate(notebook["cells"]))
        return Lesson(
            id=path.parent.name,
            name=path.stem,
            path=path,
            title=about["title"],
            summary=about["summary"],
            difficulty=about["difficulty"],
            minutes=int(about["minutes"]),
            functions=tuple(about["functions"]),
            cells=cells,
        )
    except FileNotFoundError:
        raise LessonError(f"no notebook at {path}: is this the course's folder?") from None
    except (ValueError, KeyError, TypeError) as error:
        raise LessonError(
            f"{path} is not a lesson of this course ({type(error).__name__}: {error}); "
            f"restore it with git, or make it again with `{command('build release')}`"
        ) from error


def _read_cell(index: int, raw: Mapping[str, Any]) -> LessonCell:
    marks = raw.get("metadata", {}).get("nbgrader", {})
    graded = bool(marks.get("grade"))
    return LessonCell(
        index=index,
        grade_id=str(marks.get("grade_id", "")),
        role=role_of(raw),
        source=source_text(raw),
        points=float(marks.get("points", 0)) if graded else 0.0,
        by_hand=graded and bool(marks.get("solution")),
        is_code=raw.get("cell_type") == "code",
    )
