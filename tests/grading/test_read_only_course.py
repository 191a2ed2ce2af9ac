"""A course that may not be written: each command says so in a sentence, and nothing is lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from odd_folders import NOTEBOOK, can_be_a_user, hand_in, run
from tiny import LESSON_ID, solved

from course.grading.classes.temporary import Classroom

pytestmark = [
    pytest.mark.slow(seconds=25),
    pytest.mark.skipif(not can_be_a_user(), reason="needs a user who may not write everything"),
]
#: Every command that writes into the course's folder.
WRITING = (
    ("generate_assignment", LESSON_ID),
    ("autograde", LESSON_ID),
    ("generate_feedback", LESSON_ID, "--force"),
    ("collect", LESSON_ID),
    ("db", "student", "add", "zoe"),
    ("grade", LESSON_ID, "--regrade"),
    ("report", LESSON_ID),
    ("check", LESSON_ID),
)
REMEDY = "writable for you"


def contents(room: Classroom) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in room.folder.rglob("*") if path.is_file()}


@pytest.fixture
def graded(room: Classroom) -> Classroom:
    """A class that is graded, with feedback, and the grader's own notebook in ``work/``."""
    hand_in(room, "ann")
    for command in ("grade", "generate_feedback"):
        assert run(room, command, LESSON_ID).returncode == 0
    own = room.folder / "work" / LESSON_ID / NOTEBOOK
    own.parent.mkdir(parents=True)
    own.write_text(json.dumps(solved(room)))
    return room


@pytest.fixture
def closed(graded: Classroom) -> Iterator[Classroom]:
    """The same, where only reading is allowed."""
    paths = [graded.folder, *graded.folder.rglob("*")]
    modes = {path: path.stat().st_mode for path in paths}
    for path, mode in modes.items():
        path.chmod(mode & 0o555)
    yield graded
    for path, mode in modes.items():
        path.chmod(mode)


def test_each_command_that_writes_says_what_it_may_not_and_what_helps(closed: Classroom) -> None:
    before = contents(closed)
    for command in WRITING:
        done = run(closed, *command)
        assert done.returncode in (1, 2), (command, done.stderr)
        said = done.stderr.splitlines()[-1]
        assert REMEDY in said, (command, done.stderr)
        assert "Errno" not in said
        if command[0] != "db":  # there nbgrader logs what its database raised, too
            assert "Traceback" not in done.stderr, (command, done.stderr)
    assert contents(closed) == before


def test_what_is_refused_within_is_told_by_the_folder_that_refuses(graded: Classroom) -> None:
    place = graded.folder / "feedback"
    before = contents(graded)
    place.chmod(0o555)
    done = run(graded, "generate_feedback", LESSON_ID, "--force")
    place.chmod(0o755)
    assert done.returncode == 1
    assert f"{place} cannot be written (Permission denied)" in done.stderr
    assert contents(graded) == before
    shutil.rmtree(place)
    assert run(graded, "generate_feedback", LESSON_ID).returncode == 0
