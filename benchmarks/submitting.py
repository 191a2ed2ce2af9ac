"""How long students wait for feedback while `course watch` runs: alone, and 200 in a minute.

``python benchmarks/submitting.py [--lesson 2] [--students 200] [--within 60] [--postgresql]`` is to
be run by root on a machine whose accounts nobody minds: it makes one for a teacher and one for each
student, in a folder of its own, and removes them. The watch runs as the teacher, in an environment
as docs/hub.md has it. Each student is a process that takes on its account, fetches the lesson,
writes answers (a third right, one in six none, the rest known mistakes), submits at a moment of its
own with nbgrader's code, and waits for its page. One in forty also hands in under another's name.
First some submit one after the other. Printed is how long they waited, from the end of the submit
to the page, and whether each has one page, its own, with the points that the gradebook has.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from pwd import getpwnam
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

import postgres
from hub_place import link, make_environment, python_for_all
from hub_server import Hub
from saying import Saying
from sqlalchemy import create_engine, text
from submitting import hand_in_at_once

from course.grading.classes.made_up import fill_in
from course.lessons import (
    Lesson,
    answers,
    asked_lesson,
    course_root,
    lesson_name,
    read_lesson,
)
from course.lessons.misconceptions import answers_with, misconceptions

ROOT = course_root()
#: Of how many one hands in under another's name.
FORGERS = 40
ALONE = 8
POINTS = text(
    "SELECT a.student_id, SUM(g.auto_score) FROM submitted_assignment a "
    "JOIN submitted_notebook n ON n.assignment_id = a.id "
    "JOIN grade g ON g.notebook_id = n.id GROUP BY a.student_id"
)
TRIES = text("SELECT student, COUNT(*), COUNT(points) FROM course_try GROUP BY student")


class Site(Hub):
    """A server with accounts, as docs/hub.md lays it out, without a hub."""

    def lay_out(self) -> None:
        """Make environment, settings and folders."""
        make_environment(self.folder / "env", python_for_all())
        settings = self.folder / "env" / "etc" / "jupyter"
        settings.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "docs" / "hub" / "nbgrader_config.py", settings)
        for name, mode in (("home", 0o755), ("exchange", 0o1777)):
            (self.folder / name).mkdir()
            (self.folder / name).chmod(mode)

    def give_lesson(self, lesson: Lesson) -> None:
        """Put a clone of the course, with one lesson, into the teacher's home."""
        self.course.mkdir(mode=0o700)
        shutil.copytree(ROOT / "course", self.course / "course", copy_function=link)
        source = self.course / "source" / lesson.id
        shutil.copytree(ROOT / "source" / lesson.id, source)
        for name in ("nbgrader_config.py", "pyproject.toml", "requirements.txt"):
            shutil.copy(ROOT / name, self.course)
        for path in (self.course, *self.course.glob("*"), *self.course.glob("source/**/*")):
            shutil.chown(path, self.names["teacher"])

    @property
    def teachers(self) -> dict[str, Any]:
        """How a program is started as the teacher."""
        about = getpwnam(self.names["teacher"])
        programs = f"{self.folder / 'env' / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        environment = {"PATH": programs, "HOME": about.pw_dir, "COURSE_ROOT": str(self.course)}
        environment |= {"PYTHONWARNINGS": "ignore", "COURSE_VENV": str(self.folder / "env")}
        if not self.gradebook.startswith("sqlite"):
            environment["COURSE_GRADEBOOK"] = self.gradebook
        who = {"user": about.pw_uid, "group": about.pw_gid, "extra_groups": []}
        return {"cwd": self.course, "env": environment, **who}

    def nbgrader(self, *arguments: str) -> None:
        """Run a command of nbgrader's as the teacher."""
        command = [self.folder / "env" / "bin" / "nbgrader", *arguments]
        subprocess.run(command, check=True, capture_output=True, **self.teachers)


@contextlib.contextmanager
def a_site(gradebook: str, lesson: Lesson, students: int) -> Iterator[Site]:
    """Make a server with a teacher, whose lesson is released, and students."""
    site = Site(Path(tempfile.mkdtemp(prefix="course-load-")), gradebook)
    try:
        site.folder.chmod(0o755)
        site.lay_out()
        site.account("teacher")
        for number in range(students):
            site.account(f"s{number}")
        site.give_lesson(lesson)
        if not gradebook:
            site.gradebook = f"sqlite:///{site.course / 'gradebook.db'}"
        site.nbgrader("generate_assignment", lesson.id)
        site.nbgrader("release_assignment", lesson.id)
        yield site
    finally:
        site.end()


