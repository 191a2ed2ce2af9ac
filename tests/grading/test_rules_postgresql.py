"""Due dates, extensions, late policy and sections in PostgreSQL: they outlive the server."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from postgres import Department, Server, a_server, programs
from tiny import LESSON_ID, solved

from course.grading.records.due import due_of, extensions, time_zone
from course.grading.records.latepolicy import parse_policy, read_policy
from course.grading.records.sections import read_sections
from course.grading.rules import due, late, section

pytestmark = [
    pytest.mark.slow(seconds=20),
    pytest.mark.skipif(programs() is None, reason="no PostgreSQL: apt install postgresql"),
    pytest.mark.skipif(sys.platform == "win32", reason="the server runs as another user"),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with a_server() as server:
        yield server


@pytest.fixture
def department(
    tiny_course: Path, tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> Department:
    made = Department(tiny_course, tmp_path / "class", server.address)
    monkeypatch.setenv("COURSE_ROOT", str(made.folder))
    monkeypatch.setenv("COURSE_GRADEBOOK", server.address)
    monkeypatch.chdir(made.folder)
    return made


def book(server: Server) -> Gradebook:
    address = server.address.replace("postgresql:", "postgresql+psycopg2:")
    return Gradebook(address, "teacher_forcing")


def test_what_is_set_by_command_outlives_the_server_and_counts(
    department: Department, server: Server
) -> None:
    assert due.main(["1", "2026-01-01", "18:00", "--zone", "Europe/Berlin"]) == 0
    assert section.main(["A", "ann", "cem"]) == 0
    assert due.main(["1", "--section", "A", "+48h"]) == 0
    assert late.main(["10 % a day"]) == 0
    server.end(signal.SIGKILL)
    server.start()
    with book(server) as gradebook:
        assert time_zone(gradebook) == "Europe/Berlin"
        assert due_of(gradebook, LESSON_ID, "ann") == datetime(2026, 1, 3, 17)
        assert read_policy(gradebook) == parse_policy("10 % a day")
        assert read_sections(gradebook) == {"ann": "A", "cem": "A"}
    for student in ("ann", "bob"):
        folder = department.room.hand_in(student, json.dumps(solved(department.room))).parent
        (folder / "timestamp.txt").write_text("2026-01-03 18:00 UTC")
    department.run("nbgrader", "autograde", LESSON_ID, "--student=ann")
    department.run("course.grading.classes.command", LESSON_ID, "--student=bob", "--workers=1")
    with book(server) as gradebook:
        lost = {
            one.student_id: one.late_submission_penalty
            for one in gradebook.assignment_submissions(LESSON_ID)
        }
        assert lost == {"ann": 0.5, "bob": 1.5}
        assert extensions(gradebook, LESSON_ID) == dict.fromkeys(("ann", "cem"), timedelta(days=2))
        assert gradebook.find_submission(LESSON_ID, "ann").extension == timedelta(days=2)
    assert late.main(["none"]) == 0
    with book(server) as gradebook:
        found = gradebook.assignment_submissions(LESSON_ID)
        assert [one.late_submission_penalty for one in found] == [0.0, 0.0]
    assert not list(department.folder.glob("*.db"))
