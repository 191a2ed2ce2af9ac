"""A disk that is really full, or may not be written: nothing is lost, and it is said what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import full_disk
import pytest
from own_mounts import may_mount, told_by
from tiny import LESSON_ID, solved

from course.grading.classes.temporary import Classroom

pytestmark = [
    pytest.mark.slow(seconds=30),
    pytest.mark.skipif(not may_mount(), reason="no file system of a test's own can be mounted"),
]


@pytest.fixture(scope="module")
def told(new_class: Callable[..., Classroom]) -> dict[str, Any]:
    """What became of a class on a disk with less and more room: see `full_disk.main`."""
    room = new_class("full disk")
    for student in ("ada", "bob", "cyd", "dee"):
        room.hand_in(student, json.dumps(solved(room)))
    return told_by(full_disk.__file__, room.folder, LESSON_ID)


def test_whatever_room_is_left_no_folder_is_without_its_rows(told: dict[str, Any]) -> None:
    for one in told["rooms"]:
        assert all(one["whole"].values()), one
        assert one["graded"] + len(one["faults"]) == 2, one
        assert len(one["whole"]) == 2 or one["faults"], one


def test_both_notebooks_and_rows_met_the_full_disk(told: dict[str, Any]) -> None:
    said = [why for one in told["rooms"] for why in one["faults"].values()]
    assert any("No space left on device" in why for why in said)
    assert any("database or disk is full" in why for why in said)
    assert all(why.endswith("the disk is full; make room") for why in said), said


def test_with_room_again_the_rest_is_graded(told: dict[str, Any]) -> None:
    assert told["in the end"] == {"ada": True, "bob": True}


def test_the_command_names_the_cause_and_the_remedy(told: dict[str, Any]) -> None:
    for name in ("full", "full /tmp"):
        assert told[name]["status"] == 1
        assert "the disk is full; make room" in told[name]["said"]
        assert "Mend that, then run the same command again" in told[name]["said"]
    assert "2  unchanged since they were graded" in told["full"]["said"]


def test_a_folder_that_may_not_be_written_is_said_so(told: dict[str, Any]) -> None:
    assert told["read-only"]["status"] == 2
    assert "Read-only file system" in told["read-only"]["said"]
    assert "has to be writable for you" in told["read-only"]["said"]
    assert "Traceback" not in told["read-only"]["said"]
