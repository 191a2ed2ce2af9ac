"""The tiny lesson's course and class as fixtures; which tests workers of pytest-xdist share."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tiny import LESSON_ID, tiny_lesson

from course.lessons import course_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from course.grading.confinement.processes import Nursery

    from course.grading.classes.temporary import Classroom


@pytest.hookimpl(tryfirst=True)  # pytest-xdist then reads the marks
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest first for workers of pytest-xdist; alone, tests come in their order.

    What tests share is made once: those of a file that share something go to one worker, and so
    do the quick ones of a file. Every other slow test goes to whichever worker is free.
    """
    if not hasattr(config, "workerinput"):
        return
    seconds: dict[str, float] = {}
    units = [_unit(item) for item in items]
    for item, unit in zip(items, units, strict=True):
        about = [mark.kwargs.get("seconds", 5) for mark in item.iter_markers("slow")]
        seconds[unit] = max(seconds.get(unit, 0), *about, 0)
        if unit != item.nodeid:
            item.add_marker(pytest.mark.xdist_group(unit))
    by_item = dict(zip(items, units, strict=True))
    items.sort(key=lambda item: -seconds[by_item[item]])


def _unit(item: pytest.Item) -> str:
    """Return the name of what a test is done with, its own where that is nothing."""
    about = getattr(item, "_fixtureinfo", None)
    fixtures = [one for each in about.name2fixturedefs.values() for one in each] if about else []
    if any(one.scope != "function" and one.baseid not in ("", "tests") for one in fixtures):
        return f"{item.path.stem}-shared"
    return item.nodeid if item.get_closest_marker("slow") else item.path.stem


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
    from course.grading.classes.temporary import Classroom  # takes seconds, which others need not

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


@pytest.fixture(scope="session")
def _kept_nursery() -> Iterator[Nursery | None]:
    """A nursery, None where there can be none: then each process is started, which is slower."""
    from course.grading.confinement import processes

    opened = processes.open_nursery()
    processes._nursery = None  # other tests start processes
    yield opened
    if opened:
        opened.close()


@pytest.fixture
def nursery(_kept_nursery: Nursery | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the processes that students' cells run in forked, as the class's grader has them."""
    monkeypatch.setattr("course.grading.confinement.processes._nursery", _kept_nursery)


@pytest.fixture(scope="module")
def warm_judge() -> Iterator[None]:
    """Have submissions judged by processes that need not import what they need first."""
    import warm

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course.grading.steps.execute.ask_judge", warm.ask_judge)
        yield
