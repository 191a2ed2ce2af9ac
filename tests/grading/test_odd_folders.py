"""Whatever lies in one student's folder costs nobody else anything, and is told by name."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from odd_folders import NOTEBOOK, can_be_a_user, folder_of, hand_in, put, run
from tiny import LESSON_ID, solved

from course.grading.classes.temporary import Classroom

pytestmark = [
    pytest.mark.slow(seconds=25),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),  # nbgrader's own
    pytest.mark.skipif(not can_be_a_user(), reason="needs a user who may not read everything"),
]
#: Students by what lies in which place: each of them is graded, and has full marks.
GRADED = {
    "time_pipe": ("timestamp.txt", "pipe"),
    "time_folder": ("timestamp.txt", "folder"),
    "time_huge": ("timestamp.txt", "huge"),
    "time_closed": ("timestamp.txt", "closed"),
    "secret_closed": ("submission_secret.txt", "closed"),
    "secret_socket": ("submission_secret.txt", "socket"),
    "extra_socket": ("data.csv", "socket"),
    "extra_huge": ("data.csv", "huge"),
    "extra_deep": ("data.csv", "deep"),
}
#: Not theirs to mend: no grade, and no zero.
NOT_THEIRS = {"notebook_closed": (NOTEBOOK, "closed"), "extra_closed": ("data.csv", "closed")}
#: Theirs: read as no notebook, and no points.
UNREADABLE = {"notebook_pipe": (NOTEBOOK, "pipe"), "notebook_huge": (NOTEBOOK, "huge")}
UNTIMED = {"prose", *(name for name in GRADED if name.startswith("time_"))}
MOMENT = datetime(2025, 3, 10, 23, 30)
CLOSED = {"lesson_closed", "student_closed", "inner_closed"}
ASTRAY = {
    "renamed": "there is 'decoder_cells (1).ipynb': if that is it, move it to",
    "too_deep": f"there is '{LESSON_ID}/{NOTEBOOK}': if that is it, move it to",
    "too_high": f"too_high/{NOTEBOOK} lies in the wrong place: move it to",
    "no_folder": f"{LESSON_ID} is no folder",
    "pdf": "and no other notebook; there is 'answers.pdf'",
}
WITH_SECRET = ("bom", "prose", "zoe")


def fill(room: Classroom) -> None:
    for student, (name, kind) in {**GRADED, **NOT_THEIRS, **UNREADABLE}.items():
        put(hand_in(room, student) / name, kind)
    for student in (*WITH_SECRET, "odd_name", *CLOSED):
        hand_in(room, student)
    for student in WITH_SECRET:
        (folder_of(room, student) / "submission_secret.txt").write_text(f"secret of {student}")
        (folder_of(room, student) / "timestamp.txt").write_text("2025-03-11 00:30:00 +0100")
    (folder_of(room, "bom") / "timestamp.txt").write_text(
        "2025-03-11 00:30:00 +0100", encoding="utf-8-sig"
    )
    (folder_of(room, "prose") / "timestamp.txt").write_text("handed in on Monday")
    odd = os.fsencode(folder_of(room, "odd_name"))
    for name in (b"/\xff.txt", b"/\xfe.ipynb"):
        Path(os.fsdecode(odd + name)).write_text("x")
    hand_in(room, "renamed").joinpath(NOTEBOOK).rename(
        folder_of(room, "renamed") / "decoder_cells (1).ipynb"
    )
    deep = hand_in(room, "too_deep")
    (deep / LESSON_ID).mkdir()
    (deep / NOTEBOOK).rename(deep / LESSON_ID / NOTEBOOK)
    high = hand_in(room, "too_high")
    (high / NOTEBOOK).rename(high.parent / NOTEBOOK)
    high.rmdir()
    put(hand_in(room, "no_folder"), "pipe")
    hand_in(room, "pdf").joinpath(NOTEBOOK).rename(folder_of(room, "pdf") / "answers.pdf")
    (folder_of(room, "inner_closed") / "data").mkdir()
    (folder_of(room, "inner_closed") / "data").chmod(0)
    folder_of(room, "lesson_closed").chmod(0)
    folder_of(room, "student_closed").parent.chmod(0)


def open_again(room: Classroom) -> None:
    for path in (
        folder_of(room, "student_closed").parent,
        folder_of(room, "lesson_closed"),
        folder_of(room, "inner_closed") / "data",
        folder_of(room, "extra_closed") / "data.csv",
        folder_of(room, "notebook_closed") / NOTEBOOK,
    ):
        path.chmod(0o755)
    closed = folder_of(room, "notebook_closed") / NOTEBOOK
    closed.write_text(json.dumps(solved(room)))


def points(room: Classroom) -> dict[str, float]:
    """Return the points of all who are graded."""
    names = sorted(path.name for path in (room.folder / "submitted").iterdir())
    graded = [name for name in names if room._graded(name)]
    return {name: sum(room.scores(name).values()) for name in graded}


RIGHT = {**dict.fromkeys([*GRADED, *WITH_SECRET, "odd_name"], 5.0), **dict.fromkeys(UNREADABLE, 0)}
MENDED = RIGHT | dict.fromkeys([*NOT_THEIRS, *CLOSED], 5.0)


def times(room: Classroom) -> dict[str, datetime | None]:
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        found = book.assignment_submissions(LESSON_ID)
        return {one.student.id: one.timestamp for one in found if one.timestamp}


@contextlib.contextmanager
def odd_class(room: Classroom, command: str) -> Iterator[subprocess.CompletedProcess[str]]:
    """Grade a class of odd folders; once they are mended, everybody is graded."""
    fill(room)
    try:
        done = run(room, command, LESSON_ID)
        assert done.returncode == 1, done.stdout + done.stderr
        assert points(room) == RIGHT
        assert times(room) == dict.fromkeys({"bom", "zoe"}, MOMENT)
        yield done
    finally:
        open_again(room)
    again = run(room, command, LESSON_ID)
    assert again.returncode == 0, again.stdout + again.stderr
    assert points(room) == MENDED


def test_course_grade_goes_through_a_class_of_odd_folders(room: Classroom) -> None:
    with odd_class(room, "grade") as done:
        for student in UNTIMED:
            assert f"no time, so never late: {student}: " in done.stdout
        for student in (*CLOSED, *NOT_THEIRS):
            [line] = [one for one in done.stdout.splitlines() if f"fault: {student}: " in one]
            assert "could not be read (Permission denied), which is not the student's" in line
        for student, why in ASTRAY.items():
            [line] = [one for one in done.stdout.splitlines() if f"no notebook: {student}: " in one]
            assert why in line
        report = run(room, "report", LESSON_ID)
        assert report.returncode == 0, report.stderr
        page = (room.folder / "reports" / LESSON_ID / "faults.csv").read_text("utf-8-sig")
        for student in (*CLOSED, *NOT_THEIRS, *ASTRAY):
            assert f"{student}," in page
        assert "decoder_cells (1).ipynb" in page


def test_autograde_feedback_and_export_go_through_a_class_of_odd_folders(room: Classroom) -> None:
    with odd_class(room, "autograde") as done:
        for student in CLOSED - {"inner_closed"} | set(ASTRAY):
            assert f"{student} is not graded: " in done.stderr
        for student in ("inner_closed", *NOT_THEIRS):
            assert f"for student '{student}'" in done.stderr
            place = folder_of(room, student)
            assert f"ERROR] Not graded: {place}" in done.stderr.split("Please see the")[-1]
        for student in UNTIMED:
            assert f"{student}/{LESSON_ID}/timestamp.txt" in done.stderr
        assert done.stderr.count("it counts as handed in without a time, and is never") >= 5
        check_export(room)
        check_feedback(room)


def check_export(room: Classroom) -> None:
    """Nobody has a zero whom nobody graded."""
    done = run(room, "export")
    assert done.returncode == 0, done.stderr
    with (room.folder / "grades.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row["score"] for row in csv.DictReader(file)}
    assert {who: score for who, score in rows.items() if who in RIGHT} == {
        who: str(float(score)) for who, score in RIGHT.items()
    }
    assert {rows.get(who, "") for who in (*CLOSED, *NOT_THEIRS, *ASTRAY)} == {""}
    for student in (*CLOSED, *NOT_THEIRS, *ASTRAY):
        assert f"{student} has no grade: " in done.stderr


def check_feedback(room: Classroom) -> None:
    """Who came through the exchange gets a page; the others' pages are named."""
    assert run(room, "generate_feedback", LESSON_ID).returncode == 0
    done = run(room, "release_feedback", LESSON_ID)
    released = sorted((room.folder / "exchange" / "teacher_forcing" / "feedback").iterdir())
    assert len(released) == len(WITH_SECRET)
    for student in set(RIGHT) - {*WITH_SECRET, "secret_closed", "secret_socket"}:
        assert f"{student}: {room.feedback_page(student)}\n" in done.stderr
    assert done.returncode == 1
    assert f"secret_closed: {room.feedback_page('secret_closed')} was not released" in done.stderr
    assert f"secret_socket: {room.feedback_page('secret_socket')} was not released" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="nbgrader's exchange needs POSIX")
