"""Workers forked from the grader: as good as programs of their own, with no file of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from graded_class import autograded, grade, rows
from test_grade_faults import start
from tiny import LESSON_ID, SOLUTION, solved

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader
from course.grading.classes.temporary import Classroom
from course.grading.classes.workers.handle import can_fork
from course.grading.classes.workers.local import LocalPool
from course.grading.confinement.sandbox import has_sandbox

pytestmark = pytest.mark.slow

#: Starts a pool beside an open gradebook, as the command does; prints what its worker can reach.
REACHED = """
import json, os, sys
from pathlib import Path
from course.grading.classes.command import settings
from course.grading.classes.workers.local import LocalPool
from course.grading.classes.grader import ClassGrader

config, course = settings(Path(sys.argv[1]))
grader = ClassGrader(course, config, sys.argv[2])
grader.book.rows("ada")
own = {os.readlink(path) for path in Path("/proc/self/fd").iterdir() if os.path.exists(path)}
pool = LocalPool(grader.lesson.data, 2)
tally = grader.run(pool, grader.students())
reached = []
for worker in pool.workers:
    reached.append([os.readlink(path) for path in Path(f"/proc/{worker.pid}/fd").iterdir()])
print(json.dumps({
    "faults": tally.faults,
    "own": sorted(own),
    "reached": reached,
    "programs": [Path(f"/proc/{worker.pid}/cmdline").read_text() for worker in pool.workers],
    "mine": Path("/proc/self/cmdline").read_text(),
}))
pool.close()
"""

#: Starts a pool where the second fork fails, or what watches a fork's end; prints what is left.
NO_ROOM = """
import errno, json, os, sys, tempfile
from pathlib import Path
from course.grading.confinement import forking as nursery
from course.grading.classes.workers.local import LocalPool

own = [str(opened._process.pid)] if (opened := nursery.open_nursery()) else []
tempfile.tempdir = sys.argv[2]
real, calls = getattr(os, sys.argv[1]), []

def fails_once(*arguments):
    calls.append(arguments)
    if len(calls) == 2:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
    return real(*arguments)

before = len(os.listdir("/proc/self/fd"))
setattr(os, sys.argv[1], fails_once)
pool = LocalPool(b"", 2)
children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
print(json.dumps({
    "forked": sum(bool(worker.pid) for worker in pool.workers),
    "children": len(set(children) - set(own)),
    "files": len(os.listdir("/proc/self/fd")) - before,
    "folders": len(os.listdir(sys.argv[2])),
}))
pool.close()
"""

#: Two pools where no nursery can be had; prints who waited for one.
NO_NURSERY = """
import os
from course.grading.confinement import forking as nursery
from course.grading.classes.workers import serialising as frames
from course.grading.classes.workers.local import LocalPool

def none_here(self):
    os.write(2, f"{os.getpid()}\\n".encode())
    raise OSError("no nursery here")

nursery.Nursery.__init__ = none_here
pool = LocalPool(b"", 2)
for worker in pool.workers:
    assert "fault" in worker._ask(b"L", frames.pack({}))  # no lesson; but they are ready by then
pool.close()
"""

#: A pool beside a nursery that is open already, and one without.
OPEN_BEFORE = """
from course.grading.confinement import forking as nursery
from course.grading.classes.workers.local import LocalPool

opened = nursery.open_nursery()
LocalPool(b"", 1).close()
print("same" if nursery.nursery_at_hand() is opened else "another")
nursery.close_nursery()
LocalPool(b"", 1).close()
print("another" if nursery.nursery_at_hand() else "none")
"""

#: Forks a worker that is told to stop as it begins; prints who goes on.
STOPPED = """
import os, signal
from course.grading.classes.workers.handle import WarmWorker

def stop(*_):
    raise KeyboardInterrupt

def fork(fork=os.fork):
    pid = fork()
    if pid == 0:
        os.kill(os.getpid(), signal.SIGTERM)
    return pid

signal.signal(signal.SIGTERM, stop)
os.fork = fork
worker = WarmWorker()
try:
    worker.fork()
finally:
    os.write(1, b"goes on\\n")
worker.close()
print(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
"""


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
    done = subprocess.run(
        [sys.executable, "-c", REACHED, str(room.folder), LESSON_ID],
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    seen = json.loads(done.stdout)
    assert seen["programs"] == [seen["mine"]] * 2  # forked, or this would show nothing
    assert not seen["faults"]
    assert any("gradebook" in name for name in seen["own"])
    for reached in seen["reached"]:
        assert [name for name in reached if "gradebook" in name or name.endswith(".lock")] == []
        assert len({name for name in reached if name.startswith("pipe:")}) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
@pytest.mark.parametrize("call", ["fork", "pidfd_open"])
def test_a_worker_that_cannot_be_forked_is_left_for_later(call: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", NO_ROOM, call, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
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
    done = subprocess.run(
        [sys.executable, "-c", NO_NURSERY],
        stderr=subprocess.PIPE,
        text=True,
        timeout=600,
        check=True,
    )
    tried = done.stderr.split()
    assert len(tried) == len(set(tried)) == 3  # the grader and its workers


@pytest.mark.skipif(not has_sandbox(), reason="needs bubblewrap")
def test_a_pool_leaves_a_nursery_open_that_was_there_before() -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN_BEFORE], stdout=subprocess.PIPE, timeout=600, check=True
    )
    assert done.stdout == b"same\nnone\n"


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_a_worker_stopped_as_it_begins_is_no_second_grader() -> None:
    done = subprocess.run(
        [sys.executable, "-c", STOPPED], stdout=subprocess.PIPE, timeout=600, check=True
    )
    assert done.stdout == b"goes on\nset()\n"


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
