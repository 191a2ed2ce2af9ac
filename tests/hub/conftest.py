"""A hub with people who are logged in, each in Chromium."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import hub_server
import postgres
import pytest
from chromium import ARGS, SHOWN_MS, found_chromium
from hub_people import Person, log_in
from lab_page import idle
from playwright.sync_api import FrameLocator, Playwright, Response, expect
from tiny import LESSON_ID, SOLUTION

NOTEBOOK = f"{LESSON_ID}/decoder_cells.ipynb"
PROGRAMS = Path(__file__).resolve().parents[1] / "support" / "programs"
#: What Ann writes, and what she is told about it.
SAID = "Because two is one and one."
COMMENT = "And for which numbers?"


@pytest.fixture(scope="session")
def hub() -> Iterator[hub_server.Hub]:
    """JupyterHub, with PostgreSQL for its course's gradebook; skipped where it cannot be had."""
    why = hub_server.why_not() or ("" if postgres.programs() else "apt install postgresql")
    if why:
        pytest.skip(f"no hub can be started here: {why}")
    with (
        postgres.a_server() as database,
        hub_server.a_hub(database.address, database.another("other")) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def arrive(hub: hub_server.Hub, playwright: Playwright) -> Iterator[Callable[..., Person]]:
    """Logs somebody in, in a browser of their own."""
    browser = playwright.chromium.launch(executable_path=found_chromium(), args=ARGS)

    def begin(who: str, *told: str) -> Person:
        context = browser.new_context(viewport={"width": 1300, "height": 850})
        context.set_default_timeout(SHOWN_MS)
        return log_in(hub, who, context, *told)

    yield begin
    browser.close()


@pytest.fixture(scope="session")
def people(arrive: Callable[..., Person]) -> dict[str, Person]:
    """The teacher, Ann and Bob."""
    return {who: arrive(who) for who in ("teacher", "ann", "bob")}


@pytest.fixture(scope="session")
def teacher(people: dict[str, Person]) -> Person:
    return people["teacher"]


@pytest.fixture(scope="session")
def ann(people: dict[str, Person]) -> Person:
    return people["ann"]


@pytest.fixture(scope="session")
def bob(people: dict[str, Person]) -> Person:
    return people["bob"]


@pytest.fixture(scope="session")
def ira(arrive: Callable[..., Person]) -> Person:
    """One of those who share the teacher's course."""
    return arrive("ira", f"/services/{hub_server.COURSE}/", "formgrader/gradebook")


@pytest.fixture(scope="session")
def ivo(arrive: Callable[..., Person]) -> Person:
    """Another of them."""
    return arrive("ivo", f"/services/{hub_server.COURSE}/", "formgrader/gradebook")


@pytest.fixture(scope="session")
def olga(arrive: Callable[..., Person]) -> Person:
    """The owner of the other course."""
    return arrive("olga", "", "formgrader/gradebook")


@pytest.fixture(scope="session")
def cleo(arrive: Callable[..., Person]) -> Person:
    """A student of both courses."""
    return arrive("cleo")


def write(person: Person, beginning: str, answer: str, said: str) -> None:
    """Open the lesson, write by keyboard into the cell that begins so and into the text, save."""
    page = person.open(f"tree/{NOTEBOOK}")
    text = page.locator(".jp-Notebook .jp-MarkdownCell", has_text="YOUR ANSWER HERE").first
    text.dblclick()
    text.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(said)
    page.keyboard.press("Control+Enter")
    cell = page.locator(".jp-Notebook .jp-CodeCell", has_text=beginning).first
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(answer)
    expect(idle(page)).to_be_visible()  # before that, nothing is run
    page.keyboard.press("Control+Enter")
    expect(cell.locator(".jp-InputPrompt")).to_have_text("[1]:")
    with page.expect_response(lambda said: said.request.method == "PUT" and NOTEBOOK in said.url):
        page.keyboard.press("Control+S")


@pytest.fixture(scope="session")
def released(teacher: Person) -> None:
    """The lesson lies in the exchange."""
    for step in ("generate_assignment", "release_assignment"):
        teacher.does(f"cd ~/course; nbgrader {step} {LESSON_ID}")


@pytest.fixture(scope="session")
def submitted(released: None, hub: hub_server.Hub, ann: Person, bob: Person) -> None:
    """Ann has written code and text in JupyterLab, Bob looks around from his code."""
    released_row, fetched, handed_in = (
        ann.assignment(kind, LESSON_ID) for kind in ("released", "fetched", "submitted")
    )
    ann.nbgrader("Assignment List")
    released_row.get_by_role("button", name="Fetch").click()
    fetched.get_by_role("button", name="Submit").wait_for()
    write(ann, "def double", SOLUTION, SAID)
    ann.nbgrader("Assignment List")
    fetched.get_by_role("button", name="Submit").click()
    handed_in.get_by_role("button", name="Fetch Feedback").wait_for()
    bob.does(f"nbgrader fetch_assignment {LESSON_ID}")
    path = hub.home("bob") / NOTEBOOK
    notebook = json.loads(path.read_text())
    [answer] = [cell for cell in notebook["cells"] if cell["id"] == "write_double"]
    answer["source"] = (PROGRAMS / "look_around.txt").read_text()
    path.write_text(json.dumps(notebook))
    bob.does(f"nbgrader submit {LESSON_ID}")


@pytest.fixture(scope="session")
def graded(submitted: None, teacher: Person) -> str:
    """What `course grade --collect` said to the teacher."""
    return teacher.does("cd ~/course; python3 -m course grade 1 --collect")


def saves(answer: Response) -> bool:
    """Say whether something was answered that Formgrader's page saves."""
    return answer.request.method == "PUT" and "/formgrader/api/" in answer.url


def follow(shown: FrameLocator, link: str, title: str) -> None:
    """Click a link of Formgrader's and wait for its page: the page before may have such links."""
    shown.get_by_role("link", name=link, exact=True).click()
    expect(shown.locator(".breadcrumb .active")).to_have_text(title)


@pytest.fixture(scope="session")
def given_back(graded: str, hub: hub_server.Hub, teacher: Person) -> None:
    """In Formgrader in JupyterLab Ann's text got points and a comment, and all got feedback."""
    page = teacher.nbgrader("Formgrader")
    shown = page.frame_locator("iframe")
    follow(shown, "Manual Grading", "Manual Grading")
    follow(shown, LESSON_ID, LESSON_ID)
    follow(shown, "decoder_cells", "decoder_cells")
    row = shown.locator("tr", has_text=hub.names["ann"])
    row.get_by_role("link", name="Submission #").click()
    cell = shown.locator(".nbgrader_cell", has=shown.locator("#why-comment"))
    expect(cell.get_by_text(SAID)).to_be_visible()
    score, comment = cell.locator(".score"), cell.locator(".comment")
    # Before that, the page does not have what it shows, and saves nothing.
    expect(score).to_have_class(re.compile("needs_manual_grade"))
    expect(comment).to_have_attribute("placeholder", re.compile("^Type any comments"))
    for field, given in ((score, "2.5"), (comment, COMMENT)):
        with page.expect_response(saves) as saved:
            field.fill(given)
            field.blur()
        assert saved.value.ok
    follow(shown, "Manual Grading", "Manual Grading")
    follow(shown, "Manage Assignments", "Assignments")
    for step, told in (("generate", "generated"), ("release", "released")):
        shown.locator("tr", has_text=LESSON_ID).locator(f".{step}-feedback a").click()
        expect(shown.get_by_text(f"Successfully {told} feedback")).to_be_visible()
        shown.get_by_role("button", name="Close").last.click()
        expect(shown.locator(".modal-backdrop")).to_have_count(0)
