"""Which submissions came through the exchange, and what became of each: a table of the gradebook.

Rows are written in the same transaction as the marks, so that a grader that is killed, or a
database that is lost, cannot make the two say different things.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    String,
    Table,
    insert,
    select,
    update,
)

from course.grading.records.kept import TABLES, is_there

#: Signs that nbgrader has room for in a student's name.
LONGEST = 128
TRIES = Table(
    "course_try",
    TABLES,
    Column("lesson", String(128), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("student", String(LONGEST), nullable=False),
    Column("handed_in", DateTime(), nullable=False),
    Column("arrived", DateTime(), nullable=False),
    Column("day", String(10), nullable=False),
    Column("points", Float()),
    Column("version", String(64), nullable=False),
    Column("counts", Boolean(), nullable=False),
    Column("told", String(16), nullable=False),
)
#: What a student's page says last, in `Try.told`.
GRADED, WAITS, REPLACED, NOTHING = "graded", "waits", "replaced", "no notebook"


@dataclass(frozen=True)
class Try:
    """A submission that came through the exchange.

    Attributes
    ----------
    name : str
        Its folder's.
    student : str
        Whose it is.
    handed_in : datetime
        When, as the student's side says. This and all times here are in UTC, without a zone.
    arrived : datetime
        When, as the server says.
    day : str
        Of which day it took a try, ``""`` where it took none.
    points : float or None
        What its tests earned, None where it was not graded yet.
    version : str
        What it was graded by: `LessonPack.key`.
    counts : bool
        Whether its marks are those in the gradebook.
    told : str
        What the student's page says: `GRADED`, `WAITS`, `REPLACED`; `NOTHING` where there was no
        notebook to grade, ``""`` where there is no page yet.
    """

    name: str
    student: str
    handed_in: datetime
    arrived: datetime
    day: str = ""
    points: float | None = None
    version: str = ""
    counts: bool = False
    told: str = ""

    @property
    def is_graded(self) -> bool:
        """Whether it was graded."""
        return self.points is not None

    @property
    def order(self) -> tuple[datetime, str]:
        """Sorts a student's by when they were handed in, as nbgrader does."""
        return self.handed_in, self.name


def read_tries(db: Any, lesson_id: str) -> dict[str, list[Try]]:
    """Return all submissions of a lesson that are known, by student."""
    names = [column for column in TRIES.c if column.name != "lesson"]
    found: dict[str, list[Try]] = defaultdict(list)
    for row in db.execute(select(*names).where(TRIES.c.lesson == lesson_id)):
        found[row.student].append(Try(**row._mapping))
    return found


def what_counts(gradebook: Gradebook, lesson_id: str) -> dict[str, str]:
    """Return by student the name of the submission whose marks are in the gradebook."""
    if not is_there(gradebook, TRIES):
        return {}
    found = select(TRIES.c.student, TRIES.c.name).where(TRIES.c.lesson == lesson_id)
    return dict(gradebook.db.execute(found.where(TRIES.c.counts)).all())


def enter_tries(db: Any, lesson_id: str, new: Iterable[Try]) -> None:
    """Enter submissions that are not known yet; the caller commits."""
    if rows := [{"lesson": lesson_id, **asdict(one)} for one in new]:
        db.execute(insert(TRIES), rows)


def change_try(db: Any, lesson_id: str, one: Try) -> None:
    """Write down what became of a submission; where it counts, no other of the student's does.

    The caller commits.
    """
    of_lesson = TRIES.c.lesson == lesson_id
    if one.counts:
        others = update(TRIES).where(of_lesson, TRIES.c.student == one.student)
        db.execute(others.values(counts=False))
    db.execute(update(TRIES).where(of_lesson, TRIES.c.name == one.name).values(**asdict(one)))
