"""The same class on a Dask cluster: a real scheduler, several workers, some of which fail."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import programs
import pytest
from graded_class import autograded, grade, rows
from saying import Saying
from tiny import LESSON_ID, solved

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader
from course.grading.classes.temporary import Classroom
from course.grading.faults import VersionsDiffer
from course.lessons import LessonError

pytest.importorskip("distributed")

STUDENTS = ("ada", "bob", "cyd", "dee", "eve", "fay")


class Cluster:
    """A scheduler and its workers, as processes of their own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.processes: list[subprocess.Popen[str]] = []
        options = ("--port", "0", "--no-dashboard", "--host", "127.0.0.1")
        self.address = self._start("scheduler", *options).until(r"Scheduler at: +(\S+)")[1]

    def worker(self, *options: str) -> subprocess.Popen[str]:
        """Start one more worker."""
        options = ("--no-nanny", "--nthreads", "1", "--no-dashboard", *options)
        return self._start("worker", self.address, *options, "--memory-limit", "0").process

    def _start(self, kind: str, *options: str) -> Saying:
        started = Saying(
            [sys.executable, "-m", "dask", kind, *options],
            cwd=self._folder,
            start_new_session=True,
        )
        self.processes.append(started.process)
        return started

    def close(self) -> None:
        for process in reversed(self.processes):  # nothing of theirs is kept: none need say goodbye
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    folder = tmp_path / "cluster"
    folder.mkdir()
    made = Cluster(folder)
    yield made
    made.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_what_this_machine_gives_and_a_killed_worker_costs_a_retry(
    room: Classroom, cluster: Cluster
) -> None:
    from course.grading.classes.workers.cluster import ClusterPool

    for student in STUDENTS:
        room.hand_in(student, json.dumps(solved(room)))
    grade(room)
    here = autograded(room), rows(room)
    workers = [cluster.worker() for _ in range(3)]
    config, course = settings(room.folder)
    grader = ClassGrader(course, config, LESSON_ID)
    pool = ClusterPool(grader.lesson.data, cluster.address)
    pool._client.wait_for_workers(3, timeout=600)
    killed = []

    def kill_once(_: object) -> None:
        if len(grader.tally.graded) >= 1 and not killed:
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    try:
        tally = grader.run(pool, list(STUDENTS), regrade=True, on_change=kill_once)
    finally:
        pool.close()
        grader.close()
    assert killed
    assert not tally.faults
    assert len(tally.graded) == len(STUDENTS)
    assert (autograded(room), rows(room)) == here


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_worker_with_other_versions_is_refused(room: Classroom, cluster: Cluster) -> None:
    from course.grading.classes.workers.cluster import ClusterPool

    room.hand_in("ada", json.dumps(solved(room)))
    cluster.worker("--preload", programs.place("other_versions"))
    config, course = settings(room.folder)
    grader = ClassGrader(course, config, LESSON_ID)
    pool = ClusterPool(grader.lesson.data, cluster.address)
    try:
        with pytest.raises(VersionsDiffer, match=r"numpy 1\.0 here.*Install the same course"):
            grader.run(pool, ["ada"])
    finally:
        pool.close()
        grader.close()
    assert not (room.folder / "autograded" / "ada").exists()


@pytest.mark.filterwarnings("ignore")
def test_a_scheduler_that_does_not_answer_is_said_so(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    from course.grading.classes.workers import cluster

    monkeypatch.setattr(cluster, "PATIENCE_S", 0.5)
    with pytest.raises(LessonError, match="no Dask scheduler with workers answers at"):
        cluster.ClusterPool(b"", "tcp://127.0.0.1:9")
