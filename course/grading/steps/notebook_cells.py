"""Cells of a notebook: made, named, and without what students do not see of them."""

from __future__ import annotations

import uuid
from typing import Any

from nbformat.notebooknode import NotebookNode

#: What nbgrader marks hidden parts with.
HIDDEN_BEGINS = ("### BEGIN HIDDEN TESTS", "=== BEGIN MARK SCHEME ===")
HIDDEN_ENDS = ("### END HIDDEN TESTS", "=== END MARK SCHEME ===")


def new_cell(kind: Any, source: str, cell_id: str = "", **metadata: Any) -> NotebookNode:
    """Return a cell of code or of prose; whole notebooks are checked, and not each cell."""
    cell = NotebookNode(
        cell_type=kind if kind == "code" else "markdown",
        id=cell_id or new_id(),
        metadata=NotebookNode(metadata),
        source=source,
    )
    if kind == "code":
        cell.update(outputs=[], execution_count=None)
    return cell


def new_id() -> str:
    """Return an id for a cell, as nbformat makes them."""
    return uuid.uuid4().hex[:8]


def grade_id_of(cell: NotebookNode) -> str:
    """Return nbgrader's name of a cell, ``""`` where it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def hide(source: str) -> str:
    r"""Return a cell's text without its hidden parts.

    >>> hide("a\n### BEGIN HIDDEN TESTS\nb\n### END HIDDEN TESTS\nc")
    'a\nc'
    """
    shown, hidden = [], False
    for line in source.split("\n"):
        if any(mark in line for mark in (*HIDDEN_BEGINS, *HIDDEN_ENDS)):
            hidden = any(mark in line for mark in HIDDEN_BEGINS)
        elif not hidden:
            shown.append(line)
    return "\n".join(shown)
