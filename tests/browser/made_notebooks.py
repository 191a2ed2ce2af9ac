"""Notebooks that tests write for a learner, opened in JupyterLab and run."""

from __future__ import annotations

import json

from lab_page import SHOWN, TABS, choose, idle
from playwright.sync_api import Locator, Page, Response, expect
from serving import RUN_LIMIT_MS, Lab


def write_notebook(lab: Lab, name: str, cells: list[str]) -> str:
    """Put a notebook of these code cells into the learner's folder."""
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{k}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": text,
        }
        for k, text in enumerate(cells)
    ]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": made, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    (lab.root / "work" / name).write_text(json.dumps(notebook), encoding="utf-8")
    return name


def open_beside(page: Page, lab: Lab, inside: str) -> Locator:
    """Open a notebook of the learner's folder, in front of those that the page shows already.

    To load JupyterLab takes longer than to open a notebook in it. What is run before the notebook's
    own kernel is there is lost, and that a kernel rests may be said of the notebook before: so its
    connection is waited for first.
    """
    with page.expect_websocket(lambda one: "/api/kernels/" in one.url):
        if page.url.startswith(f"{lab.address}/lab/"):
            choose(page, "File", "Open from Path…")
            page.locator(".jp-Dialog input").fill(inside)
            page.keyboard.press("Enter")
            tab(page, inside, ".lm-mod-current").wait_for()
        else:
            page.goto(lab.url(inside) + "&reset")
    page.locator(f"{SHOWN} .jp-Cell").first.wait_for()
    until_idle(page)
    return page.locator(SHOWN)


def close(page: Page, inside: str) -> None:
    """Close a notebook, and end its kernel: neither weighs on what the page shows next."""
    tab(page, inside).click()
    tab(page, inside, ".lm-mod-current").wait_for()
    choose(page, "File", "Close and Shut Down Notebook…")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    tab(page, inside).wait_for(state="detached")


def tab(page: Page, inside: str, state: str = "") -> Locator:
    """Return the tab of a notebook, where it is in a state."""
    name = inside.rpartition("/")[2]
    return page.locator(f"{TABS}{state}", has_text=name)


#: Whether JupyterLab is laid out for the page's width, drawn, and drawn once more with what that
#: changes.
LAID_OUT = """width => innerWidth === width
    && document.getElementById("jp-main-content-panel").offsetWidth === width
    && new Promise(then => requestAnimationFrame(() => requestAnimationFrame(() => then(true))))"""


def resize(page: Page, width: int, height: int = 850) -> None:
    """Give the page another size, and wait until what it shows has taken it up."""
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function(LAID_OUT, arg=width)


def until_idle(page: Page) -> None:
    """Wait until the kernel rests.

    As all that is not on the page yet, by `wait_for`: an `expect` that finds nothing describes the
    whole page each time that it looks, for its message, and a notebook has 50,000 nodes.
    """
    idle(page).wait_for(timeout=RUN_LIMIT_MS)


def in_toolbar(panel: Locator, name: str) -> Locator:
    """Return a button of a notebook's toolbar; the text may speak of it, too."""
    return panel.locator(".jp-NotebookPanel-toolbar").get_by_text(name, exact=True)


def run_all(page: Page) -> None:
    """Run all cells by the menu."""
    choose(page, "Run", "Run All Cells")


def open_and_run(page: Page, lab: Lab, name: str, cells: list[str], count: int) -> Locator:
    """Open a notebook of these cells, run it, and wait for as many labs; return it."""
    shown = open_beside(page, lab, write_notebook(lab, name, cells))
    run_until_drawn(page, count)
    return shown


def run_until_drawn(page: Page, count: int) -> None:
    """Run the notebook that is looked at, which shows no lab, and wait for as many."""
    run_all(page)
    drawn = page.locator(f"{SHOWN} .course-lab [data-key]")
    drawn.nth(count - 1).wait_for(state="attached", timeout=RUN_LIMIT_MS)
    expect(drawn).to_have_count(count)
    expect(page.locator(f"{SHOWN} .course-lab")).to_have_count(count)


def save(page: Page) -> None:
    """Save the notebook that is looked at, whatever JupyterLab itself saves meanwhile."""
    name = page.locator(f"{TABS}.lm-mod-current").inner_text()

    def is_saved(answer: Response) -> bool:
        return answer.request.method == "PUT" and f"/{name}?" in f"{answer.url}?"

    with page.expect_response(is_saved):
        page.keyboard.press("Control+s")
