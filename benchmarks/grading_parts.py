"""Where a submission's time goes: each part of grading it, by itself.

``python benchmarks/grading_parts.py [--lesson 3] [--times 5] [--json]`` prints the median of
several measurements of each part: seconds on the clock, and CPU seconds where a control group can
count them (see `benchmarks/grading.py`). The first lines are what has to be paid at least.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import grading

from course.grading.classes.autograding import Conversion, not_judged
from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader
from course.grading.classes.made_up import fill_in
from course.grading.classes.workers import worker as warm
from course.grading.confinement import forking as nursery
from course.grading.confinement import sandbox
from course.grading.confinement.limits import Limits
from course.grading.confinement.student_process import StudentProcess
from course.grading.records.timestamps import TimeStamp
from course.lessons import answers, asked_lesson, course_root

ANSWERING = "import numpy, course.student.__main__, course.checks"


def measured(times: int, part: Callable[[], object]) -> tuple[float, float]:
    """Return the median of seconds and of CPU seconds; the first time does not count."""
    part()
    clock, cpu = [], []
    for _ in range(times):
        begun, used = time.perf_counter(), grading.cpu_seconds()
        part()
        clock.append(time.perf_counter() - begun)
        cpu.append(grading.cpu_seconds() - used)
    return statistics.median(clock), statistics.median(cpu)


def python(*arguments: str) -> Callable[[], object]:
    command = [sys.executable, *arguments]
    return lambda: subprocess.run(command, check=True)


def in_sandbox() -> None:
    command = ["bwrap", *sandbox._NAMESPACES, "--ro-bind", "/", "/", "--", "/bin/true"]
    subprocess.run(command, check=True)


def one_process() -> None:
    """Start a student's process as the judge does, ask it something, end it."""
    with StudentProcess(Limits()) as process:
        process.describe([])


def parts(lesson_id: str, times: int, folder: Path) -> dict[str, tuple[float, float]]:
    found = {
        "start Python": measured(times, python("-I", "-S", "-c", "pass")),
        "start Python, import NumPy": measured(times, python("-c", "import numpy")),
        "the same, IPython and the checks": measured(times, python("-c", ANSWERING)),
        "an empty sandbox": measured(times, in_sandbox),
        "a student's process, started": measured(times, one_process),
    }
    warm.warm_up()
    found["a student's process, forked"] = measured(times, one_process)
    room = grading.make_class(lesson_id, range(0), folder)
    released = room.folder / "release" / lesson_id / f"{room.lesson.name}.ipynb"
    room.hand_in("ada", fill_in(released, answers(room.lesson)))
    config, course = settings(room.folder)
    grader = ClassGrader(course, config, lesson_id)
    (folder / "work").mkdir()
    conversion = Conversion(grader.lesson, folder / "work")
    warm._prepare(conversion)
    task = grader._task("ada")
    unjudged = measured(times, lambda: conversion.grade(task, not_judged))
    found["all steps of the notebook, unjudged"] = unjudged
    found["all steps, a right one judged"] = measured(times, lambda: conversion.grade(task))
    graded = conversion.grade(task)
    nursery.close_nursery()

    def publish() -> None:
        with grader.publisher.published(graded, task.key):
            pass

    found["files into their place"] = measured(times, publish)
    versions = grader.lesson.graded_by()
    write = measured(
        times, lambda: grader.book.write("ada", graded.marks, versions, TimeStamp(None))
    )
    found["rows into the gradebook"] = write
    found["is it graded already?"] = measured(times, lambda: grader._points(task))
    grader.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", default="3", help="a lesson's number or name")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    grading.count_cpu()
    about = grading.machine()
    lesson_id = asked_lesson(asked.lesson, course_root() / "source")
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        found = parts(lesson_id, asked.times, Path(name) / "class")
    if asked.json:
        print(json.dumps({"machine": about, "parts": found}, indent=1))
        return 0
    print(", ".join(f"{name} {value}" for name, value in about.items()))
    print(f"{'':38}{'ms':>8}{'CPU ms':>9}")
    for name, (clock, cpu) in found.items():
        print(f"{name:38}{1000 * clock:8.0f}{1000 * cpu:9.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
