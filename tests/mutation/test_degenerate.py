"""A function that does no work earns nothing; a half-right one keeps what it has honestly."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import pytest
from degenerate import degenerate_answers, hands_back_all
from lesson_folder import listed
from plain_run import LESSONS, PlainRun
from some import some_quick

from course.checks.dashboard.checking import examine
from course.checks.dashboard.report import HOLDS
from course.lessons import Lesson, answers, course_root, find_lessons, solution_namespace

RELEASED = {lesson.id: lesson for lesson in find_lessons(course_root() / "release")}


def every_lesson(function):
    each = pytest.mark.parametrize("lesson", some_quick(LESSONS.values(), seconds=50), ids=LESSONS)
    return pytest.mark.sampled(one_in=2)(each(function))


def earned(lesson: Lesson, tested: Lesson) -> dict[str, dict[str, float]]:
    """Return what each idle answer earns, where that is something."""
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, texts in degenerate_answers(lesson):
            scores = PlainRun(tested, texts).scores()
            found[name] = {grade_id: score for grade_id, score in scores.items() if score}
    return {name: scores for name, scores in found.items() if scores}


@every_lesson
def test_an_answer_that_does_no_work_earns_nothing(lesson: Lesson) -> None:
    assert earned(lesson, lesson) == {}


@every_lesson
def test_an_answer_that_does_no_work_passes_no_visible_test(lesson: Lesson) -> None:
    found = earned(lesson, RELEASED[lesson.id])
    found.pop("the_first_result", None)  # which is the right one of a visible test
    assert found == {}


@every_lesson
@pytest.mark.usefixtures("_asked_once")
def test_the_check_ticks_nothing_for_an_answer_that_does_no_work(lesson: Lesson) -> None:
    ticked = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, texts in degenerate_answers(lesson):
            namespace = solution_namespace(lesson, texts)
            for function in lesson.functions:
                if hands_back_all(name, function, lesson):
                    continue  # which is made of all arrays, as the result of a right one is
                report = examine(namespace[function], function)
                assert report is not None
                for sentence, marks in report.table:
                    if HOLDS in marks.values():
                        ticked.append((name, function, sentence))
    assert ticked == []


def lost(lesson: Lesson, change: Mapping[str, str]) -> dict[str, float]:
    """Return the share of its points that each claim loses for a change to a right answer."""
    texts = answers(lesson)
    assert texts[change["answer"]].count(change["old"]) == 1
    texts[change["answer"]] = texts[change["answer"]].replace(change["old"], change["new"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = PlainRun(lesson, texts).scores()
    points = {cell.grade_id: cell.points for cell in lesson.by_role("test")}
    return {g: round(1 - scores[g] / points[g], 2) for g in points if scores[g] < points[g]}


NEARLY_RIGHT = [
    pytest.param(lesson, change, id=change["name"])
    for lesson in LESSONS.values()
    for change in listed(lesson.id, "wrong.toml").get("nearly_right", ())
]


@pytest.mark.slow
@pytest.mark.parametrize(("lesson", "change"), NEARLY_RIGHT)
def test_an_answer_that_is_right_but_for_one_thing_loses_what_that_is_about(
    lesson: Lesson, change: dict[str, Any]
) -> None:
    found = lost(lesson, change)
    assert found == change.get("loses", found)
    assert not found.keys() & set(change.get("keeps", ()))
    assert {"loses", "keeps"} & change.keys()
