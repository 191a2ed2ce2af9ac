"""A course of one tiny lesson, so that tests of the judge say what they are about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from course.grading.classes.temporary import Classroom  # takes seconds, which others need not

LESSON_ID = "01_decoder_cells"

SETUP = "import numpy as np\n\ndef half(x):\n    return x / 2"

SOLUTION = '''def double(x):
    """Double an array: the smallest exercise there is.

    Args:
        x (np.ndarray): any array
    """
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION'''

SECOND = '''def total(x, start=0.0):
    """Add up an array, from a start.

    Args:
        x (np.ndarray): any array
    """
    ### BEGIN SOLUTION
    return start + x.sum()
    ### END SOLUTION'''

TEST_DOUBLE = """# Every number is doubled.
assert np.array_equal(double(np.arange(3.0)), [0, 2, 4]), "double([0, 1, 2]) is not [0, 2, 4]"
### BEGIN HIDDEN TESTS
secret_input = np.arange(5.0)
assert np.array_equal(double(secret_input), reference.double(secret_input)), "not for others"
### END HIDDEN TESTS"""

TEST_IN_PLACE = """# The argument is left as it was.
x = np.arange(3.0)
double(x)
assert np.array_equal(x, [0, 1, 2]), "the argument was changed\""""

TEST_TOTAL = """# The sum counts from the start.
good = [total(np.ones(3)) == 3, total(np.ones(3), 2.0) == 5]
print(good)
2.0 * sum(good) / 2"""


def cell(
    kind: str, name: str, source: str, points: float | None = None, **metadata: Any
) -> dict[str, Any]:
    """Return one cell of an instructor's notebook."""
    marks: dict[str, Any] = {
        "grade": kind in ("test", "answer", "written"),
        "grade_id": name,
        "locked": kind in ("test", "setup"),
        "schema_version": 3,
        "solution": kind in ("solution", "answer", "written"),
        "task": False,
    }
    if points is not None:
        marks["points"] = points
    made: dict[str, Any] = {
        "cell_type": "markdown" if kind in ("written", "prose") else "code",
        "id": name,
        "metadata": dict(metadata)
        if kind in ("prose", "plain")
        else {"nbgrader": marks, **metadata},
        "source": source,
    }
    if made["cell_type"] == "code":
        made |= {"outputs": [], "execution_count": None}
    return made


def notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a lesson's notebook."""
    about = {
        "title": "Doubling",
        "summary": "Double things.",
        "difficulty": "easy",
        "minutes": 5,
        "functions": ["double", "total"],
    }
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"course": about, "kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def tiny_lesson() -> dict[str, Any]:
    return notebook(
        [
            cell("prose", "title", "# Doubling"),
            cell("setup", "setup", SETUP),
            cell("setup", "lab_cell", "raise RuntimeError('a lab cell ran')", tags=["lab"]),
            cell("solution", "write_double", SOLUTION),
            cell("test", "every_number_is_doubled", TEST_DOUBLE, 2),
            cell("test", "the_argument_is_left", TEST_IN_PLACE, 1),
            cell("solution", "write_total", SECOND),
            cell("test", "the_sum_counts", TEST_TOTAL, 2),
            cell(
                "written", "why", "Because.\n\n### BEGIN MARK SCHEME\nyes\n### END MARK SCHEME", 3
            ),
        ]
    )


def submission(room: Classroom, **texts: str) -> dict[str, Any]:
    """Return the released notebook with other texts in the cells that are named."""
    path = room.folder / "release" / LESSON_ID / "decoder_cells.ipynb"
    handed_in: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for one in handed_in["cells"]:
        if one["id"] in texts:
            one["source"] = texts[one["id"]]
    return handed_in


def solved(room: Classroom, **texts: str) -> dict[str, Any]:
    """Return a right submission, but for the cells that are named."""
    return submission(room, **{"write_double": SOLUTION, "write_total": SECOND, **texts})
