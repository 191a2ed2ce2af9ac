"""The labs in JupyterLab: every control by keyboard, and what the page then shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from lab_cells import FUNCTIONS, PREDICTIONS, arrow, by_key, call_of, lab_of, shown, solution
from lab_page import choose
from made_notebooks import open_and_run, resize, run_all, save, until_idle
from playwright.sync_api import BrowserContext, Locator, Page, expect
from screenshots import keep
from serving import RUN_LIMIT_MS, Lab

from course import labs

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=100)]

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def opened(browser: BrowserContext, lab: Lab) -> Iterator[Page]:
    """A notebook with all labs, run."""
    solved = [cell for function in FUNCTIONS for cell in solution(function)]
    cells = [*solved, "from course import labs", *map(call_of, labs.__all__)]
    with browser.new_page() as page:
        open_and_run(page, lab, "labs.ipynb", cells, len(labs.__all__))
        yield page


@pytest.fixture(autouse=True)
def _no_callback_fails(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail where a lab says that it failed, or a cell shows an error."""
    yield
    if "opened" in request.fixturenames:
        page = request.getfixturevalue("opened")
        assert page.locator(".course-lab-failed").all_inner_texts() == []
        assert page.locator(".jp-OutputArea [data-mime-type*='error']").all_inner_texts() == []


def has_choice(handle: Locator) -> bool:
    """Say whether a slider has more than one position."""
    return float(handle.get_attribute("aria-valuemax") or 0) > 0


@pytest.mark.parametrize("name", labs.__all__)
def test_every_control_works_by_keyboard_and_changes_picture_and_words(
    opened: Page, name: str
) -> None:
    found = lab_of(opened, name)
    handles = found.locator(".noUi-handle")
    if name == "unrolled":  # with all steps shown every other setting looks different
        handles.first.press("End")
        expect(found.locator("[data-key]")).to_have_attribute("data-key", re.compile("step=29 "))
    counts_from_the_next_start = found.get_by_role("button", name="Train", exact=True).count() > 0
    for k, handle in enumerate(handles.all()):
        readout = found.locator(".widget-readout").nth(k)
        before = readout.inner_text()
        if counts_from_the_next_start:
            handle.press(arrow(handle))
        elif has_choice(handle):
            by_key(found, handle)
        if has_choice(handle):
            expect(readout).not_to_have_text(before)
    groups = found.locator(".widget-toggle-buttons")
    for group in groups.all():
        press_each(found, group, counts_from_the_next_start)
    here = getattr(labs, name)(*[print] * (name in labs.SOLVED))
    assert handles.count() + groups.count() == len(here.controls)
    here.close()


def press_each(found: Locator, group: Locator, for_later: bool) -> None:
    """Press every button of a group, the one that is pressed last; each brings a picture."""
    buttons = group.get_by_role("button")
    at = buttons.evaluate_all("all => all.map(one => one.ariaPressed)")
    pressed = at.index("true")
    for k in [*range(pressed + 1, len(at)), *range(pressed + 1)] if len(at) > 1 else []:
        before, button = shown(found), buttons.nth(k)
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        if not for_later:
            expect(found.locator("[data-key]")).not_to_have_attribute("data-key", before[0])
            expect(found.get_by_role("status")).not_to_have_text(before[2])


def test_every_control_has_a_visible_label(opened: Page) -> None:
    controls = opened.locator(".course-lab :is(.widget-hslider, .widget-toggle-buttons)")
    said = controls.evaluate_all("all => all.map(one => one.querySelector('label').textContent)")
    assert said
    assert all(label.strip() for label in said)


#: Every element that the Tab key goes to.
TAB_STOPS = ":is(button, input, select, textarea, a[href], [tabindex], [contenteditable=true])"


@pytest.mark.parametrize("name", labs.__all__)
def test_no_tab_stop_is_without_a_name(opened: Page, name: str) -> None:
    stops = lab_of(opened, name).locator(TAB_STOPS).all()
    assert stops
    for stop in stops:
        if stop.evaluate("one => one.tabIndex >= 0"):
            expect(stop).to_have_accessible_name(re.compile(r"\w"))


@pytest.mark.parametrize("name", labs.__all__)
def test_names_stand_on_buttons_in_a_group_of_which_one_is_pressed(opened: Page, name: str) -> None:
    for control in lab_of(opened, name).locator(".widget-toggle-buttons").all():
        label = control.locator("label").text_content() or "?"
        group = control.get_by_role("group", name=label, exact=True)
        assert group.get_by_role("button", pressed=True).count() == 1


