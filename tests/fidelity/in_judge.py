"""Right answers as a submission, for the judge's two processes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.coursedir import CourseDirectory
from right_answers import RightAnswer, cell_texts
from traitlets.config import Configurable

from course.grading.confinement.limits import Limits
from course.grading.judge.judge import judge
from course.grading.judge.plan import Verdict
from course.grading.steps.execute import plan_of
from course.grading.steps.restore import RestoreCells
from course.lessons import Lesson, course_root
from course.lessons import answers as instructors_answers

#: Generous, for machines that do more than one thing at a time: speed is not what is tested.
LIMITS = Limits(call_s=60, cell_s=120, notebook_s=600)


def verdict_on(lesson: Lesson, answers: Iterable[RightAnswer]) -> Verdict:
    """Return what the judge finds of right answers, handed in with the instructor's own others."""
    notebook = restored(lesson, handed_in(lesson, answers))
    with tempfile.TemporaryDirectory() as folder:
        return judge(plan_of(notebook, lesson, LIMITS, Path(folder)))


def handed_in(lesson: Lesson, answers: Iterable[RightAnswer]) -> NotebookNode:
    """Return the released notebook, which has no hidden test, with the answers written in."""
    released = course_root() / "release" / lesson.id / f"{lesson.name}.ipynb"
    notebook = nbformat.read(released, as_version=4)
    texts = {name: (text,) for name, text in instructors_answers(lesson).items()}
    texts |= cell_texts(lesson, answers)
    cells = []
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        *helpers, cell.source = texts.get(grade_id, (cell.source,))
        cells += [nbformat.v4.new_code_cell(helper) for helper in helpers]
        cells.append(cell)
    notebook.cells = cells
    return notebook


def restored(lesson: Lesson, submission: NotebookNode) -> NotebookNode:
    """Lay a submission over the instructor's notebook, as grading does: so hidden tests come in."""
    about = {"nbgrader": {"assignment": lesson.id, "notebook": lesson.name}}
    notebook, _ = RestoreCells(parent=_Course()).preprocess(submission, about)
    return notebook


class _Course(Configurable):
    """Stands for the converter that the step runs in: it knows where ``source/`` is."""

    coursedir = CourseDirectory(root=str(course_root()))
