"""What the learner writes in a lesson, and the instructor's solution of it, run."""

from __future__ import annotations

import ast
import functools
import linecache
from collections.abc import Mapping
from types import CodeType
from typing import Any

from course.lessons.notebook import Lesson


def defined_names(source: str) -> list[str]:
    r"""List the names that a cell's top level defines, in order.

    >>> defined_names("import numpy as np\ndef f(): pass\na, b = 1, 2")
    ['np', 'f', 'a', 'b']
    """
    names: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names += [alias.asname or alias.name.split(".")[0] for alias in node.names]
        else:
            names += [
                leaf.id
                for leaf in ast.walk(node)
                if isinstance(leaf, ast.Name) and isinstance(leaf.ctx, ast.Store)
            ]
    return list(dict.fromkeys(names))


def answers(lesson: Lesson) -> dict[str, str]:
    """Return the instructor's answers, code and prose, by ``grade_id``."""
    return {cell.grade_id: cell.source for cell in lesson.by_role("answer")}


def answer_names(lesson: Lesson) -> list[str]:
    """List the names that a lesson's learner defines, from the cells that hold solutions."""
    cells = [cell for cell in lesson.by_role("answer") if cell.is_code]
    return list(dict.fromkeys(name for cell in cells for name in defined_names(cell.source)))


def solution_namespace(lesson: Lesson, changes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Run the setup and solution cells of a source notebook; return what they define.

    Parameters
    ----------
    lesson : Lesson
        Read from ``source/``.
    changes : mapping of str to str, optional
        Other texts for some solution cells, by ``grade_id``.

    Returns
    -------
    dict
        The namespace, as a notebook that ran these cells would have it.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for cell in lesson.cells:
        if cell.role == "setup" or (cell.role == "answer" and cell.is_code):
            source = (changes or {}).get(cell.grade_id, cell.source)
            name = f"<{lesson.name}: {cell.grade_id}>"
            # So that an exception's traceback has the lines.
            linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
            exec(_compiled(source, name), namespace)
    return namespace


@functools.lru_cache(maxsize=512)
def _compiled(source: str, name: str) -> CodeType:
    """Compile a cell once for all answers that leave it as it is."""
    return compile(source, name, "exec")
