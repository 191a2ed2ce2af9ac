"""Claims are out of the learner's way: all run by one cell, each collapsed below its sentence."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell
from plain_run import LESSONS
from tiny import tiny_lesson

from course.grading.steps.released import COLLAPSED, ONE_BY_ONE, claim_line, with_claims
from course.lessons import Lesson, claim_of, course_root, defined_names, role_of
from course.maintain.visible import functions_run_by, sections


def every_lesson(function: object) -> object:
    return pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)(function)


def released(lesson: Lesson) -> list[dict]:
    path = course_root() / "release" / lesson.id / f"{lesson.name}.ipynb"
    return json.loads(path.read_text(encoding="utf-8"))["cells"]


@every_lesson
def test_a_test_cell_is_collapsed_below_its_claim_and_its_points(lesson: Lesson) -> None:
    cells = released(lesson)
    tests = [i for i, raw in enumerate(cells) if role_of(raw) == "test"]
    assert tests
    for i in tests:
        assert cells[i]["metadata"]["jupyter"]["source_hidden"] is True, cells[i]["id"]
        points = cells[i]["metadata"]["nbgrader"]["points"]
        line = claim_line("".join(cells[i]["source"]), points)
        assert cells[i - 1]["cell_type"] == "markdown"
        seen = re.sub(
            r"<details>.*</details>", "", "".join(cells[i - 1]["source"]), flags=re.DOTALL
        )
        assert seen.strip() == line, cells[i]["id"]


@every_lesson
def test_claims_in_a_row_are_one_line_that_hides_nothing_else(lesson: Lesson) -> None:
    """JupyterLab hides what follows a collapsed heading, as far as one of no lower level."""
    cells = released(lesson)
    claims = [role_of(raw) == "test" or is_claim(raw) for raw in cells]
    starts = [i for i, raw in enumerate(cells) if ONE_BY_ONE in "".join(raw["source"])]
    assert len(starts) == sum(not before and now for before, now in pairwise(claims))
    for start in starts:
        assert cells[start]["metadata"][COLLAPSED] is True, cells[start]["id"]
        end = next(i for i in range(start + 1, len(cells)) if not claims[i])
        assert end - start > 2
        assert 0 < level(cells[end]) <= level(cells[start]), cells[end]["id"]


def is_claim(raw: dict) -> bool:
    return raw["cell_type"] == "markdown" and "".join(raw["source"]).startswith("**Claim, ")


def level(raw: dict) -> int:
    """Return the level of the heading that a cell begins with, 0 without one."""
    found = re.match("(#+) ", "".join(raw["source"]))
    return len(found[1]) if found and raw["cell_type"] == "markdown" else 0


def test_claims_stay_open_above_a_text_without_a_heading() -> None:
    test = next(cell for cell in tiny_lesson()["cells"] if role_of(cell) == "test")
    for text, hides in (("### Next", True), ("Next", False)):
        tests = [nbformat.from_dict({**test, "id": f"claim_{k}"}) for k in range(2)]
        now, run = new_markdown_cell("## Now"), new_code_cell("checks.run_claims(twice)")
        [heading] = [
            cell
            for cell in with_claims([now, run, *tests, new_markdown_cell(text)])
            if ONE_BY_ONE in cell.source
        ]
        assert heading.source == f"### {ONE_BY_ONE}"
        assert (COLLAPSED in heading.metadata) == hides


@every_lesson
def test_nothing_else_is_collapsed_but_code_that_would_give_a_prediction_away(
    lesson: Lesson,
) -> None:
    """It stands right below the cell of the prediction, and its first line says when to run it."""
    cells = released(lesson)
    for before, raw in pairwise(cells):
        if "jupyter" in raw["metadata"] and role_of(raw) != "test":
            assert "".join(before["source"]).startswith("my_"), raw["id"]
            assert "".join(raw["source"]).startswith("# Run this when "), raw["id"]


@every_lesson
def test_each_exercise_is_checked_and_then_all_its_claims_are_run_by_one_cell(
    lesson: Lesson,
) -> None:
    """From each exercise to the next: its check, the cell that runs all claims, then the claims."""
    order: list[tuple[str, str]] = []
    for cell in lesson.cells:
        names = functions_run_by(cell.source) if cell.role == "lab" else []
        if cell.role == "answer" and cell.is_code:
            order += [("write", name) for name in defined_names(cell.source)]
        elif cell.source.startswith("checks.check("):
            order.append(("check", cell.source[len("checks.check(") : -1]))
        elif names:
            order.append(("run", names[-1]))
        elif cell.role == "test" and order[-1][0] != "test":
            order.append(("test", order[-1][1]))
    for function in lesson.functions:
        steps = [step for step, name in order if name == function]
        assert steps[:4] == ["write", "check", "run", "test"], function
        assert steps[4:] in ([], ["run", "test"]), function


@every_lesson
def test_what_the_package_runs_are_the_tests_of_the_release(lesson: Lesson) -> None:
    path = course_root() / "course" / "lessons" / lesson.id / "tests.json"
    shipped = json.loads(path.read_text(encoding="utf-8"))
    sources = ["".join(raw["source"]) for raw in released(lesson) if role_of(raw) == "test"]
    assert [claim["source"] for section in shipped for claim in section["claims"]] == sources
    assert [claim["claim"] for section in shipped for claim in section["claims"]] == [
        claim_of(source) for source in sources
    ]
    assert all(section["next"] for section in shipped)
    assert len(sections(lesson.cells)) == len(shipped)
