"""PostgreSQL as the gradebook: two graders and a person in formgrader at once."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, MissingEntry
from postgres import Department, a_server, programs
from sqlalchemy import text
from tiny import LESSON_ID, SOLUTION, solved, submission
from traitlets.config import PyFileConfigLoader

from course.grading.classes.command import settings
from course.grading.classes.temporary import Classroom
from course.grading.records.opening import opened
from course.grading.records.scores import read_scores
from course.grading.releasing.generate import bring_up_to_date

NOTEBOOK = "decoder_cells"
#: Automatic points, by who hands in what.
POINTS = {"a1": 5.0, "a2": 2.0, "a3": 3.0, "b1": 5.0, "b2": 2.0, "b3": 0.0}

pytestmark = [
    pytest.mark.slow(seconds=30),
    pytest.mark.skipif(programs() is None, reason="no PostgreSQL: apt install postgresql"),
    pytest.mark.skipif(sys.platform == "win32", reason="the server runs as another user"),
]


class Shared(Department):
    """A department whose gradebook is looked into."""

    def book(self) -> Gradebook:
        address = self.env["COURSE_GRADEBOOK"].replace("postgresql:", "postgresql+psycopg2:")
        return Gradebook(address, "teacher_forcing")

    def points(self) -> dict[str, float]:
        with self.book() as book:
            [lesson] = read_scores(book)
            return {student: earned.score for student, earned in lesson.earned.items()}


@pytest.fixture(scope="module")
def department(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    with a_server() as server:
        made = Shared(tiny_course, tmp_path_factory.mktemp("shared") / "class", server.address)
        hand_in(made.room)
        yield made


def hand_in(room: Classroom) -> None:
    wrong = SOLUTION.replace("2 * x", "3 * x")
    texts: dict[str, Any] = {
        "1": solved(room),
        "3": solved(room, write_double=wrong),
    }
    texts["2"] = solved(room, write_double="def double(x):\n    raise ValueError")
    # What a student's process sees of the environment, told by somebody curious.
    texts["b3"] = submission(room, write_double="import os\nprint(sorted(os.environ))")
    for student in POINTS:
        room.hand_in(student, json.dumps(texts.get(student) or texts[student[-1]]))


def give_points(department: Shared, student: str, points: float, comment: str) -> None:
    """Do what somebody in formgrader does with an answer that is graded by hand."""
    with department.book() as book:
        grade = book.find_grade("why", NOTEBOOK, LESSON_ID, student)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.find_comment("why", NOTEBOOK, LESSON_ID, student).manual_comment = comment
        book.db.commit()


def look(department: Shared) -> dict[str, float]:
    """Read what formgrader's pages read; return each student's automatic points so far."""
    with department.book() as book:
        book.student_dicts()
        book.notebook_submission_dicts(NOTEBOOK, LESSON_ID)
        return {one["student"]: one["code_score"] for one in book.submission_dicts(LESSON_ID)}


def is_graded(department: Shared, student: str) -> bool:
    with department.book() as book:
        try:
            grade = book.find_grade("the_sum_counts", NOTEBOOK, LESSON_ID, student)
        except MissingEntry:
            return False
        return grade.auto_score is not None


def grade_at_once(department: Shared, graders: list[tuple[str, ...]]) -> int:
    """Run graders at the same time, with a reader and a person; return how often was read."""
    running = [department.start(*command) for command in graders]
    looks, given = 0, False
    until = time.monotonic() + 600
    while any(one.poll() is None for one in running):
        assert time.monotonic() < until, "the graders do not end"
        seen = look(department)
        assert all(0 <= points <= 5 for points in seen.values()), seen
        looks += 1
        if not given and is_graded(department, "a1"):
            give_points(department, "a1", 2.5, "Nearly.")
            given = any(one.poll() is None for one in running)
        with contextlib.suppress(subprocess.TimeoutExpired):  # the next look, where one goes on
            next((one for one in running if one.poll() is None), running[0]).wait(0.2)
    for one in running:
        said, _ = one.communicate()
        assert one.returncode == 0, said
    if not given:
        give_points(department, "a1", 2.5, "Nearly.")
    return looks


def everything_is_there_once(department: Shared) -> None:
    """Check all rows: a submission's grades for every cell, once, with the right points."""
    with department.book() as book:
        tables = ("student", "submitted_assignment", "submitted_notebook", "grade", "comment")
        rows = {t: book.db.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in tables}
        count = len(POINTS)
        assert rows == dict(zip(tables, (count, count, count, 4 * count, 3 * count), strict=True))
        manual = book.find_grade("why", NOTEBOOK, LESSON_ID, "a1")
        assert manual.manual_score == 2.5
        assert book.find_comment("why", NOTEBOOK, LESSON_ID, "a1").comment == "Nearly."
        automatic = {one["student"]: one["code_score"] for one in book.submission_dicts(LESSON_ID)}
    assert automatic == POINTS
    assert department.points() == {**POINTS, "a1": 7.5}


