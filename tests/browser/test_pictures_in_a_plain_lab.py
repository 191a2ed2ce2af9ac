"""A lesson's notebook alone, in a JupyterLab of which the course knows nothing: its pictures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from serving import Lab, serve_plainly

from course.lessons import Lesson, course_root, find_lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=30)]

RELEASED = find_lessons(course_root() / "release")
#: Says of each picture that is attached to a text: drawn how wide, and how wide it was made.
PICTURES = """() => [...document.querySelectorAll(".jp-MarkdownOutput img")].map(
    one => [one.naturalWidth, parseInt(one.closest("div[style]").style.maxWidth)])"""


@pytest.fixture(scope="module")
def plain_lab(browser: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    root = tmp_path_factory.mktemp("mailed")
    (root / "work").mkdir()
    for lesson in RELEASED:
        shutil.copy(lesson.path, root / "work")
    with serve_plainly(root, root / "home") as running:
        yield running


@pytest.mark.parametrize("lesson", RELEASED, ids=lambda lesson: lesson.id)
def test_every_picture_that_the_notebook_holds_is_drawn(
    page: Page, plain_lab: Lab, lesson: Lesson
) -> None:
    cells = json.loads(lesson.path.read_text(encoding="utf-8"))["cells"]
    held = sum(len(cell.get("attachments", {})) for cell in cells)
    assert held
    # All cells are drawn at once, seen or not.
    page.set_viewport_size({"width": 1400, "height": 30_000})
    page.goto(plain_lab.url(lesson.path.name))
    expect(page.get_by_text("| Idle")).to_be_visible()
    assert page.locator(".course-answer").count() == 0
    page.wait_for_function(f"() => ({PICTURES})().length === {held}")
    page.wait_for_function(f"() => ({PICTURES})().every(([width]) => width > 0)")
    for drawn, shown in page.evaluate(PICTURES):
        assert drawn == 2 * shown
