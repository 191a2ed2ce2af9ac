"""JupyterLab on a copy of the course, and headless Chromium to look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium import ARGS, SHOWN_MS, found_chromium
from handed_out import changed, hand_out_anew
from playwright.sync_api import BrowserContext, Page, Playwright
from serving import Lab, serve

from course.learner.progress import STATE

ROOT = Path(__file__).resolve().parents[2]
COPIED = ("course", "source", "release", "docs")


@pytest.fixture(scope="session")
def course_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course as a learner has it, in a folder with an awkward name."""
    root = tmp_path_factory.mktemp("browser") / "a course für dich"
    leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    for name in COPIED:
        shutil.copytree(ROOT / name, root / name, ignore=leave)
    for file in ("README.md", "nbgrader_config.py", "pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / file, root)
    return root


@pytest.fixture(scope="module", autouse=True)
def _lessons_stay_as_handed_out(
    request: pytest.FixtureRequest, course_copy: Path
) -> Iterator[None]:
    """Fail a file of tests that leaves a learner's lessons otherwise than the next one expects."""
    yield
    left = changed(course_copy)
    hand_out_anew(course_copy)
    assert left == [], (
        f"{request.path.name} leaves lessons in work/ changed: {', '.join(left)}. Put notebooks "
        "into a folder of the file's own, and grade in `folder`, which forgets the points."
    )


@pytest.fixture(scope="module")
def folder(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A folder of the learner's for a file of tests; what is noted of grades in it is forgotten."""
    work = lab.root / "work"
    made = work / request.path.stem
    made.mkdir()
    yield made
    shutil.rmtree(made)
    (work / STATE).unlink(missing_ok=True)


@pytest.fixture(scope="session")
def lab(
    course_copy: Path, browser: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lab]:
    """A learner's JupyterLab, of which one page stays open, and with it what was compiled."""
    with (
        serve(course_copy, tmp_path_factory.mktemp("learner")) as running,
        browser.new_page() as kept,
    ):
        kept.goto(f"{running.address}/api/status?token={running.token}")
        yield running


@pytest.fixture(scope="session")
def instructor_lab(course_copy: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """An instructor's JupyterLab."""
    with serve(course_copy, tmp_path_factory.mktemp("instructor"), "--instructor") as running:
        yield running


@pytest.fixture(scope="session")
def browser(
    playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """Headless Chromium with one profile.

    In it JupyterLab is kept compiled from one page to the next.
    """
    started = playwright.chromium.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        executable_path=found_chromium(),
        args=ARGS,
        viewport={"width": 1300, "height": 850},
    )
    started.set_default_timeout(SHOWN_MS)
    yield started
    started.close()


@pytest.fixture
def page(browser: BrowserContext) -> Iterator[Page]:
    """A page of a test's own."""
    with browser.new_page() as page:
        yield page
