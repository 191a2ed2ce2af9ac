"""In the judge, too, a function that calls a wrong one gets that one's name, and its own marks."""

from __future__ import annotations

import pytest
from plain_run import LESSONS

from course.grading.confinement.limits import Limits
from course.grading.judge.judge import PlanRunner, judge
from course.grading.judge.plan import Plan, PlannedCell, Verdict
from course.lessons import answers
from course.lessons.misconceptions import answers_with, misconceptions
from course.lessons.solutions import answer_names

pytestmark = [pytest.mark.slow(seconds=12), pytest.mark.usefixtures("nursery")]

LESSON = LESSONS["06_transformers"]
FORWARD, DRAFT = "transformer_forward", "accept_draft"
LIMITS = Limits(call_s=60, cell_s=120, notebook_s=600)


def verdict(texts: dict[str, str]) -> Verdict:
    """Judge lesson 6 with some answers."""
    cells = [
        cell for cell in LESSON.cells if cell.is_code and cell.role in ("setup", "answer", "test")
    ]
    planned = [
        PlannedCell(i, c.grade_id, c.role, texts.get(c.grade_id, c.source), c.points)
        for i, c in enumerate(cells)
    ]
    solution = [(c.grade_id, c.source) for c in cells if c.role != "test"]
    names = answer_names(LESSON)
    return judge(Plan(LESSON.id, planned, solution, names, list(LESSON.functions), "", LIMITS))


@pytest.fixture(scope="module")
def wrong() -> dict[str, str]:
    """Answers of which the forced pass alone is wrong."""
    [mistake] = (m for m in misconceptions(LESSON) if m.name == "forgets_rms_before_the_head")
    return answers_with(LESSON, mistake)


def test_a_right_function_is_not_given_a_name(wrong: dict[str, str]) -> None:
    found = verdict(wrong)
    failed = [one for one in found.tests if one.score < one.points and DRAFT in one.called]
    assert failed
    for one in failed:
        assert {(d["function"], d["name"]) for d in one.diagnoses} == {
            (FORWARD, "forgets_rms_before_the_head")
        }
        pointer = f"\n`{DRAFT}` calls `{FORWARD}`, which fails its own check: go there first, with "
        assert pointer in one.message
        assert one.message.index(pointer) > 0
    of_forward = [one for one in found.tests if one.called == [FORWARD] and one.diagnoses]
    assert of_forward
    assert not any("go there first" in one.message for one in of_forward)


def test_marks_are_those_without_any_diagnosis(
    wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {one.grade_id: one.score for one in verdict(wrong).tests}
    monkeypatch.setattr(PlanRunner, "_diagnose", lambda runner: None)
    assert {one.grade_id: one.score for one in verdict(wrong).tests} == told
    assert 0 < sum(told.values()) < sum(cell.points for cell in LESSON.by_role("test"))


def test_a_call_of_what_a_later_cell_defines_is_told(wrong: dict[str, str]) -> None:
    right = answers(LESSON)
    [cell] = (key for key, text in right.items() if f"def {FORWARD}(" in text)
    early = right[cell].replace("    W_in,", "    generate\n    W_in,", 1)
    assert early != right[cell]
    failed = [one for one in verdict(right | {cell: early}).tests if FORWARD in one.called]
    said = [one.message for one in failed if one.score < one.points]
    assert any(
        "run the cell of `generate` first. If that cell stands further down" in m for m in said
    )
