"""How each lesson ends: the same words on grading everywhere, and the lesson that comes next.

Both are written into the notebooks in ``source/``, so that an instructor sees what students read.
Another lesson needs its own folder only: the one before it then leads to it.
"""

from __future__ import annotations

import json
from itertools import zip_longest
from pathlib import Path
from typing import Any

from course.lessons import Lesson, find_lessons, source_text

#: Begins the paragraph of a lesson's last text that is made here.
NEXT = "**Next:**"
#: Begins the list of references, which the paragraph stands above.
REFERENCES = "**To read.**"
#: The cell that grades begins with other lines; this is its last.
_GRADE = "learner.grade()"


def generate(root: Path, out: Path) -> None:
    """Write the notebooks in ``source/`` with their endings.

    Parameters
    ----------
    root : Path
        The repository whose ``source/`` is read.
    out : Path
        The repository, or a folder to compare it with.
    """
    lessons = find_lessons(root / "source")
    for lesson, following in zip_longest(lessons, lessons[1:]):
        nb = json.loads(lesson.path.read_text(encoding="utf-8"))
        end(nb["cells"], lesson, following)
        path = out / lesson.path.relative_to(root)
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(nb, indent=1, ensure_ascii=False) + "\n"
        path.write_text(text, encoding="utf-8", newline="\n")


def end(cells: list[dict[str, Any]], lesson: Lesson, following: Lesson | None) -> None:
    """Write the ending into a notebook's cells, in place."""
    texts = [
        k
        for k, cell in enumerate(cells)
        if cell["cell_type"] == "markdown" and "nbgrader" not in cell["metadata"]
    ]
    for above, cell in enumerate(cells[1:]):
        if above in texts and source_text(cell).endswith(_GRADE):
            _write(cells[above], on_grading(lesson))
    if texts:
        last = cells[texts[-1]]
        _write(last, leading_on(source_text(last), following))


def on_grading(lesson: Lesson) -> str:
    """Return what stands above the cell that grades."""
    return (
        "Save the notebook (Ctrl+S), then run the next cell: in a few seconds it runs the hidden "
        "tests that a class is graded with. **Grade** in the toolbar does both at once, and "
        f"`python3 -m course check {_number(lesson)}` does it in a terminal. In a class your "
        "instructor has these tests, and the cell says so."
    )


def leading_on(text: str, following: Lesson | None) -> str:
    r"""Return a lesson's last text with a paragraph on what comes next, above its references.

    >>> leading_on("## Summary\n\n**Next:** old.\n\n**To read.**\n\n- A book", None)
    '## Summary\n\n**Next:** this was the last lesson of the course.\n\n**To read.**\n\n- A book'
    """
    said = f"{NEXT} this was the last lesson of the course."
    if following:
        link = f"../{following.id}/{following.name}.ipynb"
        title = f"lesson {_number(following)}, *{following.title}*"
        said = f"{NEXT} [{title}]({link}). {following.summary}"
    paragraphs = [one for one in text.split("\n\n") if not one.startswith(NEXT)]
    above = next(
        (k for k, one in enumerate(paragraphs) if one.startswith(REFERENCES)), len(paragraphs)
    )
    return "\n\n".join([*paragraphs[:above], said, *paragraphs[above:]])


def _number(lesson: Lesson) -> int:
    return int(lesson.id.split("_")[0])


def _write(cell: dict[str, Any], text: str) -> None:
    """Write a cell's text in the form that it has: one string, or a list of lines."""
    is_list = isinstance(cell["source"], list)
    cell["source"] = text.splitlines(keepends=True) if is_list else text
