"""What the start page says, and the numbers that it says it from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from course.learner import page, progress
from course.learner.lab import prepare
from course.learner.work import update
from course.lessons import find_lessons

LESSON = "02_teacher_forcing"
NOTEBOOK = Path(LESSON) / "teacher_forcing.ipynb"
MINE = "def decode():\n    return 1"

Release = Callable[..., None]
Learner = Callable[..., Path]


def row(root: Path) -> str:
    return next(line for line in page.text(root, root / "work").splitlines() if LESSON in line)


def test_a_lesson_is_listed_with_title_minutes_difficulty_and_link(root: Path) -> None:
    expected = (
        "| **[2. Teacher forcing](02_teacher_forcing/teacher_forcing.ipynb)**<br>Feed the truth. "
        "| 75 | medium | not begun | – |"
    )
    assert row(root) == expected


def test_a_title_cannot_break_the_table(root: Path, release: Release) -> None:
    release(title="a | b [c]")
    assert r"[2. a \| b \[c\]]" in row(root)


@pytest.mark.parametrize(
    ("code", "answer", "expected"),
    [
        (None, None, "not begun"),
        (MINE, None, "1 of 2 exercises"),
        (None, "Because.", "1 of 2 exercises"),
        (MINE, "Because.", "✓ all exercises"),
        ("def decode():\n    x = 1\n    raise NotImplementedError()", None, "not begun"),
    ],
)
def test_what_is_written_is_read_from_the_notebook(
    root: Path, learner: Learner, code: str | None, answer: str | None, expected: str
) -> None:
    texts = {"code": code, "answer": answer}
    learner(**{name: text for name, text in texts.items() if text is not None})
    assert f"| {expected} |" in row(root)


@pytest.mark.parametrize("content", ["", "[]", '{"cells": 3}', '{"cells": [{"metadata": 1}]}'])
def test_a_spoilt_notebook_counts_as_not_begun(root: Path, work: Path, content: str) -> None:
    (work / LESSON).mkdir(parents=True)
    (work / NOTEBOOK).write_text(content)
    lesson = find_lessons(root / "release")[0]
    assert progress.written(lesson, work / NOTEBOOK) == progress.ExercisesWritten(0, 2)


def test_the_last_check_is_shown_with_its_points(root: Path, work: Path) -> None:
    progress.record(work, LESSON, 11.5, 14)
    assert "| 11.5 of 14 points, " in row(root)


def test_full_marks_are_ticked(root: Path, work: Path) -> None:
    progress.record(work, LESSON, 14, 14)
    assert "| ✓ 14 of 14 points, " in row(root)


def test_a_check_of_one_lesson_keeps_those_of_others(work: Path) -> None:
    progress.record(work, "01_decoder_cells", 3, 10)
    progress.record(work, LESSON, 14, 14)
    first = progress.last_check(work, "01_decoder_cells")
    assert first is not None
    assert (first.points, first.max_points) == (3, 10)


@pytest.mark.parametrize("state", ["", "[]", '{"02_teacher_forcing": 3}', "{"])
def test_a_spoilt_record_counts_as_no_check(work: Path, state: str) -> None:
    work.mkdir()
    (work / progress.STATE).write_text(state)
    assert progress.last_check(work, LESSON) is None


def test_a_feedback_page_is_linked(root: Path, work: Path) -> None:
    page = work / "feedback" / LESSON / "teacher_forcing.html"
    page.parent.mkdir(parents=True)
    page.touch()
    assert "[feedback](feedback/02_teacher_forcing/teacher_forcing.html)" in row(root)


def test_a_newer_release_is_told_of_with_a_link(
    root: Path, work: Path, release: Release, learner: Learner
) -> None:
    update(root / "release", work, [LESSON])
    learner(MINE)
    release("second = 2")
    update(root / "release", work, [LESSON])
    link = "[teacher_forcing.newer.ipynb](02_teacher_forcing/teacher_forcing.newer.ipynb)"
    assert link in page.text(root, work)


def test_the_page_names_folder_kernel_and_commands(root: Path, work: Path) -> None:
    said = page.text(root, work)
    for expected in (str(root), str(work), "Python 3 (ipykernel)", "course check 2", "course lab"):
        assert expected in said


def test_each_start_makes_the_page_anew(root: Path, work: Path) -> None:
    prepare(root, work)
    (work / page.NAME).write_text("old")
    prepare(root, work)
    assert (work / page.NAME).read_text(encoding="utf-8").startswith("# Teacher forcing")
