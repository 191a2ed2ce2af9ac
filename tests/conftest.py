"""The tiny lesson's course and class as fixtures, for every folder that grades."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tiny import LESSON_ID, tiny_lesson

from course.lessons import course_root

if TYPE_CHECKING:
    from course.grading.classes.temporary import Classroom


#: Files of minutes, the longest first: where several workers share the tests, none is to begin such
#: a one when the others have nothing left to do.
LONGEST = (
    "test_nbgrader_cycle.py",
    "test_right_answers.py",
    "test_lessons_in_the_lab.py",
    "test_hostile_class.py",
    "test_mutants.py",
    "test_broken_submissions.py",
    "test_same_marks.py",
    "test_grade_faults.py",
    "test_odd_folders.py",
    "test_grade_lost_database.py",
    "test_grade_exchange.py",
    "test_labs.py",
    "test_real_environment.py",
    "test_grade_same.py",
    "test_postgresql_gradebook.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first for workers of pytest-xdist; alone, quick tests come first."""
    if hasattr(config, "workerinput"):
        order = {name: place for place, name in enumerate(LONGEST)}
        items.sort(key=lambda item: order.get(item.path.name, len(LONGEST)))


@pytest.fixture(scope="session")
def tiny_course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course root with one lesson."""
    root = tmp_path_factory.mktemp("tiny course")
    folder = root / "source" / LESSON_ID
    folder.mkdir(parents=True)
    (folder / "decoder_cells.ipynb").write_text(json.dumps(tiny_lesson()), encoding="utf-8")
    (folder / "misconceptions.py").write_text("MISCONCEPTIONS = ()\n")
    shutil.copy(course_root() / "nbgrader_config.py", root)
    return root


@pytest.fixture(scope="session")
def released(tiny_course: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class folder in which the tiny lesson was generated."""
    from course.grading.classes.temporary import (
        Classroom,  # takes seconds, which other tests need not
    )

    room = Classroom(tiny_course, LESSON_ID, tmp_path_factory.mktemp("released") / "class")
    room.generate()
    return room.folder


@pytest.fixture
def room(tiny_course: Path, released: Path, tmp_path: Path) -> Classroom:
    """A class of its own for a test, with the lesson generated."""
    from course.grading.classes.temporary import Classroom

    room = Classroom(tiny_course, LESSON_ID, tmp_path / "class")
    shutil.copytree(released, room.folder, dirs_exist_ok=True)
    return room
