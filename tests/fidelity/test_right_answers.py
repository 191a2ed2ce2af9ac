"""Right is right: however a right answer is written, it earns every point and no reproach."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import pytest
from in_judge import handed_in, restored, verdict_on
from lesson_folder import listed
from right_answers import LESSON_OF, LESSONS, OneProcess, RightAnswer, answers_of, quiet, together
from some import some_quick

from course.checks.known.diagnosis import diagnose
from course.grading.judge.plan import TestResult
from course.lessons import Lesson, answers

FEWEST = 25

ANSWERS = [answer for name in LESSON_OF for answer in answers_of(name)]
GROUPS = [(lesson, group) for lesson in LESSONS.values() for group in together(lesson)]

every_group = pytest.mark.parametrize(
    ("lesson", "group"), GROUPS, ids=["+".join(map(str, group)) for _, group in GROUPS]
)


def every_answer(test: Callable[[RightAnswer], None]) -> Callable[[RightAnswer], None]:
    each = pytest.mark.parametrize("answer", some_quick(ANSWERS, 9), ids=map(str, ANSWERS))
    return pytest.mark.usefixtures("_asked_once_in_all")(each(test))


@functools.cache
def function_of(answer: RightAnswer) -> object:
    return OneProcess(LESSON_OF[answer.function], [answer]).answers[answer.function]


def lost(test: TestResult) -> str:
    return f"{test.grade_id}: {test.message}" if test.score < test.points else ""


@pytest.mark.parametrize("name", LESSON_OF)
def test_an_exercise_has_many_right_answers(name: str) -> None:
    n_answers = len({answer.cells for answer in answers_of(name)})
    path = f"tests/lessons/{LESSON_OF[name].id}/right_answers/{name}.txt"
    assert n_answers >= FEWEST, f"write {FEWEST - n_answers} more right answers into {path}"


@pytest.mark.parametrize("name", LESSON_OF)
def test_a_right_answer_has_a_name_of_its_own_and_a_sentence(name: str) -> None:
    names = {answer.name for answer in answers_of(name) if answer.sentence.endswith(".")}
    assert len(names) == len(answers_of(name))


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_right_answers_earn_every_point_without_a_judge(lesson: Lesson) -> None:
    for group in together(lesson)[:2]:  # the judge is given all of them
        assert OneProcess(lesson, group).refusals() == {}


@every_answer
def test_the_learners_check_knows_the_exercise_and_finds_nothing_wrong(answer: RightAnswer) -> None:
    names = {answer.function: function_of(answer)}
    with quiet() as printed:
        exec(f"from course import checks\nchecks.check({answer.function})", names)
    assert re.match(rf"{answer.function}: all \d+ checks pass", printed.getvalue())


@every_answer
def test_no_known_mistake_is_seen_in_a_right_answer(answer: RightAnswer) -> None:
    with quiet():
        named = diagnose(function_of(answer), answer.function, LESSON_OF[answer.function].id)
    assert named == []


@pytest.mark.slow(seconds=150)
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
