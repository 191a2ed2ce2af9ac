"""What happens to a notebook on its way to students, beyond what nbgrader does itself."""

from __future__ import annotations

import ast
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

#: Stands in a released docstring for the sentence that the learner writes.
PLACEHOLDER = "TODO: say in one sentence what this function is for."


class ClearFirstSentences(NbGraderPreprocessor):
    """Replace the first paragraph of each exercise's docstring by a placeholder."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Clear one cell, where it is a solution in code."""
        if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = clear_first_sentences(cell.source)
        return cell, resources


def clear_first_sentences(source: str) -> str:
    r"""Replace the first paragraph of every top-level function's docstring.

    Examples
    --------
    >>> cleared = clear_first_sentences("def f():\n    'Add.'\n    return 1")
    >>> cleared.splitlines()[-1]
    '    return 1'
    """
    lines = source.split("\n")
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.FunctionDef) and (text := ast.get_docstring(node, clean=False)):
            constant = node.body[0]
            first, last = constant.lineno - 1, (constant.end_lineno or constant.lineno) - 1
            rest = text.strip().partition("\n\n")[2]
            indent = " " * constant.col_offset
            new = [f'{indent}"""{PLACEHOLDER}', *([""] if rest else [])]
            new += [*rest.split("\n"), f'{indent}"""'] if rest else [f'{indent}"""']
            lines[first : last + 1] = [line.rstrip() for line in new]
    return "\n".join(lines)
