"""Cells in JupyterLab: locked ones look locked and can be copied, tests are collapsed."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from made_notebooks import open_beside, resize
from playwright.sync_api import BrowserContext, Page, expect
from serving import Lab

from course.grading.steps.released import ONE_BY_ONE
from course.lessons import find_lessons, source_text

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=15)]

LESSON = find_lessons(Path(__file__).resolve().parents[2] / "source")[0]


@pytest.fixture(scope="module")
def path(lab: Lab, folder: Path) -> Path:
    """A lesson's notebook as released."""
    name = f"{LESSON.name}.ipynb"
    path = folder / name
    shutil.copy(lab.root / "release" / LESSON.id / name, path)
    return path


@pytest.fixture(scope="module")
def page(browser: BrowserContext, lab: Lab, path: Path) -> Iterator[Page]:
    """A page that shows it."""
    with browser.new_page() as page:
        open_beside(page, lab, path.relative_to(lab.root / "work").as_posix())
        yield page


def saved(page: Page, path: Path) -> list[dict]:
    with page.expect_response(
        lambda response: response.request.method == "PUT" and path.name in response.url
    ):
        page.keyboard.press("Control+s")
    cells: list[dict] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return cells


def test_a_locked_cell_looks_locked_and_its_copy_is_the_learners_own(
    page: Page, path: Path
) -> None:
    locked = page.locator(".jp-CodeCell:has(.jp-mod-readOnly)").first
    editor = locked.locator(".jp-mod-readOnly")
    assert editor.evaluate("e => getComputedStyle(e, '::after').content") == '"locked"'
    locked.click()
    page.get_by_role("button", name="Copy cell").click()
    copy = page.locator(".jp-CodeCell.jp-mod-active")
    expect(copy.locator(".jp-mod-readOnly")).to_have_count(0)
    cells = saved(page, path)
    [at] = [
        i
        for i, (cell, below) in enumerate(pairwise(cells))
        if cell["cell_type"] == below["cell_type"] == "code"
        and source_text(cell) == source_text(below)
    ]
    assert cells[at]["metadata"]["nbgrader"]["grade_id"]
    assert cells[at]["metadata"]["editable"] is False
    assert "nbgrader" not in cells[at + 1]["metadata"]
    assert cells[at + 1]["metadata"].get("editable", True)


@pytest.mark.parametrize("kind", ["table", "mjx-container[display=true]"])
def test_what_is_wide_in_an_enlarged_page_is_scrolled_and_keeps_its_words_whole(
    page: Page, kind: str
) -> None:
    resize(page, 500, 800)
    wide = page.locator(".jp-RenderedMarkdown").locator(kind).first
    expect(wide).to_be_attached()
    wide.scroll_into_view_if_needed()
    seen = wide.evaluate(
        "e => [e.clientWidth, e.parentElement.clientWidth, getComputedStyle(e).overflowX]"
    )
    assert seen[0] <= seen[1]
    assert seen[2] == "auto"


def test_claims_in_a_row_are_seen_as_one_line(page: Page, path: Path) -> None:
    heading = page.locator(".jp-MarkdownCell", has_text=ONE_BY_ONE).first
    heading.scroll_into_view_if_needed()
    hidden = heading.get_by_role("button", name=re.compile(r"^\d+ cells hidden$"))
    expect(hidden).to_be_visible()
    claim = page.locator(".jp-MarkdownCell", has_text=re.compile(r"Claim, \d")).first
    expect(claim).to_be_hidden()
    hidden.click()
    expect(claim).to_be_visible()
