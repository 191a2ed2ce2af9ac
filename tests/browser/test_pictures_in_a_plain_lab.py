"""A lesson's pictures in its notebook alone, in a JupyterLab of which the course knows nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from lab_page import SHOWN
from made_notebooks import resize, tab
from playwright.sync_api import BrowserContext, Page
from serving import serve_plainly

from course.lessons import Lesson, course_root, find_lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=15)]

RELEASED = find_lessons(course_root() / "release")
#: Says of each picture in a text of the notebook that is looked at: how many pixels wide it is, how
#: wide it is to be shown, and how wide it is.
PICTURES = f"""() => [...document.querySelectorAll("{SHOWN} .jp-MarkdownOutput img")].map(
    one => [one.naturalWidth, parseInt(one.closest("div[style*=max-width]").style.maxWidth),
        one.getBoundingClientRect().width])"""


def holding(cells: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the texts that hold pictures, as they are: a picture depends on no other cell."""
    return [cell for cell in cells if "attachments" in cell]


@pytest.fixture(scope="module")
def plain_lab(browser: BrowserContext, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The page of such a JupyterLab, opened once, with the notebooks in its file browser."""
    root = tmp_path_factory.mktemp("mailed")
    (root / "work").mkdir()
    for lesson in RELEASED:
        notebook = json.loads(lesson.path.read_text(encoding="utf-8"))
        notebook["cells"] = holding(notebook["cells"])
        (root / "work" / lesson.path.name).write_text(json.dumps(notebook), encoding="utf-8")
    with serve_plainly(root, root / "home") as running, browser.new_page() as page:
        page.goto(f"{running.address}/lab?token={running.token}")
        yield page


@pytest.mark.parametrize("lesson", RELEASED, ids=lambda lesson: lesson.id)
def test_every_picture_is_drawn_and_can_be_read_on_a_narrow_page_too(
    plain_lab: Page, lesson: Lesson
) -> None:
    cells = json.loads(lesson.path.read_text(encoding="utf-8"))["cells"]
    held = sum(len(cell["attachments"]) for cell in holding(cells))
    assert held
    page = plain_lab
    page.locator(".jp-DirListing-item", has_text=lesson.path.name).dblclick()
    tab(page, lesson.path.name, ".lm-mod-current").wait_for()  # not the lesson before
    page.locator(f"{SHOWN} .jp-Cell").first.wait_for()
    assert page.locator(".course-answer").count() == 0
    page.wait_for_function(f"() => ({PICTURES})().length === {held}")
    page.wait_for_function(f"() => ({PICTURES})().every(([width]) => width > 0)")
    page.locator(f"{SHOWN} details").evaluate_all("all => all.forEach(one => one.open = true)")
    resize(page, 700)
    for pixels, wide, shown in page.evaluate(PICTURES):
        assert pixels >= 1.5 * wide - 1
        assert wide >= shown >= 11 / 12 * wide - 0.1
    resize(page, 1300)
