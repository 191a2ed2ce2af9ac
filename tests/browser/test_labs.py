"""The labs in JupyterLab: every control by keyboard, and what the page then shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from made_notebooks import idle, open_and_run, run_all
from playwright.sync_api import BrowserContext, Locator, Page, expect
from serving import RUN_LIMIT_MS, Lab

from course import labs
from course.lessons import find_lessons

pytestmark = [pytest.mark.browser, pytest.mark.slow(seconds=130)]

ROOT = Path(__file__).resolve().parents[2]

#: What a cell says that goes on when there is a file.
WAIT = "import pathlib, time\nwhile not pathlib.Path({file!r}).exists():\n    time.sleep(0.1)"
UNWRITTEN = "def {name}(*arguments):\n    raise NotImplementedError()"
PREDICTIONS = {name: f"I think of {name}." for name in labs.__all__[:-1]} | {labs.__all__[-1]: ""}


def call_of(name: str) -> str:
    """Return the line of a notebook that opens a lab."""
    given = f"{labs.SOLVED[name].__name__}, " if name in labs.SOLVED else ""
    return f"labs.{name}({given}{PREDICTIONS[name]!r})"


#: By the exercise that labs open on, one of them.
FUNCTIONS = {solved.__name__: name for name, solved in labs.SOLVED.items()}


def solution(function: str) -> list[str]:
    """Return setup and function as a learner has them who has solved it, or what stands for it."""
    lesson = next((one for one in find_lessons(ROOT / "source") if function in one.functions), None)
    if lesson is None:
        return [f"from course import labs\n{function} = labs.SOLVED[{FUNCTIONS[function]!r}]"]
    answer = (cell for cell in lesson.by_role("answer") if f"def {function}(" in cell.source)
    return [cell.source for cell in (*lesson.by_role("setup"), *answer)]


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


def lab_of(page: Page, name: str, among: Sequence[str] = labs.__all__) -> Locator:
    """Return the lab that a function has opened, among those of the notebook."""
    found = page.locator(".course-lab").nth(among.index(name))
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


def arrow(handle: Locator) -> str:
    """Return the arrow key that moves a slider, which may be at its end."""
    at, high = (float(handle.get_attribute(f"aria-value{name}") or 0) for name in ("now", "max"))
    return "ArrowLeft" if at >= high else "ArrowRight"


def by_key(found: Locator, handle: Locator) -> None:
    """Press an arrow key on a slider until picture and words are others.

    Each press must bring the picture of the new setting. It may look the same in `unrolled`, where
    another coin can give the same tokens as far as the steps are shown.
    """
    first = shown(found)
    for _ in range(12):
        before = shown(found)
        handle.press(arrow(handle))
        expect(found.locator("[data-key]")).not_to_have_attribute("data-key", before[0])
        found.page.wait_for_timeout(100)  # the words may follow, or be the same
        now = shown(found)
        if now[1] != first[1] and now[2] != first[2]:
            return
    pytest.fail(f"picture or words stay: {first[2]}")


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
    at = [one.get_attribute("aria-pressed") for one in group.get_by_role("button").all()]
    pressed = at.index("true")
    for k in [*range(pressed + 1, len(at)), *range(pressed + 1)] if len(at) > 1 else []:
        before, button = shown(found), group.get_by_role("button").nth(k)
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        if not for_later:
            expect(found.locator("[data-key]")).not_to_have_attribute("data-key", before[0])
            expect(found.get_by_role("status")).not_to_have_text(before[2])


def test_every_control_has_a_visible_label(opened: Page) -> None:
    controls = opened.locator(".course-lab :is(.widget-hslider, .widget-toggle-buttons)")
    for control in controls.all():
        assert (control.locator("label").text_content() or "").strip()


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
    opened: Page, shots: Path
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
        found.screenshot(path=shots / f"gradients_{at}.png")
        factors.append(float(told[1]))
    assert factors[0] < factors[1]


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


def test_training_grows_live_while_another_lab_moves_and_stop_stops(
    opened: Page, shots: Path
) -> None:
    training, other = (lab_of(opened, name) for name in ("train_now", "when_it_hurts"))
    steps = training.locator(".widget-hslider", has_text="steps").locator(".noUi-handle")
    steps.press("End")  # so many that it is not over before the other has moved
    training.get_by_role("button", name="Train", exact=True).press("Enter")
    expect(training.locator("[role=status]")).to_contain_text("% of the tokens")
    by_key(other, other.locator(".noUi-handle").first)
    expect(training).to_contain_text("s left")
    training.screenshot(path=shots / "training.png")
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


@pytest.mark.parametrize(("theme", "width"), [("light", 1300), ("dark", 1300), ("light", 620)])
def test_every_lab_fits_the_page_in_every_theme(
    opened: Page, shots: Path, theme: str, width: int
) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    opened.evaluate(f"() => document.body.dataset.jpThemeLight = '{str(theme == 'light').lower()}'")
    if theme == "dark":
        change_theme(opened, "JupyterLab Dark")
    for name in labs.__all__:
        found = lab_of(opened, name)
        found.screenshot(path=shots / f"{name}_{theme}_{width}.png")
        too_wide = found.evaluate(
            "(lab, parts) => [...lab.querySelectorAll(parts)].filter(one => "
            "one.getBoundingClientRect().right > lab.getBoundingClientRect().right + 2).length",
            "svg, p, .widget-inline-hbox, .widget-readout",
        )
        assert too_wide == 0, name
        for one in found.locator(".widget-hslider").all():
            parts = [one.locator(part) for part in ("label", ".noUi-handle", ".widget-readout")]
            assert not overlapping([part.bounding_box() for part in parts]), name
    if theme == "dark":
        change_theme(opened, "JupyterLab Light")


#: How much of a button's name is cut off, within itself, or beyond the lab's edge.
_HIDDEN_PX = """one => {
  const [own, lab] = [one, one.closest('.course-lab')].map(each => each.getBoundingClientRect());
  return Math.max(one.scrollHeight - one.clientHeight, one.scrollWidth - one.clientWidth,
    own.right - lab.right);
}"""


@pytest.mark.parametrize("width", [1300, 620])
def test_every_name_is_shown_whole(opened: Page, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    buttons = opened.locator(".course-lab .widget-toggle-button").all()
    assert buttons
    for button in buttons:
        assert button.evaluate(_HIDDEN_PX) <= 1, button.inner_text()
    opened.set_viewport_size({"width": 1300, "height": 900})


def test_letters_are_as_large_in_every_chart(opened: Page) -> None:
    opened.set_viewport_size({"width": 1300, "height": 900})
    scales = opened.locator(".course-lab svg.course-chart").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().width / one.viewBox.baseVal.width)"
    )
    assert len(scales) > 10
    assert {round(scale, 2) for scale in scales} == {1.0}


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
    expect(idle(opened)).to_be_visible(timeout=RUN_LIMIT_MS)
    run_all(opened)
    expect(opened.locator(".course-lab [data-key]")).to_have_count(
        len(labs.__all__), timeout=RUN_LIMIT_MS
    )
    found = lab_of(opened, "divergence")
    by_key(found, found.locator(".noUi-handle").first)


def test_after_a_reload_the_still_picture_follows_its_lab_as_before(lab: Lab, page: Page) -> None:
    cells = ["from course import labs", call_of("derailing")]
    open_and_run(page, lab, "reloaded.ipynb", cells, 1)
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        page.keyboard.press("Control+s")
    page.reload()
    expect(page.get_by_text("| Idle")).to_be_visible(timeout=RUN_LIMIT_MS)
    found = lab_of(page, "derailing", ["derailing"])
    before = shown(found)[0]
    by_key(found, found.locator(".noUi-handle").first)
    key = shown(found)[0]
    assert key != before
    expect(page.locator(".course-still [data-key]")).to_have_attribute("data-key", key)


def test_reopened_after_the_kernel_has_ended_a_lab_says_what_to_do_above_its_last_picture(
    lab: Lab, page: Page, shots: Path
) -> None:
    cells = ["from course import labs", call_of("derailing")]
    open_and_run(page, lab, "reopened.ipynb", cells, 1)
    still = page.locator(".course-still")
    expect(still).to_be_hidden()  # as long as the lab lives
    found = lab_of(page, "derailing", ["derailing"])
    by_key(found, found.locator(".noUi-handle").first)
    key, _, words = shown(found)
    expect(still.locator("[data-key]")).to_have_attribute("data-key", key)
    with page.expect_response(lambda answer: answer.request.method == "PUT"):
        page.keyboard.press("Control+s")
    page.goto("about:blank")
    kernels = page.request.get(f"{lab.address}/api/sessions?token={lab.token}").json()
    for one in kernels:
        if one["path"].endswith("reopened.ipynb"):
            page.request.delete(f"{lab.address}/api/sessions/{one['id']}?token={lab.token}")
    page.goto(lab.url("reopened.ipynb") + "&reset")
    expect(still).to_contain_text("Run this cell again")
    expect(still.locator("svg")).to_be_visible()
    expect(still.locator("[data-key]")).to_have_attribute("data-key", key)
    expect(still.locator(".course-words")).to_have_text(words)
    gone = page.locator(".jp-OutputArea .jupyter-widgets")
    expect(gone).to_have_text(re.compile("model not found"))
    expect(gone).to_be_hidden()
    page.locator(".jp-Notebook").screenshot(path=shots / "reopened.png")
    run_all(page)
    expect(page.locator(".course-lab [data-key]")).to_have_count(1, timeout=RUN_LIMIT_MS)
    expect(still).to_be_hidden()


def test_an_unwritten_function_gives_its_message_and_the_target_stays(
    lab: Lab, page: Page, shots: Path
) -> None:
    opened, unwritten = [*labs.SOLVED], (UNWRITTEN.format(name=name) for name in FUNCTIONS)
    cells = [*unwritten, "from course import labs", *map(call_of, opened)]
    open_and_run(page, lab, "unwritten.ipynb", cells, len(opened))
    for name in opened:
        found = lab_of(page, name, opened)
        said = f"{labs.SOLVED[name].__name__} is not written yet"
        expect(found.locator("[role=alert]")).to_contain_text(said)
        solved = getattr(labs, name)(labs.SOLVED[name])
        assert found.locator("svg").count() == solved.picture.value.count("<svg")
        solved.close()
    found = lab_of(page, "divergence", opened)
    found.screenshot(path=shots / "unwritten.png")
    by_key(found, found.locator(".noUi-handle").first)
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
    setup, right = solution("decoder_forward_scheduled_sampling")
    loop = "    for t in range(len(target_seq)):\n"
    wrong = right.replace(loop, f"    {spoilt}\n{loop}", 1)
    assert wrong != right
    name = f"{spoilt.split()[0]}.ipynb"
    seen = lab.root / "work" / f"{name} seen"
    later = f"{WAIT.format(file=seen.name)}\n{right}"
    opening = ["from course import labs", call_of("divergence")]
    open_and_run(page, lab, name, [setup, wrong, *opening, later], 1)
    found = page.locator(".course-lab")
    alert = found.locator("[role=alert]")
    expect(alert).to_contain_text(said)
    seen.touch()
    expect(idle(page)).to_be_visible(timeout=RUN_LIMIT_MS)
    found.locator(".noUi-handle").first.press("ArrowRight")
    expect(found.locator("[role=status]")).to_contain_text("over 30 rollouts the divergence")
    expect(alert).to_have_count(0)


def test_an_exception_inside_a_callback_is_seen_on_the_page(lab: Lab, page: Page) -> None:
    broken = "view = labs.when_it_hurts()\nview.state.words = lambda: {}['no such word']\nview"
    open_and_run(page, lab, "broken.ipynb", ["from course import labs", broken], 1)
    page.locator(".course-lab .noUi-handle").first.press("ArrowRight")
    expect(page.locator(".course-lab .course-lab-failed")).to_contain_text(
        "KeyError: 'no such word'"
    )
