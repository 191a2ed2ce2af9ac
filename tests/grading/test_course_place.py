"""A course's folder may have any name: nbgrader would take brackets in it for a pattern."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest
from odd_folders import NOTEBOOK, folder_of, hand_in, run
from tiny import LESSON_ID
from zipped import answer, make_zip

from course.grading.classes.temporary import Classroom
from course.grading.records.opening import gradebook_file

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
PLACE = "CS [2025] ~ {x} a*b? 'q' \"dq\" ü #%41"


def test_a_gradebook_is_where_its_address_says_whatever_the_name(tmp_path: Path) -> None:
    from sqlalchemy import create_engine, text

    for name in ("a?b", "50%41", "[2025]", "a#b ü"):
        (tmp_path / name).mkdir()
        engine = create_engine(gradebook_file(tmp_path / name / "gradebook.db"))
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE t (x INTEGER)"))
        engine.dispose()
        assert [path.name for path in (tmp_path / name).iterdir()] == ["gradebook.db"]
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.slow
def test_the_whole_cycle_runs_in_a_folder_of_any_name(tiny_course: Path, tmp_path: Path) -> None:
    room = Classroom(tiny_course, LESSON_ID, tmp_path / PLACE)
    done = run(room, "generate_assignment", LESSON_ID)
    assert done.returncode == 0, done.stderr
    assert (room.folder / "release" / LESSON_ID / NOTEBOOK).is_file()
    assert not (room.folder / "release" / LESSON_ID / "misconceptions.py").exists()
    assert run(room, "release_assignment", LESSON_ID).returncode == 0
    for student in ("ann", "[ben]", "a*"):
        hand_in(room, student)
        (folder_of(room, student) / "submission_secret.txt").write_text(f"secret of {student}")
    assert run(room, "autograde", LESSON_ID).returncode == 0
    graded = [room.graded_notebook(student) for student in ("ann", "[ben]", "a*")]
    assert all(path.is_file() for path in graded)
    assert not (graded[0].parent / "misconceptions.py").exists(), "what the course ignores"
    assert run(room, "grade", LESSON_ID).returncode == 0
    assert run(room, "generate_feedback", LESSON_ID).returncode == 0
    released = run(room, "release_feedback", LESSON_ID)
    assert released.returncode == 0, released.stderr
    assert len(list((room.folder / "exchange/teacher_forcing/feedback").iterdir())) == 3
    assert run(room, "report", LESSON_ID).returncode == 0
    assert "disagree" not in (room.folder / "reports" / LESSON_ID / "out_of_step.csv").read_text()
    assert run(room, "export").returncode == 0
    with (room.folder / "grades.csv").open(encoding="utf-8") as file:
        assert {row["score"] for row in csv.DictReader(file)} == {"5.0"}
    assert [path.name for path in tmp_path.iterdir()] == [PLACE], "nothing lies elsewhere"


@pytest.mark.slow
def test_a_variable_in_a_folders_name_keeps_nobody_from_checking_and_is_told_to_graders(
    tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM_2", "elsewhere")
    room = Classroom(tiny_course, LESSON_ID, tmp_path / "a $TERM_2 ~ $NO_SUCH")
    release = room.generate()
    own = room.folder / "work" / LESSON_ID / NOTEBOOK
    own.parent.mkdir(parents=True)
    own.write_bytes(release.read_bytes())
    checked = run(room, "check", LESSON_ID)
    assert "0 of 5 points" in checked.stdout, checked.stderr
    hand_in(room, "ann")
    for command in ("grade", "report"):
        done = run(room, command, LESSON_ID)
        assert done.returncode == 2
        assert f"in '{tmp_path / 'a elsewhere ~ $NO_SUCH'}': give the folder a name" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_zip_is_collected_in_a_folder_of_any_name(tiny_course: Path, tmp_path: Path) -> None:
    room = Classroom(tiny_course, LESSON_ID, tmp_path / PLACE)
    assert run(room, "generate_assignment", LESSON_ID).returncode == 0
    assert run(room, "db", "student", "add", "ann", "--lms-user-id=101").returncode == 0
    archive = room.folder / "downloaded" / LESSON_ID / "archive" / "all.zip"
    make_zip(archive, {f"leeann_101_7_{NOTEBOOK}": answer("mine")})
    done = run(room, "zip_collect", LESSON_ID)
    assert (folder_of(room, "ann") / NOTEBOOK).is_file(), done.stderr


@pytest.mark.slow
def test_what_was_submitted_is_collected_one_by_one(room: Classroom) -> None:
    inbound = room.folder / "exchange" / "teacher_forcing" / "inbound"
    times = {
        "ann": "2025-03-10 23:30:00.000000 UTC+abcdefghijkl",
        "ben": "2025-03-11 00:30:00 +0100+abcdefghijkl",  # a format with an offset
        "c+d": "2025-03-11T00:30:00+01:00",  # and without random letters
        "odd": "yesterday+abcdefghijkl",
    }
    notebook = json.dumps({"cells": []})
    for student, when in times.items():
        folder = inbound / f"{student}+{LESSON_ID}+{when}"
        folder.mkdir(parents=True)
        (folder / NOTEBOOK).write_text(notebook)
        (folder / "timestamp.txt").write_text("2025-03-10 23:30:00 UTC")
        (folder / "solution.txt").symlink_to(room.folder / "source" / LESSON_ID / NOTEBOOK)
    closed = inbound / f"eve+{LESSON_ID}+2025-03-10 23:30:00 UTC+abcdefghijkl"
    closed.mkdir()
    (closed / NOTEBOOK).write_text(notebook)
    (closed / NOTEBOOK).chmod(0)
    before = folder_of(room, "eve")
    before.mkdir(parents=True)
    (before / NOTEBOOK).write_text("what was there")
    done = run(room, "collect", LESSON_ID, "--update")
    assert done.returncode == 1
    assert "odd" in done.stderr
    assert "its name does not say whose it is, and of when" in done.stderr
    assert "eve+" in done.stderr
    for student in ("ann", "ben", "c+d"):
        names = sorted(path.name for path in folder_of(room, student).iterdir())
        assert names == [NOTEBOOK, "timestamp.txt"], "a link is not followed"
    assert (before / NOTEBOOK).read_text() == "what was there"
    (closed / NOTEBOOK).chmod(0o644)
    assert run(room, "collect", LESSON_ID, "--update").returncode == 0
    assert (before / NOTEBOOK).read_text() == notebook