@pytest.mark.parametrize("name", labs.__all__)
def test_a_screen_reader_is_told_the_name_of_every_slider_and_what_it_shows(
    opened: Page, name: str
) -> None:
    for slider in lab_of(opened, name).locator(".widget-hslider").all():
        handle, readout = slider.locator(".noUi-handle"), slider.locator(".widget-readout")
        expect(handle).to_have_accessible_name(slider.locator("label").text_content() or "?")
        there = arrow(handle)
        for key in (there, "ArrowLeft" if there == "ArrowRight" else "ArrowRight"):
            before = readout.inner_text()
            handle.press(key)
            if has_choice(handle):
                expect(readout).not_to_have_text(before)
            expect(handle).to_have_attribute("aria-valuetext", readout.inner_text())


def test_the_words_change_inside_a_live_region_that_stays(opened: Page) -> None:
    found = lab_of(opened, "when_it_hurts")
    region = found.get_by_role("status")
    expect(region).to_have_attribute("aria-live", "polite")
    kept = region.element_handle()
    by_key(found, found.locator(".noUi-handle").first)
    assert kept.evaluate("one => one.isConnected")
    assert kept.inner_text() == found.locator(".course-words").last.inner_text()


def test_the_last_position_wins_however_fast_the_keys_come(opened: Page) -> None:
    found = lab_of(opened, "divergence")
    handle = found.locator(".noUi-handle").first
    handle.focus()
    for key in [*["ArrowLeft"] * 25, *["ArrowRight"] * 9]:
        opened.keyboard.press(key)
    picture = found.locator("[data-key^='sampling_prob=0.45 ']")
    expect(picture).to_have_count(1)
    opened.wait_for_timeout(700)  # nothing older comes after it
    expect(picture).to_have_count(1)
    expect(found.locator("[role=status]")).to_contain_text("sampling_prob 0.45")


def test_the_slider_of_gradients_changes_the_factor_that_words_and_description_say(
    opened: Page,
) -> None:
    found = lab_of(opened, "gradients")
    handle = found.locator(".noUi-handle").first
    chart = found.locator(".course-measures svg").first
    factors = []
    for key, at in (("Home", "0.50"), ("End", "2.00")):
        handle.press(key)
        expect(found.locator(f"[data-key^='scale={at} ']")).to_have_count(1)
        expect(found.get_by_role("status")).to_contain_text("updates take the loss")
        told = re.search(r"multiplies the norm of the gradient by ([\d.]+):", shown(found)[2])
        assert told is not None
        alt = re.compile(rf"A step back, fitted: RNN\s×\s{re.escape(told[1])}, LSTM")
        expect(chart).to_have_attribute("aria-label", alt)
        keep(found, f"gradients_{at}")
        factors.append(float(told[1]))
    assert factors[0] < factors[1]


def test_a_click_on_an_input_disturbs_it_and_arrow_keys_go_on_from_there(opened: Page) -> None:
    found = lab_of(opened, "mask")
    for at in (20, 3, 0):
        found.locator(f"[data-to='{at}']").click()
        expect(found.locator(f"[data-key*=' position={at} ']")).to_have_count(1)
        expect(found.locator(".course-words")).to_contain_text(f"Disturb input {at}: {30 - at} of")
    keep(found, "clicked")
    found.locator(".noUi-handle").first.press("ArrowRight")
    expect(found.locator("[data-key*=' position=1 ']")).to_have_count(1)


def test_play_plays_and_pauses_and_step_and_back_step(opened: Page) -> None:
    found = lab_of(opened, "unrolled")

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


def test_training_grows_live_while_another_lab_moves_and_stop_stops(opened: Page) -> None:
    training, other = (lab_of(opened, name) for name in ("train_now", "when_it_hurts"))
    steps = training.locator(".widget-hslider", has_text="steps").locator(".noUi-handle")
    steps.press("End")  # so many that it is not over before the other has moved
    training.get_by_role("button", name="Train", exact=True).press("Enter")
    expect(training.locator("[role=status]")).to_contain_text("% of the tokens")
    by_key(other, other.locator(".noUi-handle").first)
    expect(training).to_contain_text("s left")
    keep(training, "training")
    training.get_by_role("button", name="Stop", exact=True).press("Enter")
    expect(training).to_contain_text("stopped after")
    ended = re.compile("running=False")  # the picture comes after the line
    expect(training.locator("[data-key]")).to_have_attribute("data-key", ended)
    made = shown(training)[0]
    opened.wait_for_timeout(800)
    assert shown(training)[0] == made