def test_feedback_of_laid_submissions_is_named_and_no_error(room: Classroom) -> None:
    for student in ("ann", "ben", "cat"):
        hand_in(room, student)
    for student in ("ann", "cat"):
        (folder_of(room, student) / "submission_secret.txt").write_text(student * 40)
    assert run(room, "autograde", LESSON_ID).returncode == 0
    assert run(room, "generate_feedback", LESSON_ID).returncode == 0
    done = run(room, "release_feedback", LESSON_ID)
    assert done.returncode == 0, done.stderr
    assert f"ben: {room.feedback_page('ben')}" in done.stderr
    pages = sorted((room.folder / "exchange" / "teacher_forcing" / "feedback").iterdir())
    assert len(pages) == 2
    room.feedback_page("ann").unlink()
    missing = run(room, "release_feedback", LESSON_ID)
    assert missing.returncode == 1
    assert "ann: there is no page in" in missing.stderr
    assert f"run `nbgrader generate_feedback {LESSON_ID}`" in missing.stderr


def test_before_a_lesson_is_generated_misplaced_notebooks_are_named_too(room: Classroom) -> None:
    place = hand_in(room, "ann")
    (place / NOTEBOOK).rename(place / "decoder_cells (1).ipynb")
    hand_in(room, "ben")
    (room.folder / "gradebook.db").unlink()
    done = run(room, "grade", LESSON_ID)
    assert done.returncode == 2
    first, *others = done.stderr.splitlines()
    assert f"run `nbgrader generate_assignment {LESSON_ID}` first" in first
    [line] = others
    assert f"ann: there is no {NOTEBOOK} in {place}; there is 'decoder_cells (1).ipynb'" in line
    assert f"move it to {place / NOTEBOOK}" in line
