"""However a right answer is written, the judge gives it every point, in its two processes."""

from __future__ import annotations

import pytest
from in_judge import handed_in, restored, verdict_on
from lesson_folder import listed
from right_answers import LESSONS, RightAnswer, together

from course.grading.judge.plan import TestResult
from course.lessons import Lesson, answers

GROUPS = [(lesson, group) for lesson in LESSONS.values() for group in together(lesson)]

every_group = pytest.mark.parametrize(
    ("lesson", "group"), GROUPS, ids=["+".join(map(str, group)) for _, group in GROUPS]
)


def lost(test: TestResult) -> str:
    return f"{test.grade_id}: {test.message}" if test.score < test.points else ""


@pytest.mark.sampled(one_in=5)
@pytest.mark.slow(seconds=80)
@pytest.mark.usefixtures("nursery")
@every_group
def test_the_judge_gives_a_right_answer_every_point(
    lesson: Lesson, group: tuple[RightAnswer, ...]
) -> None:
    verdict = verdict_on(lesson, group)
    assert verdict.cell_errors == []
    assert [words for test in verdict.tests if (words := lost(test))] == []


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_the_judge_is_given_the_tests_of_the_source(lesson: Lesson) -> None:
    notebook = restored(lesson, handed_in(lesson, ()))
    texts = {
        cell.metadata.get("nbgrader", {}).get("grade_id"): cell.source for cell in notebook.cells
    }
    for cell in (*lesson.by_role("test"), *lesson.by_role("setup")):
        assert texts[cell.grade_id] == cell.source


def test_an_answer_that_only_hidden_tests_refuse_loses_points_in_the_judge() -> None:
    lesson, entry = next(
        (lesson, entry)
        for lesson in LESSONS.values()
        for entry in listed(lesson.id, "wrong.toml").get("wrong", ())
    )
    changed = next(iter(entry["new"].values()))
    wrong = answers(lesson)[entry["answer"]].replace(entry["old"], changed)
    (function,) = (name for name in lesson.functions if f"def {name}(" in wrong)

    verdict = verdict_on(lesson, [RightAnswer(function, "wrong", "For some inputs.", (wrong,))])
    refused = {test.grade_id for test in verdict.tests if test.score < test.points}
    assert entry["refused_by"] in refused
