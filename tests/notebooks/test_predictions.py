"""Nothing that explains a result is seen before the learner opens it: predict, run, explain."""

from __future__ import annotations

import re

import pytest
from plain_run import LESSONS

from course.lessons import Lesson, LessonCell

FOLD = re.compile(r"<details>.*?</details>(?:\s*</details>)*", re.DOTALL)
STILL = re.compile(r"!\[[^\]]*\]\(images/lab_\w+\.svg\)")
#: A cell in which a number or a list is predicted.
PREDICTED = re.compile(r"^(my_\w+) = None", re.MULTILINE)
every_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)


def unfolded(text: str) -> str:
    """Return what is seen of a text before anything in it is opened; a fold leaves a mark."""
    return FOLD.sub("<fold>", re.sub(r"<!--.*?-->", "", text))


def texts(lesson: Lesson) -> list[LessonCell]:
    return [cell for cell in lesson.cells if not cell.is_code]


@every_lesson
def test_an_explanation_asks_and_its_answer_is_folded(lesson: Lesson) -> None:
    for cell in texts(lesson):
        for asked in unfolded(cell.source).split("**Explain.**")[1:]:
            question, answer, *_ = [*asked.strip().split("\n\n"), ""]
            assert question.endswith("?"), question
            assert answer.strip().startswith("<fold>"), question


@every_lesson
def test_a_prediction_is_followed_by_no_result_that_can_be_seen(lesson: Lesson) -> None:
    for cell in texts(lesson):
        for asked in unfolded(cell.source).split("**Predict.**")[1:]:
            assert not re.search(r"^\||^!\[", asked, re.MULTILINE), asked


@every_lesson
def test_what_was_predicted_in_a_cell_is_answered_once_a_cell_has_shown_it(lesson: Lesson) -> None:
    for cell in lesson.cells:
        for name in PREDICTED.findall(cell.source) if cell.is_code else ():
            after = lesson.cells[cell.index + 1 :]
            shown = next(one.index for one in after if one.is_code and name in one.source)
            between = lesson.cells[cell.index + 1 : shown]
            assert [one.source for one in between if "<summary>Answer" in one.source] == [], name


@every_lesson
def test_the_still_picture_of_a_lab_is_folded_and_comes_after_it(lesson: Lesson) -> None:
    opened = 0
    for cell in lesson.cells:
        opened += cell.is_code and re.search(r"\n(lab = )?labs\.", cell.source) is not None
        if not cell.is_code and (shown := STILL.findall(cell.source)):
            assert opened >= len(shown), cell.source[:80]
            assert not STILL.search(unfolded(cell.source))


@every_lesson
def test_what_explains_an_error_stands_right_below_the_check_that_shows_it(lesson: Lesson) -> None:
    below = {cell.index + 1 for cell in lesson.cells if cell.source.startswith("checks.check(")}
    explaining = {cell.index for cell in texts(lesson) if "<summary>I get" in cell.source}
    assert explaining
    assert explaining <= below


@every_lesson
def test_only_a_hint_holds_another_fold(lesson: Lesson) -> None:
    for cell in texts(lesson):
        opened: list[str] = []
        for end, summary in re.findall(
            r"(</details>)|<details>\s*<summary>(.*?)</summary>", cell.source
        ):
            if end:
                opened.pop()
                continue
            assert all(one.startswith("Hint") for one in opened), summary
            opened.append(summary)
        assert opened == []


@every_lesson
def test_an_interval_is_explained_before_the_first(lesson: Lesson) -> None:
    said = "\n".join(cell.source for cell in texts(lesson))
    if "±" in said:
        assert said.index("**How to read ±.**") == said.index("±") - len("**How to read ")


def test_what_is_seen_of_a_text_leaves_out_folds_in_folds() -> None:
    text = "a <details>b <details>c</details>\n</details> d <!--worked 1 = 1--><details>e</details>"
    assert unfolded(text) == "a <fold> d <fold>"
