"""PostgreSQL ended under a grader: it waits, says what is wrong, and goes on when it is back."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from full_disk import whole
from postgres import Server, a_server, programs
from tiny import LESSON_ID, solved

from course.grading.classes import grader as run
from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader, Tally
from course.grading.classes.temporary import Classroom
from course.grading.classes.workers.local import LocalPool
from course.grading.faults import CannotWrite

pytestmark = [
    pytest.mark.slow(seconds=30),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, under SQLAlchemy 2
    pytest.mark.skipif(programs() is None, reason="no PostgreSQL: apt install postgresql"),
    pytest.mark.skipif(sys.platform == "win32", reason="the server runs as another user"),
]
STUDENTS = [f"s{number}" for number in range(6)]


class Department:
    """A class whose gradebook is a server's, and the server."""

    def __init__(self, room: Classroom, server: Server) -> None:
        self.folder, self.server = room.folder, server
        self.env = {**os.environ, "COURSE_ROOT": str(self.folder), "PYTHONWARNINGS": "ignore"}
        self.env |= {"COURSE_GRADEBOOK": server.address, "HOME": str(self.folder)}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", *command],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def grade(self, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run("course.grading.classes.command", LESSON_ID, *options)


@pytest.fixture(scope="module")
def department(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Department]:
    room = Classroom(tiny_course, LESSON_ID, tmp_path_factory.mktemp("lost") / "class")
    with a_server() as server:
        made = Department(room, server)
        done = made.run("nbgrader", "generate_assignment", LESSON_ID)
        assert done.returncode == 0, done.stdout + done.stderr
        for student in STUDENTS:
            room.hand_in(student, json.dumps(solved(room)))
        yield made


@pytest.fixture
def grader(department: Department, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassGrader]:
    """The class's grader, with nothing graded yet."""
    shutil.rmtree(department.folder / "autograded", ignore_errors=True)
    for name in ("COURSE_ROOT", "COURSE_GRADEBOOK"):
        monkeypatch.setenv(name, department.env[name])
    config, course = settings(department.folder)
    made = ClassGrader(course, config, LESSON_ID)
    yield made
    made.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["killed", "stopped"])
def test_a_server_that_comes_back_costs_a_wait(
    department: Department, grader: ClassGrader, number: signal.Signals
) -> None:
    pool, ended = LocalPool(grader.lesson.data, 2), []

    def end_once(tally: Tally) -> None:
        if len(tally.graded) == 3 and not ended:
            ended.append(number)
            department.server.end(number)
            department.server.start()

    try:
        tally = grader.run(pool, STUDENTS, on_change=end_once)
    finally:
        pool.close()
    assert ended
    assert not tally.faults
    assert set(tally.graded) == set(STUDENTS)
    assert whole(grader, STUDENTS) == dict.fromkeys(STUDENTS, True)


def test_a_server_that_stays_away_is_said_so_and_a_second_run_finishes(
    department: Department, grader: ClassGrader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "WAITS_S", (0.1,))
    pool = LocalPool(grader.lesson.data, 2)

    def end_for_good(tally: Tally) -> None:
        if len(tally.graded) == 3 and not department.server.has_ended:
            department.server.end(signal.SIGKILL)

    with contextlib.suppress(CannotWrite):  # three in a row
        grader.run(pool, STUDENTS, on_change=end_for_good)
    pool.close()
    assert len(grader.tally.graded) == 3
    for why in grader.tally.faults.values():
        assert why.endswith("see that the database runs and can be reached")
    again = department.grade()
    assert again.returncode == 2
    assert "nothing could be graded" in again.stderr
    assert "see that the database runs and can be reached. Mend that, then run" in again.stderr
    assert "Traceback" not in again.stderr
    department.server.start()
    done = department.grade()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "3  unchanged since they were graded" in done.stdout
    config, course = settings(department.folder)
    after = ClassGrader(course, config, LESSON_ID)
    assert whole(after, STUDENTS) == dict.fromkeys(STUDENTS, True)
    after.close()
