"""Each lesson in JupyterLab, as a learner who has solved it and one who has not meets it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from made_notebooks import idle
from playwright.sync_api import BrowserContext, Page, expect
from serving import RUN_LIMIT_MS, Lab

from course.grading.classes.made_up import fill_in
from course.lessons import Lesson, answers, claim_of, find_lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=180)]

ROOT = Path(__file__).resolve().parents[2]
LESSONS = {lesson.id: lesson for lesson in find_lessons(ROOT / "source")}
READOUT = "widget-readout"


def placed(lab: Lab, lesson: Lesson, folder: str, texts: dict[str, str]) -> Path:
    """Put a lesson's notebook, with these answers, into a folder of the learner's."""
    released = lab.root / "release" / lesson.id / f"{lesson.name}.ipynb"
    path = lab.root / "work" / folder / lesson.id / released.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(fill_in(released, texts), encoding="utf-8")
    return path


def open_notebook(page: Page, lab: Lab, path: Path) -> None:
    """Open a notebook, and nothing else, and wait for its kernel."""
    page.goto(lab.url(path.relative_to(lab.root / "work").as_posix()) + "&reset")
    expect(page.locator(".jp-NotebookPanel .jp-Cell").first).to_be_visible()
    expect(idle(page)).to_be_visible(timeout=RUN_LIMIT_MS)


def run_all(page: Page, path: Path) -> list[dict[str, Any]]:
    """Run all cells by the menu; return the code cells once all have run."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
    end = time.monotonic() + RUN_LIMIT_MS / 1000
    while time.monotonic() < end:
        page.wait_for_timeout(500)
        if not idle(page).is_visible():
            continue  # to save takes long with many outputs
        page.keyboard.press("Control+s")
        page.wait_for_timeout(500)
        try:
            cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        except json.JSONDecodeError:  # read while it is being saved
            continue
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        if all(cell["execution_count"] for cell in code):
            return code
    pytest.fail(f"{path.name} did not run to its end")


def errors_in(cells: list[dict[str, Any]]) -> dict[str, str]:
    """Return the first error of each cell that has one, by the cell's id."""
    return {
        cell["id"]: f"{output['ename']}: {output['evalue']}"
        for cell in cells
        for output in cell["outputs"]
        if output["output_type"] == "error"
    }


def validated(page: Page) -> str:
    """Press Validate; return what it says."""
    page.locator(".jp-NotebookPanel-toolbar").get_by_text("Validate", exact=True).click()
    shown = page.locator(".course-answer [role=status]")
    expect(shown).to_contain_text("claims hold", timeout=RUN_LIMIT_MS)
    return shown.inner_text()


@dataclass(frozen=True)
class Opened:
    """A lesson's notebook in JupyterLab, in which all cells were run."""

    page: Page
    cells: list[dict[str, Any]]


def run(lab: Lab, browser: BrowserContext, lesson: Lesson, solved: bool) -> Iterator[Opened]:
    texts = answers(lesson) if solved else {}
    path = placed(lab, lesson, "solved" if solved else "unsolved", texts)
    with browser.new_page() as page:
        open_notebook(page, lab, path)
        yield Opened(page, run_all(page, path))


@pytest.fixture(scope="module", params=LESSONS)
def solved(lab: Lab, browser: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Opened]:
    yield from run(lab, browser, LESSONS[request.param], solved=True)


@pytest.fixture(scope="module", params=LESSONS)
def unsolved(lab: Lab, browser: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Opened]:
    yield from run(lab, browser, LESSONS[request.param], solved=False)


def test_a_solved_lesson_runs_to_its_end(solved: Opened) -> None:
    assert errors_in(solved.cells) == {}


#: Opens a lab, and on what.
CALL = re.compile(r"^(?:lab = )?labs\.\w+\(([^)]*)\)", re.MULTILINE)


def labs_of(opened: Opened) -> list[str]:
    return [cell["id"] for cell in opened.cells if CALL.search("".join(cell["source"]))]


def test_every_lab_of_a_solved_lesson_moves_by_keyboard(solved: Opened) -> None:
    page = solved.page
    expect(page.locator(".course-lab")).to_have_count(len(labs_of(solved)))
    for found in page.locator(".course-lab").all():
        found.scroll_into_view_if_needed()
        handle, readout = (found.locator(f".{name}").first for name in ("noUi-handle", READOUT))
        key = found.locator("[data-key]").get_attribute("data-key") or ""
        said = readout.inner_text()
        handle.focus()
        low = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemin")
        page.keyboard.press("ArrowRight" if low else "ArrowLeft")
        expect(readout).not_to_have_text(said)
        if not key.startswith(("updates=", "run=")):  # what is planned counts from the next start
            expect(found.locator("[data-key]")).not_to_have_attribute("data-key", key)
    assert page.locator(".course-lab-failed").all_inner_texts() == []


def test_validate_is_content_with_the_solved_lesson(solved: Opened) -> None:
    said = re.search(r"(\d+) of (\d+) claims hold", validated(solved.page))
    assert said is not None
    assert said[1] == said[2]


#: What an error says where an exercise is missing; the last one is of a cell that goes on with
#: what the cell before it could not make.
UNWRITTEN = r"written|^NotImplementedError|the placeholder|^NameError: name 'forced'"


def test_an_unsolved_lesson_runs_to_its_end_and_fails_where_the_exercise_is_missing(
    unsolved: Opened,
) -> None:
    errors = errors_in(unsolved.cells)
    assert errors
    assert [said for said in errors.values() if not re.search(UNWRITTEN, said)] == []


def test_an_unsolved_lesson_shows_its_labs_and_what_they_miss(unsolved: Opened) -> None:
    page = unsolved.page
    expect(page.locator(".course-lab [data-key]")).to_have_count(len(labs_of(unsolved)))
    for found in page.locator(".course-lab").all():
        found.scroll_into_view_if_needed()
        expect(found.locator("svg").first).to_be_visible()
    alerts = page.locator(".course-lab [role=alert]").all_text_contents()
    missing = r"^\w+ is not written yet\. |^The form's '\w+' is not filled in"
    assert [said for said in alerts if not re.search(missing, said)] == []
    calls = [call for cell in unsolved.cells for call in CALL.findall("".join(cell["source"]))]
    written = {name for lesson in LESSONS.values() for name in lesson.functions}
    assert bool(alerts) == any(set(re.findall(r"\w+", call)) & written for call in calls)
    assert page.locator(".course-lab-failed").all_inner_texts() == []


@pytest.mark.parametrize("unsolved", list(LESSONS)[:1], indirect=True)
def test_validate_says_what_is_not_written(unsolved: Opened) -> None:
    lesson = next(iter(LESSONS.values()))
    said = validated(unsolved.page)
    counted = sum(cell.points > 0 for cell in lesson.cells)
    assert f"0 of {counted} claims hold" in said
    assert claim_of(next(lesson.by_role("test")).source) in said
