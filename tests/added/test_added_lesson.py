"""A lesson is its folders: one is laid into a copy of the course, and taken through commands."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import nbformat
import pytest

from course.bootstrap import environment
from course.grading.classes.made_up import fill_in
from course.lessons import answers, course_root, lesson_ids, lesson_name, read_lesson
from course.lessons.misconceptions import answers_with, misconceptions

pytestmark = [
    pytest.mark.slow(seconds=35),
    pytest.mark.skipif(sys.platform == "win32", reason="libraries are linked into an environment"),
]

ADDED = Path(__file__).parent / "09_temperature"
LESSON, NOTEBOOK = ADDED.name, "temperature"
#: The lesson that is left in the copy.
FIRST = lesson_ids(course_root() / "source")[0]
#: Wrong in a way that the lesson does not know.
UNLIKE = """
def soften(logits, temperature):
    return np.full(len(logits), 1 / len(logits))
"""
#: What the commands make, beside the lesson's own folders and the README's table.
MADE = ("release", "work", "submitted", "autograded", "feedback", "reports", "gradebook.db", ".nb")


class Copy:
    """A copy of the course with one of its lessons, in an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.root, self.venv = folder / "course", folder / "venv"
        _, *others = lesson_ids(course_root() / "source")
        left_out = shutil.ignore_patterns("__pycache__", *others)
        for name in ("course", "source", "release"):
            shutil.copytree(course_root() / name, self.root / name, ignore=left_out)
        for name in ("README.md", "nbgrader_config.py", "pyproject.toml", "requirements.txt"):
            shutil.copy(course_root() / name, self.root)
        self._make_environment()

    def _make_environment(self) -> None:
        """Link the libraries of this one; the package `course` is the copy, isolated or not."""
        venv.create(self.venv, symlinks=True)
        (packages,) = self.venv.glob("lib/python*/site-packages")
        for path in Path(sysconfig.get_path("purelib")).iterdir():
            if not re.match(r"course-|__editable__|__pycache__|.*\.pth$", path.name):
                (packages / path.name).symlink_to(path)
        (packages / "course.pth").write_text(f"{self.root}\n")
        for name in ("share", "etc"):
            if (Path(sys.prefix) / name).is_dir():
                (self.venv / name).symlink_to(Path(sys.prefix) / name)
        here = f"{sys.version_info.major}.{sys.version_info.minor}"
        found = environment.probe() or here
        digest = environment.requirements_digest(self.root)
        stamp = environment.EnvironmentStamp(digest, found, str(self.root), ("dev",))
        environment.write_stamp(self.venv, stamp)

    def run(self, *arguments: str, status: int = 0) -> str:
        """Run a command of Python's in the copy; return what it said."""
        scripts = [str(self.venv / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]
        done = subprocess.run(
            [str(self.venv / "bin" / "python"), "-m", *arguments],
            cwd=self.root,
            env={
                **{k: v for k, v in os.environ.items() if not k.startswith(("COURSE", "PYTHON"))},
                "COURSE_VENV": str(self.venv),
                "PATH": os.pathsep.join(scripts),
                "PYTHONWARNINGS": "ignore",
            },
            capture_output=True,
            text=True,
        )
        assert done.returncode == status, f"{arguments}:\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes()
            for path in self.root.rglob("*")
            if path.is_file() and path.suffix != ".pyc"
        }


def with_a_check(notebook: str) -> str:
    """Return a notebook with a cell more, in which the learner's check is called."""
    content = json.loads(notebook)
    cell = nbformat.v4.new_code_cell("checks.check(soften)")
    return json.dumps(content | {"cells": [*content["cells"], cell]})


def said_in_the_last_cell(notebook: Path) -> str:
    return json.dumps(json.loads(notebook.read_text("utf-8"))["cells"][-1]["outputs"])


def around_the_table(readme: bytes) -> list[str]:
    return re.split(r"<!-- lessons:.*<!-- /lessons -->", readme.decode(), flags=re.DOTALL)


def test_a_lesson_of_one_function_is_added_by_its_folders_alone(tmp_path: Path) -> None:
    copy = Copy(tmp_path)
    copy.run("course", "build", "endings", "readme")  # of the one lesson that is left
    before = copy.files()
    shutil.copytree(ADDED / "source", copy.root / "source" / LESSON)
    shutil.copytree(ADDED / "course", copy.root / "course" / "lessons" / LESSON)

    copy.run("course", "build", "endings", "golden", "release", "readme")
    copy.run("course", "build", "endings", "golden", "release", "readme", "--check")
    made = copy.root / "course" / "lessons" / LESSON / "golden.json"
    assert "multiplies_by_the_temperature" in made.read_text("utf-8")

    lesson = read_lesson(copy.root / "source" / LESSON / f"{NOTEBOOK}.ipynb")
    released = copy.root / "release" / LESSON / f"{NOTEBOOK}.ipynb"
    assert {path.name for path in released.parent.iterdir()} == {released.name}
    right = answers(lesson)
    (mistake,) = misconceptions(lesson)
    handed_in = {
        "right": fill_in(released, right),
        "known": with_a_check(fill_in(released, answers_with(lesson, mistake))),
        "unlike": fill_in(released, right | {"soften": UNLIKE}),
    }

    own = copy.root / "work" / LESSON / f"{NOTEBOOK}.ipynb"
    own.parent.mkdir(parents=True)
    own.write_text(handed_in["right"], encoding="utf-8")
    assert "3 of 3 points" in copy.run("course", "check", "9")
    own.write_text(handed_in["known"], encoding="utf-8")
    assert mistake.sentence[:40] in " ".join(copy.run("course", "check", "9", status=1).split())

    for student, text in handed_in.items():
        path = copy.root / "submitted" / student / LESSON / f"{NOTEBOOK}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    copy.run("nbgrader", "generate_assignment", LESSON)
    copy.run("course", "grade", "9")
    copy.run("nbgrader", "generate_feedback", LESSON)
    copy.run("course", "report", "9")

    page = copy.root / "feedback" / "known" / LESSON / f"{NOTEBOOK}.html"
    assert mistake.name in page.read_text("utf-8")
    # The check that this student added ran in the sandbox, which has the lesson's claims too.
    graded = copy.root / "autograded" / "known" / LESSON / f"{NOTEBOOK}.ipynb"
    assert "divides by the temperature" in said_in_the_last_cell(graded)
    reports = copy.root / "reports" / LESSON
    with (reports / "misconceptions.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["misconception"]: row for row in csv.DictReader(file)}
    assert (rows[mistake.name]["function"], rows[mistake.name]["who"]) == ("soften", "known")
    # Told of the other one, by what can be measured: another temperature changes nothing.
    assert rows.keys() == {mistake.name, "gives_the_same_whatever_it_is_given"}
    with (reports / "students_by_claim.csv").open(encoding="utf-8-sig", newline="") as file:
        points = {row["student"]: row for row in csv.DictReader(file)}
    assert points.keys() == handed_in.keys()

    after = copy.files()
    own_folders = (f"source/{LESSON}/", f"course/lessons/{LESSON}/")
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    before_it = f"source/{FIRST}/{lesson_name(FIRST)}.ipynb"  # which leads to it
    others = {name for name in changed if not name.startswith((*own_folders, *MADE))}
    assert others == {"README.md", before_it}
    assert around_the_table(before["README.md"]) == around_the_table(after["README.md"])
    assert json.loads(released.read_text("utf-8"))["metadata"]["course"]["functions"] == ["soften"]
