"""Lessons end alike: how to be graded, a summary, and the lesson that there is next."""

from __future__ import annotations

import copy
import json
import re

import pytest
from plain_run import LESSONS

from course.lessons import Lesson
from course.maintain.endings import NEXT, end, leading_on, on_grading

every_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


def texts(lesson: Lesson) -> list[str]:
    return [cell.source for cell in lesson.cells if not cell.is_code and cell.role == "text"]


def following(lesson: Lesson) -> Lesson | None:
    ids = list(LESSONS)
    return next((LESSONS[one] for one in ids[ids.index(lesson.id) + 1 :]), None)


@every_lesson
def test_a_lesson_ends_in_a_link_to_the_next_and_announces_only_lessons_that_there_are(
    lesson: Lesson,
) -> None:
    last = texts(lesson)[-1]
    next_one = following(lesson)
    linked = re.findall(r"\]\(\.\./(\w+)/(\w+)\.ipynb\)", last)
    assert linked == ([(next_one.id, next_one.name)] if next_one else [])
    assert last == leading_on(last, next_one)
    announced = {
        int(number) for number in re.findall(r"\b[Ll]esson (\d+)", "\n".join(texts(lesson)))
    }
    assert announced <= {int(one.split("_")[0]) for one in LESSONS}


@every_lesson
def test_how_to_be_graded_is_said_once_and_in_the_same_words(lesson: Lesson) -> None:
    said = [text for text in texts(lesson) if "course check" in text]
    assert said == [on_grading(lesson)]
    above, cell = next(
        (above, cell)
        for above, cell in zip(lesson.cells, lesson.cells[1:], strict=False)
        if cell.source.endswith("learner.grade()")
    )
    assert above.source == on_grading(lesson), cell.grade_id


def test_a_lesson_that_is_added_is_led_to_by_the_one_before_it() -> None:
    *_, last = LESSONS.values()
    first = next(iter(LESSONS.values()))
    cells = json.loads(last.path.read_text(encoding="utf-8"))["cells"]
    before = copy.deepcopy(cells)
    end(cells, last, first)
    changed = [k for k, cell in enumerate(cells) if cell != before[k]]
    assert changed == [len(cells) - 1]
    text = "".join(cells[-1]["source"])
    assert f"{NEXT} [lesson 1, *{first.title}*](../{first.id}/{first.name}.ipynb)." in text
    assert "last lesson" not in text
    end(cells, last, None)
    assert cells == before


def test_a_question_that_is_answered_for_points_is_no_ending() -> None:
    lesson = next(iter(LESSONS.values()))
    answer = {"cell_type": "markdown", "metadata": {"nbgrader": {"solution": True}}, "source": "a"}
    cells = [{"cell_type": "markdown", "metadata": {}, "source": "Text."}, dict(answer)]
    end(cells, lesson, None)
    assert cells[1] == answer
    assert NEXT in cells[0]["source"]
