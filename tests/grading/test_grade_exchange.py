"""From the exchange to marks: `course grade --collect`, then nbgrader and formgrader with them."""

from __future__ import annotations

import csv
import json
import sys
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from exchanged import Exchanged
from formgrader_server import TOKEN, formgrader_of
from gradebooks import nbgrader
from graded_class import NOTEBOOK, grade, rows
from tiny import LESSON_ID, SOLUTION, solved, submission

from course.grading.classes.temporary import Classroom

pytestmark = [
    pytest.mark.slow(seconds=30),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, under SQLAlchemy 2
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange needs POSIX"),
]
WRONG = SOLUTION.replace("2 * x", "3 * x")


@pytest.fixture(scope="module")
def handed_in(new_class: Callable[..., Classroom]) -> Exchanged:
    """Ann and Dee hand in once, Bob twice, Cem late; one command collects and grades them."""
    room = new_class("exchanged")
    made = Exchanged(room, room.folder.with_name("students"))
    made.hand_in("ann", solved(room, why="As I see it."))
    made.hand_in("bob", solved(room, write_double=WRONG))
    made.hand_in("bob", solved(room))
    made.hand_in("dee", submission(room))
    with made.book() as book:
        now = datetime.now(UTC).replace(tzinfo=None)
        book.update_or_create_assignment(LESSON_ID, duedate=now)
    made.hand_in("cem", solved(room))
    made.said = made.grade("--collect", "--workers", "2")
    return made


def test_one_command_collects_and_grades_what_counts(handed_in: Exchanged) -> None:
    assert handed_in.marks() == {"ann": (5, 0), "bob": (5, 0), "cem": (5, 5), "dee": (0, 0)}
    assert "4  graded now" in handed_in.said
    assert "points of the tests: mean 3.75, median 5, of 5\n" in handed_in.said
    assert "not counted here: what people give by hand, up to 3" in handed_in.said
    with handed_in.book() as book:
        assert book.find_submission(LESSON_ID, "cem").total_seconds_late > 0


def test_a_later_submission_is_collected_and_graded_alone(handed_in: Exchanged) -> None:
    handed_in.hand_in("bob", solved(handed_in.room, write_double=WRONG))
    said = handed_in.grade("--collect")
    assert "1  graded now" in said
    assert "3  unchanged since" in said
    assert handed_in.marks()["bob"] == (3, 3), "the later one counts, and it is late"


@pytest.fixture(scope="module")
def formgrader(handed_in: Exchanged) -> Iterator[Any]:
    """A Jupyter server with formgrader; called with a path, and what to put there."""

    def ask(path: str, put: dict[str, Any] | None = None, method: str = "") -> Any:
        request = urllib.request.Request(
            f"{address}/formgrader/{path}",
            data=None if put is None else json.dumps(put).encode(),
            method=method or ("GET" if put is None else "PUT"),
            headers={"Authorization": f"token {TOKEN}"},
        )
        with urllib.request.urlopen(request, timeout=600) as answer:
            text = answer.read().decode()
        return json.loads(text) if path.startswith("api/") else text

    with formgrader_of(handed_in.room.folder) as address:
        yield ask


def test_what_a_person_gives_in_formgrader_outlives_grading_again(
    handed_in: Exchanged, formgrader: Any
) -> None:
    [ann] = [one for one in formgrader(f"api/submissions/{LESSON_ID}") if one["student"] == "ann"]
    assert (ann["code_score"], ann["needs_manual_grade"], ann["autograded"]) == (5, True, True)
    assert len(formgrader(f"api/submitted_notebooks/{LESSON_ID}/{NOTEBOOK}")) == 4
    with handed_in.book() as book:
        shown = book.find_submission_notebook(NOTEBOOK, LESSON_ID, "ann").id
    assert "As I see it." in formgrader(f"submissions/{shown}/")
    grades = formgrader(f"api/grades?submission_id={shown}")
    [why] = [grade for grade in grades if grade["name"] == "why"]
    given = formgrader(f"api/grade/{why['id']}", {"manual_score": 2.5})
    assert not given["needs_manual_grade"]
    [about] = [
        one for one in formgrader(f"api/comments?submission_id={shown}") if one["name"] == "why"
    ]
    formgrader(f"api/comment/{about['id']}", {"manual_comment": "Nearly."})
    before = rows(handed_in.room)
    assert len(grade(handed_in.room).unchanged) == 4
    assert rows(handed_in.room) == before
    assert len(grade(handed_in.room, regrade=True).graded) == 4
    again = formgrader(f"api/grade/{why['id']}")
    assert (again["manual_score"], again["auto_score"]) == (2.5, None)
    assert formgrader(f"api/comment/{about['id']}")["manual_comment"] == "Nearly."
    [ann] = formgrader("api/student_submissions/ann")
    assert ann["score"] == 7.5


def test_marks_are_exported_and_feedback_reaches_the_students(
    handed_in: Exchanged, formgrader: Any
) -> None:
    folder = handed_in.room.folder
    nbgrader("export", "--to=grades.csv", cwd=folder)
    with (folder / "grades.csv").open(encoding="utf-8") as lines:
        exported = {row["student_id"]: row for row in csv.DictReader(lines)}
    points = {student: float(row["score"]) for student, row in exported.items()}
    assert points == {"ann": 7.5, "bob": 0, "cem": 0, "dee": 0}
    assert {row["max_score"] for row in exported.values()} == {"8.0"}
    assert float(exported["cem"]["late_submission_penalty"]) == 5
    handed_in.room.generate_feedback()
    handed_in.take_step("release_feedback")
    [page] = handed_in.fetch_feedback("ann")
    text = page.read_text(encoding="utf-8")
    assert "<b>7.5 of 8 points</b>" in text
    assert "Nearly." in text
    assert "secret_input" not in text


def test_formgraders_button_grades_by_a_test_that_was_mended(
    handed_in: Exchanged, formgrader: Any
) -> None:
    path = handed_in.room.folder / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    path.write_text(path.read_text().replace("double(secret_input)", "double(secret_input) + 1", 1))
    said = formgrader(f"api/submission/{LESSON_ID}/ann/autograde", method="POST")
    assert said["success"], said
    with handed_in.book() as book:
        marks = {
            row.name: row.score
            for row in book.find_submission_notebook(NOTEBOOK, LESSON_ID, "ann").grades
        }
    assert (marks["every_number_is_doubled"], marks["why"]) == (0, 2.5)
