"""What a submission costs the one process that hands out work and writes the gradebook.

``python benchmarks/scale_writer.py [--lesson 3] [--submissions 200] [--json]`` grades a few
submissions once, then lets the class's grader take the same results for many students, as if
workers without limit had sent them: reading what was handed in, and writing notebooks and rows.
SQLite, and PostgreSQL where the system has it. It also counts the CPU that workers use for a
submission, which a busy machine changes far less than the time they take.
"""

from __future__ import annotations

import argparse
import json
import logging
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from grading import machine, make_class
from nbgrader.coursedir import CourseDirectory

from course.grading.classes.grader import ClassGrader
from course.grading.classes.submission import Submission
from course.grading.classes.temporary import Classroom
from course.grading.classes.workers.local import LocalPool, Outcome
from course.lessons import asked_lesson, course_root

sys.path.insert(0, str(course_root() / "tests" / "support"))
from postgres import programs, server

#: Submissions that are graded for real; their results serve for all.
KINDS = 6


@dataclass
class Writer:
    """What one gradebook was measured to take.

    Attributes
    ----------
    database : str
        ``"SQLite"`` or ``"PostgreSQL"``.
    submissions : int
        How many were written.
    each_s : float
        Seconds a submission.
    cpu_s : float
        Of them, seconds of this process's CPU; the rest is waiting for disk and database.
    """

    database: str
    submissions: int
    each_s: float
    cpu_s: float


def worker_cpu_s(room: Classroom) -> float:
    """Return the CPU seconds of a submission on a worker, its sandbox included, the start not."""
    course = CourseDirectory(config=room.config)
    grader = ClassGrader(course, room.config, room.lesson_id)
    students, spent = grader.students(), []
    counts = (KINDS, 3 * KINDS)
    for count in counts:
        before = _cpu_s(resource.RUSAGE_CHILDREN)
        pool = LocalPool(grader.lesson.data, 1)
        try:
            done = [o for o in pool.run(grader._task(s) for s in students[:count]) if o]
        finally:
            pool.close()
        assert all(outcome.graded for outcome in done), done
        spent.append(_cpu_s(resource.RUSAGE_CHILDREN) - before)
    grader.close()
    return (spent[1] - spent[0]) / (counts[1] - counts[0])


def _cpu_s(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


class Replay:
    """A pool whose workers take no time: it knows the results."""

    def __init__(self, known: list[Outcome]) -> None:
        self._known = known

    def run(self, tasks: Iterable[Submission]) -> Iterator[Outcome | None]:
        for number, task in enumerate(tasks):
            graded = self._known[number % len(self._known)].graded
            assert graded is not None
            yield Outcome(task, replace(graded, student=task.student))

    def close(self) -> None:
        pass


def measure(room: Classroom, database: str) -> Writer:
    """Measure the gradebook that a class's settings name."""
    course = CourseDirectory(config=room.config)
    grader = ClassGrader(course, room.config, room.lesson_id)
    students = grader.students()
    pool = LocalPool(grader.lesson.data, 2)
    try:
        tasks = [grader._task(student) for student in students[:KINDS]]
        known = [outcome for outcome in pool.run(tasks) if outcome and outcome.graded]
    finally:
        pool.close()
    began, cpu = time.perf_counter(), _cpu_s(resource.RUSAGE_SELF)
    tally = grader.run(Replay(known), students, regrade=True)
    each = (time.perf_counter() - began) / len(students)
    spent = _cpu_s(resource.RUSAGE_SELF) - cpu
    assert len(tally.graded) == len(students), tally.faults
    grader.close()
    return Writer(database, len(students), each, spent / len(students))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", default="3", help="a lesson's number or name")
    parser.add_argument("--submissions", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    lesson_id = asked_lesson(asked.lesson, course_root() / "source")
    about, found = machine(), []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        room = make_class(lesson_id, range(asked.submissions), Path(name) / "class")
        worker = worker_cpu_s(room)
        found.append(measure(room, "SQLite"))
        if programs() is not None:
            with server() as address:
                url = address.replace("postgresql:", "postgresql+psycopg2:")
                room.config.CourseDirectory.db_url = url
                room.generate()
                found.append(measure(room, "PostgreSQL"))
    if asked.json:
        ways = [asdict(one) for one in found]
        print(json.dumps({"machine": about, "worker_cpu_s": worker, "writer": ways}, indent=1))
    else:
        print(", ".join(f"{key} {value}" for key, value in about.items()))
        print(f"a worker uses {1000 * worker:.0f} ms of CPU a submission")
        for one in found:
            print(
                f"{one.database:12}{one.submissions:6} submissions, {1000 * one.each_s:7.1f} ms "
                f"each, {1000 * one.cpu_s:7.1f} ms of it CPU: at most {1 / one.each_s:.0f} a second"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
