"""Odd names of students' folders: one that cannot be graded is reported, and the class goes on."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
import warm
from graded_class import grade
from tiny import LESSON_ID, SOLUTION, solved

from course.grading.classes.command import _printable
from course.grading.classes.temporary import Classroom

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")

FULL, PART = 5.0, 3.0
GRADED = {"ann": FULL, "zoe": FULL, "*": FULL, "a*": PART, "[x]": FULL, "a?[!b]": PART}
LEFT_OUT = {"new\nline": "has a line break", "\n": "has a line break", ".dot": "begins with a dot"}
NO_TEXT = os.fsdecode(b"no\xfftext")


def nbgrader(room: Classroom, *command: str) -> str:
    """Run a command of nbgrader's as an instructor does; return what it says."""
    run = warm.run("-m", "nbgrader", *command, LESSON_ID, cwd=room.folder)
    said = run.stdout + run.stderr
    assert run.returncode == 0, said
    return said


@pytest.fixture
def handed_in(room: Classroom) -> Classroom:
    wrong = json.dumps(solved(room, write_double=SOLUTION.replace("2 * x", "3 * x", 1)))
    right = json.dumps(solved(room))
    for student in [*GRADED, *LEFT_OUT]:
        room.hand_in(student, wrong if GRADED.get(student) == PART else right)
    return room


@pytest.mark.slow
def test_a_class_with_odd_names_is_graded_to_its_end(handed_in: Classroom) -> None:
    left_out = dict(LEFT_OUT)
    try:
        handed_in.hand_in(NO_TEXT, json.dumps(solved(handed_in)))
        left_out[NO_TEXT] = "is no text"
    except OSError:  # macOS keeps such names out of its file system
        pass
    said = nbgrader(handed_in, "autograde")
    graded = handed_in.folder / "autograded"
    folders = {path.name for path in graded.iterdir() if path.is_dir()}
    assert folders == set(GRADED)
    assert {student: sum(handed_in.scores(student).values()) for student in GRADED} == GRADED
    for student, why in left_out.items():
        assert f"{f'submitted/{student}'!r} is left out: its name {why}" in said
    assert said.count("is left out") == len(left_out)
    nbgrader(handed_in, "generate_feedback")
    pages = Path(handed_in.folder, "feedback").glob(f"*/{LESSON_ID}/*.html")
    assert {path.parts[-3] for path in pages} == set(GRADED)


@pytest.mark.slow
def test_course_grade_leaves_out_the_same_and_grades_the_rest(handed_in: Classroom) -> None:
    tally = grade(handed_in)
    assert tally.graded == GRADED
    assert {name: why.split(":")[0] for name, why in tally.faults.items()} == {
        name: f"the folder's name {why}" for name, why in LEFT_OUT.items()
    }
    assert tally.left == 0


@pytest.mark.slow
def test_the_commands_status_and_summary_tell_who_is_left_out(room: Classroom) -> None:
    for student in ("ann", ".dot", "new\nline"):
        room.hand_in(student, json.dumps(solved(room)))
    environment = {**os.environ, "COURSE_ROOT": str(room.folder)}
    program = ("-m", "course.grading.classes.command", LESSON_ID)
    done = warm.run(*program, cwd=Path.cwd(), env=environment)
    assert done.returncode == 1, "unlike nbgrader autograde, which ends with 0"
    assert "1  graded now" in done.stdout
    assert "2  not graded, and not the student's fault" in done.stdout
    assert "fault: .dot: the folder's name begins with a dot: rename it" in done.stdout
    assert r"fault: 'new\nline': the folder's name has a line break: rename it" in done.stdout


def test_what_cannot_be_printed_is_told_all_the_same() -> None:
    assert _printable("ann\n\x1b[2J") == r"'ann\n\x1b[2J'"
    assert _printable(NO_TEXT) == r"'no\udcfftext'"
    assert _printable("Zoë") == "Zoë"
