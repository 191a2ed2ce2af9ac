"""A lesson's entry in the gradebook, kept to what ``source/`` says.

A lesson has one place, the instructor's notebook in ``source/``. nbgrader looks up in the gradebook
what a cell's text is, and what it can earn, as it was when the lesson was last generated. Here that
entry is brought up to date before anything is graded, and when the lesson is generated, in one
transaction in which nothing is lost that a person gave.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SolutionCell,
    SourceCell,
    SubmittedAssignment,
    SubmittedNotebook,
    TaskCell,
)
from nbgrader.utils import is_grade, is_locked, is_solution, is_task
from sqlalchemy import delete, insert, select

from course.bootstrap.words import count
from course.grading.records.kept import REMOVED, forget_digests
from course.lessons import LessonError

_KINDS = {"GradeCell": GradeCell, "SolutionCell": SolutionCell, "TaskCell": TaskCell}
_GRADED, _COMMENTED = {"GradeCell", "TaskCell"}, {"SolutionCell", "TaskCell"}


@dataclass(frozen=True)
class CellEntry:
    """What the gradebook holds of one cell of a lesson.

    Attributes
    ----------
    name : str
        Its ``grade_id``.
    cell_type, locked, source, checksum
        As nbgrader puts a submission's cell right by them.
    kinds : frozenset of str
        Which of nbgrader's rows it has: ``"GradeCell"``, ``"SolutionCell"``, ``"TaskCell"``.
    points : float or None
        What it can earn, ``None`` where nothing is graded.
    """

    name: str
    cell_type: str
    locked: bool
    source: str
    checksum: str | None
    kinds: frozenset[str]
    points: float | None

    @property
    def text(self) -> tuple[Any, ...]:
        """All but the name, by which a cell that was renamed is known."""
        return self.cell_type, self.locked, self.source, self.kinds, self.points


def entries_of(nb: NotebookNode) -> dict[str, CellEntry]:
    """Return the entry that each marked cell should have, of a notebook that is being generated.

    Raises
    ------
    LessonError
        Where two cells have one name.
    """
    found: dict[str, CellEntry] = {}
    for cell in nb.cells:
        kinds = {"GradeCell": is_grade, "SolutionCell": is_solution, "TaskCell": is_task}
        own = frozenset(kind for kind, holds in kinds.items() if holds(cell))
        if not own and not is_locked(cell):
            continue
        marks = cell.metadata.nbgrader
        if marks.grade_id in found:
            raise LessonError(
                f"two cells of the lesson are called {marks.grade_id}: give one another name in "
                f"source/"
            )
        points = float(marks.get("points", 0)) if own & _GRADED else None
        found[marks.grade_id] = CellEntry(
            marks.grade_id,
            cell.cell_type,
            is_locked(cell),
            cell.source,
            marks.get("checksum"),
            own,
            points,
        )
    return found


def enter(
    gradebook: Gradebook,
    lesson_id: str,
    name: str,
    wanted: Mapping[str, CellEntry],
    kernelspec: Mapping[str, Any],
) -> list[str]:
    """Bring a notebook's entry up to date; return in sentences what has changed.

    Points by hand, extra credit and comments stay with their cells, also where a cell was renamed
    and nothing else. What was given for a cell that is gone is laid aside in the gradebook, and
    comes back with a cell of that name.

    Parameters
    ----------
    gradebook : Gradebook
        Open; committed to, all at once.
    lesson_id, name : str
        nbgrader's assignment, which is there, and notebook, which is made where it is not.
    wanted : mapping of str to CellEntry
        What it should be.
    kernelspec : mapping
        Of the notebook.
    """
    db = gradebook.db
    try:
        notebook, is_new = gradebook.find_notebook(name, lesson_id), False
    except MissingEntry:
        assignment = gradebook.find_assignment(lesson_id)
        notebook, is_new = Notebook(name=name, assignment=assignment), True
        db.add(notebook)
    try:
        if notebook.kernelspec != (spec := json.dumps(kernelspec)):
            notebook.kernelspec = spec
        entry = _Entry(db, lesson_id, notebook)
        said = [*entry.rename(wanted), *entry.remove(wanted), *entry.change(wanted)]
        db.flush()
        entry.fill()
        if db.new or db.dirty or db.deleted or said or entry.filled:
            db.commit()
    except BaseException:
        db.rollback()
        raise
    return [] if is_new else said


class _Entry:
    """One notebook's rows."""

    def __init__(self, db: Any, lesson_id: str, notebook: Notebook) -> None:
        self._db, self._lesson_id, self._notebook = db, lesson_id, notebook
        db.flush()
        sources = db.query(SourceCell).filter(SourceCell.notebook_id == notebook.id)
        self._sources: dict[str, Any] = {row.name: row for row in sources}
        bases = db.query(BaseCell).filter(BaseCell.notebook_id == notebook.id)
        self._bases: dict[str, dict[str, Any]] = {}
        for row in bases:
            self._bases.setdefault(row.name, {})[row.type] = row
        self.filled = False

    def _entry(self, name: str) -> CellEntry:
        """Return what there is of a cell."""
        source, bases = self._sources.get(name), self._bases.get(name, {})
        points = [row.max_score for kind, row in bases.items() if kind in _GRADED]
        return CellEntry(
            name,
            source.cell_type if source else "",
            bool(source and source.locked),
            source.source if source else "",
            source.checksum if source else None,
            frozenset(bases),
            points[0] if points else None,
        )

    def _names(self) -> list[str]:
        return list(dict.fromkeys([*self._sources, *self._bases]))

    def rename(self, wanted: Mapping[str, CellEntry]) -> Iterator[str]:
        """Give cells another name that have it now, and are the same in all else."""
        gone = [self._entry(name) for name in self._names() if name not in wanted]
        new = [wanted[name] for name in wanted if name not in self._names()]
        for old in gone:
            same = [entry for entry in new if entry.text == old.text]
            if len(same) != 1 or sum(entry.text == old.text for entry in gone) != 1:
                continue
            name = same[0].name
            for row in (self._sources[old.name], *self._bases.get(old.name, {}).values()):
                row.name = name
            self._sources[name] = self._sources.pop(old.name)
            if old.name in self._bases:
                self._bases[name] = self._bases.pop(old.name)
            yield f"the cell {old.name} is called {name} now"

    def remove(self, wanted: Mapping[str, CellEntry]) -> Iterator[str]:
        """Remove what is no longer in the lesson; lay aside what people gave for it."""
        for name in self._names():
            kinds = wanted[name].kinds if name in wanted else frozenset()
            gone = {
                kind: row for kind, row in self._bases.get(name, {}).items() if kind not in kinds
            }
            given = self._lay_aside(name, gone) if gone else 0
            for kind, row in gone.items():
                self._forget(row)
                del self._bases[name][kind]
            if name not in wanted:
                self._bases.pop(name, None)
                if name in self._sources:
                    self._db.delete(self._sources.pop(name))
                kept = "; what was given by hand for it is kept for when it comes back"
                yield f"the cell {name} is gone" + (
                    f" ({count(given, 'student')}{kept})" if given else ""
                )

    def _lay_aside(self, name: str, rows: Mapping[str, Any]) -> int:
        ids = [row.id for row in rows.values()]
        given: dict[str, dict[str, Any]] = {}
        for kind, columns in (
            (Grade, ("manual_score", "extra_credit")),
            (Comment, ("manual_comment",)),
        ):
            table: Any = kind
            found = (
                self._db.query(table, SubmittedAssignment.student_id)
                .join(SubmittedNotebook, SubmittedNotebook.id == table.notebook_id)
                .join(
                    SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id
                )
                .filter(table.cell_id.in_(ids))
            )
            for row, student in found:
                values = {column: getattr(row, column) for column in columns}
                if any(value is not None for value in values.values()):
                    given.setdefault(student, {}).update(values)
        where = {"lesson": self._lesson_id, "notebook": self._notebook.name, "cell": name}
        self._db.execute(delete(REMOVED).filter_by(**where))
        for student, values in given.items():
            self._db.execute(insert(REMOVED).values(**where, student=student, **values))
        return len(given)

    def _forget(self, row: Any) -> None:
        self._db.flush()
        forget_digests(self._db, row.id)
        for kind in (Grade, Comment):
            table: Any = kind
            self._db.execute(delete(table).where(table.cell_id == row.id))
        self._db.expire(row)
        self._db.delete(row)

    def change(self, wanted: Mapping[str, CellEntry]) -> Iterator[str]:
        """Make cells that are new, and change those that are other than they were."""
        for name, entry in wanted.items():
            old = self._entry(name) if name in self._names() else None
            if old == entry:
                continue
            self._set_source(entry)
            bases = self._bases.setdefault(name, {})
            for kind in entry.kinds:
                if kind not in bases:
                    bases[kind] = _KINDS[kind](name=name, notebook_id=self._notebook.id)
                if kind in _GRADED:
                    bases[kind].max_score = entry.points
                    bases[kind].cell_type = entry.cell_type
                self._db.add(bases[kind])
            if old is None:
                yield f"the cell {name} is new"
                continue
            if old.points is not None and old.points != entry.points and entry.points is not None:
                given = self._look_again(bases)
                whose = f"points by hand of {count(given, 'student')}"
                again = f"; look again at {whose}" if given else ""
                yield (
                    f"the cell {name} has {entry.points:g} points in place of {old.points:g}{again}"
                )
            if old.kinds != entry.kinds:
                yield f"the cell {name} is graded in another way"
            if (old.source, old.cell_type, old.locked) != (
                entry.source,
                entry.cell_type,
                entry.locked,
            ):
                yield f"the cell {name} has another text"

    def _set_source(self, entry: CellEntry) -> None:
        row = self._sources.get(entry.name)
        if row is None:
            row = SourceCell(name=entry.name, notebook_id=self._notebook.id)
            self._db.add(row)
            self._sources[entry.name] = row
        row.cell_type, row.locked = entry.cell_type, entry.locked
        row.source, row.checksum = entry.source, entry.checksum

    def _look_again(self, bases: Mapping[str, Any]) -> int:
        """Have a person look at points that were given out of another maximum."""
        ids = [row.id for kind, row in bases.items() if kind in _GRADED]
        given = self._db.query(Grade).filter(Grade.cell_id.in_(ids), Grade.manual_score.isnot(None))
        for grade in (some := given.all()):
            grade.needs_manual_grade = True
        return len(some)

    def fill(self) -> None:
        """Give every submission the rows that it lacks, and what had been laid aside of them."""
        lacking = self._db.query(SubmittedAssignment).filter(
            SubmittedAssignment.assignment_id == self._notebook.assignment_id,
            ~SubmittedAssignment.notebooks.any(SubmittedNotebook.notebook_id == self._notebook.id),
        )
        for submission in lacking.all():
            self._db.add(SubmittedNotebook(notebook=self._notebook, assignment=submission))
            self.filled = True
        self._db.flush()
        for name, bases in self._bases.items():
            for kind, row in bases.items():
                for table, kinds in ((Grade, _GRADED), (Comment, _COMMENTED)):
                    if kind in kinds:
                        self._fill(table, name, row, "SolutionCell" in bases)

    def _fill(self, table: Any, name: str, cell: Any, is_answer: bool) -> None:
        has_row = select(table.notebook_id).where(table.cell_id == cell.id)
        lacking = (
            self._db.query(SubmittedNotebook.id, SubmittedAssignment.student_id)
            .join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
            .filter(
                SubmittedNotebook.notebook_id == self._notebook.id,
                SubmittedNotebook.id.notin_(has_row),
            )
            .all()
        )
        if not lacking:
            return
        where = {"lesson": self._lesson_id, "notebook": self._notebook.name, "cell": name}
        aside = {row.student: row for row in self._db.execute(select(REMOVED).filter_by(**where))}
        for notebook_id, student in lacking:
            row = table(cell_id=cell.id, notebook_id=notebook_id)
            given = aside.get(student)
            if table is Grade:
                row.manual_score = given.manual_score if given else None
                row.extra_credit = given.extra_credit if given else None
                # A test has no mark before it has run, and waits for nobody.
                by_hand = is_answer or isinstance(cell, TaskCell)
                waits = by_hand or row.manual_score is not None
                row.needs_manual_grade = bool(waits and cell.max_score)
            elif given:
                row.manual_comment = given.manual_comment
            self._db.add(row)
        self.filled = True
