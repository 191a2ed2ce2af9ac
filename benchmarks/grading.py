"""How fast a class is graded: the class's grader against nbgrader's own `Execute`.

``python benchmarks/grading.py [--lesson 3] [--submissions 60] [--workers 1 2] [--json]`` makes a
class of submissions (right, unsolved, and wrong in each known way), and grades it in one run: a
part of it with nbgrader's stock steps, a submission after the other; all of it with the class's
grader and the first number of workers; another part with nbgrader's, all with the next number of
workers, and so on, a part of nbgrader's last. Each is compared with the parts before and after it
alone, so that a machine that gets slower or faster favours nobody. The start of a command counts on
both sides: the class's grader is run as one, and nbgrader's is timed and shared out among as many
submissions. All results are thrown away.
``--tiny N...`` grades N submissions of a lesson of two functions instead, for how time a submission
and memory change with the size of a class.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import functools
import importlib.metadata
import itertools
import json
import logging
import operator
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from nbgrader.converters import Autograde

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader, Tally
from course.grading.classes.made_up import fill_in
from course.grading.classes.temporary import Classroom
from course.grading.classes.workers.local import LocalPool
from course.grading.confinement.forking import close_nursery
from course.lessons import answers, asked_lesson, course_root
from course.lessons.misconceptions import answers_with, misconceptions

_GROUP = Path(f"/sys/fs/cgroup/cpuacct/benchmark-{os.getpid()}")
#: Begins as the command does, and goes on with `grade` below, on another folder than the course's.
_COMMAND = """
import runpy, sys
from course.grading.classes.start import begin
begin()
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
VERSIONS = ("nbgrader", "nbconvert", "numpy", "ipython", "SQLAlchemy")


@dataclass
class Result:
    """One way of grading, measured."""

    name: str
    submissions: int
    seconds: float
    cpu_s: float = 0.0
    peak_mib: float = 0.0
    faults: int = 0
    first_s: float = 0.0  # between two of the first tenth that are done, and of the last tenth
    last_s: float = 0.0
    beside: Result | None = field(default=None, repr=False)  # nbgrader's, just before and after

    @property
    def each_s(self) -> float:
        return self.seconds / self.submissions

    @property
    def ratio(self) -> float | None:
        return self.beside.each_s / self.each_s if self.beside else None

    @property
    def cpu_ratio(self) -> float | None:
        if not self.beside or not self.cpu_s:
            return None
        return self.beside.cpu_s / self.beside.submissions / (self.cpu_s / self.submissions)

    def __add__(self, other: Result) -> Result:
        """Return two parts of one way as one."""
        return replace(
            self,
            submissions=self.submissions + other.submissions,
            seconds=self.seconds + other.seconds,
            cpu_s=self.cpu_s + other.cpu_s,
        )


def texts_of(room: Classroom, released: Path) -> list[str]:
    """Return a class's submissions: a third right, one in six unsolved, the rest wrong."""
    right = fill_in(released, answers(room.lesson))
    wrong = [fill_in(released, answers_with(room.lesson, m)) for m in misconceptions(room.lesson)]
    unsolved = released.read_text(encoding="utf-8")
    return [
        text
        for place in range(0, 3 * len(wrong), 3)
        for text in (
            right,
            wrong[place % len(wrong)],
            right,
            wrong[(place + 1) % len(wrong)],
            unsolved,
            wrong[(place + 2) % len(wrong)],
        )
    ]


def make_class(lesson_id: str, numbers: range, folder: Path) -> Classroom:
    """Generate a lesson in a new folder, and hand in the submissions of these numbers."""
    room = Classroom(course_root(), lesson_id, folder)
    kinds = texts_of(room, room.generate())
    for number in numbers:
        room.hand_in(f"student{number:04}", kinds[number % len(kinds)])
    return room