def test_two_autograders_and_a_person_at_once_lose_nothing(department: Shared) -> None:
    halves = [("nbgrader", "autograde", LESSON_ID, f"--student={half}*") for half in "ab"]
    assert grade_at_once(department, halves) > 1
    everything_is_there_once(department)


def test_the_classs_grader_works_beside_an_autograder(department: Shared) -> None:
    with department.book() as book:
        for grade in book.find_submission_notebook(NOTEBOOK, LESSON_ID, "b2").grades:
            grade.auto_score = None  # so that it shows who was graded anew
        book.db.commit()
    ours = ["--student=b1", "--student=b2", "--workers=2"]
    grader = ("course.grading.classes.command", LESSON_ID, "--regrade", *ours)
    other = ("nbgrader", "autograde", LESSON_ID, "--student=a1", "--force")
    grade_at_once(department, [grader, other])
    everything_is_there_once(department)


@pytest.mark.filterwarnings("ignore:Object of type <Submitted")  # nbgrader's, under SQLAlchemy 2
def test_a_lesson_that_changes_loses_nothing_that_people_gave(
    department: Shared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(department.folder))
    monkeypatch.setenv("COURSE_GRADEBOOK", department.env["COURSE_GRADEBOOK"])
    config, course = settings(department.folder)
    course.assignment_id = LESSON_ID
    path = department.folder / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    before = path.read_text(encoding="utf-8")
    points = department.points()
    lesson = json.loads(before)
    lesson["cells"] = [cell for cell in lesson["cells"] if cell["id"] != "why"]
    lesson["cells"][4]["metadata"]["nbgrader"]["grade_id"] = "numbers_double"
    said = []
    for text_of_it in (json.dumps(lesson), before):
        path.write_text(text_of_it, encoding="utf-8")
        with opened(course) as gradebook:
            said += bring_up_to_date(course, config, gradebook, LESSON_ID).said
        if text_of_it != before:
            assert department.points() == {**points, "a1": 5.0}
    assert "the cell every_number_is_doubled is called numbers_double now" in said
    assert any(one.startswith("the cell why is gone (1 student;") for one in said)
    assert department.points() == points
    with department.book() as book:
        comment = book.find_comment("why", NOTEBOOK, LESSON_ID, "a1")
        assert comment.manual_comment


def test_the_students_process_never_learns_the_databases_address(department: Shared) -> None:
    graded = department.folder / "autograded" / "b3" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    [cell] = [c for c in json.loads(graded.read_text())["cells"] if c["id"] == "write_double"]
    printed = "".join("".join(output.get("text", "")) for output in cell["outputs"])
    assert "'HOME'" in printed
    assert "COURSE_GRADEBOOK" not in printed


def test_a_copy_of_the_settings_stays_away_from_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, department: Shared
) -> None:
    monkeypatch.setenv("COURSE_GRADEBOOK", "postgresql://course@db.example/grades")
    monkeypatch.setenv("COURSE_ROOT", str(department.folder))
    shutil.copy(department.folder / "nbgrader_config.py", tmp_path)
    urls = [
        PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config().CourseDirectory
        for folder in (department.folder, tmp_path)
    ]
    assert urls[0].db_url == "postgresql+psycopg2://course@db.example/grades"
    assert urls[1].db_url == f"sqlite:///{tmp_path}/gradebook.db"
