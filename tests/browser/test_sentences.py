"""Sentences to choose from in Formgrader: a click stores one, and feedback shows it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from formgrader_server import TOKEN, formgrader_of
from nbgrader.api import Gradebook
from playwright.sync_api import BrowserContext, Locator, Page, Response, expect
from tiny import LESSON_ID, solved

from course.grading.classes.temporary import Classroom
from course.grading.cycle.sentences import FILE

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=30)]

NOTEBOOK = "decoder_cells"
WHY, SAY_MORE, TYPED = "Say why, and not only that.", "Say more <of it>.", "A sentence of mine."
OWN = f"""
any = ["{SAY_MORE}"]

[{LESSON_ID}]
why = ["{WHY}"]
"""


@pytest.fixture(scope="module")
def marked_class(new_class: Callable[..., Classroom]) -> Classroom:
    """A graded class, and the instructor's own sentences."""
    room = new_class("sentences")
    for student in ("ann", "bob", "cid"):
        room.hand_in(student, json.dumps(solved(room, why=f"As {student} sees it.")))
    assert room.autograde() == []
    (room.folder / FILE).write_text(OWN, encoding="utf-8")
    return room


@pytest.fixture(scope="module")
def address(marked_class: Classroom, browser: BrowserContext) -> Iterator[str]:
    """A server with Formgrader, in which the browser is logged in."""
    with formgrader_of(marked_class.folder) as address:
        with browser.new_page() as page:
            page.goto(f"{address}/login?next=/api/status")
            page.locator("#password_input").fill(TOKEN)
            page.locator("#password_input").press("Enter")
            page.wait_for_url("**/api/status")
        yield address


@pytest.fixture
def open_page(
    marked_class: Classroom, address: str, browser: BrowserContext
) -> Iterator[Callable[[str], Page]]:
    """Opens Formgrader's page of a student's submission."""
    pages = []

    def opened(student: str) -> Page:
        with Gradebook(f"sqlite:///{marked_class.folder / 'gradebook.db'}") as book:
            number = book.find_submission_notebook(NOTEBOOK, LESSON_ID, student).id
        pages.append(page := browser.new_page())
        # Formgrader loads MathJax from the web, and waits for what it says when it has begun.
        stand_in = "window.MathJax = {Hub: {Config() {}, Startup: {signal: {Interest() {}}}}};"
        page.route(
            lambda url: "127.0.0.1" not in url,
            lambda route: route.fulfill(body=stand_in, content_type="text/javascript"),
        )
        page.goto(f"{address}/formgrader/submissions/{number}/")
        return page

    yield opened
    for page in pages:
        page.close()


def sentences(page: Page, question: str = "why") -> Locator:
    return page.locator(f"#{question}-comment + .sentences button")


def is_saved(response: Response) -> bool:
    return "/api/comment/" in response.url and response.request.method == "PUT"


def comment_of(room: Classroom, student: str) -> str | None:
    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}") as book:
        comment = book.find_comment("why", NOTEBOOK, LESSON_ID, student)
        return str(comment.manual_comment) if comment.manual_comment is not None else None


def test_a_click_stores_a_sentence_and_another_takes_it_out(
    marked_class: Classroom, open_page: Callable[[str], Page]
) -> None:
    page = open_page("ann")
    expect(sentences(page)).to_have_text([WHY, SAY_MORE])
    for sentence in (WHY, SAY_MORE):
        with page.expect_response(is_saved):
            sentences(page).filter(has_text=sentence).click()
    assert comment_of(marked_class, "ann") == f"{WHY}\n\n{SAY_MORE}"
    with page.expect_response(is_saved):
        sentences(page).filter(has_text=WHY).click()
    assert comment_of(marked_class, "ann") == SAY_MORE
    expect(sentences(page).filter(has_text=SAY_MORE)).to_have_attribute("aria-pressed", "true")
    expect(sentences(page).filter(has_text=WHY)).to_have_attribute("aria-pressed", "false")


def test_what_was_typed_stays_and_is_offered_once_it_is_known(
    marked_class: Classroom, open_page: Callable[[str], Page]
) -> None:
    for student in ("ann", "bob"):
        page = open_page(student)
        expect(sentences(page).first).to_be_visible()
        with page.expect_response(is_saved):
            page.locator("#why-comment").fill(f"{TYPED}\n\nFor {student}.")
            page.locator("#why-comment").blur()
        with page.expect_response(is_saved):
            sentences(page).filter(has_text=SAY_MORE).click()
        assert comment_of(marked_class, student) == f"{TYPED}\n\nFor {student}.\n\n{SAY_MORE}"
    page = open_page("cid")
    expect(sentences(page)).to_have_text([SAY_MORE, TYPED, WHY])
    expect(sentences(page).first).to_have_attribute("title", "in 2 comments so far")


def test_by_keyboard(marked_class: Classroom, open_page: Callable[[str], Page]) -> None:
    page = open_page("cid")
    expect(sentences(page).first).to_be_visible()
    box = page.locator("#why-comment")
    box.press("Alt+ArrowDown")
    expect(sentences(page).first).to_be_focused()
    chosen = sentences(page).first.text_content()
    with page.expect_response(is_saved):
        page.keyboard.press("Enter")
    assert comment_of(marked_class, "cid") == chosen
    page.keyboard.press("Tab")
    expect(sentences(page).nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(box).to_be_focused()


def test_a_chosen_sentence_is_on_the_students_page_and_the_others_are_not(
    marked_class: Classroom, open_page: Callable[[str], Page]
) -> None:
    page = open_page("bob")
    expect(sentences(page).first).to_be_visible()
    page.locator("#why-comment").fill("")
    with page.expect_response(is_saved):
        sentences(page).filter(has_text=WHY).click()
    marked_class.generate_feedback("bob")
    feedback = marked_class.feedback_page("bob").read_text("utf-8")
    assert WHY in feedback
    assert "Say more" not in feedback
    assert "sentences" not in feedback


def test_a_file_that_is_wrong_is_told_and_comments_can_be_typed(
    marked_class: Classroom, open_page: Callable[[str], Page]
) -> None:
    file = marked_class.folder / FILE
    file.write_text(f"[{LESSON_ID}]\nwhat = ['x']", encoding="utf-8")
    try:
        page = open_page("ann")
        expect(page.get_by_role("status")).to_contain_text(
            "has what, which is no question that people give points for; these are why"
        )
        with page.expect_response(is_saved):
            page.locator("#why-comment").fill("Typed.")
            page.locator("#why-comment").blur()
        assert comment_of(marked_class, "ann") == "Typed."
    finally:
        file.write_text(OWN, encoding="utf-8")
