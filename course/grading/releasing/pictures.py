"""Pictures of a lesson go into the notebook on its way to students."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from course.grading.steps.released import embed


class EmbedPictures(NbGraderPreprocessor):
    """Make the notebook enough by itself: see `course.grading.steps.released`."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Embed the pictures of one notebook."""
        embed(nb, Path(resources.get("metadata", {}).get("path") or "."))
        return nb, resources
