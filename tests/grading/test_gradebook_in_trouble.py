"""A gradebook that is missing, damaged, old or held by another: it is said, and nothing is lost."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_class import NOTEBOOK, grade, rows, take_step
from nbgrader.api import Gradebook, get_alembic_version
from nbgrader.converters.base import NbGraderException
from nbgraders import mended
from sqlalchemy import text
from tiny import LESSON_ID, solved

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader
from course.grading.classes.temporary import Classroom
from course.grading.cycle.converters import Autograding, FeedbackPages
from course.grading.faults import GradingFault
from course.grading.records.opening import begin_gradebook, gradebook_file, opened
from course.grading.releasing.generate import bring_up_to_date
from course.lessons import LessonError

#: nbgrader's own mappings, under SQLAlchemy 2.
pytestmark = [
    pytest.mark.slow(seconds=4),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
    pytest.mark.filterwarnings("ignore:DELETE statement on table"),
    pytest.mark.usefixtures("warm_judge"),
]


@pytest.fixture(scope="module")
def graded(new_class: Callable[..., Classroom]) -> Path:
    room = new_class("trouble")
    room.hand_in("ann", json.dumps(solved(room, why="As I see it.")))
    grade(room)
    room.generate_feedback()
    return room.folder


@pytest.fixture
def room(new_class: Callable[..., Classroom], graded: Path) -> Classroom:
    return new_class("trouble", graded)


def course_grade(room: Classroom) -> None:
    ClassGrader(room._course(), room.config, LESSON_ID).close()


def autograde(room: Classroom) -> None:
    take_step(room, Autograding)


def feedback(room: Classroom) -> None:
    take_step(room, FeedbackPages)


TOLD = (GradingFault, LessonError, NbGraderException)
ALL = pytest.mark.parametrize("use", [course_grade, autograde, feedback])


def remaining(room: Classroom) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for folder in ("autograded", "feedback", "release")
        for path in (room.folder / folder).rglob("*")
        if path.is_file() and path.suffix != ".lock"
    }


@ALL
@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (Path.unlink, "there is no gradebook at .*though submissions were graded: lay it back"),
        (lambda file: file.write_text("no database " * 99), "damaged.*Move it aside"),
        (lambda file: file.write_bytes(file.read_bytes()[:5000] + bytes(90_000)), "damaged.*Move"),
    ],
    ids=["missing", "another file", "half a file"],
)
def test_a_gradebook_that_is_none_is_told_and_nothing_is_lost(
    room: Classroom, use: Callable[[Classroom], None], harm: Callable[[Path], Any], told: str
) -> None:
    file = room.folder / "gradebook.db"
    harm(file)
    there = file.read_bytes() if file.exists() else None
    before = remaining(room)
    with pytest.raises(TOLD, match=told):
        use(room)
    assert remaining(room) == before
    assert (file.read_bytes() if file.exists() else None) == there


@ALL
def test_an_older_nbgraders_gradebook_is_told_how_to_be_upgraded(
    room: Classroom, use: Callable[[Classroom], None]
) -> None:
    db = sqlite3.connect(room.folder / "gradebook.db")
    db.execute("ALTER TABLE assignment DROP COLUMN duedate")
    db.execute("ALTER TABLE comment DROP COLUMN manual_comment")
    db.close()
    before = remaining(room)
    with pytest.raises(TOLD, match="nbgrader db upgrade"):
        use(room)
    assert remaining(room) == before


@pytest.mark.parametrize("use", [course_grade, autograde])
def test_a_gradebook_that_is_held_or_read_only_is_told_and_nothing_is_lost(
    room: Classroom, use: Callable[[Classroom], None]
) -> None:
    path = room.folder / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    path.write_text(path.read_text().replace("not for others", "not for every other"))
    file = room.folder / "gradebook.db"
    before, had = remaining(room), rows(room)
    room.config.CourseDirectory.db_url = f"sqlite:///{file}?timeout=0.05"
    holder = sqlite3.connect(file)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(TOLD, match="another program is writing it"):
        use(room)
    holder.rollback()
    holder.close()
    room.config.CourseDirectory.db_url = f"sqlite:///file:{file}?mode=ro&uri=true"
    with pytest.raises(TOLD, match="have to be writable for you"):
        use(room)
    room.config.CourseDirectory.db_url = f"sqlite:///{file}"
    assert (remaining(room), rows(room)) == (before, had)
    use(room)


def test_two_graders_that_begin_at_once_both_have_the_lesson_as_it_is(room: Classroom) -> None:
    path = room.folder / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    path.write_text(path.read_text().replace("the_sum_counts", "sums_count"))
    config, course = settings(room.folder)
    course.assignment_id = LESSON_ID
    said: list[Any] = []
    ready = threading.Barrier(4)

    def begin() -> None:
        ready.wait()
        try:
            with opened(course) as gradebook:
                said.append(bring_up_to_date(course, config, gradebook, LESSON_ID).said)
        except Exception as error:
            said.append(error)

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one for one in said if isinstance(one, Exception)] == []
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        names = [cell.name for cell in book.find_notebook(NOTEBOOK, LESSON_ID).grade_cells]
        assert sorted(names) == sorted(set(names))
        found = book.find_submission_notebook(NOTEBOOK, LESSON_ID, "ann")
        assert {row.name for row in found.grades} == set(names)
        assert "sums_count" in names


def test_a_new_gradebook_is_of_the_version_that_alembic_says_and_needs_no_program_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    expected = get_alembic_version()
    monkeypatch.setenv("PATH", "")
    ours, theirs = (gradebook_file(tmp_path / name) for name in ("ours.db", "theirs.db"))
    begin_gradebook(ours)
    with mended(tmp_path):
        for url in (ours, theirs):
            with Gradebook(url) as book:
                found = book.db.execute(text("SELECT version_num FROM alembic_version")).all()
            assert found == [(expected,)]
