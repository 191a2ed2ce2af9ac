"""Right is right: however a right answer is written, it earns no reproach."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import pytest
from right_answers import LESSON_OF, LESSONS, OneProcess, RightAnswer, answers_of, quiet, together
from some import some_quick

from course.checks.known.diagnosis import diagnose
from course.lessons import Lesson

FEWEST = 25

ANSWERS = [answer for name in LESSON_OF for answer in answers_of(name)]


def every_answer(test: Callable[[RightAnswer], None]) -> Callable[[RightAnswer], None]:
    each = pytest.mark.parametrize(
        "answer", some_quick(ANSWERS, 9, seconds=70), ids=map(str, ANSWERS)
    )
    return pytest.mark.usefixtures("_asked_once_in_all")(each(test))


@functools.cache
def function_of(answer: RightAnswer) -> object:
    return OneProcess(LESSON_OF[answer.function], [answer]).answers[answer.function]


@pytest.mark.parametrize("name", LESSON_OF)
def test_an_exercise_has_many_right_answers(name: str) -> None:
    n_answers = len({answer.cells for answer in answers_of(name)})
    path = f"tests/lessons/{LESSON_OF[name].id}/right_answers/{name}.txt"
    assert n_answers >= FEWEST, f"write {FEWEST - n_answers} more right answers into {path}"


@pytest.mark.parametrize("name", LESSON_OF)
def test_a_right_answer_has_a_name_of_its_own_and_a_sentence(name: str) -> None:
    names = {answer.name for answer in answers_of(name) if answer.sentence.endswith(".")}
    assert len(names) == len(answers_of(name))


@pytest.mark.parametrize("lesson", some_quick(LESSONS.values()), ids=LESSONS)
def test_right_answers_earn_every_point_without_a_judge(lesson: Lesson) -> None:
    for group in together(lesson)[:2]:  # the judge is given all of them
        assert OneProcess(lesson, group).refusals() == {}


@pytest.mark.sampled(one_in=3)
@every_answer
def test_the_learners_check_knows_the_exercise_and_finds_nothing_wrong(answer: RightAnswer) -> None:
    names = {answer.function: function_of(answer)}
    with quiet() as printed:
        exec(f"from course import checks\nchecks.check({answer.function})", names)
    assert re.match(rf"{answer.function}: all \d+ checks pass", printed.getvalue())


@pytest.mark.sampled(one_in=3)
@every_answer
def test_no_known_mistake_is_seen_in_a_right_answer(answer: RightAnswer) -> None:
    with quiet():
        named = diagnose(function_of(answer), answer.function, LESSON_OF[answer.function].id)
    assert named == []
