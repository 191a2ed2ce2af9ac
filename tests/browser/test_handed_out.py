"""What tests leave of a learner's lessons is told by the file, and put back."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from handed_out import changed, hand_out_anew

from course.learner.progress import STATE, record
from course.lessons import course_root, find_lessons

LESSON = find_lessons(course_root() / "release")[0]
NOTEBOOK = f"{LESSON.id}/{LESSON.name}.ipynb"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A course of one lesson that a learner was handed out."""
    for side in ("release", "work"):
        shutil.copytree(LESSON.path.parent, tmp_path / side / LESSON.id)
    return tmp_path


def write_in(work: Path) -> None:
    notebook = work / NOTEBOOK
    text = notebook.read_text(encoding="utf-8")
    notebook.write_text(text.replace("YOUR CODE HERE", "my code"), encoding="utf-8")


LEFT: dict[str, Callable[[Path], object]] = {
    f"{STATE} notes what a lesson earned": lambda work: record(work, LESSON.id, 3, 20),
    f"{NOTEBOOK} is gone": lambda work: (work / NOTEBOOK).unlink(),
    f"{NOTEBOOK} says something else": write_in,
    f"{LESSON.id}/mine.ipynb is new": lambda work: (work / LESSON.id / "mine.ipynb").touch(),
}


@pytest.mark.parametrize(("said", "leave"), LEFT.items(), ids=LEFT)
def test_what_is_left_is_told_and_put_back(
    root: Path, said: str, leave: Callable[[Path], object]
) -> None:
    assert changed(root) == []
    leave(root / "work")
    assert changed(root) == [said]
    hand_out_anew(root)
    assert changed(root) == []


def test_before_anything_is_handed_out_nothing_is_changed(root: Path) -> None:
    shutil.rmtree(root / "work")
    assert changed(root) == []
