"""The tiny lesson's course and class as fixtures; which tests workers take, and in which order."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tiny import LESSON_ID, tiny_lesson

from course.lessons import course_root

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from playwright.sync_api import Playwright

    from course.grading.classes.temporary import Classroom
    from course.grading.confinement.forking import Nursery


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let all be asked for."""
    parser.addoption("--whole", action="store_true", help="of what is marked as sampled, try all")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage among thousands of tests: that takes as long as finding them."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is not tried."""
    if config.getoption("whole") or not config.getoption("numprocesses", None):
        return ""
    return "of tests marked as sampled a part is tried, another with each commit; --whole tries all"


def _sampled(config: pytest.Config, items: list[pytest.Item]) -> list[pytest.Item]:
    """Leave out what it is not the turn of: of cases alike one in so many, by the commit."""
    asked = ["git", "-C", str(config.rootpath), "rev-parse", "HEAD"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    turn, seen, kept = int(found[:8] or "0", 16), Counter[str](), []
    for item in items:
        mark = item.get_closest_marker("sampled")
        place = item.nodeid.partition("[")[0]
        if mark is None or (seen[place] + turn) % mark.kwargs["one_in"] == 0:
            kept.append(item)
        seen[place] += 1
    return kept


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the longest files first for workers of pytest-xdist; alone, tests come in their order.

    A file stays with one worker, so that what its tests share is made once. How long it takes is
    told by a mark of its slow tests; of those that say nothing, a quarter of a second is believed.
    """
    if not hasattr(config, "workerinput"):
        return
    if not config.getoption("whole"):
        items[:] = _sampled(config, items)
    said: dict[Path, float] = defaultdict(float)
    count: Counter[Path] = Counter()
    for item in items:
        marks = [*item.iter_markers("slow")]
        said[item.path] = max([said[item.path], *(m.kwargs.get("seconds", 0) for m in marks)])
        count[item.path] += bool(marks)
    items.sort(key=lambda item: -(said[item.path] or count[item.path] / 4))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Leave a file, or a room that shares what takes long to make, with one worker."""
    from one_worker import ByFile

    return ByFile(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _nothing_is_left_of_nbgrader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what nbgrader's `setenv` leaves in the environment where its body raises."""
    for name in ("NBGRADER_EXECUTION", "NBGRADER_VALIDATING"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright: a process can have one alone, so rooms of tests share it."""
    from chromium import SHOWN_MS
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SHOWN_MS)
    with sync_playwright() as started:
        yield started


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


@pytest.fixture(scope="session")
def new_class(
    tiny_course: Path, released: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Classroom]:
    """Makes a class in a folder of that name: with the lesson generated, or a copy of another."""
    from course.grading.classes.temporary import Classroom

    def make(name: str, of: Path = released) -> Classroom:
        room = Classroom(tiny_course, LESSON_ID, tmp_path_factory.mktemp(name) / "class")
        shutil.copytree(of, room.folder, dirs_exist_ok=True)
        return room

    return make


@pytest.fixture
def room(new_class: Callable[..., Classroom]) -> Classroom:
    """A class of its own for a test, with the lesson generated."""
    return new_class("room")


@pytest.fixture(scope="session")
def _kept_nursery() -> Iterator[Nursery | None]:
    """A nursery, None where there can be none: then each process is started, which is slower."""
    from course.grading.confinement import forking

    opened = forking.open_nursery()
    forking._nursery = None  # other tests start processes
    yield opened
    if opened:
        opened.close()


@pytest.fixture
def nursery(_kept_nursery: Nursery | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the processes that students' cells run in forked, as the class's grader has them."""
    monkeypatch.setattr("course.grading.confinement.forking._nursery", _kept_nursery)


@pytest.fixture(scope="module")
def warm_judge() -> Iterator[None]:
    """Have submissions judged by processes that need not import what they need first."""
    import warm

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("course.grading.steps.execute.ask_judge", warm.ask_judge)
        yield
