"""What a feedback page was made from: it says so, and is stale where that has changed."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import nbgrader
from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory

from course.grading.cycle import formulas, pages, told
from course.grading.cycle.pages import TEMPLATES, FeedbackExporter
from course.grading.records.lateness import how_late
from course.grading.records.opening import opened
from course.grading.steps import notebook_cells

#: Where a page says what it was made from.
_MADE_FROM = '<meta name="made-from" content="{}">'
_SAYS = re.compile(_MADE_FROM.format("([0-9a-f]+)"))
#: Larger files beside a notebook are told apart by size and time.
_READ_BYTES = 2**20


class CurrentFeedback(FeedbackExporter):
    """Makes feedback pages, and says in each what it was made from."""

    def from_notebook_node(
        self, nb: Any, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Export one graded notebook."""
        page, resources = super().from_notebook_node(nb, resources, **kw)
        about = resources.get("nbgrader", {})
        if isinstance(self.parent, GenerateFeedback) and "student" in about:
            names = about["notebook"], about["assignment"], about["student"]
            made_from = _MADE_FROM.format(_made_from(self.parent.coursedir, *names))
            page = page.replace("</head>", f"{made_from}\n</head>", 1)
        return page, resources


def is_stale(
    course: CourseDirectory, notebooks: Iterable[str], lesson_id: str, student: str
) -> bool:
    """Say whether one of a submission's feedback pages was made from something else."""
    folder = Path(course.format_path(course.feedback_directory, student, lesson_id))
    for notebook in notebooks:
        try:
            page = (folder / f"{notebook}.html").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return True
        says = _SAYS.search(page[: page.find("</head>")])
        if says is None or says[1] != _made_from(course, notebook, lesson_id, student):
            return True
    return False


def _made_from(course: CourseDirectory, notebook: str, lesson_id: str, student: str) -> str:
    """Return a digest of all that a feedback page shows: marks, comments, notebook, pictures."""
    folder = Path(course.format_path(course.autograded_directory, student, lesson_id))
    total = hashlib.sha256(_own_code())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(".diagnosis.json"):
            about = path.stat()
            total.update(
                f"\0{path.relative_to(folder)}\0{about.st_size}\0".encode("utf-8", "replace")
            )
            is_small = about.st_size <= _READ_BYTES or path.suffix == ".ipynb"
            total.update(path.read_bytes() if is_small else str(about.st_mtime_ns).encode())
    with opened(course) as gradebook:
        total.update(json.dumps(_marks(gradebook, notebook, lesson_id, student)).encode())
    return total.hexdigest()


def _marks(gradebook: Gradebook, notebook: str, lesson_id: str, student: str) -> list[Any]:
    try:
        row: Any = gradebook.find_submission_notebook(notebook, lesson_id, student)
    except MissingEntry:
        return []
    db = gradebook.db
    grades = db.query(Grade.cell_id, Grade.score, Grade.max_score, Grade.needs_manual_grade)
    comments = db.query(Comment.cell_id, Comment.comment)
    return [
        row.late_submission_penalty,
        how_late(gradebook, lesson_id, student),
        sorted(map(list, grades.filter(Grade.notebook_id == row.id))),
        sorted(map(list, comments.filter(Comment.notebook_id == row.id))),
    ]


@functools.cache
def _own_code() -> bytes:
    """Return what tells all that makes the pages from another version of it."""
    modules = (pages, told, formulas, notebook_cells)
    templates = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
    codes = [Path(module.__file__ or "").read_bytes() for module in modules]
    codes += [path.read_bytes() for path in templates]
    return hashlib.sha256(b"\0".join([nbgrader.__version__.encode(), *codes])).digest()
