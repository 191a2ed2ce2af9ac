"""A click into a lab's picture: it moves the slider that the part names, as arrow keys do."""

from __future__ import annotations

import pytest
from made_notebooks import open_and_run
from playwright.sync_api import Page, expect
from screenshots import keep
from serving import Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=30)]

OPEN = "from course import labs\nlabs.mask(labs.SOLVED['mask'])"


def test_a_click_on_an_input_disturbs_it_and_arrow_keys_go_on_from_there(
    lab: Lab, page: Page
) -> None:
    open_and_run(page, lab, "clicks.ipynb", [OPEN], 1)
    found = page.locator(".course-lab")
    for at in (20, 3, 0):
        found.locator(f"[data-to='{at}']").click()
        expect(found.locator(f"[data-key*=' position={at} ']")).to_have_count(1)
        expect(found.locator(".course-words")).to_contain_text(f"Disturb input {at}: {30 - at} of")
    keep(found, "clicked")
    found.locator(".noUi-handle").first.press("ArrowRight")
    expect(found.locator("[data-key*=' position=1 ']")).to_have_count(1)
