"""Notebooks that tests write for a learner, opened in JupyterLab and run."""

from __future__ import annotations

import json

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


#: The notebook that is looked at: the tab above all others.
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def open_beside(page: Page, lab: Lab, inside: str) -> Locator:
    """Open a notebook of the learner's folder, in front of those that the page shows already.

    To load JupyterLab takes longer than to open a notebook in it.
    """
    if page.locator(SHOWN).count():
        choose(page, "File", "Open from Path…")
        page.locator(".jp-Dialog input").fill(inside)
        page.keyboard.press("Enter")
        name = inside.rpartition("/")[2]
        page.locator(".lm-TabBar-tab.lm-mod-current", has_text=name).wait_for()
    else:
        page.goto(lab.url(inside) + "&reset")
    page.locator(f"{SHOWN} .jp-Cell").first.wait_for()
    until_idle(page)
    return page.locator(SHOWN)


def idle(page: Page) -> Locator:
    """Return what the status bar says once the kernel rests: the whole page is long to search."""
    return page.locator("#jp-main-statusbar").get_by_text("| Idle")


def until_idle(page: Page) -> None:
    """Wait until the kernel rests.

    As all that is not on the page yet, by `wait_for`: an `expect` that finds nothing describes the
    whole page each time that it looks, for its message, and a notebook has 50,000 nodes.
    """
    idle(page).wait_for(timeout=RUN_LIMIT_MS)


def choose(page: Page, menu: str, name: str) -> None:
    """Choose an entry of a menu."""
    page.locator(".lm-MenuBar-itemLabel").get_by_text(menu, exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True).click()


def run_all(page: Page) -> None:
    """Run all cells by the menu."""
    choose(page, "Run", "Run All Cells")


def open_and_run(page: Page, lab: Lab, name: str, cells: list[str], count: int) -> Locator:
    """Open a notebook of these cells, run it, and wait for as many labs; return it."""
    shown = open_beside(page, lab, write_notebook(lab, name, cells))
    run_all(page)
    drawn = shown.locator(".course-lab [data-key]")
    drawn.nth(count - 1).wait_for(state="attached", timeout=RUN_LIMIT_MS)
    expect(drawn).to_have_count(count)
    expect(shown.locator(".course-lab")).to_have_count(count)
    return shown


def save(page: Page) -> None:
    """Save the notebook that is looked at; which tabs are open is saved by JupyterLab itself."""

    def is_saved(answer: Response) -> bool:
        return answer.request.method == "PUT" and "/api/contents/" in answer.url

    with page.expect_response(is_saved):
        page.keyboard.press("Control+s")