def stock(room: Classroom, of: int) -> Result:
    """Grade a few `of` so many with nbgrader's own steps, `Execute` among them, one by one."""
    own = copy.copy(room.config.Autograde)
    for name in ("sanitize_preprocessors", "autograde_preprocessors", "exporter_class"):
        room.config.Autograde.pop(name, None)
    room.config.Autograde.pop("pre_convert_hook", None)
    count = len(list((room.folder / "submitted").iterdir()))
    begun, used = time.perf_counter(), cpu_seconds()
    subprocess.run(
        [sys.executable, "-m", "nbgrader", "autograde", "--version"], stdout=2, check=True
    )
    start_s, start_cpu_s = time.perf_counter() - begun, cpu_seconds() - used
    begun, used = time.perf_counter(), cpu_seconds()
    room._run(Autograde)  # and not the course's
    seconds = time.perf_counter() - begun + start_s * count / of
    used = cpu_seconds() - used + start_cpu_s * count / of
    room.config.Autograde = own
    shutil.rmtree(room.folder / "autograded")
    return Result("nbgrader with Execute", count, seconds, used)


def ours(room: Classroom, workers: int) -> Result:
    """Grade with the class's grader as a command does, from its start to its end."""
    program = [sys.executable, "-c", _COMMAND, __file__]
    program += ["--grade", str(room.folder), room.lesson_id]
    begun, used = time.perf_counter(), cpu_seconds()
    done = subprocess.run(
        [*program, "--workers", str(workers)], stdout=subprocess.PIPE, text=True, check=True
    )
    seconds, used = time.perf_counter() - begun, cpu_seconds() - used
    shutil.rmtree(room.folder / "autograded")
    name = f"course grade, {workers} worker{'s' if workers > 1 else ''}"
    return Result(name, seconds=seconds, cpu_s=used, **json.loads(done.stdout))


