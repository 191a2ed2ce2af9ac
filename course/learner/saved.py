"""The cells of a notebook as somebody saved it, whatever else they made of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.bootstrap.files import parsed
from course.lessons import source_text


@dataclass(frozen=True)
class SavedCell:
    """One cell.

    Attributes
    ----------
    kind : str
        ``"code"``, ``"markdown"`` or ``"raw"``.
    source : str
        The text.
    grade_id : str
        nbgrader's name of the cell, ``""`` where it has none.
    is_answer : bool
        Whether the learner is to write in it.
    attachments : dict
        Pictures pasted into it.
    """

    kind: str
    source: str
    grade_id: str
    is_answer: bool
    attachments: Any = field(repr=False)


def saved_cells(content: bytes) -> list[SavedCell]:
    """Read the cells of a notebook.

    Raises
    ------
    ValueError
        Where the file is none.
    """
    try:
        return [_cell(raw) for raw in parsed(content)["cells"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"this is no notebook: {error}") from error


def cells_in(notebook: Path) -> list[SavedCell]:
    """Read the cells of a notebook's file; none where there is no file, or it is no notebook."""
    try:
        return saved_cells(notebook.read_bytes())
    except (OSError, ValueError):
        return []


def _cell(raw: Mapping[str, Any]) -> SavedCell:
    marks = raw.get("metadata", {}).get("nbgrader", {})
    return SavedCell(
        str(raw["cell_type"]),
        source_text(raw),
        str(marks.get("grade_id", "")),
        bool(marks.get("solution")),
        raw.get("attachments", {}),
    )
