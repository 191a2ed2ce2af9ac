"""The labs in JupyterLab: every control by keyboard, and what the page then shows."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from serving import RUN_LIMIT_MS, SHOWN_MS, Lab

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=80)]

ROOT = Path(__file__).resolve().parents[2]
#: Where the screenshots go, for looking at: COURSE_SCREENSHOTS, else a folder of the test run.
SCREENSHOTS = os.environ.get("COURSE_SCREENSHOTS")

UNWRITTEN = "def {name}(*arguments):\n    raise NotImplementedError()"
CALLS = (
    "labs.unrolled(decoder_forward_scheduled_sampling, 'It stays on the track.')",
    "labs.divergence(decoder_forward_scheduled_sampling, 'The error rises evenly.')",
    "labs.trained_how('0.5 is best.')",
    "labs.train_now('')",
    "labs.when_it_hurts('Nothing changes.')",
)


def solution() -> list[str]:
    """Return lesson 3's setup and decoder, as a learner has them who has solved it."""
    path = ROOT / "source" / "03_scheduled_sampling" / "scheduled_sampling.ipynb"
    cells = {cell["id"]: "".join(cell["source"]) for cell in json.loads(path.read_text())["cells"]}
    return [cells["setup"], cells["decoder_with_coins"]]


def write_notebook(lab: Lab, name: str, cells: list[str]) -> str:
    """Put a notebook of these code cells into the learner's folder."""
    made = [
        {
            "cell_type": "code",
            "id": f"cell-{k}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": text,
        }
        for k, text in enumerate(cells)
    ]
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {"cells": made, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    (lab.root / "work" / name).write_text(json.dumps(notebook), encoding="utf-8")
    return name


def run_all(page: Page) -> None:
    """Run all cells by the menu."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()


def open_and_run(page: Page, lab: Lab, name: str, cells: list[str], count: int) -> None:
    """Open a notebook of these cells, run it, and wait for as many labs."""
    page.goto(lab.url(write_notebook(lab, name, cells)) + "&reset")
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=RUN_LIMIT_MS)
    run_all(page)
    expect(page.locator(".course-lab")).to_have_count(count, timeout=RUN_LIMIT_MS)
    expect(page.locator(".course-lab [data-key]")).to_have_count(count, timeout=RUN_LIMIT_MS)


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for screenshots."""
    folder = Path(SCREENSHOTS) if SCREENSHOTS else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def opened(browser: Browser, lab: Lab) -> Iterator[Page]:
    """A notebook with all five labs, run."""
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    context.set_default_timeout(SHOWN_MS)
    page = context.new_page()
    cells = [*solution(), "from course import labs", *CALLS]
    open_and_run(page, lab, "labs.ipynb", cells, len(CALLS))
    yield page
    context.close()


@pytest.fixture(autouse=True)
def _no_callback_fails(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail where a lab says that it failed, or a cell shows an error."""
    yield
    if "opened" in request.fixturenames:
        page = request.getfixturevalue("opened")
        assert page.locator(".course-lab-failed").all_inner_texts() == []
        assert page.locator(".jp-OutputArea [data-mime-type*='error']").all_inner_texts() == []


def lab_at(page: Page, number: int) -> Locator:
    """Return the lab of a number, from 1."""
    found = page.locator(".course-lab").nth(number - 1)
    found.scroll_into_view_if_needed()
    return found


def shown(found: Locator) -> tuple[str, str, str]:
    """Return the setting that a picture is of, the picture, and the words."""
    picture = found.locator("[data-key]")
    return (
        picture.get_attribute("data-key") or "",
        picture.inner_html(),
        found.locator("[role=status]").inner_text(),
    )


def by_key(page: Page, found: Locator, handle: Locator, key: str = "") -> None:
    """Press an arrow key on a slider until picture and words are others.

    Each press must bring the picture of the new setting. It may look the same in lab 1, where
    another coin can give the same tokens as far as the steps are shown.
    """
    first = shown(found)
    for _ in range(12):
        before = shown(found)
        at, high = (float(handle.get_attribute(name) or 0) for name in _ARIA)
        handle.focus()
        page.keyboard.press(key or ("ArrowLeft" if at >= high else "ArrowRight"))
        expect(found.locator("[data-key]")).not_to_have_attribute("data-key", before[0])
        page.wait_for_timeout(100)
        now = shown(found)
        if now[1] != first[1] and now[2] != first[2]:
            return
    pytest.fail(f"picture or words stay: {first[2]}")


def every_control_moves(page: Page, found: Locator) -> int:
    """Move every slider of a lab by keyboard; return how many there are."""
    handles = found.locator(".noUi-handle")
    for handle in handles.all():
        if float(handle.get_attribute("aria-valuemax") or 0) > 0:  # else there is but one choice
            by_key(page, found, handle)
    return handles.count()


_ARIA = ("aria-valuenow", "aria-valuemax")


@pytest.mark.parametrize(("number", "controls"), [(1, 5), (2, 5), (3, 3), (5, 1)])
def test_every_control_works_by_keyboard_and_changes_picture_and_words(
    opened: Page, number: int, controls: int
) -> None:
    if number == 1:  # with all steps shown every other setting looks different
        found = lab_at(opened, 1)
        found.locator(".noUi-handle").first.press("End")
        expect(found.locator("[data-key]")).to_have_attribute("data-key", re.compile("step=29 "))
    assert every_control_moves(opened, lab_at(opened, number)) == controls


def test_every_control_has_a_visible_label(opened: Page) -> None:
    for slider in opened.locator(".course-lab .widget-hslider").all():
        assert (slider.locator("label").text_content() or "").strip()


@pytest.mark.parametrize("number", range(1, len(CALLS) + 1))
def test_a_screen_reader_is_told_the_name_of_every_slider_and_what_it_shows(
    opened: Page, number: int
) -> None:
    for slider in lab_at(opened, number).locator(".widget-hslider").all():
        handle, readout = slider.locator(".noUi-handle"), slider.locator(".widget-readout")
        expect(handle).to_have_accessible_name(slider.locator("label").text_content() or "?")
        at, high = (float(handle.get_attribute(name) or 0) for name in _ARIA)
        for key in ("ArrowLeft", "ArrowRight") if at >= high else ("ArrowRight", "ArrowLeft"):
            before = readout.inner_text()
            handle.focus()
            opened.keyboard.press(key)
            if high > 0:
                expect(readout).not_to_have_text(before)
            expect(handle).to_have_attribute("aria-valuetext", readout.inner_text())


def test_the_words_change_inside_a_live_region_that_stays(opened: Page) -> None:
    found = lab_at(opened, 5)
    region = found.get_by_role("status")
    expect(region).to_have_attribute("aria-live", "polite")
    kept = region.element_handle()
    by_key(opened, found, found.locator(".noUi-handle").first)
    assert kept.evaluate("one => one.isConnected")
    assert kept.inner_text() == found.locator(".course-words").last.inner_text()


def test_the_last_position_wins_however_fast_the_keys_come(opened: Page) -> None:
    found = lab_at(opened, 2)
    handle = found.locator(".noUi-handle").first
    handle.focus()
    for key in [*["ArrowLeft"] * 25, *["ArrowRight"] * 9]:
        opened.keyboard.press(key)
    picture = found.locator("[data-key^='sampling_prob=0.45 ']")
    expect(picture).to_have_count(1)
    opened.wait_for_timeout(700)  # nothing older comes after it
    expect(picture).to_have_count(1)
    expect(found.locator("[role=status]")).to_contain_text("sampling_prob 0.45")


def test_play_plays_and_pauses_and_step_and_back_step(opened: Page) -> None:
    found = lab_at(opened, 1)

    def press(name: str) -> None:
        found.get_by_role("button", name=name, exact=True).press("Enter")

    before = shown(found)[0]
    press("Step")
    expect(found.locator("[data-key]")).not_to_have_attribute("data-key", before)
    press("Back")
    expect(found.locator("[data-key]")).to_have_attribute("data-key", before)
    press("New coins")
    expect(found.locator("[data-key]")).not_to_have_attribute("data-key", before)
    coins = shown(found)[0]
    press("Play")
    expect(found.locator("[data-key]")).not_to_have_attribute("data-key", coins)
    press("Pause")
    expect(found.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_training_grows_live_while_another_lab_moves_and_stop_stops(
    opened: Page, shots: Path
) -> None:
    training, other = lab_at(opened, 4), lab_at(opened, 5)
    assert every_slider_of_a_plan(opened, training) == 5
    training.get_by_role("button", name="Train", exact=True).press("Enter")
    expect(training.locator("[role=status]")).to_contain_text("% of the tokens")
    by_key(opened, other, other.locator(".noUi-handle").first)
    expect(training).to_contain_text("s left")
    training.screenshot(path=shots / "training.png")
    training.get_by_role("button", name="Stop", exact=True).press("Enter")
    expect(training).to_contain_text("stopped after")
    ended = re.compile("running=False")  # the picture comes after the line
    expect(training.locator("[data-key]")).to_have_attribute("data-key", ended)
    made = shown(training)[0]
    opened.wait_for_timeout(800)
    assert shown(training)[0] == made


def every_slider_of_a_plan(page: Page, found: Locator) -> int:
    """Move the sliders of lab 4, which count from the next start; return how many there are."""
    handles = found.locator(".noUi-handle")
    for k in range(handles.count()):
        readout = found.locator(".widget-readout").nth(k)
        before = readout.inner_text()
        at, high = (float(handles.nth(k).get_attribute(name) or 0) for name in _ARIA)
        handles.nth(k).focus()
        page.keyboard.press("ArrowLeft" if at >= high else "ArrowRight")
        expect(readout).not_to_have_text(before)
    return handles.count()


def test_predictions_stand_beside_the_results(opened: Page) -> None:
    said = opened.locator(".course-prediction").all_text_contents()
    assert said[:2] == [
        "You predicted: It stays on the track.",
        "You predicted: The error rises evenly.",
    ]
    assert said[3].startswith("No prediction yet")


@pytest.mark.parametrize(("theme", "width"), [("light", 1300), ("dark", 1300), ("light", 620)])
def test_every_lab_fits_the_page_in_every_theme(
    opened: Page, shots: Path, theme: str, width: int
) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    opened.evaluate(f"() => document.body.dataset.jpThemeLight = '{str(theme == 'light').lower()}'")
    if theme == "dark":
        change_theme(opened, "JupyterLab Dark")
    for number, call in enumerate(CALLS, 1):
        found = lab_at(opened, number)
        name = call.split("(")[0].removeprefix("labs.")
        found.screenshot(path=shots / f"{name}_{theme}_{width}.png")
        too_wide = found.evaluate(
            "lab => [...lab.querySelectorAll('svg, p, .widget-inline-hbox')].filter(one => "
            "one.getBoundingClientRect().right > lab.getBoundingClientRect().right + 2).length"
        )
        assert too_wide == 0, name
    if theme == "dark":
        change_theme(opened, "JupyterLab Light")


#: How much of a readout is cut off below, within itself or its slider, or beyond the lab's edge.
_HIDDEN_PX = """one => {
  const [own, slider, lab] = [one, one.closest('.widget-hslider'), one.closest('.course-lab')]
    .map(element => element.getBoundingClientRect());
  return Math.max(one.scrollHeight - one.clientHeight, one.scrollWidth - one.clientWidth,
    own.bottom - slider.bottom, own.right - lab.right);
}"""


@pytest.mark.parametrize("width", [1300, 620])
@pytest.mark.parametrize("number", [3, 4])
def test_the_name_of_every_way_of_training_is_shown_whole(
    opened: Page, number: int, width: int
) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    slider = lab_at(opened, number).locator(".widget-hslider", has_text="sampling_prob in training")
    handle, readout = slider.locator(".noUi-handle"), slider.locator(".widget-readout")
    for key in ("ArrowLeft", "ArrowRight"):
        for _ in range(8):
            handle.focus()
            opened.keyboard.press(key)
            opened.wait_for_timeout(50)
            assert readout.evaluate(_HIDDEN_PX) <= 1, readout.inner_text()
    opened.set_viewport_size({"width": 1300, "height": 900})


def change_theme(page: Page, name: str) -> None:
    """Choose a theme in the menu."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Settings").click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Theme", exact=True).click()
    page.locator(".lm-Menu-itemLabel").get_by_text(name, exact=True).click()
    light = "true" if name.endswith("Light") else "false"
    expect(page.locator(f"body[data-jp-theme-light='{light}']")).to_have_count(1)


def test_reloaded_the_page_runs_again(opened: Page) -> None:
    opened.set_viewport_size({"width": 1300, "height": 900})
    with opened.expect_response(lambda answer: answer.request.method == "PUT"):  # it is saved
        opened.keyboard.press("Control+s")
    opened.reload()
    expect(opened.get_by_text("| Idle")).to_be_visible(timeout=RUN_LIMIT_MS)
    run_all(opened)
    expect(opened.locator(".course-lab [data-key]")).to_have_count(len(CALLS), timeout=RUN_LIMIT_MS)
    found = lab_at(opened, 2)
    by_key(opened, found, found.locator(".noUi-handle").first)


def test_an_unwritten_function_gives_its_message_and_the_target_stays(
    lab: Lab, page: Page, shots: Path
) -> None:
    name = "decoder_forward_scheduled_sampling"
    cells = [UNWRITTEN.format(name=name), "from course import labs", *CALLS[:2]]
    open_and_run(page, lab, "unwritten.ipynb", cells, 2)
    for number in (1, 2):
        found = lab_at(page, number)
        expect(found.locator("[role=alert]")).to_contain_text(f"{name} is not written yet")
        assert found.locator("svg").count() >= 3
    page.locator(".course-lab").nth(1).screenshot(path=shots / "unwritten.png")
    found = lab_at(page, 2)
    by_key(page, found, found.locator(".noUi-handle").first)
    assert "Traceback" not in page.locator(".jp-Notebook").inner_text()


@pytest.mark.parametrize(
    ("spoilt", "said"),
    [
        ("while True: pass", "had not returned after 5 s"),
        ("raise SystemExit", "stopped with System"),
    ],
)
def test_a_function_that_would_block_or_end_the_kernel_is_told_and_mended_at_the_next_move(
    lab: Lab, page: Page, spoilt: str, said: str
) -> None:
    setup, right = solution()
    loop = "    for t in range(len(target_seq)):\n"
    wrong = right.replace(loop, f"    {spoilt}\n{loop}", 1)
    assert wrong != right
    name = f"{spoilt.split()[0]}.ipynb"
    later = f"import time\ntime.sleep(8)\n{right}"
    open_and_run(page, lab, name, [setup, wrong, "from course import labs", CALLS[1], later], 1)
    found = lab_at(page, 1)
    alert = found.locator("[role=alert]")
    expect(alert).to_contain_text(said)
    found.locator(".noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    expect(found.locator("[role=status]")).to_contain_text("over 30 rollouts the divergence")
    expect(alert).to_have_count(0)


def test_an_exception_inside_a_callback_is_seen_on_the_page(lab: Lab, page: Page) -> None:
    broken = "view = labs.when_it_hurts()\nview.state.words = lambda: {}['no such word']\nview"
    open_and_run(page, lab, "broken.ipynb", ["from course import labs", broken], 1)
    page.locator(".course-lab .noUi-handle").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".course-lab-failed")).to_contain_text("KeyError: 'no such word'")
