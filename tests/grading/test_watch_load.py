"""Many hand in at the same moment while the exchange is watched: none is lost, none twice."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from graded_class import NOTEBOOK
from saying import Saying
from submitting import hand_in_at_once
from tiny import LESSON_ID, solved
from watched import Watched, headline

from course.grading.classes.temporary import Classroom

pytestmark = [
    pytest.mark.slow(seconds=30),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, under SQLAlchemy 2
    pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange needs POSIX"),
]
STUDENTS = [f"s{number:02}" for number in range(12)]


def watching(room: Classroom, *options: str) -> Saying:
    """Start the command, as an instructor does."""
    return Saying(
        [sys.executable, "-m", "course.grading.classes.watching.command", LESSON_ID, *options],
        cwd=room.folder,
        env={**os.environ, "COURSE_ROOT": str(room.folder), "PYTHONWARNINGS": "ignore"},
    )


class Seen(NamedTuple):
    """What there was when all had their feedback."""

    made: Watched
    students: list[dict[str, Any]]
    said: str
    status: int


@pytest.fixture(scope="module")
def seen(new_class: Callable[..., Classroom]) -> Seen:
    """Twelve students hand in at once, and somebody ends the watch when all have feedback."""
    made = Watched(new_class("load"))
    command = watching(made.room)
    command.until("Ctrl-C ends it")
    students = []
    for number, name in enumerate(STUDENTS):
        home = made.students / name
        home.mkdir(parents=True)
        wrong = {"write_total": "def total(x, start=0.0):\n    return 0"} if number % 2 else {}
        text = json.dumps(solved(made.room, **wrong, why=f"I am {name}."))
        students.append(
            {"name": name, "home": str(home), "account": False, "text": text, "at_s": 0}
        )
    found = hand_in_at_once(made.room.folder / "exchange", LESSON_ID, NOTEBOOK, students)
    command.process.send_signal(signal.SIGINT)
    command.wait()
    return Seen(made, found, command.said(), command.process.returncode)


def test_each_has_an_answer_and_it_is_their_own(seen: Seen) -> None:
    for student in seen.students:
        mine = f"I am {student['student']}."
        assert mine in student["page"]
        assert not [
            other for other in STUDENTS if f"I am {other}." in student["page"].replace(mine, "")
        ]


def test_each_has_the_marks_of_what_they_wrote(seen: Seen) -> None:
    expected = {name: 3.0 if number % 2 else 5.0 for number, name in enumerate(STUDENTS)}
    assert seen.made.points() == expected
    for student in seen.students:
        points = f"{expected[student['student']]:g} of 5 points"
        assert headline(student["page"]).startswith(points), headline(student["page"])


def test_each_was_graded_once(seen: Seen) -> None:
    for name in STUDENTS:
        [one] = seen.made.tries(name)
        assert (one.counts, one.told) == (True, "graded")
        assert seen.said.count(f"{name}  {LESSON_ID}  ") == 1


def test_ctrl_c_ends_it_cleanly(seen: Seen) -> None:
    assert seen.status == 0
    assert f"{LESSON_ID}: ended; what is handed in from now on waits" in seen.said
    assert "Traceback" not in seen.said
    assert not list((seen.made.room.folder / "submitted").glob(".*"))
    assert "12  unchanged since they were graded" in seen.made.grade("--collect")