def grade(folder: Path, lesson_id: str, workers: int) -> dict[str, float]:
    """Grade a class that was made; return what can be seen of it from within only."""
    config, course = settings(folder)
    grader = ClassGrader(course, config, lesson_id)
    students = grader.students()
    pool = LocalPool(grader.lesson.data, workers)
    peak, ends = 0.0, []

    def look(tally: Tally) -> None:
        nonlocal peak
        peak = max(peak, memory_mib([os.getpid(), *(w.pid for w in pool.workers if w.pid)]))
        ends.extend([time.perf_counter()] * (tally.done - len(ends)))

    try:
        tally = grader.run(pool, students, regrade=True, on_change=look)
    finally:
        pool.close()
        grader.close()
        close_nursery()  # which `begin` started
    tenth = max(len(ends) // 10, 2)
    first, last = ((some[-1] - some[0]) / (len(some) - 1) for some in (ends[:tenth], ends[-tenth:]))
    return {
        "submissions": len(students),
        "peak_mib": peak,
        "faults": len(tally.faults),
        "first_s": first,
        "last_s": last,
    }


def count_cpu() -> None:
    """Put this process, and what it starts, into a control group that counts CPU time.

    The one measure that says the same on a busy machine: a student's processes belong to nobody
    who would wait for them, so `resource` does not see what they took.
    """
    with contextlib.suppress(OSError):
        _GROUP.mkdir()
        (_GROUP / "cgroup.procs").write_text(str(os.getpid()))


def cpu_seconds() -> float:
    """Return the CPU time taken so far, 0 where nothing counts it."""
    try:
        return int((_GROUP / "cpuacct.usage").read_text()) / 1e9
    except OSError:
        return 0.0


def memory_mib(pids: list[int]) -> float:
    """Return what some processes hold, in MiB; 0 where that cannot be known."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20


def machine() -> dict[str, object]:
    """Return what was measured on, and with what."""
    model = platform.processor() or platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    versions = {name: importlib.metadata.version(name) for name in VERSIONS}
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        **versions,
    }


def tiny_class(folder: Path, count: int) -> Classroom:
    """Make a class on a lesson of two functions, from the tests' own material."""
    sys.path.insert(0, str(course_root() / "tests" / "support"))
    import tiny

    root = folder / "course"
    source = root / "source" / tiny.LESSON_ID
    source.mkdir(parents=True)
    (source / "decoder_cells.ipynb").write_text(json.dumps(tiny.tiny_lesson()))
    (source / "misconceptions.py").write_text("MISCONCEPTIONS = ()\n")
    shutil.copy(course_root() / "nbgrader_config.py", root)
    room = Classroom(root, tiny.LESSON_ID, folder / "class")
    room.generate()
    text = json.dumps(tiny.solved(room))
    for number in range(count):
        room.hand_in(f"student{number:04}", text)
    return room


def table(results: list[Result]) -> str:
    """Return the results as people read them."""
    head = f"{'':28}{'submissions':>12}{'s each':>9}{'CPU s each':>12}{'a minute':>10}"
    lines = [f"{head}{'ratio':>8}{'of CPU':>8}{'MiB':>7}{'first tenth':>13}{'last':>7}"]
    for one in results:
        ratio, saved = (f"{r:.1f}" if r else "" for r in (one.ratio, one.cpu_ratio))
        memory = f"{one.peak_mib:.0f}" if one.peak_mib else ""
        lines.append(
            f"{one.name:28}{one.submissions:12}{one.each_s:9.3f}{one.cpu_s / one.submissions:12.3f}"
            f"{60 / one.each_s:10.0f}{ratio:>8}{saved:>8}{memory:>7}"
            + (f"{one.first_s:13.3f}{one.last_s:7.3f}" if one.first_s else "")
            + (f"  {one.faults} FAULTS" if one.faults else "")
        )
    return "\n".join(lines)


def plain(one: Result) -> dict[str, object]:
    """Return a result as JSON has it."""
    names = ("name", "submissions", "seconds", "cpu_s", "peak_mib", "faults", "each_s", "first_s")
    return {name: getattr(one, name) for name in (*names, "last_s", "ratio", "cpu_ratio")}


def in_turns(
    folder: Path, lesson_id: str, count: int, few: int, workers: list[int]
) -> list[Result]:
    """Grade with nbgrader and with the class's grader in turns; nbgrader's parts come as one."""
    parts = len(workers) + 1
    ends = [few * part // parts for part in range(parts + 1)]
    rooms = [
        make_class(lesson_id, range(*between), folder / f"stock from {between[0]}")
        for between in itertools.pairwise(ends)
    ]
    room = make_class(lesson_id, range(count), folder / "ours")
    beside, results = [stock(rooms[0], count)], []
    for number, next_room in zip(workers, rooms[1:], strict=True):
        result = ours(room, number)
        beside.append(stock(next_room, count))
        results.append(replace(result, beside=beside[-2] + beside[-1]))
    return [functools.reduce(operator.add, beside), *results]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lesson", default="3", help="a lesson's number or name")
    parser.add_argument("--submissions", type=int, default=60)
    parser.add_argument(
        "--stock-submissions",
        type=int,
        help="fewer for nbgrader, to save time: 6 for each part have the same mix",
    )
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--tiny", type=int, nargs="+", metavar="N", help="sizes of tiny classes")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--grade", nargs=2, help=argparse.SUPPRESS)  # what `ours` starts
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    if asked.grade:
        print(json.dumps(grade(Path(asked.grade[0]), asked.grade[1], asked.workers[0])))
        return 0
    count_cpu()
    about, results = machine(), []
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder = Path(name)
        if asked.tiny:
            for count in asked.tiny:
                room = tiny_class(folder / f"tiny{count}", count)
                results += [ours(room, workers) for workers in asked.workers]
        else:
            lesson_id = asked_lesson(asked.lesson, course_root() / "source")
            few = asked.stock_submissions or asked.submissions
            if few <= len(asked.workers):
                parser.error(f"--stock-submissions: expected more than {len(asked.workers)}")
            results = in_turns(folder, lesson_id, asked.submissions, few, asked.workers)
    if asked.json:
        print(json.dumps({"machine": about, "results": [plain(r) for r in results]}, indent=1))
    else:
        print(", ".join(f"{name} {value}" for name, value in about.items()))
        print(table(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
