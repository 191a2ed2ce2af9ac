"""What does no work earns nothing from the judge, in its two processes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
import pytest
from degenerate import degenerate_answers
from in_judge import LIMITS, restored
from plain_run import LESSONS

from course.grading.judge.judge import judge
from course.grading.steps.execute import plan_of
from course.lessons import Lesson, course_root

KINDS = ("careful_zeros", "careful_chance", "copied_0", "none", "value_error", "the_first_result")


@pytest.mark.slow(seconds=20)
@pytest.mark.usefixtures("nursery")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_an_answer_that_does_no_work_earns_nothing_in_the_judge(lesson: Lesson, kind: str) -> None:
    texts = dict(degenerate_answers(lesson))[kind]
    path = course_root() / "release" / lesson.id / f"{lesson.name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        cell.source = texts.get(grade_id, cell.source)
    with tempfile.TemporaryDirectory() as folder:
        verdict = judge(plan_of(restored(lesson, notebook), lesson, LIMITS, Path(folder)))
    assert len(verdict.tests) == len(list(lesson.by_role("test")))
    assert {test.grade_id: test.score for test in verdict.tests if test.score} == {}
