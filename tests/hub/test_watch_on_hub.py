"""`course watch` on JupyterHub: students submit in JupyterLab and fetch their feedback there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from hub_people import Person
from hub_server import WATCHED, Hub
from playwright.sync_api import expect
from tiny import SECOND, SOLUTION

from course.lessons import lesson_name

pytestmark = [pytest.mark.hub, pytest.mark.slow(seconds=30)]

NAME = lesson_name(WATCHED)
NOTEBOOK = f"{WATCHED}/{NAME}.ipynb"
#: Waits until a line is in what the watch says.
UNTIL = "grep -m 1 -- '{}' <(tail -n +1 -F ~/watched 2>/dev/null)"


@pytest.fixture(scope="module")
def watched(teacher: Person) -> Iterator[None]:
    """The lesson is released, and the teacher's terminal watches."""
    for step in ("generate_assignment", "release_assignment"):
        teacher.does(f"cd ~/course; nbgrader {step} {WATCHED}")
    begin = "cd ~/course; rm -f ~/watched; (python3 -m course watch 3 > ~/watched 2>&1 & echo $!)"
    process = teacher.does(begin).split()[-1]
    teacher.does(UNTIL.format("Ctrl-C ends it"))
    yield
    teacher.does(f"kill {process}; tail --pid={process} -f /dev/null")
    assert "Traceback" not in teacher.does("cat ~/watched")


def earned(points: int) -> re.Pattern[str]:
    """Return what a page says of the tests' points, whether somebody gave others by hand or not."""
    return re.compile(rf"\b{points} of (8 points|5 by tests)")


def write(hub: Hub, who: str, **texts: str) -> None:
    """Write answers into somebody's notebook, as an editor of theirs would."""
    path = hub.home(who) / NOTEBOOK
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        cell["source"] = texts.get(cell["id"], cell["source"])
    path.write_text(json.dumps(notebook))


@pytest.fixture(scope="module")
def answered(watched: None, hub: Hub, teacher: Person, ann: Person) -> str:
    """What the watch said of Ann's submissions: one answer in the first, two in the second."""
    ann.nbgrader("Assignment List")
    ann.assignment("released", WATCHED).get_by_role("button", name="Fetch").click()
    submit = ann.assignment("fetched", WATCHED).get_by_role("button", name="Submit")
    for points, texts in ((3, {}), (5, {"write_total": SECOND})):
        submit.wait_for()
        write(hub, "ann", write_double=SOLUTION, **texts)
        submit.click()
        teacher.does(UNTIL.format(f"{hub.names['ann']}  {WATCHED}  {points} of 5 points"))
        ann.nbgrader("Assignment List")
    return teacher.does("cat ~/watched")


def test_a_student_fetches_feedback_to_each_submission(
    answered: str, hub: Hub, ann: Person
) -> None:
    ann.nbgrader("Assignment List")
    row = ann.assignment("submitted", WATCHED)
    row.get_by_role("button", name="Fetch Feedback").click()
    expect(row.get_by_text("(view feedback)")).to_have_count(2)
    pages = sorted((hub.home("ann") / WATCHED / "feedback").rglob("*.html"))
    for page_of, points in zip(pages, (3, 5), strict=True):
        assert earned(points).search(page_of.read_text())


def test_what_somebody_hands_in_for_another_is_left_out_at_once(
    answered: str, hub: Hub, teacher: Person, bob: Person
) -> None:
    ann = hub.names["ann"]
    before = (hub.course / "submitted" / ann / WATCHED / "timestamp.txt").read_text()
    bob.does(f"nbgrader fetch_assignment {WATCHED}")
    bob.does(f"nbgrader submit {WATCHED} --student={ann}")
    said = f"it says that it is {ann}.s, and {hub.names['bob']} handed it in"
    teacher.does(UNTIL.format(said))
    assert (hub.course / "submitted" / ann / WATCHED / "timestamp.txt").read_text() == before


def test_course_grade_finds_it_graded_while_it_is_watched(
    answered: str, hub: Hub, teacher: Person
) -> None:
    said = teacher.does(f"cd ~/course; python3 -m course grade 3 --student {hub.names['ann']}")
    assert "1  unchanged since they were graded" in said


def test_grade_in_the_toolbar_hands_in_and_shows_what_came_of_it(
    answered: str, ann: Person
) -> None:
    page = ann.open(f"tree/{NOTEBOOK}")
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Grade", exact=True).click()
    page.get_by_text(f"Hand in {WATCHED}?").wait_for()
    page.get_by_role("button", name="Hand in", exact=True).click()
    said = page.locator(".course-answer")
    expect(said).to_contain_text(earned(5))
    said.get_by_role("link", name="Feedback page").click()
    page.get_by_role("tab", name=f"{NAME}.html").wait_for()


def test_grade_says_of_a_notebook_that_was_not_fetched_that_it_was_not(
    answered: str, hub: Hub, ann: Person
) -> None:
    ann.does(f"cp {NOTEBOOK} apart.ipynb")
    page = ann.open("tree/apart.ipynb")
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Grade", exact=True).click()
    said = page.locator(".course-answer")
    expect(said).to_contain_text("has fetched no lesson whose notebook is apart.ipynb")