def notebooks(site: Site, lesson: Lesson) -> Iterator[str]:
    """Yield what students write: right, unsolved and mistaken notebooks."""
    released = site.course / "release" / lesson.id / lesson.path.name
    mistakes = list(misconceptions(lesson))
    random.Random(1).shuffle(mistakes)
    right = [fill_in(released, answers(lesson))] * max(1, len(mistakes) * 2 // 3)
    unsolved = [fill_in(released, {})] * max(1, len(mistakes) // 3)
    wrong = [fill_in(released, answers_with(lesson, one)) for one in mistakes]
    texts = right + unsolved + wrong
    random.Random(2).shuffle(texts)
    while True:
        yield from texts


def asked_of(site: Site, who: str, written: str, at_s: float, **more: Any) -> dict[str, Any]:
    """Return what a student is to do; the name stands in what is written."""
    name = site.names[who]
    marked = written.replace("import numpy as np", f"import numpy as np  # {name}", 1)
    home = str(site.home(who))
    about = {"name": name, "home": home, "account": True, "text": marked, "at_s": at_s}
    return about | more


def told(name: str, waited: list[float]) -> str:
    """Return how long students waited."""
    in_order = sorted(waited)
    most = in_order[int(0.95 * (len(in_order) - 1))]
    return (
        f"{name}: {len(waited)} answers; seconds to wait: median {statistics.median(waited):.1f}, "
        f"95 % {most:.1f}, most {in_order[-1]:.1f}"
    )


def looked_at(site: Site, seen: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong with what became of students' submissions."""
    engine = create_engine(site.gradebook.replace("postgresql:", "postgresql+psycopg2:"))
    with engine.connect() as connection:
        points = dict(map(tuple, connection.execute(POINTS)))
        tries = {who: (count, graded) for who, count, graded in connection.execute(TRIES)}
    engine.dispose()
    wrong = [f"{one['student']} has no page" for one in seen if "page" not in one]
    wrong += [f"{who} was graded {some}" for who, some in tries.items() if some != (1, 1)]
    wrong += [f"{who} has no marks" for who in {one["student"] for one in seen} - set(points)]
    for one in seen:
        who, page = one["student"], one.get("page", "")
        found = re.search(r"([\d.]+) of [\d.]+ by tests|<b>([\d.]+) of [\d.]+ points", page)
        shown = float(next(filter(None, found.groups()))) if found else -1.0
        if page and abs(shown - (points.get(who) or 0.0)) > 0.01:
            wrong.append(f"{who} is shown {shown}, and has {points.get(who)}")
        if page and set(re.findall(r"hub-s\d+-[0-9a-f]{6}", page)) - {who}:
            wrong.append(f"{who} is shown another's")
    for who, name in site.names.items():
        folder = site.course / "submitted" / name
        if folder.exists() and name not in {one["student"] for one in seen}:
            wrong.append(f"{who} handed in nothing, and has something")
    return wrong


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lesson", default="2")
    parser.add_argument("--students", type=int, default=200)
    parser.add_argument("--within", type=float, default=60.0, help="seconds in which all submit")
    parser.add_argument("--postgresql", action="store_true", help="a server for the gradebook")
    asked = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("only root can make accounts")
    lesson_id = asked_lesson(asked.lesson, ROOT / "source")
    lesson = read_lesson(ROOT / "source" / lesson_id / f"{lesson_name(lesson_id)}.ipynb")
    forgers = -(-asked.students // FORGERS)
    people = ALONE + asked.students + forgers
    with contextlib.ExitStack() as parts:
        gradebook = ""
        if asked.postgresql:
            gradebook = parts.enter_context(postgres.a_server()).address
        site = parts.enter_context(a_site(gradebook, lesson, people))
        python = site.folder / "env" / "bin" / "python"
        command = [python, "-I", "-m", "course", "watch", lesson_id]
        watch = Saying(command, **site.teachers)
        parts.callback(watch.process.send_signal, signal.SIGINT)
        watch.until("Ctrl-C ends it")
        texts = notebooks(site, lesson)
        exchange = (site.folder / "exchange", lesson_id, lesson.name)
        load = os.getloadavg()[0]
        seen = []
        for number in range(ALONE):
            one = asked_of(site, f"s{number}", next(texts), 2.0)
            seen += hand_in_at_once(*exchange, [one], python)
        alone = [one["waited_s"] for one in seen]
        chance = random.Random(3)
        many = [
            asked_of(site, f"s{ALONE + number}", next(texts), chance.uniform(0, asked.within))
            for number in range(asked.students)
        ]
        victims = [site.names[f"s{people - 1 - number}"] for number in range(forgers)]
        forged = [
            asked_of(site, f"s{number}", next(texts), 5.0, says=victim, patience_s=0)
            for number, victim in enumerate(victims)
        ]
        found = hand_in_at_once(*exchange, [*many, *forged], python, prepare_s=20.0)
        crowd = found[: len(many)]
        seen += crowd
        handed_in = max(one["at_s"] for one in crowd) - min(one["at_s"] for one in crowd)
        watch.process.send_signal(signal.SIGINT)
        watch.wait()
        wrong = looked_at(site, seen)
        left_out = watch.said().count("handed it in")
        where = "PostgreSQL" if asked.postgresql else "SQLite"
        print(f"{lesson_id}, {os.cpu_count()} cores, load {load:.1f} before, {where}")
        print(told("one after the other", alone))
        waited = [one["waited_s"] for one in crowd if "waited_s" in one]
        print(told(f"{asked.students} within {handed_in:.0f} s", waited))
        took = [one["took_s"] for one in crowd]
        print(f"the submit itself: median {statistics.median(took):.1f} s, most {max(took):.1f} s")
        print(f"in another's name: {forgers} handed in, {left_out} left out")
        well = "none is lost, none was graded twice, each has a page, and it is their own"
        print("\n".join(wrong) or well)
        print(time.strftime("%Y-%m-%d"), "watch ended with", watch.process.returncode)


if __name__ == "__main__":
    main()
