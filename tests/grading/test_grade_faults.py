"""Whatever ends a grader or a worker, a second run goes on, and nothing is lost or half-written."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
from collections.abc import Callable

import pytest
from graded_class import NOTEBOOK, autograded, grade, rows, start
from nbgrader.api import Gradebook
from processes import children
from tiny import LESSON_ID, SOLUTION, solved

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader
from course.grading.classes.publish import agrees
from course.grading.classes.temporary import Classroom
from course.grading.classes.workers.local import LocalPool
from course.grading.faults import CannotWrite

pytestmark = pytest.mark.slow(seconds=50)

STUDENTS = ("ada", "bob", "cyd", "dee", "eve", "fay")


@pytest.fixture(scope="module")
def handed_in(new_class: Callable[..., Classroom]) -> Classroom:
    room = new_class("handed in")
    for student in STUDENTS:
        room.hand_in(student, json.dumps(solved(room)))
    return room


@pytest.fixture(scope="module")
def graded(new_class: Callable[..., Classroom], handed_in: Classroom) -> Classroom:
    room = new_class("graded", of=handed_in.folder)
    assert len(grade(room).graded) == len(STUDENTS)
    return room


@pytest.fixture
def ungraded(new_class: Callable[..., Classroom], handed_in: Classroom) -> Classroom:
    return new_class("ungraded", of=handed_in.folder)


@pytest.fixture
def graded_once(new_class: Callable[..., Classroom], graded: Classroom) -> Classroom:
    return new_class("graded once", of=graded.folder)


def consistent(room: Classroom) -> int:
    """Check that each graded folder is whole and agrees with its rows; return how many are."""
    config, course = settings(room.folder)
    grader = ClassGrader(course, config, LESSON_ID)
    count = 0
    try:
        for student in STUDENTS:
            folder = grader.publisher.place(student)
            if not folder.is_dir():
                continue
            json.loads((folder / f"{NOTEBOOK}.ipynb").read_text())
            record = json.loads((folder / f"{NOTEBOOK}.diagnosis.json").read_text())["graded"]
            # Killed before its rows were written, a folder agrees with none; the next run sees it.
            count += agrees(record, *grader.book.rows(student).get(NOTEBOOK, ({}, {})))
    finally:
        grader.close()
    return count


def test_what_has_not_changed_is_not_graded_again(graded_once: Classroom) -> None:
    before = autograded(graded_once)
    again = grade(graded_once)
    assert (len(again.graded), len(again.unchanged)) == (0, len(STUDENTS))
    assert again.unchanged["ada"] == 5.0
    assert autograded(graded_once) == before


def test_only_what_has_changed_is_graded_again(graded_once: Classroom) -> None:
    wrong = SOLUTION.replace("2 * x", "3 * x")
    graded_once.hand_in("bob", json.dumps(solved(graded_once, write_double=wrong)))
    with Gradebook(graded_once._course().db_url, "teacher_forcing") as book:
        # As if the row of an earlier run had been written, and the folder not.
        book.find_grade("the_sum_counts", NOTEBOOK, LESSON_ID, "cyd").auto_score = 0.25
        book.db.commit()
        # As if the folder had been put into its place, and the grader killed before its rows.
        book.remove_submission(LESSON_ID, "eve")
    (graded_once.folder / "autograded" / "dee" / LESSON_ID / f"{NOTEBOOK}.ipynb").unlink()
    again = grade(graded_once)
    assert sorted(again.graded) == ["bob", "cyd", "dee", "eve"]
    assert consistent(graded_once) == len(STUDENTS)
    assert again.graded["bob"] < again.graded["cyd"] == 5.0
    assert len(grade(graded_once, regrade=True).graded) == len(STUDENTS)


def test_late_points_follow_the_deadline_without_grading_again(room: Classroom) -> None:
    with (room.folder / "nbgrader_config.py").open("a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    folder = room.hand_in("ada", json.dumps(solved(room))).parent
    (folder / "timestamp.txt").write_text("2026-01-02 00:00:00 UTC")
    grade(room)
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        assert book.find_submission(LESSON_ID, "ada").late_submission_penalty in (0, None)
        book.update_or_create_assignment(LESSON_ID, duedate="2026-01-01 00:00:00 UTC")
    assert not grade(room).graded
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        assert book.find_submission(LESSON_ID, "ada").late_submission_penalty == 5.0


def test_a_killed_worker_costs_a_second_try(ungraded: Classroom) -> None:
    config, course = settings(ungraded.folder)
    grader = ClassGrader(course, config, LESSON_ID)
    pool = LocalPool(grader.lesson.data, 2)
    killed = []

    def kill_once(_: object) -> None:
        if pool.workers[0].pid and len(grader.tally.graded) == 2 and not killed:
            killed.append(pool.workers[0].pid)
            os.kill(killed[0], signal.SIGKILL)

    try:
        tally = grader.run(pool, list(STUDENTS), on_change=kill_once)
    finally:
        pool.close()
        grader.close()
    assert killed
    assert not tally.faults
    assert len(tally.graded) == len(STUDENTS) == consistent(ungraded)


def test_an_instructors_fault_is_told_apart_and_leaves_no_mark(room: Classroom) -> None:
    room.hand_in("ada", json.dumps(solved(room)))
    path = room.folder / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    path.write_text(path.read_text().replace("import numpy as np", "import no_such_module"))
    room.generate()
    process = start(room)
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 1
    assert "not graded, and not the student's fault" in said
    assert "no_such_module" in said
    assert not (room.folder / "autograded" / "ada").exists()


def test_a_full_disk_leaves_what_was_there(
    graded_once: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, had = autograded(graded_once), rows(graded_once)
    fsync, draw = os.fsync, random.Random(5)

    def full(descriptor: int) -> None:
        if draw.random() < 0.5:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with contextlib.suppress(CannotWrite):  # three in a row
        tally = grade(graded_once, regrade=True)
        assert all("No space left" in why for why in tally.faults.values())
    monkeypatch.undo()
    assert consistent(graded_once) == len(STUDENTS)
    assert len(grade(graded_once, regrade=True).graded) == len(STUDENTS)
    assert (autograded(graded_once), rows(graded_once)) == (before, had)


def test_a_lost_database_takes_the_folder_back(
    graded_once: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy.exc import OperationalError

    from course.grading.classes import grader as run
    from course.grading.records.penalties import Penalties

    before = autograded(graded_once)
    monkeypatch.setattr(run, "WAITS_S", (0.01,))
    lost = OperationalError("x", {}, OSError())
    monkeypatch.setattr(Penalties, "take", lambda *_: (_ for _ in ()).throw(lost))
    with pytest.raises(CannotWrite, match="not written down"):
        grade(graded_once, regrade=True)
    monkeypatch.undo()
    assert autograded(graded_once) == before
    assert len(grade(graded_once).unchanged) == len(STUDENTS)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Object of type <Submitted")  # nbgrader's, under SQLAlchemy 2
# Eight kills in a run of the tests; COURSE_SEEDS=25 makes a hundred.
@pytest.mark.parametrize("seed", range(int(os.environ.get("COURSE_SEEDS", "2"))))
def test_killed_at_any_moment_a_second_run_ends_with_the_same(
    ungraded: Classroom, seed: int
) -> None:
    room, draw = ungraded, random.Random(seed)
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        book.update_or_create_student("ada")
        book.update_or_create_submission(LESSON_ID, "ada")
        book.find_grade("why", NOTEBOOK, LESSON_ID, "ada").manual_score = 2.5
        book.find_comment("why", NOTEBOOK, LESSON_ID, "ada").manual_comment = "Nearly."
        book.db.commit()
    for round_ in range(4):
        process = start(room, *(["--regrade"] if round_ % 2 else []))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(draw.uniform(0.0, 3.0))
        victims = [process.pid, *children(process.pid)] if process.poll() is None else []
        if victims:
            number = draw.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
            victim = draw.choice(victims)
            with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
                os.kill(victim, signal.SIGKILL if victim != process.pid else number)
        process.communicate(timeout=600)
        consistent(room)
    final = start(room)
    said, complaints = final.communicate(timeout=600)
    assert final.returncode == 0, said + complaints
    assert consistent(room) == len(STUDENTS)
    after = rows(room)
    assert any("'ada'" in row and "2.5" in row for row in after["grade"])
    assert any("Nearly." in row for row in after["comment"])
    left = [p.name for p in (room.folder / "autograded").rglob(".*") if p.is_dir()]
    assert left == []
    again = grade(room)
    assert len(again.unchanged) == len(STUDENTS)
