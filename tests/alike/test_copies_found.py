"""Unlike answers are not listed, copies are: the counts that docs/grading.md has, of two exercises.

``python3 tests/alike`` counts them for all.
"""

from __future__ import annotations

import pytest
from measured import demo_pairs, given, measure
from plain_run import LESSONS
from right_answers import LESSON_OF

from course.grading.alike.pieces import Given

pytestmark = pytest.mark.slow(seconds=20)


@pytest.fixture(scope="module")
def known() -> dict[str, Given]:
    names = ("rnn_cell_step", "path_star")
    return {LESSON_OF[name].id: given(LESSON_OF[name]) for name in names}


def test_a_long_answer_is_found_again_in_any_disguise(known: dict[str, Given]) -> None:
    lesson = LESSON_OF["path_star"]
    figures = measure(lesson, "path_star", known[lesson.id], seed=0)
    assert figures.listed == []
    assert min(figures.found.values()) >= 0.9 * figures.answers, figures.found


def test_a_short_answer_is_alike_by_nature_and_not_listed(known: dict[str, Given]) -> None:
    lesson = LESSON_OF["rnn_cell_step"]
    figures = measure(lesson, "rnn_cell_step", known[lesson.id], seed=0)
    assert figures.pairs > 400
    assert figures.listed == []
    assert 0 < figures.found["as it is"] < figures.answers, "four lines are too few to tell"


def test_a_class_that_makes_known_mistakes_is_not_listed(known: dict[str, Given]) -> None:
    for lesson_id, its in known.items():
        size, pairs = demo_pairs(LESSONS[lesson_id], its)
        assert size > 20
        assert pairs == 0
