"""What a notebook earned, as values, and how that is entered into the gradebook's rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from nbgrader.api import BaseCell, Comment, Grade, MissingEntry

from course.grading.records.kept import digests, keep_digests

_Kind = TypeVar("_Kind")


@dataclass
class Marks:
    """What came of one notebook; each by the cells' names.

    Attributes
    ----------
    scores : dict of str to float or None
        Automatic points; ``None`` where a person gives them.
    points : dict of str to float
        What the cell can earn.
    digests : dict of str to str
        What tells the answer from another: see `course.grading.steps.written`.
    comments : dict of str to str or None
        Automatic comments.
    """

    scores: dict[str, float | None] = field(default_factory=dict)
    points: dict[str, float] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str | None] = field(default_factory=dict)

    def total(self) -> float:
        """Return the automatic points together."""
        return sum(score or 0.0 for score in self.scores.values())


def enter_marks(db: Any, notebook: Any, marks: Marks, version: str) -> list[str]:
    """Enter what a notebook earned; points and comments that a person gave stay as they are.

    Parameters
    ----------
    db : Session
        The gradebook's; the caller commits.
    notebook : nbgrader's SubmittedNotebook
        Whose.
    marks : Marks
        What it earned.
    version : str
        What it was graded by: see `course.grading.steps.versions`.

    Returns
    -------
    list of str
        Cells that have points by hand, and have changed since those were given.
    """
    grades = {cell: row for row, cell in rows_of(db, Grade, notebook)}
    comments = {cell: row for row, cell in rows_of(db, Comment, notebook)}
    known = digests(db, [row.id for row in grades.values()])
    new, changed = {notebook.id: version}, []
    for cell, score in marks.scores.items():
        row, digest = _found(grades, cell), marks.digests[cell]
        if enter_mark(row, score, marks.points[cell], known.get(row.id) != digest):
            changed.append(cell)
        new[row.id] = digest
    for cell, comment in marks.comments.items():
        _found(comments, cell).auto_comment = comment
    keep_digests(db, new)
    return changed


def enter_mark(grade: Any, score: float | None, points: float, changed: bool) -> bool:
    """Enter what the judge gave; say whether points by hand are now for another answer.

    A person is asked where only a person can give points, and where what they gave points for has
    changed. Nobody is asked for a cell without points, or once more for the same answer.

    Parameters
    ----------
    grade : nbgrader's Grade
        Changed; points by hand and extra credit stay.
    score : float or None
        ``None`` where a person gives the points.
    points : float
        What the cell can earn.
    changed : bool
        Whether it is another answer, or another result of a test, than it was.
    """
    grade.auto_score = score
    if not points:
        grade.needs_manual_grade = False
    elif grade.manual_score is None:
        grade.needs_manual_grade = score is None
    elif changed:
        grade.needs_manual_grade = True
        return True
    return False


def rows_of(db: Any, kind: type[_Kind], notebook: Any) -> list[tuple[_Kind, str]]:
    """Return a notebook's grades or comments with the names of their cells."""
    table: Any = kind
    cells = db.query(table, BaseCell.name).join(BaseCell, BaseCell.id == table.cell_id)
    return [(row, name) for row, name in cells.filter(table.notebook_id == notebook.id)]


def _found(rows: dict[str, Any], cell: str) -> Any:
    if cell not in rows:
        raise MissingEntry(
            f"the gradebook has no row for the cell {cell} of this submission: the lesson was "
            f"changed while it was graded. Grade again"
        )
    return rows[cell]
