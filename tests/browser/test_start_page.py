"""What a person sees after ``python3 -m course lab``."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_page import choose, until_loaded
from made_notebooks import in_toolbar, open_beside, resize
from playwright.sync_api import BrowserContext, Page, expect
from serving import Lab

from course.learner.progress import STATE, record
from course.learner.work import content_digest
from course.lessons import Lesson, find_lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=40)]

LESSONS = find_lessons(Path(__file__).resolve().parents[2] / "release")
RENDERED = ".jp-MarkdownViewer .jp-RenderedMarkdown"


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """What the start page has asked for, from the first address on."""
    return []


@pytest.fixture(scope="module")
def start(lab: Lab, browser: BrowserContext, asked: list[str]) -> Iterator[Page]:
    """The start page, opened once."""
    with browser.new_page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto(lab.url("START.md"))
        page.locator(f"{RENDERED} h3").first.wait_for()
        yield page


def test_the_start_page_is_rendered_and_lists_every_lesson(lab: Lab, start: Page) -> None:
    lessons = find_lessons(lab.root / "release")
    rows = start.locator(f"{RENDERED} h3")
    expect(rows).to_have_count(len(lessons))
    expect(start.locator(f"{RENDERED} p", has_text="not begun")).to_have_count(len(lessons))
    for row, lesson in zip(rows.all(), lessons, strict=True):
        expect(row).to_contain_text(lesson.title)
    picture = start.get_by_role("img", name="The lessons as cells of an unrolled decoder")
    expect(picture).to_be_visible()
    assert picture.evaluate("one => one.naturalWidth") > 0


def test_on_half_a_screen_nothing_runs_out_of_the_page(start: Page) -> None:
    shown = start.locator(RENDERED)
    before = shown.evaluate("one => one.clientWidth")
    resize(start, 700)
    try:
        assert shown.evaluate("one => one.clientWidth") < before
        expect(shown.locator("h3").first).to_be_visible()
        assert shown.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    finally:
        resize(start, 1300)


def test_it_follows_what_is_done_without_a_reload(lab: Lab, start: Page) -> None:
    lesson = LESSONS[-1]
    notebook = lab.root / "work" / lesson.id / f"{lesson.name}.ipynb"
    before = notebook.read_bytes()
    digest = content_digest(notebook, before)
    try:
        record(lab.root / "work", lesson.id, 3, 20, notebook, digest)
        expect(start.get_by_text("· 3 of 20 points")).to_be_visible()
        expect(start.get_by_text("older than your notebook")).to_have_count(0)
        notebook.write_bytes(before.replace(b"YOUR CODE HERE", b"my code"))
        expect(start.get_by_text("older than your notebook")).to_be_visible()
    finally:
        notebook.write_bytes(before)
        (lab.root / "work" / STATE).unlink()
    expect(start.get_by_text("· 3 of 20 points")).to_have_count(0)


def test_no_news_no_updates_and_no_dialog_are_in_the_way(
    lab: Lab, start: Page, asked: list[str]
) -> None:
    start.wait_for_timeout(3000)  # the question about news would come after the page
    expect(start.locator(".jp-Dialog")).to_have_count(0)
    expect(start.locator(".Toastify__toast")).to_have_count(0)
    assert asked
    assert not [url for url in asked if "/lab/api/news" in url or "/lab/api/update" in url]
    assert not [url for url in asked if not url.startswith((lab.address, "data:", "blob:"))]


def test_learners_are_not_offered_the_instructors_tools(start: Page) -> None:
    expect(start.get_by_text("Create Assignment")).to_have_count(0)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_a_lessons_link_opens_its_notebook_with_validate(start: Page, lesson: Lesson) -> None:
    tabs = start.locator(".lm-DockPanel .lm-TabBar-tabLabel")
    tabs.get_by_text("START.md").click()
    start.locator(f"{RENDERED} h3 a", has_text=lesson.title).click()
    tabs.get_by_text(f"{lesson.name}.ipynb").wait_for()
    notebook = start.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
    notebook.locator(".jp-Cell").first.wait_for()
    expect(in_toolbar(notebook, "Validate")).to_be_visible()


@pytest.mark.parametrize("query", ["", "?token=guessed"])
def test_nobody_gets_in_without_the_token(lab: Lab, query: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(f"{lab.address}/api/contents{query}")
    refused.value.close()


@pytest.fixture(scope="module")
def instructors(instructor_lab: Lab, browser: BrowserContext) -> Iterator[Page]:
    """An instructor's start page, opened once."""
    with browser.new_page() as page:
        page.goto(instructor_lab.url("README.md"))
        yield page


def test_an_instructor_has_formgrader_and_create_assignment(
    instructor_lab: Lab, instructors: Page
) -> None:
    page = instructors
    expect(page.get_by_text("Create Assignment").first).to_be_visible()
    until_loaded(page)
    choose(page, "Nbgrader", "Formgrader")
    formgrader = page.frame_locator("iframe")
    for lesson in find_lessons(instructor_lab.root / "source"):
        expect(formgrader.locator("td.name", has_text=lesson.id)).to_have_count(1)
    expect(formgrader.get_by_text("does not exist and could not be created")).to_have_count(0)


def test_an_instructor_is_not_offered_grade_beside_validate(
    instructor_lab: Lab, instructors: Page
) -> None:
    lesson = LESSONS[1]
    path = f"source/{lesson.id}/{lesson.name}.ipynb"
    notebook = open_beside(instructors, instructor_lab, path)
    expect(in_toolbar(notebook, "Validate")).to_be_visible()
    expect(in_toolbar(notebook, "Grade")).to_have_count(0)
