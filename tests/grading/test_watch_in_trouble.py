"""`course watch` on a full disk, or without its database: it says so, waits, and loses nothing."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import watch_full_disk
from own_mounts import may_mount, told_by
from postgres import Department, a_server, programs
from tiny import LESSON_ID
from watched import Watched, kept_pool_for

from course.grading.classes import grader
from course.grading.classes.temporary import Classroom
from course.grading.classes.watching import watch

pytestmark = [
    pytest.mark.slow(seconds=40),
    pytest.mark.filterwarnings("ignore"),  # nbgrader's own, under SQLAlchemy 2
]


@pytest.fixture(scope="module")
def full(new_class: Callable[..., Classroom]) -> dict[str, Any]:
    """What became of Ann's submission on a disk with less and more room."""
    if not may_mount():
        pytest.skip("no file system of a test's own can be mounted")
    made = Watched(new_class("full"))
    made.write("ann")
    return told_by(watch_full_disk.__file__, made.room.folder, LESSON_ID, "ann")


def test_on_a_full_disk_marks_and_tries_say_the_same(full: dict[str, Any]) -> None:
    assert full["full"][0]["score"] is None
    for one in full["full"]:
        assert (one["points"] is None) == (one["score"] is None), one
        assert one["told"] != "graded" or one["points"] is not None, one


def test_a_full_disk_is_said_and_what_helps(full: dict[str, Any]) -> None:
    assert any("the disk is full; make room" in line for line in full["said"]), full["said"]


def test_with_room_again_it_is_graded_and_answered(full: dict[str, Any]) -> None:
    assert full["after"] == {"score": 5, "points": 5, "told": "graded"}
    assert full["pages"] == 1


@pytest.mark.skipif(programs() is None, reason="no PostgreSQL: apt install postgresql")
def test_a_database_that_is_lost_and_comes_back_costs_no_submission(
    tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "pool_for", kept_pool_for)
    monkeypatch.setattr(grader, "WAITS_S", ())
    with a_server() as server:
        department = Department(tiny_course, tmp_path / "class", server.address)
        for name in ("COURSE_ROOT", "COURSE_GRADEBOOK"):
            monkeypatch.setenv(name, department.env[name])
        made = Watched(department.room)
        with made.watching() as watching:
            watching.begin()
            made.write("ann")
            server.end(signal.SIGKILL)
            assert not watching.catch_up()
            server.start()
            made.write("bob")
            assert watching.catch_up()
        assert len(made.pages("ann")) == len(made.pages("bob")) == 1
        assert any("see that the database runs and can be reached" in one for one in made.lines)
