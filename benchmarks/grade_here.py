"""How long a learner waits for **Grade**: the command that the button and `learner.grade()` run.

``python benchmarks/grade_here.py [--lesson 2] [--times 7] [--json]`` grades a solved notebook and
one with a known mistake, each in a process of its own, and prints seconds on the clock and CPU
seconds of that process and of all that it waited for: the least, the median and the most. Like any
grading it leaves its result in ``work/``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from pathlib import Path

from course.grading.classes.made_up import fill_in
from course.learner import asking
from course.lessons import Lesson, answers, asked_lesson, course_root, lesson_name, read_lesson
from course.lessons.misconceptions import answers_with, misconceptions


def notebooks(lesson: Lesson, folder: Path) -> dict[str, Path]:
    """Write what is graded."""
    released = course_root() / "release" / lesson.id / lesson.path.name
    texts = {"solved": answers(lesson), "mistaken": answers_with(lesson, misconceptions(lesson)[0])}
    for name, written in texts.items():
        (folder / f"{name}.ipynb").write_text(fill_in(released, written), encoding="utf-8")
    return {name: folder / f"{name}.ipynb" for name in texts}


def once(notebook: Path) -> tuple[float, float]:
    """Grade a notebook as the button does; return seconds, and CPU seconds."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    said = asking.ask("course.learner.check", notebook)
    after, took = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
    if "html" not in said:
        raise SystemExit(said["text"])
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesson", default="2")
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    lesson_id = asked_lesson(asked.lesson, course_root() / "source")
    lesson = read_lesson(course_root() / "source" / lesson_id / f"{lesson_name(lesson_id)}.ipynb")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, path in notebooks(lesson, Path(folder)).items():
            once(path)  # what is compiled is kept
            clock, cpu = zip(*(once(path) for _ in range(asked.times)), strict=True)
            found[name] = {
                what: [min(some), statistics.median(some), max(some)]
                for what, some in (("seconds", clock), ("CPU seconds", cpu))
            }
    if asked.json:
        print(json.dumps({"lesson": lesson_id, "load": os.getloadavg()[0], **found}, indent=1))
        return
    print(f"{lesson_id}, load {os.getloadavg()[0]:.1f}: least, median, most")
    for name, measured in found.items():
        for what, some in measured.items():
            print(f"  {name:<9} {what:<12}" + "".join(f"{one:7.2f}" for one in some))


if __name__ == "__main__":
    main()
