"""A function that does no work earns nothing; a half-right one keeps what it has honestly."""

from __future__ import annotations

import warnings

import pytest
from degenerate import degenerate_answers
from plain_run import LESSONS, PlainRun
from some import some_quick

from course.checks.dashboard import examine
from course.checks.report import HOLDS
from course.grading.classes.submissions import answers
from course.lessons import Lesson, course_root, find_lessons, solution_namespace

RELEASED = {lesson.id: lesson for lesson in find_lessons(course_root() / "release")}


def every_lesson(function):
    return pytest.mark.parametrize("lesson", some_quick(LESSONS.values()), ids=LESSONS)(function)


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
def test_the_check_ticks_nothing_for_an_answer_that_does_no_work(lesson: Lesson) -> None:
    ticked = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, texts in degenerate_answers(lesson):
            namespace = solution_namespace(lesson, texts)
            for function in lesson.functions:
                report = examine(namespace[function], function)
                assert report is not None
                for sentence, marks in report.table:
                    if HOLDS in marks.values():
                        ticked.append((name, function, sentence))
    assert ticked == []


def lost(lesson_id: str, changes: dict[str, tuple[str, str]]) -> dict[str, float]:
    """Return the share of its points that each claim loses for a change to a right answer."""
    lesson = LESSONS[lesson_id]
    texts = answers(lesson)
    for grade_id, (old, new) in changes.items():
        assert texts[grade_id].count(old) == 1
        texts[grade_id] = texts[grade_id].replace(old, new)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        scores = PlainRun(lesson, texts).scores()
    points = {cell.grade_id: cell.points for cell in lesson.by_role("test")}
    return {g: round(1 - scores[g] / points[g], 2) for g in points if scores[g] < points[g]}


LESSON_2, LESSON_3, LESSON_4 = list(LESSONS)[1:4]
ONE_CLAIM = {
    "teacher forcing that writes into its argument": (
        LESSON_2,
        ("decoder_with_teacher_forcing", "return logits", "target_seq[-1:] = 0\n    return logits"),
        {"arguments_stay_as_they_were": 1},
    ),
    "teacher forcing that refuses no cell": (
        LESSON_2,
        ("decoder_with_teacher_forcing", "raise ValueError(f", "cell_type = (f"),
        {"unknown_cell_type_raises": 1},
    ),
    "teacher forcing that needs a row": (
        LESSON_2,
        ("decoder_with_teacher_forcing", "return logits", "target_seq[0]\n    return logits"),
        {"an_empty_target_gives_no_rows": 1},
    ),
    "teacher forcing without 'lstm'": (
        LESSON_2,
        (
            "decoder_with_teacher_forcing",
            "h, c = lstm_cell_step(x_t, h, c, decoder_params)",
            "pass",
        ),
        None,
    ),
    "scheduled sampling that refuses no probability": (
        LESSON_3,
        ("decoder_with_coins", "if not 0 <= sampling_prob <= 1:", "if False:"),
        {"bad_probability_raises": 1},
    ),
    "scheduled sampling that is wrong at 1 alone": (
        LESSON_3,
        ("decoder_with_coins", "return logits", "return logits + (sampling_prob == 1)"),
        {"one_is_free_running": 1, "step_0_gets_x_start": 1, "any_number_of_steps": 1},
    ),
    "free running that takes the last of equals": (
        LESSON_4,
        (
            "decoder_on_its_own",
            "np.argmax(logits[t - 1])",
            "len(b_y) - 1 - np.argmax(logits[t - 1][::-1])",
        ),
        {"first_of_equals": 1},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, case in ONE_CLAIM.items() if case[2]])
def test_an_answer_that_is_right_but_for_one_thing_loses_what_that_is_about(name: str) -> None:
    lesson_id, (grade_id, old, new), expected = ONE_CLAIM[name]
    assert lost(lesson_id, {grade_id: (old, new)}) == expected


def test_an_answer_that_is_wrong_for_one_cell_loses_no_more_than_that_cells_share() -> None:
    lesson_id, (grade_id, old, new), _ = ONE_CLAIM["teacher forcing without 'lstm'"]
    shares = lost(lesson_id, {grade_id: (old, new)})
    assert shares.pop("both_lstm_states_are_carried") == 1
    assert set(shares.values()) == {0.33}
    assert "docstring_says_its_role" not in shares
    assert "unknown_cell_type_raises" not in shares


def test_an_answer_without_b_y_keeps_what_is_not_about_its_numbers() -> None:
    change = {"decoder_with_teacher_forcing": ("W_hy @ h + b_y", "W_hy @ h")}
    kept = {"sees_only_the_past", "an_empty_target_gives_no_rows", "arguments_stay_as_they_were"}
    kept |= {"each_call_starts_afresh", "float32_is_fine", "rnn_is_the_default"}
    kept |= {"unknown_cell_type_raises", "docstring_says_its_role"}
    assert not kept & lost(LESSON_2, change).keys()
