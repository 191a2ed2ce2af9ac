"""What the course keeps in the gradebook beside nbgrader's own tables.

`DIGESTS` tells whether an answer is the one that was graded last, and by which version of the
lesson. `REMOVED` holds what people gave for cells that a lesson has no more, so that it comes back
with the cell. `EXTENSIONS` are of students who have handed in nothing yet, `SECTIONS` of students
who may not be nbgrader's yet either; `SETTINGS` are what is set by command for the whole course.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from nbgrader.api import Grade, Gradebook
from sqlalchemy import (
    Column,
    Float,
    Interval,
    MetaData,
    String,
    Table,
    Text,
    delete,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DBAPIError

#: Of these, and of those that another module keeps beside them.
TABLES = MetaData()
#: Databases take some thousands of values with one statement.
_AT_ONCE = 500
#: By the id of a grade what was graded; by that of a submitted notebook the lesson's version.
DIGESTS = Table(
    "course_digest",
    TABLES,
    Column("row_id", String(32), primary_key=True),
    Column("digest", String(64), nullable=False),
)
REMOVED = Table(
    "course_removed",
    TABLES,
    Column("lesson", String(128), primary_key=True),
    Column("notebook", String(128), primary_key=True),
    Column("cell", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("manual_score", Float()),
    Column("extra_credit", Float()),
    Column("manual_comment", Text()),
)
EXTENSIONS = Table(
    "course_extension",
    TABLES,
    Column("lesson", String(128), primary_key=True),
    Column("student", String(128), primary_key=True),
    Column("extension", Interval(), nullable=False),
)
SECTIONS = Table(
    "course_section",
    TABLES,
    Column("student", String(128), primary_key=True),
    Column("section", String(128), nullable=False),
)
SETTINGS = Table(
    "course_setting",
    TABLES,
    Column("name", String(128), primary_key=True),
    Column("value", Text(), nullable=False),
)


def make_tables(gradebook: Gradebook) -> bool:
    """Make all these tables where they are missing; say whether that of the digests was."""
    return DIGESTS.name in make(gradebook, *TABLES.sorted_tables)


def make(gradebook: Gradebook, *tables: Table) -> set[str]:
    """Make tables where they are missing; return the names of those that this process made.

    To be called before anything is written: another connection makes them.
    """
    missing = [table for table in tables if not is_there(gradebook, table)]
    if not missing:
        return set()
    try:
        TABLES.create_all(gradebook.engine, tables=missing)
    except DBAPIError:  # another process was faster
        if not all(is_there(gradebook, table) for table in missing):
            raise
        return set()
    return {table.name for table in missing}


def is_there(gradebook: Gradebook, table: Table) -> bool:
    """Say whether the gradebook has a table: one of an older version of the course may not."""
    return bool(inspect(gradebook.db.connection()).has_table(table.name))


def setting(gradebook: Gradebook, name: str) -> str:
    """Return what was set by command, ``""`` where nothing was."""
    if not is_there(gradebook, SETTINGS):
        return ""
    value = select(SETTINGS.c.value).where(SETTINGS.c.name == name)
    return gradebook.db.execute(value).scalar() or ""


def keep_setting(gradebook: Gradebook, name: str, value: str) -> None:
    """Keep a setting in place of what it was; the caller commits."""
    make(gradebook, SETTINGS)
    gradebook.db.execute(delete(SETTINGS).where(SETTINGS.c.name == name))
    if value:
        gradebook.db.execute(insert(SETTINGS).values(name=name, value=value))


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
