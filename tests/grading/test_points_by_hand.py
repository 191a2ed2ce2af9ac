"""Points that a person gives beside the judge's: they add up, and grading again keeps them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from nbgrader.api import Gradebook
from tiny import LESSON_ID, SECOND, solved, submission

from course.grading.classes.temporary import Classroom

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("warm_judge")]

BOB = ("decoder_cells", LESSON_ID, "bob")
HALF = SECOND.replace("start + x.sum()", "x.sum()")


@contextmanager
def gradebook(room: Classroom) -> Iterator[Gradebook]:
    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}", "teacher_forcing") as book:
        yield book
        book.db.commit()


def grade_by_hand(room: Classroom, cell: str, points: float, extra: float = 0.0) -> None:
    with gradebook(room) as book:
        grade = book.find_grade(cell, *BOB)
        grade.manual_score, grade.extra_credit = points, extra
        grade.needs_manual_grade = False


def score(room: Classroom) -> float:
    with gradebook(room) as book:
        return float(book.find_submission_notebook(*BOB).score)


@pytest.fixture
def graded(room: Classroom) -> Classroom:
    """A class in which Bob has half a point less, and wrote an answer in words."""
    room.hand_in("bob", json.dumps(solved(room, write_total=HALF, why="As I see it.")))
    assert room.autograde() == []
    return room


def test_points_by_hand_are_added_to_partial_credit(graded: Classroom) -> None:
    assert score(graded) == 4.0, "2 + 1 + half of 2"
    grade_by_hand(graded, "why", 2.5)
    assert score(graded) == 6.5


def test_points_by_hand_survive_grading_again(graded: Classroom) -> None:
    grade_by_hand(graded, "why", 2.5)
    graded.hand_in("bob", json.dumps(solved(graded, why="As I see it.")))
    assert graded.autograde() == []
    assert score(graded) == 7.5


def test_a_judges_mark_that_a_person_changed_stays_changed(graded: Classroom) -> None:
    grade_by_hand(graded, "the_sum_counts", 2.0, extra=0.5)
    assert graded.autograde() == []
    assert score(graded) == 5.5
    assert graded.scores("bob")["the_sum_counts"] == 1.0, "the judge's own word is kept beside it"


def test_an_answer_in_words_waits_for_a_person_and_one_left_out_earns_nothing(
    graded: Classroom,
) -> None:
    graded.hand_in("cem", json.dumps(submission(graded)))
    graded.autograde()
    with gradebook(graded) as book:
        assert book.find_grade("why", *BOB).needs_manual_grade
        left_out = book.find_grade("why", "decoder_cells", LESSON_ID, "cem")
        assert (left_out.auto_score, left_out.needs_manual_grade) == (0, False)


def test_the_feedback_shows_points_and_comments_of_both(graded: Classroom) -> None:
    grade_by_hand(graded, "why", 2.5)
    with gradebook(graded) as book:
        book.find_comment("why", *BOB).manual_comment = "Well seen."
    graded.generate_feedback()
    page = graded.feedback_page("bob").read_text(encoding="utf-8")
    assert "<b>6.5 of 8 points</b>" in page
    assert "Well seen." in page


def test_a_diagnosis_that_fails_costs_nothing_and_is_reported(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from course.grading.judge import judge
    from course.grading.judge.plan import Plan, Verdict
    from course.grading.steps import execute

    def broken(*_: Any) -> Any:
        raise ZeroDivisionError("of a diagnosis")

    def judge_here(plan: Plan) -> Verdict:
        return Verdict.from_json(judge.judge(Plan.from_json(plan.to_json())).to_json())

    # The judge's process, but here, where its diagnoses can be broken.
    monkeypatch.setattr(execute, "ask_judge", judge_here)
    monkeypatch.setattr("course.checks.known.diagnosis.diagnose", broken)
    room.hand_in("bob", json.dumps(solved(room, write_total=HALF)))
    assert room.autograde() == []
    assert score(room) == 4.0
    [problem] = room.mark("bob").report["problems"]
    assert problem == "no diagnosis of `total`: ZeroDivisionError: of a diagnosis"
