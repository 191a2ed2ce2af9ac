"""Make a submission whole before it is graded: lost, changed and doubled cells.

`RestoreCells` lays what was handed in over the instructor's notebook: locked cells and tests come
back to their place with their text, marks on cells are set to what they were, doubles are dropped.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course.grading.records.coursefiles import source_notebook
from course.grading.records.entry import CellEntry
from course.grading.steps.notebook_cells import new_cell, new_id
from course.grading.steps.passage import Passage
from course.grading.steps.prose import disarm
from course.grading.steps.putback import note_on, places_of
from course.grading.steps.reading import UNREADABLE_TAG, follow_renames
from course.grading.steps.released import claims_in, taken_back
from course.grading.steps.written import AnswerDigests

_MISSING = "This cell was missing from the submission."


class RestoreCells(NbGraderPreprocessor):
    """Lay a submission over the instructor's notebook.

    The instructor's marked cells come in their order, each with the marks it had; a student's own
    cells stay behind the marked cell that they followed.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Restore one notebook."""
        about = resources["nbgrader"]
        source = source_notebook(self, about["assignment"], about["notebook"])
        wanted = {c.metadata.nbgrader.grade_id: c for c in source.cells if "nbgrader" in c.metadata}
        marked = (cell for cell in nb.cells if "nbgrader" in cell.metadata)
        untouched = {id(cell) for cell in marked if cell.metadata.nbgrader.get("as_released")}
        follow_renames(nb.cells, {cell.id: grade_id for grade_id, cell in wanted.items()})
        passage = resources.get("course") or Passage({})
        if not any(UNREADABLE_TAG in cell.metadata.get("tags", ()) for cell in nb.cells):
            theirs = {grade_id for grade_id, cell in wanted.items() if _is_solution(cell)}
            passage.written = AnswerDigests(nb.cells, theirs)
        answers, followers = self._sort(nb, wanted)
        cells = list(followers.pop("", []))
        places = places_of(source)
        for grade_id, original in wanted.items():
            handed_in = answers.get(grade_id)
            cells.append(self._restored(original, handed_in, passage.entries.get(grade_id)))
            locked = handed_in is not None and not _is_solution(original)
            if handed_in is not None and locked and id(handed_in) not in untouched:
                note = note_on(original, handed_in, places)
                cells += [] if note is None else [note]
            cells += followers.pop(grade_id, [])
        cells = taken_back(cells, source.cells, claims_in(source.cells, nb.cells))
        beside = Path(resources.get("metadata", {}).get("path") or ".")
        disarm(cells, {cell.source for cell in source.cells}, beside)
        _make_ids_differ(cells, {cell.id for cell in wanted.values()})
        nb.cells = cells
        nb.metadata = source.metadata
        return nb, resources

    def _sort(
        self, nb: NotebookNode, wanted: dict[str, NotebookNode]
    ) -> tuple[dict[str, NotebookNode], dict[str, list[NotebookNode]]]:
        """Split the submission into marked cells, by name, and what follows each of them."""
        answers: dict[str, NotebookNode] = {}
        followers: dict[str, list[NotebookNode]] = {}
        last = ""
        for cell in nb.cells:
            grade_id = cell.metadata.pop("nbgrader", {}).get("grade_id")
            if grade_id not in wanted:
                followers.setdefault(last, []).append(cell)
                continue
            if grade_id in answers:
                self.log.warning("Cell '%s' is there more than once", grade_id)
                if _is_solution(wanted[grade_id]):
                    # Which one counts? As in the student's own notebook: all run, the last wins.
                    followers.setdefault(last, []).append(cell)
                continue
            answers[grade_id] = cell
            last = grade_id
        return answers, followers

    def _restored(
        self, original: NotebookNode, handed_in: NotebookNode | None, entry: CellEntry | None
    ) -> NotebookNode:
        """Return the student's answer with the instructor's marks, or the instructor's cell."""
        if not _is_solution(original):
            text = entry.source if entry and entry.locked else original.source
        elif handed_in is not None:
            text = handed_in.source
        else:
            text = f"# {_MISSING}" if original.cell_type == "code" else _MISSING
        if handed_in is None:
            self.log.warning("Cell '%s' was missing; put back", original.metadata.nbgrader.grade_id)
        cell = new_cell(original.cell_type, text, original.id)
        attached = handed_in if _is_solution(original) and handed_in is not None else original
        if cell.cell_type == "markdown" and attached.get("attachments"):
            cell["attachments"] = attached["attachments"]
        cell.metadata = NotebookNode(original.metadata)
        if entry:
            cell.metadata.nbgrader["checksum"] = entry.checksum
        return cell


def _make_ids_differ(cells: list[NotebookNode], taken: set[str]) -> None:
    """Give a student's own cell another id where it has that of an instructor's cell."""
    for cell in cells:
        if "nbgrader" not in cell.metadata and cell.id in taken:
            cell["id"] = new_id()


def _is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.nbgrader.solution)
