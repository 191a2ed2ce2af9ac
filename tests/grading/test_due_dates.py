"""When a lesson is due, and for whom: extensions count in nbgrader's rows, and wait beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from graded_class import grade, take_step
from nbgrader.api import Gradebook
from nbgraders import mended
from tiny import LESSON_ID, solved

from course.grading.classes.temporary import Classroom
from course.grading.cycle.converters import Autograding
from course.grading.records.due import due_of, extend, extensions, set_due
from course.grading.records.opening import NotGenerated

DUE = datetime(2026, 1, 1, 17)
TWO_DAYS = timedelta(days=2)

pytestmark = [
    pytest.mark.slow(seconds=5),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
    pytest.mark.usefixtures("warm_judge"),
]


@pytest.fixture(scope="module")
def handed_in(new_class: Callable[..., Classroom]) -> Path:
    """A class of two, a day late, that is not graded yet."""
    room = new_class("late")
    for student in ("ann", "bob"):
        folder = room.hand_in(student, json.dumps(solved(room, why="As I see it."))).parent
        (folder / "timestamp.txt").write_text("2026-01-02 17:00:00 UTC")
    return room.folder


@pytest.fixture
def late(new_class: Callable[..., Classroom], handed_in: Path) -> Classroom:
    room = new_class("late", handed_in)
    room.config.LateSubmissionPlugin.penalty_method = "zero"
    with (room.folder / "nbgrader_config.py").open("a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    return room


@pytest.fixture
def book(late: Classroom) -> Iterator[Gradebook]:
    with Gradebook(late._course().db_url, "teacher_forcing") as opened:
        yield opened


def lost(book: Gradebook) -> dict[str, float]:
    book.db.expire_all()
    found = book.assignment_submissions(LESSON_ID)
    return {one.student_id: one.late_submission_penalty or 0.0 for one in found}


def kept_by_nbgrader(book: Gradebook, student: str) -> timedelta | None:
    book.db.expire_all()
    extension: timedelta | None = book.find_submission(LESSON_ID, student).extension
    return extension


@pytest.mark.parametrize("graded_by", ["course grade", "nbgrader autograde"])
def test_an_extension_given_before_anything_was_handed_in_counts(
    late: Classroom, book: Gradebook, graded_by: str
) -> None:
    set_due(book, LESSON_ID, DUE)
    extend(book, LESSON_ID, "ann", TWO_DAYS)
    assert due_of(book, LESSON_ID, "ann") == DUE + TWO_DAYS
    assert due_of(book, LESSON_ID, "bob") == due_of(book, LESSON_ID) == DUE
    if graded_by == "course grade":
        grade(late)
    else:
        take_step(late, Autograding)
    assert lost(book) == {"ann": 0.0, "bob": 5.0}
    assert kept_by_nbgrader(book, "ann") == TWO_DAYS
    assert due_of(book, LESSON_ID, "ann") == DUE + TWO_DAYS


def test_an_extension_waits_while_the_lesson_has_no_date(late: Classroom, book: Gradebook) -> None:
    extend(book, LESSON_ID, "ann", TWO_DAYS)
    grade(late)  # nbgrader adds an extension to no date, and fails
    assert lost(book) == {"ann": 0.0, "bob": 0.0}
    assert due_of(book, LESSON_ID, "ann") is None
    set_due(book, LESSON_ID, DUE)
    assert kept_by_nbgrader(book, "ann") == TWO_DAYS
    set_due(book, LESSON_ID, None)
    assert kept_by_nbgrader(book, "ann") is None
    assert extensions(book, LESSON_ID) == {"ann": TWO_DAYS}


def test_the_last_extension_counts_and_can_be_taken_away(late: Classroom, book: Gradebook) -> None:
    set_due(book, LESSON_ID, DUE)
    for by in (TWO_DAYS, timedelta(hours=3)):
        extend(book, LESSON_ID, "ann", by)
        assert extensions(book, LESSON_ID) == {"ann": by}
    grade(late)
    extend(book, LESSON_ID, "ann", TWO_DAYS)
    assert kept_by_nbgrader(book, "ann") == TWO_DAYS
    extend(book, LESSON_ID, "ann", None)
    assert kept_by_nbgrader(book, "ann") is None
    assert extensions(book, LESSON_ID) == {}


def test_an_extension_that_nbgrader_has_is_known(late: Classroom, book: Gradebook) -> None:
    set_due(book, LESSON_ID, DUE)
    grade(late)
    book.grant_extension(LESSON_ID, "bob", hours=5)
    assert extensions(book, LESSON_ID) == {"bob": timedelta(hours=5)}


def test_a_date_that_formgrader_sets_or_takes_away_moves_extensions_too(
    late: Classroom, book: Gradebook
) -> None:
    extend(book, LESSON_ID, "ann", TWO_DAYS)
    grade(late)
    with mended(late.folder):
        for date, extension in ((DUE, TWO_DAYS), (None, None), (DUE, TWO_DAYS)):
            book.update_or_create_assignment(LESSON_ID, duedate=date)
            assert kept_by_nbgrader(book, "ann") == extension
            assert {one["student"] for one in book.submission_dicts(LESSON_ID)} == {"ann", "bob"}
            assert extensions(book, LESSON_ID) == {"ann": TWO_DAYS}


def test_a_lesson_that_was_never_generated_has_no_date(book: Gradebook) -> None:
    for ask in (due_of, extensions_of_a_strange_lesson):
        with pytest.raises(NotGenerated, match="09_none is not in the gradebook yet"):
            ask(book, "09_none")


def extensions_of_a_strange_lesson(book: Gradebook, lesson_id: str) -> None:
    extend(book, lesson_id, "ann", TWO_DAYS)
