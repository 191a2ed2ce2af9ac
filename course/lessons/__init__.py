"""The lessons as files: which there are, and what each cell of their notebooks is for.

Standard library only, so that the start page and the commands can list the lessons before
anything is installed. The folders ``NN_name/`` here hold what of each lesson travels with the
package; nothing here reads them: see `course.checks.known.lessons`.
"""

from __future__ import annotations

import ast
import json
import linecache
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: How a lesson's folder is called: a number, then the notebook's name.
_LESSON_ID = re.compile(r"\d+_[^\W_]\w*", re.ASCII)

#: What a cell is for when a submission is graded. ``setup`` runs on both sides, ``test`` in the
#: judge's process, ``answer`` and ``other`` in the student's, ``lab`` nowhere; ``text`` is prose.
ROLES = ("setup", "lab", "answer", "test", "other", "text")


class LessonError(Exception):
    """A lesson's files are missing or do not say what they must."""


@dataclass(frozen=True)
class Cell:
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
    cells : tuple of Cell
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
    cells: tuple[Cell, ...] = field(repr=False)

    def by_role(self, role: str) -> Iterator[Cell]:
        """Yield the cells that have this role, in order."""
        return (cell for cell in self.cells if cell.role == role)

    def cell(self, grade_id: str) -> Cell:
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
    r"""Return what a test cell claims: the sentence that it begins with.

    >>> claim_of("# Zeros give zeros.\\nassert f(0) == 0")
    'Zeros give zeros.'
    """
    return source.partition("\n")[0].removeprefix("#").strip()


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
        notebook = json.loads(path.read_text(encoding="utf-8"))
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
            f"restore it with git, or make it again with `python3 -m course build release`"
        ) from error


def _read_cell(index: int, raw: Mapping[str, Any]) -> Cell:
    marks = raw.get("metadata", {}).get("nbgrader", {})
    graded = bool(marks.get("grade"))
    return Cell(
        index=index,
        grade_id=str(marks.get("grade_id", "")),
        role=role_of(raw),
        source=source_text(raw),
        points=float(marks.get("points", 0)) if graded else 0.0,
        by_hand=graded and bool(marks.get("solution")),
        is_code=raw.get("cell_type") == "code",
    )


def lesson_ids(folder: Path) -> list[str]:
    """List the lessons below ``source/`` or ``release/``, in the order of their numbers.

    A lesson is a folder that is called ``NN_name`` and holds a notebook ``name.ipynb``.

    >>> lesson_ids(course_root() / "source")[0]
    '01_decoder_cells'
    """
    found = [path.name for path in _folders(folder) if not _why_no_lesson(path)]
    return sorted(found, key=lambda lesson_id: (int(lesson_id.split("_")[0]), lesson_id))


def not_lessons(folder: Path) -> list[str]:
    """Say of each folder below ``source/`` or ``release/`` that is no lesson why it is none."""
    return [
        f"{folder.name}/{path.name} is no lesson: {why}"
        for path in _folders(folder)
        if (why := _why_no_lesson(path))
    ]


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    kept_out = (".", "__")  # what tools leave behind
    return sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(kept_out)
    )


def _why_no_lesson(path: Path) -> str:
    """Say why a folder is no lesson, ``""`` where it is one."""
    if not _LESSON_ID.fullmatch(path.name):
        return "a lesson's folder is called by a number and a name, such as 05_attention"
    wanted = f"{lesson_name(path.name)}.ipynb"
    if (path / wanted).is_file():
        return ""
    others = sorted(one.name for one in path.glob("*.ipynb"))
    there = f"; {', '.join(others)} lies there" if others else ""
    return f"its notebook {wanted} is missing{there}"


def find_lessons(folder: Path) -> list[Lesson]:
    """Read all lessons below ``source/`` or ``release/``, in order.

    Raises
    ------
    LessonError
        Where a lesson's notebook cannot be read.

    Examples
    --------
    >>> [lesson.id for lesson in find_lessons(course_root() / "source")][0]
    '01_decoder_cells'
    """
    return [
        read_lesson(folder / lesson_id / f"{lesson_name(lesson_id)}.ipynb")
        for lesson_id in lesson_ids(folder)
    ]


def pick_lesson(wanted: str, known: Sequence[str], others: Sequence[str] = ()) -> str:
    """Return the lesson id that somebody means by its id, name, or number.

    Parameters
    ----------
    wanted : str
        What was asked for.
    known : sequence of str
        The lessons' ids.
    others : sequence of str, optional
        What `not_lessons` says, for the message.

    Raises
    ------
    LessonError
        Where nothing fits, or several lessons do; the message lists what there is.

    Examples
    --------
    >>> pick_lesson("2", ["01_decoder_cells", "02_teacher_forcing"])
    '02_teacher_forcing'
    """
    asked = wanted.strip().strip("/").removesuffix(".ipynb")
    number = asked.lstrip("0") if asked.isdecimal() else None
    fitting = [
        lesson_id
        for lesson_id in known
        if asked in (lesson_id, lesson_name(lesson_id))
        or number == lesson_id.split("_")[0].lstrip("0")
    ]
    if asked in fitting:
        return asked
    if len(fitting) > 1:
        raise LessonError(f"{wanted!r} may be any of {', '.join(fitting)}: give the whole name")
    if not fitting:
        there = "; ".join([f"there are: {', '.join(known) or 'none'}", *others])
        raise LessonError(f"there is no lesson {wanted!r}; {there}")
    return fitting[0]


def asked_lesson(wanted: str, folder: Path) -> str:
    """Return the lesson of a folder that somebody means: see `pick_lesson`."""
    return pick_lesson(wanted, lesson_ids(folder), not_lessons(folder))


def course_root() -> Path:
    """Return the course's folder: ``COURSE_ROOT`` where that is set, else where `course` lies."""
    named = os.environ.get("COURSE_ROOT")
    return Path(named).resolve() if named else Path(__file__).resolve().parents[2]


def defined_names(source: str) -> list[str]:
    r"""List the names that a cell's top level defines, in order.

    >>> defined_names("import numpy as np\ndef f(): pass\na, b = 1, 2")
    ['np', 'f', 'a', 'b']
    """
    names: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names += [alias.asname or alias.name.split(".")[0] for alias in node.names]
        else:
            names += [
                leaf.id
                for leaf in ast.walk(node)
                if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)
            ]
    return list(dict.fromkeys(names))


def answers(lesson: Lesson) -> dict[str, str]:
    """Return the instructor's answers, code and prose, by ``grade_id``."""
    return {cell.grade_id: cell.source for cell in lesson.by_role("answer")}


def answer_names(lesson: Lesson) -> list[str]:
    """List the names that a lesson's learner defines, from the cells that hold solutions."""
    cells = [cell for cell in lesson.by_role("answer") if cell.is_code]
    return list(dict.fromkeys(name for cell in cells for name in defined_names(cell.source)))


def solution_namespace(lesson: Lesson, changes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run the setup and solution cells of a source notebook; return what they define.

    Parameters
    ----------
    lesson : Lesson
        Read from ``source/``.
    changes : mapping of str to str, optional
        Other texts for some solution cells, by ``grade_id``.

    Returns
    -------
    dict
        The namespace, as a notebook that ran these cells would have it.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in lesson.cells:
        if cell.role == "setup" or (cell.role == "answer" and cell.is_code):
            source = (changes or {}).get(cell.grade_id, cell.source)
            name = f"<{lesson.name}: {cell.grade_id}>"
            # So that an exception's traceback has the lines.
            linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
            exec(compile(source, name, "exec"), namespace)
    return namespace
