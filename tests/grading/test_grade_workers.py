"""Workers forked from the grader: as good as programs of their own, with no file of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import programs
import pytest
from graded_class import autograded, grade, rows, start
from tiny import LESSON_ID, SOLUTION, solved

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader
from course.grading.classes.temporary import Classroom
from course.grading.classes.workers.handle import can_fork
from course.grading.classes.workers.local import LocalPool
from course.grading.confinement.sandbox import has_sandbox

pytestmark = pytest.mark.slow


def test_forked_and_started_workers_write_down_the_same(room: Classroom) -> None:
    room.hand_in("ada", json.dumps(solved(room)))
    room.hand_in("bob", "{")
    room.hand_in("cyd", json.dumps(solved(room, write_double=SOLUTION.replace("2 * x", "3 * x"))))
    grade(room)
    by_started = autograded(room), rows(room)
    command = start(room, "--regrade")
    _, complaints = command.communicate(timeout=600)
    assert command.returncode == 0, complaints
    (room.folder / "autograded" / f".{LESSON_ID}.lock").unlink()  # the command's own
    assert (autograded(room), rows(room)) == by_started


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_a_forked_worker_holds_none_of_the_graders_files(room: Classroom) -> None:
    room.hand_in("ada", json.dumps(solved(room)))
    seen = json.loads(programs.run("reached_by_workers", str(room.folder), LESSON_ID).stdout)
    assert seen["programs"] == [seen["mine"]] * 2  # forked, or this would show nothing
    assert not seen["faults"]
    assert any("gradebook" in name for name in seen["own"])
    for reached in seen["reached"]:
        assert [name for name in reached if "gradebook" in name or name.endswith(".lock")] == []
        assert len({name for name in reached if name.startswith("pipe:")}) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
@pytest.mark.parametrize("call", ["fork", "pidfd_open"])
def test_a_worker_that_cannot_be_forked_is_left_for_later(call: str, tmp_path: Path) -> None:
    done = programs.run("no_room_for_workers", call, str(tmp_path))
    # Two pipes and what watches its end.
    assert json.loads(done.stdout) == {"forked": 1, "children": 1, "files": 3, "folders": 1}


@pytest.mark.skipif(sys.platform == "win32", reason="no workers there")
def test_a_grader_whose_standard_output_is_closed_has_workers() -> None:
    program = (
        "from course.grading.classes.workers.local import LocalPool; LocalPool(b'', 1).close()"
    )
    command = ["sh", "-c", 'exec "$0" -c "$1" >&-', sys.executable, program]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_where_no_nursery_can_be_had_each_process_tries_once() -> None:
    tried = programs.run("no_nursery").stderr.split()
    assert len(tried) == len(set(tried)) == 3  # the grader and its workers


@pytest.mark.skipif(not has_sandbox(), reason="needs bubblewrap")
def test_a_pool_leaves_a_nursery_open_that_was_there_before() -> None:
    assert programs.run("nursery_open_before").stdout == "same\nnone\n"


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_a_worker_stopped_as_it_begins_is_no_second_grader() -> None:
    assert programs.run("worker_stopped").stdout == "goes on\nset()\n"


def test_a_process_with_threads_is_not_forked() -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        assert not can_fork()
    finally:
        stop.set()
        thread.join()


def test_a_pool_that_was_left_in_the_middle_can_be_used_again(room: Classroom) -> None:
    students = [f"student{number}" for number in range(5)]
    for student in students:
        room.hand_in(student, json.dumps(solved(room)))
    config, course = settings(room.folder)
    grader = ClassGrader(course, config, LESSON_ID)
    pool = LocalPool(grader.lesson.data, 2)
    try:
        for outcome in pool.run(grader._tasks(students, regrade=True)):
            if outcome is not None:
                break
        tally = grader.run(pool, students, regrade=True)
    finally:
        pool.close()
        grader.close()
    assert sorted(tally.graded) == students
