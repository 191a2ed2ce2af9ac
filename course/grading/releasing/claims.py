"""Test cells as learners see them: collapsed, and above each its claim and its points in words."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course.grading.steps.released import with_claims


class ShowClaims(NbGraderPreprocessor):
    """Collapse tests below what they claim, and claims in a row below one heading.

    See `course.grading.steps.released`.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Change one notebook."""
        nb.cells = with_claims(nb.cells)
        return nb, resources
