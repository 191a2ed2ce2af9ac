"""``learner.model_answer()``: the instructor's answer in words, once the learner has written one.

It is read from ``source/``, where a learner at home has it beside the hidden tests. Students of a
class have no ``source/``: what earns them points by hand is nowhere in the package.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from course.learner.here import this_notebook
from course.learner.notebooks import lesson_of
from course.learner.saved import cells_in
from course.lessons import Lesson, LessonCell, LessonError, course_root, find_lessons

#: What nbgrader takes out of what students get.
_SCHEME = re.compile(r"=== BEGIN MARK SCHEME ===\n(.*?)=== END MARK SCHEME ===", re.DOTALL)


class Prose:
    """Markdown that is shown where a cell ends in it."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def _repr_markdown_(self) -> str:
        return self._text


def model_answer() -> Prose:
    """Show a model answer and the marking scheme for each answer in words that you have written.

    Write yours first, in its cell, and save the notebook: it is looked up in the file.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        return Prose("Not shown here: this is a check of the tests that you can see.")
    notebook = this_notebook()
    if notebook is None:
        return Prose(
            "Which notebook this is cannot be told here. The model answer is in the course's "
            "folder, in the lesson's notebook below `source/`."
        )
    try:
        return _answers(notebook, course_root())
    except LessonError as error:
        return Prose(f"{error}.")


def _answers(notebook: Path, root: Path) -> Prose:
    released = lesson_of(notebook, find_lessons(root / "release"))
    sources = [one for one in find_lessons(root / "source") if one.id == released.id]
    if not sources:
        return Prose("The model answer is your instructor's: it comes with the feedback.")
    theirs = {cell.grade_id: cell.source for cell in cells_in(notebook)}
    written = [
        answer
        for answer in released.by_role("answer")
        if not answer.is_code
        and theirs.get(answer.grade_id, "").split() not in ([], answer.source.split())
    ]
    said = [_told(sources[0], answer) for answer in written]
    return Prose(
        "\n\n".join(said)
        or "Write your own answer into the cell above and save the notebook (Ctrl+S). Then run "
        "this cell again: it shows a model answer and the marking scheme."
    )


def _told(source: Lesson, answer: LessonCell) -> str:
    """Return a model answer, with the marking scheme that stands nearest above it."""
    model = source.cell(answer.grade_id)
    schemes = [
        found[1].strip()
        for cell in source.cells[: model.index]
        if (found := _SCHEME.search(cell.source))
    ]
    return "\n\n".join(["**A model answer**", model.source, *schemes[-1:]])
