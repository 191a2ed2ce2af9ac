"""A lab's still picture in pages that are not JupyterLab's, where widgets may live or not."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from course import labs

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=5)]

LIVE = '<div class="course-lab">sliders</div>'
#: How front ends lay out a cell's outputs: JupyterLab, VS Code, and Colab, a page for each cell.
AROUND = {
    "JupyterLab": '<div class="jp-OutputArea">{}</div>',
    "VS Code": '<div class="cell_container"><div class="output_container">{}</div></div>',
    "a page for each cell": "<div>{}</div>",
}


@pytest.fixture(scope="module")
def still() -> str:
    view = labs.forced_and_free()
    made = view.still_html()
    view.close()
    return made


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_a_still_picture_is_seen_where_its_own_lab_is_not(
    page: Page, still: str, around: str
) -> None:
    page.set_content(around.format(still))
    seen = page.locator(".course-still")
    expect(seen).to_contain_text("Run this cell again")
    expect(seen.locator("svg").first).to_be_visible()
    page.set_content(around.format(still + LIVE))
    expect(seen).to_be_hidden()


@pytest.mark.parametrize("name", ["JupyterLab", "VS Code"])
def test_another_cells_lab_hides_no_still_picture(page: Page, still: str, name: str) -> None:
    page.set_content(AROUND[name].format(still) + AROUND[name].format(still + LIVE))
    expect(page.locator(".course-still").nth(1)).to_be_hidden()
    expect(page.locator(".course-still").nth(0)).to_be_visible()
