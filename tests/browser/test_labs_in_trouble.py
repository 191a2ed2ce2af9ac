"""Labs in JupyterLab whose kernel ended, or whose function is not written, loops or fails."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lab_cells import FUNCTIONS, by_key, call_of, lab_of, shown, solution
from made_notebooks import open_and_run, run_until_drawn, save, until_idle
from playwright.sync_api import BrowserContext, Page, expect
from screenshots import keep
from serving import Lab

from course import labs

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=40)]

#: What a cell says that goes on when there is a file.
WAIT = "import pathlib, time\nwhile not pathlib.Path({file!r}).exists():\n    time.sleep(0.1)"
UNWRITTEN = "def {name}(*arguments):\n    raise NotImplementedError()"


@pytest.fixture(scope="module")
def shared(browser: BrowserContext) -> Iterator[Page]:
    """A page for the notebooks of all tests."""
    with browser.new_page() as page:
        yield page


def test_after_a_reload_the_still_picture_follows_its_lab_as_before(lab: Lab, shared: Page) -> None:
    cells = ["from course import labs", call_of("forced_and_free")]
    notebook = open_and_run(shared, lab, "reloaded.ipynb", cells, 1)
    save(shared)
    shared.reload()
    until_idle(shared)
    found = lab_of(notebook, "forced_and_free", ["forced_and_free"])
    before = shown(found)[0]
    by_key(found, found.locator(".noUi-handle").first)
    key = shown(found)[0]
    assert key != before
    expect(notebook.locator(".course-still [data-key]")).to_have_attribute("data-key", key)


def test_reopened_after_the_kernel_has_ended_a_lab_says_what_to_do_above_its_last_picture(
    lab: Lab, shared: Page
) -> None:
    page = shared
    cells = ["from course import labs", call_of("forced_and_free")]
    notebook = open_and_run(page, lab, "reopened.ipynb", cells, 1)
    still = notebook.locator(".course-still")
    expect(still).to_be_hidden()  # as long as the lab lives
    found = lab_of(notebook, "forced_and_free", ["forced_and_free"])
    by_key(found, found.locator(".noUi-handle").first)
    key, _, words = shown(found)
    expect(still.locator("[data-key]")).to_have_attribute("data-key", key)
    save(page)
    page.goto("about:blank")
    kernels = page.request.get(f"{lab.address}/api/sessions?token={lab.token}").json()
    for one in kernels:
        if one["path"].endswith("reopened.ipynb"):
            page.request.delete(f"{lab.address}/api/sessions/{one['id']}?token={lab.token}")
    page.goto(lab.url("reopened.ipynb") + "&reset")
    expect(still).to_contain_text("Run this cell again")
    still.locator("svg").wait_for()
    expect(still.locator("[data-key]")).to_have_attribute("data-key", key)
    expect(still.locator(".course-words")).to_have_text(words)
    gone = page.locator(".jp-OutputArea .jupyter-widgets")
    expect(gone).to_have_text(re.compile("model not found"))
    expect(gone).to_be_hidden()
    keep(page.locator(".jp-Notebook"), "reopened")
    run_until_drawn(page, 1)
    expect(still).to_be_hidden()


def test_an_unwritten_function_gives_its_message_and_the_target_stays(
    lab: Lab, shared: Page
) -> None:
    opened, unwritten = [*labs.SOLVED], (UNWRITTEN.format(name=name) for name in FUNCTIONS)
    cells = [*unwritten, "from course import labs", *map(call_of, opened)]
    notebook = open_and_run(shared, lab, "unwritten.ipynb", cells, len(opened))
    for name in opened:
        found = lab_of(notebook, name, opened)
        said = f"{labs.SOLVED[name].__name__} is not written yet"
        expect(found.locator("[role=alert]")).to_contain_text(said)
        solved = getattr(labs, name)(labs.SOLVED[name])
        assert found.locator("svg").count() == solved.picture.value.count("<svg")
        solved.close()
    found = lab_of(notebook, "divergence", opened)
    keep(found, "unwritten")
    by_key(found, found.locator(".noUi-handle").first)
    assert "Traceback" not in notebook.locator(".jp-Notebook").inner_text()


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ("while True: pass", "had not returned after 5 s"),
        ("raise SystemExit", "stopped with System"),
    ],
)
def test_a_function_that_would_block_or_end_the_kernel_is_told_and_mended_at_the_next_move(
    lab: Lab, shared: Page, spoilt: str, said: str
) -> None:
    setup, right = solution("decoder_forward_scheduled_sampling")
    loop = "    for t in range(len(target_seq)):\n"
    wrong = right.replace(loop, f"    {spoilt}\n{loop}", 1)
    assert wrong != right
    name = f"{spoilt.split()[0]}.ipynb"
    seen = lab.root / "work" / f"{name} seen"
    later = f"{WAIT.format(file=seen.name)}\n{right}"
    opening = ["from course import labs", call_of("divergence")]
    notebook = open_and_run(shared, lab, name, [setup, wrong, *opening, later], 1)
    found = notebook.locator(".course-lab")
    alert = found.locator("[role=alert]")
    expect(alert).to_contain_text(said)
    seen.touch()
    until_idle(shared)
    found.locator(".noUi-handle").first.press("ArrowRight")
    expect(found.locator("[role=status]")).to_contain_text("over 30 rollouts the divergence")
    expect(alert).to_have_count(0)


def test_while_another_cell_runs_a_lab_says_that_what_is_pressed_counts_after_it(
    lab: Lab, shared: Page
) -> None:
    seen = lab.root / "work" / "pressed seen"
    cells = ["from course import labs", call_of("forced_and_free"), WAIT.format(file=seen.name)]
    found = open_and_run(shared, lab, "pressed.ipynb", cells, 1).locator(".course-lab")
    said, picture = found.locator(".course-heard"), found.locator("[data-key]")
    before = picture.get_attribute("data-key") or ""
    found.get_by_role("button", name="its own tokens").press("Enter")
    expect(said).to_contain_text("counts once the kernel is free")
    expect(picture).to_have_attribute("data-key", before)
    keep(found, "waits")
    seen.touch()
    expect(said).to_have_text("")
    expect(picture).not_to_have_attribute("data-key", before)


def test_an_exception_inside_a_callback_is_seen_on_the_page(lab: Lab, shared: Page) -> None:
    broken = "view = labs.when_it_hurts()\nview.state.words = lambda: {}['no such word']\nview"
    cells = ["from course import labs", broken]
    notebook = open_and_run(shared, lab, "broken.ipynb", cells, 1)
    notebook.locator(".course-lab .noUi-handle").first.press("ArrowRight")
    expect(notebook.locator(".course-lab .course-lab-failed")).to_contain_text(
        "KeyError: 'no such word'"
    )
