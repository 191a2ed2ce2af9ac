"""A student's JupyterLab, as on a hub: Assignment List says when a lesson is due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gradebooks import nbgrader
from lab_page import choose, until_loaded
from playwright.sync_api import BrowserContext, Page, expect
from screenshots import keep
from serving import Lab, serve_as_a_hub
from tiny import LESSON_ID

from course.grading.classes.temporary import Classroom
from course.grading.rules import due
from course.lessons import course_root

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=30)]

ROOT = course_root()


@pytest.fixture(scope="module")
def exchange(new_class: Callable[..., Classroom]) -> Iterator[Path]:
    """An exchange with the lesson in it, due on the first of December."""
    room = new_class("due")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_ROOT", str(room.folder))
        patch.chdir(room.folder)
        assert due.main(["1", "2026-12-01", "18:00", "--zone", "Europe/Berlin"]) == 0
        nbgrader("release_assignment", LESSON_ID, cwd=room.folder)
        yield room.folder / "exchange"


@pytest.fixture(scope="module")
def students_lab(exchange: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A student's JupyterLab, with the settings of the hub but for where the exchange is."""
    root = tmp_path_factory.mktemp("student")
    (root / "work").mkdir()
    settings = (ROOT / "docs" / "hub" / "nbgrader_config.py").read_text()
    own = f"\nc.Exchange.root = {str(exchange)!r}\n"
    (root / "home" / ".jupyter").mkdir(parents=True)
    (root / "home" / ".jupyter" / "nbgrader_config.py").write_text(settings + own)
    with serve_as_a_hub(root, root / "home", ROOT / "course" / "learner" / "jupyter") as running:
        yield running


@pytest.fixture(scope="module")
def assignments(students_lab: Lab, browser: BrowserContext) -> Iterator[Page]:
    """A page with Assignment List open."""
    with browser.new_page() as page:
        page.goto(f"{students_lab.address}/lab?token={students_lab.token}")
        until_loaded(page)
        choose(page, "Nbgrader", "Assignment List")
        yield page


def test_assignment_list_says_when_a_released_lesson_is_due(assignments: Page) -> None:
    row = assignments.locator("#released_assignments_list .course-due")
    expect(row).to_have_text("due Tuesday 1 December 2026, 18:00 CET")
    keep(assignments, "due")


def test_it_says_so_once_it_is_fetched_and_as_it_is_then(assignments: Page) -> None:
    assert due.main(["1", "+1 day"]) == 0
    assignments.get_by_role("button", name="Fetch").click()
    row = assignments.locator("#fetched_assignments_list .course-due")
    expect(row).to_have_text("due Wednesday 2 December 2026, 18:00 CET")
    expect(assignments.locator(".course-due")).to_have_count(1)