def test_predictions_stand_beside_the_results(opened: Page) -> None:
    for name, prediction in PREDICTIONS.items():
        said = f"You predicted: {prediction}" if prediction else "No prediction yet"
        expect(lab_of(opened, name).locator(".course-prediction")).to_contain_text(said)


#: How many parts of a lab reach over its edge; of each slider, where label, handle and number are.
_PLACES = """lab => {
  const place = one => one.getBoundingClientRect().toJSON();
  const parts = "figure, .course-cards svg, p, .widget-inline-hbox, .widget-readout";
  return [
    [...lab.querySelectorAll(parts)].filter(one => place(one).right > place(lab).right + 2).length,
    [...lab.querySelectorAll(".widget-hslider")].map(slider => ["label", ".noUi-handle",
      ".widget-readout"].map(part => place(slider.querySelector(part)))),
  ];
}"""


@pytest.mark.parametrize(("theme", "width"), [("light", 1300), ("dark", 1300), ("light", 620)])
def test_every_lab_fits_the_page_in_every_theme(opened: Page, theme: str, width: int) -> None:
    resize(opened, width)
    if theme == "dark":
        change_theme(opened, "JupyterLab Dark")
    for name in labs.__all__:
        found = lab_of(opened, name)
        keep(found, f"{name}_{theme}_{width}")
        too_wide, sliders = found.evaluate(_PLACES)
        assert too_wide == 0, name
        assert all(part["width"] for slider in sliders for part in slider), name
        assert not any(map(overlapping, sliders)), name
    if theme == "dark":
        change_theme(opened, "JupyterLab Light")


#: The names of buttons, and how much of each is cut off, within itself, or beyond the lab's edge.
_HIDDEN_PX = """all => all.map(one => {
  const [own, lab] = [one, one.closest('.course-lab')].map(each => each.getBoundingClientRect());
  return [one.innerText, Math.max(one.scrollHeight - one.clientHeight,
    one.scrollWidth - one.clientWidth, own.right - lab.right)];
})"""


@pytest.mark.parametrize("width", [1300, 620])
def test_every_name_is_shown_whole(opened: Page, width: int) -> None:
    resize(opened, width)
    hidden = opened.locator(".course-lab .widget-toggle-button").evaluate_all(_HIDDEN_PX)
    assert hidden
    assert [(name, pixels) for name, pixels in hidden if pixels > 1] == []
    resize(opened, 1300)


@pytest.mark.parametrize(("width", "least"), [(1300, 1.0), (620, 11 / 12)])
def test_letters_are_as_large_in_every_chart_and_stay_so_where_the_page_is_narrow(
    opened: Page, width: int, least: float
) -> None:
    resize(opened, width)
    scales = opened.locator(".course-lab svg.course-chart").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().width / one.viewBox.baseVal.width)"
    )
    resize(opened, 1300)
    assert len(scales) > 10
    assert least - 0.01 <= min(scales) <= max(scales) <= 1.01


@pytest.mark.parametrize("name", labs.__all__)
def test_a_chart_that_is_scrolled_is_a_tab_stop_with_its_finding_for_a_name(
    opened: Page, name: str
) -> None:
    for figure in lab_of(opened, name).locator("figure").all():
        expect(figure).to_have_accessible_name(re.compile(r"\w"))


def overlapping(boxes: Sequence[Any]) -> bool:
    """Say whether two boxes on a page have a point in common."""
    return any(
        a["x"] < b["x"] + b["width"]
        and b["x"] < a["x"] + a["width"]
        and a["y"] < b["y"] + b["height"]
        and b["y"] < a["y"] + a["height"]
        for a, b in combinations(boxes, 2)
    )


def change_theme(page: Page, name: str) -> None:
    """Choose a theme in the menu."""
    choose(page, "Settings", "Theme", name)
    expect(page.locator(f"body[data-jp-theme-name='{name}']")).to_have_count(1)


def test_reloaded_the_page_runs_again(opened: Page) -> None:
    resize(opened, 1300)
    save(opened)
    opened.reload()
    until_idle(opened)
    last = opened.locator(".jp-CodeCell .jp-InputPrompt").last
    numbered = re.compile(r"\d")
    expect(last).to_have_text(numbered)
    before = last.text_content() or ""
    run_all(opened)  # by the kernel that counts on: the labs of before are there already
    expect(last).not_to_have_text(before)
    expect(last).to_have_text(numbered, timeout=RUN_LIMIT_MS)
    expect(opened.locator(".course-lab [data-key]")).to_have_count(len(labs.__all__))
    found = lab_of(opened, "divergence")
    by_key(found, found.locator(".noUi-handle").first)
