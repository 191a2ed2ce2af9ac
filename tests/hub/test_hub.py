"""A lesson goes round on JupyterHub: released, fetched, solved, submitted, graded, given back."""

from __future__ import annotations

import json
from collections.abc import Callable

import psutil
import pytest
from hub_people import Person
from hub_server import Hub
from playwright.sync_api import expect
from sqlalchemy import create_engine, text
from tiny import LESSON_ID, SECOND, SOLUTION

pytestmark = [pytest.mark.hub, pytest.mark.slow(seconds=90)]
NOTEBOOK = "decoder_cells"
MARKS = "SELECT student_id, auto_score, manual_score FROM ..."


def done(person: Person, command: str) -> str:
    """Run a command that has to succeed; return what it said."""
    status, said = person.run(command)
    assert status == 0, said
    return said


def write(person: Person, beginning: str, answer: str) -> None:
    """Write an answer into the cell that begins so, by keyboard, and run it."""
    cell = person.page.locator(".jp-Notebook .jp-CodeCell", has_text=beginning).first
    cell.locator(".cm-content").click()
    person.page.keyboard.press("Control+A")
    person.page.keyboard.insert_text(answer)
    person.page.keyboard.press("Shift+Enter")
    expect(cell.locator(".jp-InputArea-prompt")).to_have_text("[1]:")


@pytest.fixture(scope="module")
def released(teacher: Person) -> None:
    """The lesson lies in the exchange."""
    done(teacher, f"cd ~/course; nbgrader generate_assignment {LESSON_ID}")
    done(teacher, f"cd ~/course; nbgrader release_assignment {LESSON_ID}")


@pytest.fixture(scope="module")
def submitted(released: None, ann: Person, bob: Person) -> None:
    """Ann has solved the lesson in JupyterLab and handed it in, Bob has as it was released."""
    ann.nbgrader("Assignment List")
    ann.page.get_by_role("button", name="Fetch").click()
    expect(ann.page.get_by_role("button", name="Submit")).to_be_visible()
    ann.open(f"tree/{LESSON_ID}/{NOTEBOOK}.ipynb")
    write(ann, "def double", SOLUTION)
    with ann.page.expect_response(lambda said: said.request.method == "PUT"):
        ann.page.keyboard.press("Control+S")
    ann.nbgrader("Assignment List")
    ann.page.get_by_role("button", name="Submit").click()
    expect(ann.page.get_by_text("Submitted assignments")).to_be_visible()
    done(bob, f"nbgrader fetch_assignment {LESSON_ID} && nbgrader submit {LESSON_ID}")
