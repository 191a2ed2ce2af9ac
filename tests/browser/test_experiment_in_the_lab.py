"""The learner's own experiment in JupyterLab: form first, then Train, Stop, and what is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_notebooks import open_and_run, resize, save
from playwright.sync_api import BrowserContext, Locator, Page, expect
from screenshots import keep
from serving import RUN_LIMIT_MS, Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=90)]

CELLS = Path(__file__).with_name("programs")
NOTEBOOK = "experiment.ipynb"
RECORD = "print(lab.record())"
OPEN = "from course import labs\nlab = labs.experiment(form=form, interval=paired_interval)\nlab"


def cell(name: str) -> str:
    return (CELLS / f"{name}.py").read_text(encoding="utf-8").strip()


@pytest.fixture(scope="module")
def opened(browser: BrowserContext, lab: Lab) -> Iterator[Page]:
    """A notebook with a form that is not filled in, and the lab."""
    cells = [cell("paired_interval"), cell("form"), OPEN, RECORD]
    with browser.new_page() as page:
        open_and_run(page, lab, NOTEBOOK, cells, 1)
        yield page


def press(found: Locator, name: str) -> None:
    found.get_by_role("button", name=name, exact=True).press("Enter")


def write_in_cell(page: Page, number: int, text: str, cells: int) -> None:
    """Put a text into a cell as whoever types it, and run so many cells from there on."""
    editor = page.locator(".jp-CodeCell").nth(number).locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)
    for _ in range(cells):
        page.keyboard.press("Shift+Enter")


def test_a_run_without_a_filled_form_is_refused_then_one_grows_is_stopped_and_is_kept(
    opened: Page, lab: Lab
) -> None:
    page, found = opened, opened.locator(".course-lab")
    press(found, "Train")
    refused = found.locator("[role=alert]")
    expect(refused).to_contain_text("The form's 'hypothesis' is not filled in")
    expect(refused).to_contain_text("Nothing was trained.")
    keep(found, "experiment_refused")

    write_in_cell(page, 1, cell("form_filled_in"), cells=2)
    expect(refused).to_have_count(0)
    for name in ("equal time", "my own", "ring", "RNN"):
        press(found, name)
    steps = found.locator(".widget-hslider", has_text="steps").locator(".noUi-handle")
    for handle in steps.all():
        handle.press("Home")
    press(found, "Train")
    status = found.locator("[role=status]")
    expect(found).to_contain_text(re.compile("about [0-9]+ s left"))
    expect(status).to_contain_text("over 2 paired seeds", timeout=RUN_LIMIT_MS)
    press(found, "Stop")
    expect(found).to_contain_text("stopped after")
    ended = re.compile("running=False")
    expect(found.locator("[data-key]")).to_have_attribute("data-key", ended)
    expect(status).to_contain_text(re.compile("[2-8] of the 9 seeds of your form: this is a part"))
    expect(status).to_contain_text("You expected B to be lower, and")
    form = found.locator("table.course-form")
    expect(form).to_contain_text("Written down before the run")
    expect(form).to_contain_text("Own tokens lower the error on the ring")
    assert found.locator("svg").count() >= 4
    expect(found.locator("[role=alert]")).to_have_count(0)
    keep(found, "experiment_stopped")

    write_in_cell(page, 3, RECORD, cells=1)
    output = page.locator(".jp-CodeCell").nth(3).locator(".jp-OutputArea")
    expect(output).to_contain_text("seed  A  B  B less A")
    save(page)
    saved = json.loads((lab.root / "work" / NOTEBOOK).read_text(encoding="utf-8"))
    form, record = saved["cells"][1], saved["cells"][3]
    assert "Own tokens lower the error on the ring" in "".join(form["source"])
    printed = " ".join("".join(record["outputs"][0]["text"]).split())
    assert "this is a partial result" in printed


@pytest.mark.parametrize(("theme", "width"), [("light", 1300), ("dark", 1300), ("light", 620)])
def test_form_and_result_fit_the_page(opened: Page, theme: str, width: int) -> None:
    found = opened.locator(".course-lab")
    resize(opened, width)
    light = str(theme == "light").lower()
    opened.evaluate(f"() => document.body.dataset.jpThemeLight = '{light}'")
    found.scroll_into_view_if_needed()
    keep(found, f"experiment_{theme}_{width}")
    too_wide = found.evaluate(
        "lab => [...lab.querySelectorAll('figure, p, td, .widget-inline-hbox')].filter(one => "
        "one.getBoundingClientRect().right > lab.getBoundingClientRect().right + 2).length"
    )
    assert too_wide == 0
