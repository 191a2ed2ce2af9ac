"""A feedback page that shows what is no longer so is made again, and no other."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from graded_class import NOTEBOOK, grade, take_step
from nbgrader.api import Gradebook
from tiny import LESSON_ID, SECOND, solved

from course.grading.classes.temporary import Classroom
from course.grading.cycle.converters import Autograding, FeedbackPages
from course.grading.records.due import extend, set_due
from course.grading.records.latepolicy import keep_policy, parse_policy

#: nbgrader's own mappings, under SQLAlchemy 2.
pytestmark = [
    pytest.mark.slow(seconds=1),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
    pytest.mark.usefixtures("warm_judge"),
]


@pytest.fixture(scope="module")
def given(new_class: Callable[..., Classroom]) -> Path:
    """A class of two that has its feedback pages."""
    room = new_class("pages")
    for student in ("ann", "bob"):
        folder = room.hand_in(student, json.dumps(solved(room, why="As I see it."))).parent
        (folder / "timestamp.txt").write_text("2026-01-02 00:00:00 UTC")
    grade(room)
    generate_feedback(room)
    return room.folder


@pytest.fixture
def room(new_class: Callable[..., Classroom], given: Path) -> Classroom:
    return new_class("pages", given)


def generate_feedback(room: Classroom) -> None:
    take_step(room, FeedbackPages)


def points(room: Classroom, book: Gradebook) -> None:
    book.find_grade("why", NOTEBOOK, LESSON_ID, "ann").manual_score = 2.5


def comment(room: Classroom, book: Gradebook) -> None:
    book.find_comment("why", NOTEBOOK, LESSON_ID, "ann").manual_comment = "Well seen."


def penalty(room: Classroom, book: Gradebook) -> None:
    set_due(book, LESSON_ID, datetime(2026, 1, 1))
    extend(book, LESSON_ID, "bob", timedelta(days=1))
    keep_policy(book, parse_policy("30 % a day"))


def another_mark(room: Classroom, book: Gradebook) -> None:
    half = SECOND.replace("start + x.sum()", "x.sum()")
    room.hand_in("ann", json.dumps(solved(room, write_total=half, why="As I see it.")))
    grade(room)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (points, "<b>7.5 of 8 points</b>"),
        (comment, "Well seen."),
        (penalty, "<b>3.5 of 5 points</b>"),
        (another_mark, "<b>4 of 5 points</b>"),
    ],
)
def test_a_page_is_made_again_where_what_it_shows_has_changed(
    room: Classroom, change: Callable[[Classroom, Any], None], shown: str
) -> None:
    pages = {student: room.feedback_page(student) for student in ("ann", "bob")}
    before = {student: page.stat().st_mtime_ns for student, page in pages.items()}
    assert shown not in pages["ann"].read_text(encoding="utf-8")
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        change(room, book)
        book.db.commit()
    generate_feedback(room)
    assert shown in pages["ann"].read_text(encoding="utf-8")
    assert pages["bob"].stat().st_mtime_ns == before["bob"]


def test_nothing_is_made_again_where_nothing_has_changed(room: Classroom) -> None:
    pages = [room.feedback_page(student) for student in ("ann", "bob")]
    before = [page.stat().st_mtime_ns for page in pages]
    generate_feedback(room)
    assert [page.stat().st_mtime_ns for page in pages] == before


def test_a_page_of_an_older_version_or_half_a_page_is_made_again(room: Classroom) -> None:
    ann, bob = (room.feedback_page(student) for student in ("ann", "bob"))
    whole = ann.read_text(encoding="utf-8")
    ann.write_text("<html><head></head><body>An old one.</body></html>", encoding="utf-8")
    bob.write_bytes(b"")
    generate_feedback(room)
    assert ann.read_text(encoding="utf-8") == whole
    assert bob.stat().st_size > 1000


def test_late_points_follow_an_extension_without_grading_again(room: Classroom) -> None:
    room.config.LateSubmissionPlugin.penalty_method = "zero"

    def autograde() -> tuple[Any, int]:
        take_step(room, Autograding)
        with Gradebook(room._course().db_url, "teacher_forcing") as book:
            found = book.find_submission(LESSON_ID, "ann")
            return found.late_submission_penalty, room.graded_notebook("ann").stat().st_mtime_ns

    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        book.update_or_create_assignment(LESSON_ID, duedate=datetime(2026, 1, 1))
    before = room.graded_notebook("ann").stat().st_mtime_ns
    assert autograde() == (5.0, before)
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        book.grant_extension(LESSON_ID, "ann", days=3)
    assert autograde()[0] in (0, None)
