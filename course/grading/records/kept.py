"""What the course keeps in the gradebook beside nbgrader's own tables.

`DIGESTS` tells whether an answer is the one that was graded last, and by which version of the
lesson. `REMOVED` holds what people gave for cells that a lesson has no more, so that it comes back
with the cell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from nbgrader.api import Grade, Gradebook
from sqlalchemy import Column, Float, MetaData, String, Table, Text, delete, insert, inspect, select
from sqlalchemy.exc import DBAPIError

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


def make_tables(gradebook: Gradebook) -> bool:
    """Make these tables where they are missing; say whether they were."""
    if inspect(gradebook.engine).has_table(DIGESTS.name):
        return False
    try:
        _TABLES.create_all(gradebook.engine)
    except DBAPIError:  # another process was faster
        if not inspect(gradebook.engine).has_table(DIGESTS.name):
            raise
        return False
    return True


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
