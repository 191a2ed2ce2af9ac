"""Each lesson as an instructor keeps it: it earns what it should, and reads as it must."""

from __future__ import annotations

import json
import re

import pytest
from plain_run import LESSONS, PlainRun
from some import some_quick

from course.lessons import Lesson, course_root, role_of
from course.lessons.misconceptions import INSTRUCTORS, answers_with, misconceptions

MISTAKES = [(m, lesson) for lesson in LESSONS.values() for m in misconceptions(lesson)]


def every_lesson(function: object) -> object:
    return pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)(function)


@every_lesson
def test_the_solved_source_earns_every_point(lesson: Lesson) -> None:
    expected = {cell.grade_id: cell.points for cell in lesson.by_role("test")}
    assert PlainRun(lesson).scores() == expected


@pytest.mark.parametrize(
    ("mistake", "lesson"),
    some_quick(MISTAKES, 9),
    ids=[f"{lesson.id}-{m.name}" for m, lesson in MISTAKES],
)
def test_the_claim_that_a_mistake_breaks_refuses_it(mistake: object, lesson: Lesson) -> None:
    run = PlainRun(lesson, answers_with(lesson, mistake))
    for grade_id in mistake.breaks:
        assert run.score(grade_id) < lesson.cell(grade_id).points, grade_id


@every_lesson
def test_a_lesson_begins_with_the_number_of_its_folder_and_its_title(lesson: Lesson) -> None:
    heading = lesson.cells[0].source.splitlines()[0]
    number = int(lesson.id.split("_")[0])
    said = f"{lesson.id} must begin with '# Lesson {number}: {lesson.title}', not with '{heading}'"
    assert re.match(rf"# (Lesson )?{number}(:| ·) {lesson.title}\b", heading), said


@every_lesson
def test_every_mistake_is_named_once(lesson: Lesson) -> None:
    names = [mistake.name for mistake in misconceptions(lesson)]
    assert len(names) == len(set(names))


@every_lesson
def test_a_test_cell_starts_with_its_claim_and_has_a_hidden_part(lesson: Lesson) -> None:
    for cell in lesson.by_role("test"):
        first = cell.source.splitlines()[0]
        assert re.match(r"# \S.* \S", first), cell.grade_id
        if "docstring" not in cell.grade_id:
            assert "### BEGIN HIDDEN TESTS" in cell.source, cell.grade_id


@every_lesson
def test_notebooks_are_committed_without_outputs(lesson: Lesson) -> None:
    for folder in ("source", "release"):
        path = course_root() / folder / lesson.id / f"{lesson.name}.ipynb"
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs"), f"{folder}: {cell['id']}"
            assert cell.get("execution_count") is None, f"{folder}: {cell['id']}"


@every_lesson
def test_the_release_holds_no_solution_no_hidden_test_and_no_marking_scheme(lesson: Lesson) -> None:
    path = course_root() / "release" / lesson.id / f"{lesson.name}.ipynb"
    text = path.read_text(encoding="utf-8")
    for secret in ("BEGIN SOLUTION", "HIDDEN TESTS", "MARK SCHEME", "reference."):
        assert secret not in text, secret
    assert list(lesson.path.parent.glob(INSTRUCTORS))
    assert not list(path.parent.rglob(INSTRUCTORS))


@every_lesson
def test_the_setup_cell_imports_no_more_than_numpy_and_the_checks(lesson: Lesson) -> None:
    imports = [
        line
        for cell in lesson.by_role("setup")
        for line in cell.source.splitlines()
        if line.startswith(("import ", "from "))
    ]
    assert set(imports) <= {"import numpy as np", "from course import checks"}


def raw_cells(lesson: Lesson) -> list[dict]:
    path = course_root() / "source" / lesson.id / f"{lesson.name}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@every_lesson
def test_run_all_goes_on_past_what_an_unwritten_exercise_fails(lesson: Lesson) -> None:
    for raw in raw_cells(lesson):
        fails = role_of(raw) in ("test", "lab") and raw["cell_type"] == "code"
        assert ("raises-exception" in raw["metadata"].get("tags", ())) == fails, raw["id"]


@every_lesson
def test_each_prediction_has_a_name_of_its_own_and_is_shown_by_one_lab(lesson: Lesson) -> None:
    written, shown = [], []
    for raw in raw_cells(lesson):
        text = "".join(raw["source"]) if raw["cell_type"] == "code" else ""
        written += re.findall(r'^(prediction\w*) = """', text, re.MULTILINE)
        shown += re.findall(r"^labs\.[^)]*\b(prediction\w*)", text, re.MULTILINE)
    assert written == shown
    assert len(set(written)) == len(written)
