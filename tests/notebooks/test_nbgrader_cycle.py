"""The instructor's whole cycle with nbgrader's own commands, and two students in it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import sys
from pathlib import Path

import pytest
import warm
from nbgrader.api import Gradebook
from plain_run import LESSONS

from course.grading.classes.made_up import fill_in
from course.lessons import answers, course_root
from course.lessons.misconceptions import answers_with, misconceptions

LESSON = next(lesson for lesson in LESSONS.values() if len(lesson.functions) == 1)
AUTOMATIC = sum(cell.points for cell in LESSON.by_role("test"))

pytestmark = pytest.mark.slow(seconds=40)


class Cycle:
    """A course folder and the folders of two students, driven by commands."""

    def __init__(self, folder: Path) -> None:
        self.course = folder / "course"
        self.students = {name: folder / name for name in ("ann", "bob")}
        shutil.copytree(course_root() / "source" / LESSON.id, self.course / "source" / LESSON.id)
        shutil.copy(course_root() / "nbgrader_config.py", self.course)
        for home in self.students.values():
            home.mkdir()
        # Students have the same settings, in a folder of theirs; the exchange is the course's.
        self.exchange = f"--Exchange.root={self.course / 'exchange'}"

    def nbgrader(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run a command of nbgrader's; return all that it printed."""
        environment = {**os.environ, "HOME": str(cwd or self.course)}
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        done = warm.run("-m", "nbgrader", *arguments, cwd=cwd or self.course, env=environment)
        assert done.returncode == 0, f"nbgrader {' '.join(arguments)}:\n{done.stderr[-3000:]}"
        return done.stdout + done.stderr

    def as_student(self, name: str, *arguments: str) -> str:
        """Run a command of nbgrader's in a student's folder."""
        who = [f"--student={name}", "--course=teacher_forcing", self.exchange]
        return self.nbgrader(*arguments, *who, cwd=self.students[name])

    def notebook(self, name: str) -> Path:
        """Return where a student's notebook is."""
        return self.students[name] / LESSON.id / f"{LESSON.name}.ipynb"


@pytest.fixture(scope="module")
def cycle(tmp_path_factory: pytest.TempPathFactory) -> Cycle:
    """Go through everything once; the tests look at what came of it."""
    cycle = Cycle(tmp_path_factory.mktemp("cycle"))
    cycle.nbgrader("generate_assignment", LESSON.id)
    cycle.nbgrader("release_assignment", LESSON.id)
    mistake = misconceptions(LESSON)[0]
    for name, texts in {"ann": answers(LESSON), "bob": answers_with(LESSON, mistake)}.items():
        cycle.as_student(name, "fetch_assignment", LESSON.id)
        cycle.notebook(name).write_text(fill_in(cycle.notebook(name), texts), encoding="utf-8")
        cycle.as_student(name, "submit", LESSON.id)
    cycle.nbgrader("collect", LESSON.id)
    cycle.nbgrader("autograde", LESSON.id)
    with Gradebook(f"sqlite:///{cycle.course / 'gradebook.db'}") as gradebook:
        for name in cycle.students:
            submission = gradebook.find_submission_notebook(LESSON.name, LESSON.id, name)
            for grade in submission.grades:
                if grade.needs_manual_grade and grade.max_score:
                    grade.manual_score = 0.5
                    grade.needs_manual_grade = False
        gradebook.db.commit()
    cycle.nbgrader("generate_feedback", LESSON.id)
    cycle.nbgrader("release_feedback", LESSON.id)
    for name in cycle.students:
        cycle.as_student(name, "fetch_feedback", LESSON.id)
    cycle.nbgrader("export", "--to=grades.csv")
    return cycle


def scores(cycle: Cycle) -> dict[str, float]:
    with (cycle.course / "grades.csv").open(encoding="utf-8") as lines:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(lines)}


def test_both_submissions_are_collected(cycle: Cycle) -> None:
    collected = {path.name for path in (cycle.course / "submitted").iterdir()}
    assert collected == {"ann", "bob"}


def test_automatic_and_manual_points_add_up_in_the_export(cycle: Cycle) -> None:
    by_hand = [cell for cell in LESSON.cells if cell.by_hand and cell.points]
    assert scores(cycle)["ann"] == AUTOMATIC + 0.5 * len(by_hand)


def test_a_mistake_gets_partial_credit(cycle: Cycle) -> None:
    assert 0 < scores(cycle)["bob"] < scores(cycle)["ann"]


def test_feedback_reaches_the_student_and_names_the_mistake(cycle: Cycle) -> None:
    pages = list((cycle.students["bob"] / LESSON.id / "feedback").rglob("*.html"))
    assert len(pages) == 1
    assert misconceptions(LESSON)[0].name in pages[0].read_text(encoding="utf-8")


def test_no_line_of_a_hidden_test_is_in_the_feedback(cycle: Cycle) -> None:
    [page] = (cycle.students["bob"] / LESSON.id / "feedback").rglob("*.html")
    text = page.read_text(encoding="utf-8")
    for cell in LESSON.by_role("test"):
        hidden = cell.source.partition("### BEGIN HIDDEN TESTS")[2].partition("### END")[0]
        shown = cell.source.replace(hidden, "")
        for line in {line.strip() for line in hidden.splitlines() if len(line.strip()) > 25}:
            assert line in shown or line not in text


def test_a_second_autograde_changes_nothing(cycle: Cycle) -> None:
    before = scores(cycle)
    cycle.nbgrader("autograde", LESSON.id, "--force")
    cycle.nbgrader("export", "--to=grades.csv")
    assert scores(cycle) == before


def test_validate_accepts_the_solved_notebook(cycle: Cycle) -> None:
    said = cycle.nbgrader("validate", str(cycle.notebook("ann")))
    tests = len(list(LESSON.by_role("test")))
    assert f"{tests} of {tests} claims hold, by the tests that you can see." in said
    assert "✗" not in said


def test_validate_says_what_fails(cycle: Cycle) -> None:
    said = cycle.nbgrader("validate", str(cycle.notebook("bob")))
    tests = len(list(LESSON.by_role("test")))
    assert f"{tests} of {tests} claims hold" not in said
    assert "✗ Row t depends on target_seq[t-1]" in said


def test_the_collected_notebook_is_what_was_handed_in(cycle: Cycle) -> None:
    collected = cycle.course / "submitted" / "ann" / LESSON.id / f"{LESSON.name}.ipynb"
    assert json.loads(collected.read_text()) == json.loads(cycle.notebook("ann").read_text())
