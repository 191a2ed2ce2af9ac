"""PostgreSQL ended under a grader: it waits, says what is wrong, and goes on when it is back."""

from __future__ import annotations

import contextlib
import json
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from full_disk import whole
from postgres import Department, Server, a_server, programs
from tiny import LESSON_ID, solved

from course.grading.classes import grader as run
from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader, Tally
from course.grading.classes.workers.local import LocalPool
from course.grading.faults import CannotWrite

pytestmark = [
    pytest.mark.slow(seconds=25),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, under SQLAlchemy 2
    pytest.mark.skipif(programs() is None, reason="no PostgreSQL: apt install postgresql"),
    pytest.mark.skipif(sys.platform == "win32", reason="the server runs as another user"),
]
STUDENTS = [f"s{number}" for number in range(6)]


class Served(Department):
    """A department that may lose its server."""

    server: Server


@pytest.fixture(scope="module")
def department(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with a_server() as server:
        made = Served(tiny_course, tmp_path_factory.mktemp("lost") / "class", server.address)
        made.server = server
        for student in STUDENTS:
            made.room.hand_in(student, json.dumps(solved(made.room)))
        yield made


@pytest.fixture
def grader(department: Served, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassGrader]:
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
    department: Served, grader: ClassGrader, number: signal.Signals
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
    department: Served, grader: ClassGrader, monkeypatch: pytest.MonkeyPatch
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
    command = ("course.grading.classes.command", LESSON_ID)
    again = department.run(*command, status=2)
    assert "nothing could be graded" in again
    assert "see that the database runs and can be reached. Mend that, then run" in again
    assert "Traceback" not in again
    department.server.start()
    assert "3  unchanged since they were graded" in department.run(*command)
    config, course = settings(department.folder)
    after = ClassGrader(course, config, LESSON_ID)
    assert whole(after, STUDENTS) == dict.fromkeys(STUDENTS, True)
    after.close()
