"""JupyterLab's page: when it is there, and its menus."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

#: The tabs of what is open; a page that opens nothing shows a launcher.
TABS = "#jp-main-dock-panel .lm-TabBar-tab"
#: The notebook that is looked at: the tab above all others.
SHOWN = ".jp-NotebookPanel:not(.lm-mod-hidden)"


def until_loaded(page: Page) -> None:
    """Wait until JupyterLab has begun all its parts: only then it opens what it is to show.

    That nothing hides the page is no sign of it: that holds before it begins, too.
    """
    page.locator(TABS).first.wait_for()
    expect(page.locator("#jupyterlab-splash")).to_have_count(0)


def idle(page: Page) -> Locator:
    """Return what the status bar says once the kernel of what is looked at is there and rests.

    Before that, nothing is run. The notebook's own toolbar calls a kernel idle that is not there
    yet, and the whole page is long to search.
    """
    return page.locator("#jp-main-statusbar").get_by_text("| Idle")


def entries(page: Page, menu: str) -> Locator:
    """Open a menu; return its entries."""
    page.locator(".lm-MenuBar-itemLabel").get_by_text(menu, exact=True).click()
    named = re.compile(".")  # lines between entries are none
    return page.locator(".lm-Menu-itemLabel").filter(visible=True, has_text=named)


def choose(page: Page, menu: str, *names: str) -> None:
    """Choose an entry of a menu, or of the menu that an entry opens; see the menus gone."""
    shown = entries(page, menu)
    for name in names:
        shown.get_by_text(name, exact=True).click()
    expect(shown).to_have_count(0)
