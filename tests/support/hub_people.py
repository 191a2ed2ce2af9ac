"""People who use a hub, each in a browser of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from hub_server import Hub
from playwright.sync_api import BrowserContext, Page, expect

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
        """Show a file, or another part of JupyterLab, and nothing else."""
        # A workspace of its own has nothing open; one that is reset may be loaded once more, later.
        self.opened += 1
        self.page.goto(self.url(f"lab/workspaces/{self.who}-{self.opened}/{path}"))
        expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)
        return self.page

    def nbgrader(self, name: str) -> Page:
        """Choose one of nbgrader's parts in JupyterLab's menu."""
        self.open("")
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
        self.page.locator(".lm-Menu-itemLabel", has_text=name).filter(visible=True).click()
        return self.page

    def parts_of_nbgrader(self) -> list[str]:
        """Return what JupyterLab's menu offers of nbgrader."""
        self.open("")
        self.page.locator(".lm-MenuBar-itemLabel", has_text="Nbgrader").click()
        shown = self.page.locator(".lm-Menu-itemLabel").filter(
            visible=True, has_text=re.compile(".")
        )
        expect(shown.first).to_be_visible()
        return shown.all_inner_texts()

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
    page.goto(f"{hub.address}/hub/login")
    page.get_by_label("Username:").fill(hub.names[who])
    page.get_by_label("Password:").fill(hub.passwords[who])
    page.get_by_role("button", name="Sign in").click()
    person = Person(hub, who, page, base or f"/user/{hub.names[who]}/")
    page.wait_for_url(f"**{person.base}lab**", wait_until="commit")
    page.goto(person.url(then))
    return person
