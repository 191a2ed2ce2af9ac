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
from lab_page import SHOWN, idle
from made_notebooks import close, in_toolbar, open_beside, run_all, save
from playwright.sync_api import BrowserContext, Locator, Page, expect
from serving import RUN_LIMIT_MS, Lab

from course.grading.classes.made_up import fill_in
from course.lessons import Lesson, answers, claim_of, find_lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=200)]

ROOT = Path(__file__).resolve().parents[2]
LESSONS = find_lessons(ROOT / "source")
NAMES = [lesson.id for lesson in LESSONS]
READOUT = "widget-readout"
#: A cell that waits for its turn, or runs.
RUNNING = f"{SHOWN} .jp-InputPrompt:text-is('[*]:')"


def run_all_and_save(page: Page, path: Path) -> list[dict[str, Any]]:
    """Run all cells; return the code cells once all have run."""
    run_all(page)
    end = time.monotonic() + RUN_LIMIT_MS / 1000
    while time.monotonic() < end:
        page.wait_for_timeout(500)
        if not idle(page).is_visible() or page.locator(RUNNING).count():
            continue  # to save takes long with many outputs
        save(page)
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
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


def validated(panel: Locator) -> str:
    """Press Validate; return what it says."""
    in_toolbar(panel, "Validate").click()
    shown = panel.locator(".course-answer [role=status]", has_text="claims hold")
    shown.wait_for(timeout=RUN_LIMIT_MS)
    return shown.inner_text()


@dataclass(frozen=True)
class Opened:
    """A lesson's notebook in JupyterLab, in which all cells were run."""

    lesson: Lesson
    panel: Locator
    cells: list[dict[str, Any]]


@pytest.fixture(scope="module", params=LESSONS, ids=NAMES)
def lesson(request: pytest.FixtureRequest) -> Lesson:
    """Each lesson in turn."""
    return request.param


@pytest.fixture(scope="module")
def page(browser: BrowserContext) -> Iterator[Page]:
    """A page for all lessons."""
    with browser.new_page() as page:
        yield page


@pytest.fixture(scope="module")
def solved(lesson: Lesson, lab: Lab, folder: Path, page: Page) -> Iterator[Opened]:
    """The lesson's notebook, solved, alone in its page."""
    path = folder / f"{lesson.id}_solved.ipynb"
    path.write_text(fill_in(released(lab, lesson), answers(lesson)), encoding="utf-8")
    yield open_and_run(page, lab, lesson, path)
    close(page, path.name)


@pytest.fixture(scope="module")
def unsolved(lesson: Lesson, lab: Lab, folder: Path, page: Page) -> Iterator[Opened]:
    """The lesson's notebook as released, above the solved one where that is open."""
    path = folder / f"{lesson.id}_unsolved.ipynb"
    path.write_text(fill_in(released(lab, lesson), {}), encoding="utf-8")
    yield open_and_run(page, lab, lesson, path)
    close(page, path.name)


def released(lab: Lab, lesson: Lesson) -> Path:
    return lab.root / "release" / lesson.id / f"{lesson.name}.ipynb"


def open_and_run(page: Page, lab: Lab, lesson: Lesson, path: Path) -> Opened:
    """Open a notebook, beside those that the page shows already, and run all its cells."""
    panel = open_beside(page, lab, path.relative_to(lab.root / "work").as_posix())
    return Opened(lesson, panel, run_all_and_save(page, path))


def test_a_solved_lesson_runs_to_its_end(solved: Opened) -> None:
    assert errors_in(solved.cells) == {}


#: Opens a lab, and on what.
CALL = re.compile(r"^(?:lab = )?labs\.\w+\(([^)]*)\)", re.MULTILINE)


def labs_of(opened: Opened) -> list[str]:
    return [cell["id"] for cell in opened.cells if CALL.search("".join(cell["source"]))]


def test_every_lab_of_a_solved_lesson_moves_by_keyboard(solved: Opened) -> None:
    panel = solved.panel
    expect(panel.locator(".course-lab")).to_have_count(len(labs_of(solved)))
    for found in panel.locator(".course-lab").all():
        found.scroll_into_view_if_needed()
        handle, readout = (found.locator(f".{name}").first for name in ("noUi-handle", READOUT))
        key = found.locator("[data-key]").get_attribute("data-key") or ""
        said = readout.inner_text()
        low = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemin")
        handle.press("ArrowRight" if low else "ArrowLeft")
        expect(readout).not_to_have_text(said)
        if not key.startswith(("updates=", "run=")):  # what is planned counts from the next start
            expect(found.locator("[data-key]")).not_to_have_attribute("data-key", key)
    assert panel.locator(".course-lab-failed").all_inner_texts() == []


def test_validate_is_content_with_the_solved_lesson(solved: Opened) -> None:
    said = re.search(r"(\d+) of (\d+) claims hold", validated(solved.panel))
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
    panel = unsolved.panel
    expect(panel.locator(".course-lab [data-key]")).to_have_count(len(labs_of(unsolved)))
    for found in panel.locator(".course-lab").all():
        found.scroll_into_view_if_needed()
        expect(found.locator("svg").first).to_be_visible()
    alerts = panel.locator(".course-lab [role=alert]").all_text_contents()
    missing = r"^\w+ is not written yet\. |^The form's '\w+' is not filled in"
    assert [said for said in alerts if not re.search(missing, said)] == []
    calls = [call for cell in unsolved.cells for call in CALL.findall("".join(cell["source"]))]
    written = {name for lesson in LESSONS for name in lesson.functions}
    assert bool(alerts) == any(set(re.findall(r"\w+", call)) & written for call in calls)
    assert panel.locator(".course-lab-failed").all_inner_texts() == []


@pytest.mark.parametrize("lesson", LESSONS[:1], ids=NAMES[:1], indirect=True, scope="module")
def test_validate_says_what_is_not_written(unsolved: Opened) -> None:
    lesson = unsolved.lesson
    said = validated(unsolved.panel)
    counted = sum(cell.points > 0 for cell in lesson.cells)
    assert f"0 of {counted} claims hold" in said
    assert claim_of(next(lesson.by_role("test")).source) in said
