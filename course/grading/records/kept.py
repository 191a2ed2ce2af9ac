"""What the course keeps in the gradebook beside nbgrader's own tables.

`DIGESTS` tells whether an answer is the one that was graded last, and by which version of the
lesson. `REMOVED` holds what people gave for cells that a lesson has no more, so that it comes back
with the cell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import (
    Assignment,
    BaseCell,
    Grade,
    Gradebook,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import is_solution
from sqlalchemy import Column, Float, MetaData, String, Table, Text, delete, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from course.grading.steps.restore import Unreadable, follow_renames, read_submission

_TABLES = MetaData()
#: Databases take some thousands of values with one statement.
_AT_ONCE = 500
#: By the id of a grade what was graded; by that of a submitted notebook the lesson's version.
DIGESTS = Table(
    "course_digest",
    _TABLES,
    Column("row_id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False),
)
REMOVED = Table(
    "course_removed",
    _TABLES,
    Column("lesson", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("cell", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("manual_score", Float()),
    Column("extra_credit", Float()),
    Column("manual_comment", Text()),
)


def make_tables(gradebook: Gradebook, course: CourseDirectory) -> None:
    """Make these tables where they are missing, from the graded copies where there are marks."""
    if inspect(gradebook.engine).has_table(DIGESTS.name):
        return
    try:
        _TABLES.create_all(gradebook.engine)
    except DBAPIError:  # another process was faster
        if not inspect(gradebook.engine).has_table(DIGESTS.name):
            raise
        return
    keep_digests(gradebook.db, dict(_of_graded_copies(gradebook, course)))
    gradebook.db.commit()


def digests(db: Any, rows: Iterable[str]) -> dict[str, str]:
    """Return what is kept of rows, by their ids."""
    found = db.execute(select(DIGESTS).where(DIGESTS.c.row_id.in_(list(rows))))
    return dict(found.all())


def keep_digests(db: Any, some: Mapping[str, str]) -> None:
    """Keep digests of rows in place of what was kept of them; the caller commits."""
    for part in batched(some.items(), _AT_ONCE):
        db.execute(delete(DIGESTS).where(DIGESTS.c.row_id.in_([row_id for row_id, _ in part])))
        db.execute(insert(DIGESTS), [{"row_id": k, "digest": v} for k, v in part])


def forget_digests(db: Any, cell_id: str) -> None:
    """Forget what is kept of all answers to one cell."""
    grades = select(Grade.id).where(Grade.cell_id == cell_id)
    db.execute(delete(DIGESTS).where(DIGESTS.c.row_id.in_(grades)))


def batched(some: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield lists of at most `size`; Python has it from 3.12 on."""
    rest = iter(some)
    while part := list(islice(rest, size)):
        yield part


class Written:
    """What a student wrote, cell by cell, as digests.

    Parameters
    ----------
    path : Path
        The file that was handed in: the graded copy's prose is cleaned.
    graded : NotebookNode
        The graded copy.
    """

    def __init__(self, path: Path, graded: NotebookNode) -> None:
        try:
            handed_in = read_submission(path)
        except Unreadable:
            handed_in = NotebookNode(cells=[])
        marked = [cell for cell in graded.cells if _grade_id(cell)]
        follow_renames(handed_in, {cell.id: _grade_id(cell) for cell in marked})
        cells = handed_in.cells
        self._cells: dict[str, str] = {}
        for cell in cells:
            if grade_id := _grade_id(cell):  # of doubles the first one is the answer
                self._cells.setdefault(grade_id, _digest(cell.source, cell.get("attachments")))
        # Tests that the lesson had once, and that are nobody's answer, are left out.
        answers = {c.metadata.nbgrader.grade_id for c in graded.cells if is_solution(c)}
        own = [cell for cell in cells if _grade_id(cell) in {"", *answers}]
        self._code = _digest(*(cell.source for cell in own if cell.cell_type == "code"))
        self._all = _digest(*(cell.source for cell in own))

    def has(self, grade_id: str) -> bool:
        """Say whether a cell was handed in."""
        return grade_id in self._cells

    def digest(self, cell: NotebookNode, score: float | None) -> str:
        """Return what tells an answer, or what a test found, from another one.

        A test that a person gave points for is another one where its result has changed, or
        anything in the student's code.
        """
        marks = cell.metadata.nbgrader
        if marks.solution:
            return self._cells.get(marks.grade_id, "")
        if marks.get("task"):
            return self._all
        return _digest(self._code, score)


def _grade_id(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _digest(*parts: Any) -> str:
    texts = [_plain(part) if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()


def _plain(text: str) -> str:
    """Return text without spaces and lines at which nobody could tell a change."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _of_graded_copies(gradebook: Gradebook, course: CourseDirectory) -> Iterator[tuple[str, str]]:
    """Yield digests of what has points by hand, in a gradebook of an older version."""
    by_hand = (
        gradebook.db.query(Grade, BaseCell.name, Notebook.name, Assignment.name)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(SubmittedNotebook, SubmittedNotebook.id == Grade.notebook_id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Assignment, Assignment.id == Notebook.assignment_id)
        .add_columns(SubmittedAssignment.student_id)
        .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
        .filter(Grade.manual_score.isnot(None))
    )
    last: tuple[Any, ...] = ()
    cells: dict[str, NotebookNode] = {}
    for grade, name, notebook, lesson, student in by_hand.order_by(Grade.notebook_id):
        if last != (grade.notebook_id,):
            last = (grade.notebook_id,)
            folder = course.format_path(course.autograded_directory, student, lesson)
            path = Path(folder) / f"{notebook}.ipynb"
            try:
                graded = nbformat.read(path, as_version=4)
            except (OSError, ValueError):
                cells = {}
                continue
            written = Written(path, graded)
            marked = (cell for cell in graded.cells if "nbgrader" in cell.metadata)
            cells = {cell.metadata.nbgrader.get("grade_id", ""): cell for cell in marked}
        if name in cells:
            yield grade.id, written.digest(cells[name], grade.auto_score)
