"""Test cells as learners see them: collapsed, and above each its claim and its points in words."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from course.lessons import claim_of, role_of

#: The summary of the fold that has what more is said of a claim.
MORE = "More about this claim"


class ShowClaims(NbGraderPreprocessor):
    """Collapse each test cell, below what it claims; what more is said of it is folded."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Change one notebook."""
        cells: list[NotebookNode] = []
        for cell in nb.cells:
            if role_of(cell) == "test":
                cell.metadata.setdefault("jupyter", {})["source_hidden"] = True
                if not cells or not _is_plain_text(cells[-1]):
                    cells.append(new_markdown_cell(id=f"{cell.id}_claim"[:64]))
                line = claim_line(cell.source, cell.metadata.nbgrader.points)
                cells[-1].source = with_claim(cells[-1].source, line)
            cells.append(cell)
        nb.cells = cells
        return nb, resources


def _is_plain_text(cell: NotebookNode) -> bool:
    return cell.cell_type == "markdown" and "nbgrader" not in cell.metadata


def with_claim(text: str, line: str) -> str:
    """Return a claim, and the text that stood in its place in a fold below it."""
    if not text:
        return line
    return f"{line}\n\n<details><summary>{MORE}</summary>\n\n{text}\n\n</details>"


def claim_line(source: str, points: float) -> str:
    r"""Return what is said above a test cell.

    Examples
    --------
    >>> claim_line("# Zeros give zeros.\nassert f(0) == 0", 1.5)
    '**Claim, 1.5 points.** Zeros give zeros.'
    """
    return f"**Claim, {points:g} {'point' if points == 1 else 'points'}.** {claim_of(source)}"
