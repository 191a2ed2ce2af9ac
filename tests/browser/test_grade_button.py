"""**Grade** in a notebook's toolbar: saves, runs the hidden tests, and shows what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from made_notebooks import in_toolbar, open_beside, resize
from playwright.sync_api import BrowserContext, Locator, Page, expect
from serving import RUN_LIMIT_MS, Lab

from course.grading.classes.made_up import fill_in
from course.lessons import answers, read_lesson
from course.lessons.misconceptions import answers_with, misconceptions

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=25)]

LESSON_ID = "02_teacher_forcing"


#: Whether the answer is as high as what it says, up to its share of the page.
FITS = """shown => {
    const most = 0.45 * shown.closest(".jp-NotebookPanel").offsetHeight;
    const needed = Math.min(shown.lastElementChild.offsetHeight + 14, most);
    return Math.abs(shown.offsetHeight - needed) <= 2;
}"""


def written(lab: Lab, folder: Path, name: str, mistake: str = "") -> Path:
    """Write lesson 2 under another name, solved, or with a known mistake."""
    lesson = read_lesson(lab.root / "source" / LESSON_ID / "teacher_forcing.ipynb")
    known = {one.name: one for one in misconceptions(lesson)}
    texts = answers_with(lesson, known[mistake]) if mistake else answers(lesson)
    released = lab.root / "release" / LESSON_ID / "teacher_forcing.ipynb"
    path = folder / name
    path.write_text(fill_in(released, texts), encoding="utf-8")
    return path


def show(page: Page, lab: Lab, notebook: Path) -> Locator:
    """Open a notebook; return what shows it."""
    return open_beside(page, lab, notebook.relative_to(lab.root / "work").as_posix())


def graded(panel: Locator) -> Locator:
    """Press the button; return what it shows, once it has graded."""
    in_toolbar(panel, "Grade").click()
    shown = panel.locator(".course-answer")
    said = shown.locator("[role=status]", has_text=" of 20 points")
    said.wait_for(timeout=RUN_LIMIT_MS)
    return shown


@pytest.fixture(scope="module")
def learners(browser: BrowserContext) -> Iterator[Page]:
    """A page for the learner's notebooks."""
    with browser.new_page() as page:
        yield page


@pytest.fixture(scope="module")
def changed(lab: Lab, folder: Path) -> Path:
    """A solved notebook that is changed on the screen."""
    return written(lab, folder, "changed.ipynb")


@pytest.fixture(scope="module")
def changed_and_graded(lab: Lab, learners: Page, changed: Path) -> Locator:
    """It is opened, and gets a cell that it was not saved with when the button is pressed."""
    panel, keyboard = show(learners, lab, changed), learners.keyboard
    panel.locator(".jp-Notebook").click()
    keyboard.press("Escape")
    keyboard.press("a")
    keyboard.press("Enter")
    expect(panel.locator(".jp-Notebook.jp-mod-editMode")).to_be_visible()
    keyboard.insert_text("only_on_the_screen = 1")
    expect(panel.get_by_text("only_on_the_screen = 1")).to_be_visible()
    graded(panel)
    return panel


def test_it_shows_points_and_the_mistakes_name_above_the_cells(
    lab: Lab, learners: Page, folder: Path
) -> None:
    wrong = written(lab, folder, "wrong.ipynb", "starts_with_the_first_target")
    panel = show(learners, lab, wrong)
    shown = graded(panel)
    expect(shown).to_contain_text("starts with the first target.")
    expect(shown).to_contain_text("Step 0 is fed x_start")
    box, cells = shown.bounding_box(), panel.locator(".jp-Notebook").bounding_box()
    assert box is not None
    assert cells is not None
    assert 40 < box["height"] <= 0.5 * 850
    assert box["y"] + box["height"] <= cells["y"] + 1
    resize(learners, 700)
    learners.wait_for_function(FITS, arg=shown.element_handle())
    shown.get_by_role("button", name="Close").click()
    expect(shown).to_be_hidden()
    resize(learners, 1300)


def test_it_saves_what_is_on_the_screen_and_grades_that(
    changed_and_graded: Locator, changed: Path
) -> None:
    shown = changed_and_graded.locator(".course-answer [role=status]")
    expect(shown).to_contain_text("20 of 20 points")
    cells = json.loads(changed.read_text(encoding="utf-8"))["cells"]
    assert any("only_on_the_screen" in "".join(cell["source"]) for cell in cells)


def test_its_link_opens_the_feedback_page(changed_and_graded: Locator, changed: Path) -> None:
    page = changed_and_graded.page
    changed_and_graded.locator(".course-answer a", has_text="Feedback page").click()
    expect(page.locator(".lm-TabBar-tabLabel", has_text=f"{changed.stem}.html")).to_be_visible()
    frame = page.frame_locator(".jp-HTMLViewer iframe")
    expect(frame.get_by_text("Every row agrees with the right answer").first).to_be_visible()
