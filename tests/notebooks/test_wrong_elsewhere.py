"""Wrong answers that are right on small inputs: no learner's mistake, and yet no full marks."""

from __future__ import annotations

from typing import Any

import pytest
from lesson_folder import listed
from plain_run import LESSONS, PlainRun
from some import some_quick

from course.lessons import Lesson, answers

WRONG = [
    pytest.param(lesson, entry, new, id=f"{lesson.id}-{name}")
    for lesson in LESSONS.values()
    for entry in listed(lesson.id, "wrong.toml").get("wrong", ())
    for name, new in entry["new"].items()
]


@pytest.mark.parametrize(("lesson", "entry", "new"), some_quick(WRONG))
def test_an_answer_that_is_wrong_for_some_inputs_alone_loses_points(
    lesson: Lesson, entry: dict[str, Any], new: str
) -> None:
    text = answers(lesson)[entry["answer"]]
    assert text.count(entry["old"]) == 1
    run = PlainRun(lesson, {entry["answer"]: text.replace(entry["old"], new)})
    assert run.score(entry["refused_by"]) < lesson.cell(entry["refused_by"]).points
