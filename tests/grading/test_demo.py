"""`python3 -m course demo` grades a made-up class and prints a table."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from plain_run import LESSONS

from course.grading.classes import demo
from course.grading.classes.temporary import Classroom
from course.lessons import Lesson
from course.lessons.misconceptions import misconceptions

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _in_tiny_course(tiny_course: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "course_root", lambda: tiny_course)
        yield


def shown_by_demo() -> str:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert demo.main(["1"]) == 0
    return printed.getvalue()


@pytest.fixture(scope="module")
def shown(_in_tiny_course: None) -> str:
    return shown_by_demo()


def rows(text: str) -> dict[str, str]:
    """Return what the table says of each student."""
    lines = [line.split(maxsplit=1) for line in text.splitlines()[3:]]
    return {student: said.strip() for student, said in lines}


def test_the_table_tells_what_each_submission_earned(shown: str) -> None:
    said = rows(shown)
    assert said.keys() == {"solved", "unsolved", "syntax_error", "empty_file"}
    points, possible = said["solved"].split("/")
    assert points == possible
    assert said["unsolved"].startswith("0/")


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_class_has_a_sensible_size_and_mistakes_in_every_function(lesson: Lesson) -> None:
    known = misconceptions(lesson)
    made = demo.spread(known)
    assert len(made) == min(len(known), demo.MOST)
    assert [one.name for one in made] == [one.name for one in demo.spread(known)]
    assert len({one.name for one in made}) == len(made)
    assert {one.function for one in made} == {one.function for one in known}


def test_without_fork_nbgrader_grades_the_same(monkeypatch: pytest.MonkeyPatch, shown: str) -> None:
    monkeypatch.delattr(os, "fork")
    assert shown_by_demo() == shown


def test_a_solution_that_loses_points_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in = Classroom.hand_in

    def unsolved(room: Classroom, student: str, content: str | bytes) -> Path:
        released = room.folder / "release" / room.lesson_id / f"{room.lesson.name}.ipynb"
        return hand_in(room, student, released.read_bytes() if student == "solved" else content)

    monkeypatch.setattr(Classroom, "hand_in", unsolved)
    assert demo.main(["1"]) == 1
    assert "note: the solution itself loses points of " in capsys.readouterr().err


def test_a_lesson_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["9"]) == 2
    assert "could not be run" in capsys.readouterr().err
