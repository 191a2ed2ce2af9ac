"""Submissions made from the instructor's notebook: solved, unsolved, wrong in known ways."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.lessons import Lesson, LessonError

if TYPE_CHECKING:
    from course.lessons.misconceptions import Misconception


def fill_in(released: Path, texts: Mapping[str, str]) -> str:
    """Return a released notebook with some cells' texts replaced, as a student would hand it in.

    Parameters
    ----------
    released : Path
        The notebook that students get.
    texts : mapping of str to str
        New texts by ``grade_id``.
    """
    notebook = json.loads(released.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if grade_id in texts:
            cell["source"] = texts[grade_id]
    return json.dumps(notebook)


def answers(lesson: Lesson) -> dict[str, str]:
    """Return the instructor's answers, code and prose, by ``grade_id``."""
    return {cell.grade_id: cell.source for cell in lesson.by_role("answer")}


def misconceptions(lesson: Lesson) -> tuple[Misconception, ...]:
    """Return the lesson's named wrong answers.

    Raises
    ------
    LessonError
        Where its ``misconceptions.py`` is missing or does not run.
    """
    path = lesson.path.with_name("misconceptions.py")
    spec = importlib.util.spec_from_file_location(f"misconceptions_of_{lesson.id}", path)
    try:
        assert spec is not None
        assert spec.loader is not None
        module: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        found: tuple[Misconception, ...] = tuple(module.MISCONCEPTIONS)
    except (OSError, AttributeError, SyntaxError) as error:
        raise LessonError(f"{path} gives no MISCONCEPTIONS: {error}") from error
    return found


def answers_with(lesson: Lesson, misconception: Misconception) -> dict[str, str]:
    """Return the instructor's answers, one of them made wrong in a known way."""
    texts = answers(lesson)
    for cell in lesson.by_role("answer"):
        if cell.is_code and f"def {misconception.function}(" in cell.source:
            texts[cell.grade_id] = misconception.apply(cell.source)
            return texts
    raise LessonError(f"{lesson.id} has no cell that defines {misconception.function}")
