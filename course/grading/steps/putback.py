"""Text that a student wrote into a locked cell: put back, and told to all who look.

The text of a locked cell is always the course's own when a submission is graded. Some notebook
programs do not mind the lock, so an answer may stand there. The graded copy gets a note behind such
a cell, which says so and keeps what was added; the diagnosis, the log and the tests say it too.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import compute_checksum

from course.grading.steps.notebook_cells import hide, new_cell
from course.lessons import defined_names

#: Marks the notes; no cell of a student's has tags once it was read.
TAG = "text-put-back"
#: Of what was added, this many characters are kept in the note.
MOST_SHOWN = 4000


@dataclass(frozen=True)
class PutBack:
    """A locked cell whose text was put back.

    Attributes
    ----------
    cell : str
        Its ``grade_id``.
    defines : mapping of str to str
        Names of the lesson's answers that the text defined, each with the ``grade_id`` of the cell
        that is made for it.
    """

    cell: str
    defines: Mapping[str, str]

    @property
    def message(self) -> str:
        """What happened, and what to do, for the student."""
        said = (
            f"the text of the locked cell `{self.cell}` was not the course's own, which was put "
            "back: what was written there was not run"
        )
        if not self.defines:
            return f"{said}. Answers belong in the cells made for them"
        places = sorted(set(self.defines.values()))
        return f"{said}. It defined {_names(self.defines)}; that belongs in {_names(places)}"

    def why_missing(self, name: str) -> str:
        """Say why no cell defines a name that was written into the locked cell."""
        return (
            f"it was written into the locked cell `{self.cell}`, whose text was put back; "
            f"write it into the cell `{self.defines[name]}`"
        )


def note_on(
    original: NotebookNode, handed_in: NotebookNode, places: Mapping[str, str]
) -> NotebookNode | None:
    """Return a note on a locked cell, ``None`` where it holds what was released.

    Parameters
    ----------
    original : NotebookNode
        The instructor's cell.
    handed_in : NotebookNode
        The student's.
    places : mapping of str to str
        Names that the lesson's learner defines, and the ``grade_id`` of the cell for each.
    """
    released = hide(original.source)
    if _signs(handed_in.source) in (_signs(released), _signs(original.source)):
        return None
    added = "\n".join(
        line[2:]
        for line in difflib.ndiff(released.splitlines(), handed_in.source.splitlines())
        if line.startswith("+ ")
    ).strip("\n")
    defines = {name: cell for name, cell in places.items() if _defines(added, name)}
    about = PutBack(original.metadata.nbgrader.grade_id, defines)
    text = f"**{about.message[0].upper()}{about.message[1:]}.**"
    if added.strip():
        added = added if len(added) <= MOST_SHOWN else f"{added[:MOST_SHOWN]}\n..."
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", added)), default=0))
        language = "python" if original.cell_type == "code" else ""
        text += f" These lines were added:\n\n{fence}{language}\n{added}\n{fence}"
    about_it = {"cell": about.cell, "defines": dict(defines)}
    return new_cell("markdown", text, tags=[TAG], course=about_it)


def is_as_released(cell: NotebookNode, marks: Mapping[str, Any]) -> bool:
    """Say whether nobody wrote into a marked cell since it was released, in whichever version.

    A release has each locked cell's checksum in its marks; the lesson may have changed since.

    Parameters
    ----------
    cell : NotebookNode
        What was handed in.
    marks : mapping
        What nbgrader wrote into its metadata, or anything else.
    """
    marked = NotebookNode(
        cell_type=cell.cell_type, source=cell.source, metadata={"nbgrader": NotebookNode(marks)}
    )
    marked["metadata"] = NotebookNode(marked["metadata"])
    try:
        return bool(marks["checksum"] == compute_checksum(marked))
    except (AttributeError, KeyError, TypeError, ValueError):  # marks that are no marks any more
        return False


def put_back_in(nb: NotebookNode) -> list[PutBack]:
    """List the locked cells of a submission whose text was put back."""
    notes = (c.metadata.course for c in nb.cells if TAG in c.metadata.get("tags", ()))
    return [PutBack(note["cell"], dict(note["defines"])) for note in notes]


def places_of(source: NotebookNode) -> dict[str, str]:
    """Return the names that a lesson's learner defines, each with the cell that is made for it."""
    places: dict[str, str] = {}
    for cell in source.cells:
        marks = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and marks.get("solution"):
            try:
                names = defined_names(cell.source)
            except SyntaxError:  # a magic of the instructor's
                continue
            places |= {name: marks["grade_id"] for name in names if name not in places}
    return places


def _signs(text: str) -> str:
    return "".join(text.split())


def _defines(text: str, name: str) -> bool:
    return bool(re.search(rf"^\s*(?:async\s+)?(?:def|class)\s+{name}\b|^{name}\s*=", text, re.M))


def _names(names: Mapping[str, str] | list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
