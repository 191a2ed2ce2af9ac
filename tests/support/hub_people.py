"""People who use a hub, each in a browser of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hub_server import Hub
from lab_page import choose, entries, until_loaded
from playwright.sync_api import BrowserContext, Locator, Page, expect

#: A page of anybody's server that is there at once.
PLAIN = "static/favicons/favicon.ico"
TERMINAL = (Path(__file__).parent / "programs" / "terminal.js").read_text(encoding="utf-8")


@dataclass
class Person:
    """Somebody who is logged in.

    Attributes
    ----------
    hub : Hub
        Where.
    who : str
        What the tests call them.
    page : Page
        A page of their browser, at first on their JupyterLab.
    base : str
        Where their server answers, from the hub's address on.
    opened : int
        How often something was shown.
    """

    hub: Hub
    who: str
    page: Page
    base: str
    opened: int = 0

    def url(self, path: str) -> str:
        """Return an address of their own server."""
        return f"{self.hub.address}{self.base}{path}"

    def open(self, path: str) -> Page:
        """Show a file, or with an empty path no file, in JupyterLab, and nothing else.

        To load JupyterLab takes longer than all that is done in it: it stays where it is open.
        """
        if f"{self.base}lab" in self.page.url:
            choose(self.page, "File", "Close All Tabs")
            # An assertion, as `wait_for` would not answer JupyterLab's question about closing.
            expect(self.page.locator("#jp-main-dock-panel .jp-Launcher")).to_be_visible()
            if path:
                choose(self.page, "File", "Open from Path…")
                self.page.locator(".jp-Dialog input").fill(path.removeprefix("tree/"))
                self.page.keyboard.press("Enter")
        else:
            # A workspace of its own has nothing open; one that is reset may be loaded once more.
            self.opened += 1
            self.page.goto(self.url(f"lab/workspaces/{self.who}-{self.opened}/{path}"))
            until_loaded(self.page)
        return self.page

    def nbgrader(self, name: str) -> Page:
        """Choose one of nbgrader's parts in JupyterLab's menu."""
        self.open("")
        choose(self.page, "Nbgrader", name)
        return self.page

    def assignment(self, kind: str, lesson: str, course: str = "") -> Locator:
        """Return a lesson's row in Assignment List: what is released, fetched or submitted."""
        rows = self.page.locator(f"#{kind}_assignments_list > .list_item")
        return rows.filter(has_text=lesson).filter(has_text=course)

    def parts_of_nbgrader(self) -> list[str]:
        """Return what JupyterLab's menu offers of nbgrader."""
        self.open("")
        shown = entries(self.page, "Nbgrader")
        expect(shown.first).to_be_visible()
        offered = shown.all_inner_texts()
        self.page.keyboard.press("Escape")
        expect(shown).to_have_count(0)
        return offered

    def run(self, command: str) -> tuple[int, str]:
        """Run a line in a terminal of theirs; return its status and what it printed."""
        line = f"printf '%s%s\\n' BEGIN NING; {command}; printf '\\nstatus %s %s%s\\n' $? THE END"
        told = {"base": self.base, "line": line, "end": "THEEND"}
        if "/files/" in self.page.url:  # a page of a file's is kept from all that is theirs
            self.page.goto(self.url(PLAIN))
        said = str(self.page.evaluate(TERMINAL, told)).replace("\r", "")
        found = re.search(r"BEGINNING\n(.*)\nstatus (\d+) THEEND", said, re.DOTALL)
        assert found, said
        return int(found[2]), found[1]

    def does(self, command: str) -> str:
        """Run a line that has to succeed; return what it printed."""
        status, said = self.run(command)
        assert status == 0, said
        return said

    def status(self, path: str) -> int:
        """Ask for an address of the hub's with their cookies; return the status of the answer."""
        return self.page.request.get(f"{self.hub.address}{path}").status


def log_in(
    hub: Hub,
    who: str,
    context: BrowserContext,
    base: str = "",
    then: str = PLAIN,
) -> Person:
    """Log in as somebody, and wait until they are sent to their JupyterLab.

    Parameters
    ----------
    base : str, optional
        Where that is, if it is not one of their own.
    then : str, optional
        A page of its server that is opened in JupyterLab's place, which takes longer.
    """
    page = context.new_page()
    # Asked where a notebook is closed that a kernel has noted itself in since it was saved.
    page.add_locator_handler(page.get_by_role("button", name="Discard"), lambda one: one.click())
    page.goto(f"{hub.address}/hub/login")
    page.get_by_label("Username:").fill(hub.names[who])
    page.get_by_label("Password:").fill(hub.passwords[who])
    page.get_by_role("button", name="Sign in").click()
    person = Person(hub, who, page, base or f"/user/{hub.names[who]}/")
    page.wait_for_url(f"**{person.base}lab**", wait_until="commit")
    page.goto(person.url(then))
    return person
