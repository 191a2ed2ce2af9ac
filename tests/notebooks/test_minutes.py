"""A lesson names as many minutes as a learner of average speed needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from course.lessons import Lesson, LessonCell, course_root, find_lessons
from course.maintain.minutes import (
    LINES_PER_MINUTE,
    MINUTES_PER_LAB,
    MINUTES_PER_OPENING,
    MINUTES_PER_PREDICTION,
    MINUTES_PER_QUESTION,
    WORDS_PER_MINUTE,
    estimate,
    named,
)

RELEASED = find_lessons(course_root() / "release")
TITLE = LessonCell(0, "", "text", "# Exposure bias\n\nabout 90 minutes", is_code=False)


def lesson_of(*cells: LessonCell) -> Lesson:
    return Lesson("04_a", "a", Path("a.ipynb"), "", "", "", 90, (), (TITLE, *cells))


def text(source: str) -> LessonCell:
    return LessonCell(1, "", "text", source, is_code=False)


@pytest.mark.parametrize("lesson", RELEASED, ids=lambda lesson: lesson.id)
def test_the_title_names_no_fewer_minutes_than_the_lesson_takes(lesson: Lesson) -> None:
    assert named(lesson.cells[0].source) == lesson.minutes
    assert estimate(lesson).total <= lesson.minutes, estimate(lesson)


@pytest.mark.parametrize(
    ("cells", "minutes"),
    [
        ([text("word " * WORDS_PER_MINUTE * 7)], 7),
        (
            [
                text(
                    "<details><summary>Answer</summary>\n"
                    + "word " * (3 * WORDS_PER_MINUTE - 1)
                    + "</details>"
                )
            ],
            3,
        ),
        ([text("<details><summary>Hint 1</summary>" + "word " * 900 + "</details>")], 0),
        ([text("For the curious " + "word " * (3 * WORDS_PER_MINUTE - 3))], 3),
        ([text("`a < b` " + "word " * (3 * WORDS_PER_MINUTE - 2) + "<b>")], 3),
        ([text("## For the curious\n" + "word " * 900)], 0),
        (
            [
                text("## For the curious: more"),
                text("word " * 900),
                text("## " + "word " * 3 * WORDS_PER_MINUTE),
            ],
            3,
        ),
        ([text("**To read.**\n\n- " + "word " * 900)], 0),
        ([text("![" + "word " * 900 + "](images/a.svg)")], 0),
        ([LessonCell(1, "", "other", "x = 1\n\n" * LINES_PER_MINUTE * 2)], 2),
        ([LessonCell(1, "", "setup", "x = 1\n" * 900)], 0),
        (
            [LessonCell(1, "", "test", "# " + "word " * WORDS_PER_MINUTE + "\n" + "x = 1\n" * 900)],
            1,
        ),
    ],
)
def test_words_and_code_that_are_read_take_their_time(
    cells: list[LessonCell], minutes: float
) -> None:
    without = estimate(lesson_of()).total
    assert estimate(lesson_of(*cells)).total - without == pytest.approx(minutes, abs=0.01)


def test_a_lab_a_prediction_an_exercise_and_a_question_take_theirs() -> None:
    found = estimate(
        lesson_of(
            text("**Predict.** More?"),
            LessonCell(1, "", "other", 'prediction_more = """\nWrite your prediction here.\n"""'),
            LessonCell(2, "", "lab", "from course import labs\n\nlabs.divergence(\n    run,\n)"),
            text("**About 15 minutes, easy.** Write `f`."),
            text("**(a)** Why?\n\n**(b)** How?"),
        )
    )
    assert found.predictions == MINUTES_PER_PREDICTION
    assert found.code == 0
    assert found.labs == MINUTES_PER_LAB
    assert found.exercises == 15
    assert found.questions == 2 * MINUTES_PER_QUESTION


def test_a_lab_that_a_lesson_opens_with_takes_less_than_one_after_an_exercise() -> None:
    lab = "from course import labs\n\nlabs.same_loss()"
    write = LessonCell(5, "f", "answer", "def f(): ...")
    opening, after = LessonCell(1, "", "lab", lab), LessonCell(9, "", "lab", lab)
    assert estimate(lesson_of(opening, write)).labs == MINUTES_PER_OPENING
    assert estimate(lesson_of(opening, write, after)).labs == MINUTES_PER_OPENING + MINUTES_PER_LAB


def test_a_lesson_as_long_as_a_paper_is_found_too_long() -> None:
    assert estimate(lesson_of(text("word " * WORDS_PER_MINUTE * 91))).total > named(TITLE.source)
