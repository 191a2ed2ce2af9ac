"""How long from a key press on a control to the new picture: three labs, and `interact`.

Drives headless Chromium against JupyterLab as ``python3 -m course lab`` serves it. An arrow key is
pressed on a slider, or Enter on the next button; the clock runs, in the page, from the key's event
to the frame after that in which the new picture is there, decoded. `interact` draws the same
measures of the same numbers with matplotlib into an inline figure. Numbers are computed before the
clock runs, in all of them, but for some lines. In "first visit" the lab has stood open for 2.5 s,
and has made ahead what it could. In "new coins" and "new sequence" no key's numbers are made ahead:
the learner's function is called for each.

    python3 benchmarks/slider.py [--presses 40]
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))

from serving import Lab, serve  # noqa: E402

LESSON = "03_scheduled_sampling"
RUN_LIMIT_MS = 120_000

#: Waits, in the page, for the picture that follows a key press on the element that has the focus.
CLOCK = """
([selector, kind]) => {
  const root = document.querySelectorAll(selector)[0];
  const shown = () => kind === 'img'
    ? (root.querySelector('img') || {}).src
    : (root.querySelector('[data-key]') || {dataset: {}}).dataset.key;
  const before = shown();
  window.courseClock = new Promise((resolve, reject) => {
    let begin = null;
    const key = (event) => { begin = begin ?? performance.now(); };
    document.addEventListener('keydown', key, {capture: true, once: true});
    const late = setTimeout(() => reject(new Error('no new picture in 20 s')), 20000);
    const watch = new MutationObserver(async () => {
      const now = shown();
      if (begin === null || !now || now === before) return;
      watch.disconnect();
      if (kind === 'img') await root.querySelector('img').decode();
      requestAnimationFrame(() => {
        const channel = new MessageChannel();  // runs when the frame has been drawn
        channel.port1.onmessage = () => {
          clearTimeout(late);
          resolve(performance.now() - begin);
        };
        channel.port2.postMessage(0);
      });
    });
    watch.observe(root, {subtree: true, childList: true, attributes: true});
  });
}
"""

INTERACT = """
import matplotlib.pyplot as plt
import numpy as np
import ipywidgets as widgets
from course.labs.{module} import state as module
{make}
def draw(position):
    state.{attribute} = position
    while state.advance(1.0):
        pass
    charts = state.charts()
    figure, axes = plt.subplots(1, len(charts), figsize=(11, 3), layout="constrained")
    for ax, chart in zip(axes, charts):
        panel = chart.panel
        for mark in chart.marks:
            if isinstance(mark, module.Dots):
                ax.plot(mark.x, mark.y, "o")
                continue
            ax.plot(mark.x, mark.y, label=mark.label)
            if mark.low is not None:
                ax.fill_between(mark.x, mark.low, mark.high, alpha=0.2)
        ax.set(xlabel=panel.x_label, ylabel=panel.y_label, xlim=panel.x_range, ylim=panel.y_range)
        ax.set_title(chart.finding)
        if ax.get_legend_handles_labels()[0]:
            ax.legend()
    plt.show()

widgets.interact(draw, position={slider});
"""


def code(text: str) -> dict[str, Any]:
    """Return a code cell."""
    return {
        "cell_type": "code",
        "id": f"c{abs(hash(text)) % 10**8}",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
        "source": text,
    }


def notebook(*cells: str) -> str:
    """Return a notebook of these cells."""
    spec = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    made = {"cells": [*map(code, cells)], "metadata": spec, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made)


def solved_cells() -> list[str]:
    """Return the lesson's setup, and the instructor's own decoder as a learner's."""
    name = LESSON.split("_", 1)[1]
    cells = json.loads((ROOT / "source" / LESSON / f"{name}.ipynb").read_text())["cells"]
    wanted = {"setup", "decoder_with_coins"}
    return ["".join(cell["source"]) for cell in cells if cell["id"] in wanted]


def open_and_run(page: Page, lab: Lab, name: str, cells: list[str]) -> None:
    """Open a notebook of these cells and run it."""
    (lab.root / "work" / name).write_text(notebook(*cells))
    page.goto(lab.url(name) + "&reset")
    page.get_by_text("| Idle").wait_for(timeout=RUN_LIMIT_MS)
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").click()
    page.locator(".lm-Menu-itemLabel").get_by_text("Run All Cells", exact=True).click()
    page.locator(".jp-OutputArea-output .noUi-handle").first.wait_for(timeout=RUN_LIMIT_MS)
    page.wait_for_timeout(2500)


def press(
    page: Page, selector: str, kind: str, presses: int, pause_ms: int, slider: int = 0
) -> list[float]:
    """Press arrow keys on a slider, the first if not told, up and down; return milliseconds."""
    handle = page.locator(f"{selector} .noUi-handle").nth(slider)
    handle.scroll_into_view_if_needed()
    handle.focus()
    taken = []
    for k in range(presses):
        at, low, high = (
            float(handle.get_attribute(name) or 0)
            for name in ("aria-valuenow", "aria-valuemin", "aria-valuemax")
        )
        key = "ArrowLeft" if at >= high or (at > low and k % 20 >= 10) else "ArrowRight"
        page.evaluate(CLOCK, [selector, kind])
        page.keyboard.press(key)
        taken.append(float(page.evaluate("() => window.courseClock")))
        page.wait_for_timeout(pause_ms)
    return taken


def press_buttons(page: Page, selector: str, presses: int, pause_ms: int) -> list[float]:
    """Press the buttons of the first group one after another; return milliseconds."""
    buttons = page.locator(f"{selector} .widget-toggle-buttons").first.get_by_role("button")
    buttons.first.scroll_into_view_if_needed()
    taken = []
    for k in range(1, presses + 1):
        buttons.nth(k % buttons.count()).focus()
        page.evaluate(CLOCK, [selector, "svg"])
        page.keyboard.press("Enter")
        taken.append(float(page.evaluate("() => window.courseClock")))
        page.wait_for_timeout(pause_ms)
    return taken


def told(name: str, taken: list[float]) -> tuple[float, float]:
    """Print and return the median and the 95th percentile, ms."""
    median = statistics.median(taken)
    p95 = sorted(taken)[max(0, -(-95 * len(taken) // 100) - 1)]
    print(f"{name:44} {median:7.1f} {p95:7.1f}   ({len(taken)} presses)", flush=True)
    return median, p95


#: The way to the kernel and back, with nothing to compute and nothing to draw.
FLOOR = """
import ipywidgets as widgets
at = widgets.FloatSlider(value=0.5, min=0.0, max=1.0, step=0.05)
said = widgets.HTML('<p data-key="0.5">0.5</p>')
def say(change):
    said.value = f'<p data-key="{change["new"]:.2f}">{change["new"]:.2f}</p>'
at.observe(say, "value")
widgets.VBox([at, said]).add_class("course-lab")
"""

LABS: dict[str, dict[str, Any]] = {
    "divergence": {
        "lab": "from course import labs\nlabs.divergence(decoder_forward_scheduled_sampling)",
        "module": "divergence",
        "make": "from course import trained\n"
        "state = module.Divergence(decoder_forward_scheduled_sampling, trained.load)",
        "attribute": "sampling_prob",
        "anew": ("new coins", 2),
        "slider": "widgets.FloatSlider(value=0.5, min=0.0, max=1.0, step=0.05)",
    },
    "gradients": {
        "lab": "from course import labs\nlabs.gradients(labs.SOLVED['gradients'])",
        "module": "gradients",
        "make": "from course import labs\nstate = module.Gradients(labs.SOLVED['gradients'])",
        "attribute": "scale",
        "anew": ("new sequence", 1),
        "slider": "widgets.FloatSlider(value=1.0, min=0.5, max=2.0, step=0.05)",
    },
    "trained_how": {
        "lab": "from course import labs\nlabs.trained_how()",
        "module": "trained",
        "make": "state = module.TrainedHow()",
        "attribute": "way",
        "buttons": True,
        "slider": "widgets.SelectionSlider(options=[way.name for way in state.spreads()])",
    },
}


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--presses", type=int, default=40)
    presses = parser.parse_args().presses
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory(prefix="slider-") as folder, sync_playwright() as playwright:
        root = Path(folder) / "course"
        for name in ("course", "release"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        with serve(root, Path(folder) / "home") as lab:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
            )
            page = browser.new_page(viewport={"width": 1300, "height": 850})
            page.set_default_timeout(RUN_LIMIT_MS)
            print(f"{'key press to picture, ms':44} {'median':>7} {'95 %':>7}")
            open_and_run(page, lab, "floor.ipynb", [FLOOR])
            told("nothing drawn: one number", press(page, ".course-lab", "svg", presses, 120))
            for name, about in LABS.items():
                measure(page, lab, name, about, presses)
            browser.close()


def measure(page: Page, lab: Lab, name: str, about: dict[str, Any], presses: int) -> None:
    """Measure one lab and the same plots by `interact`."""
    solved = solved_cells()
    file = about["module"]
    open_and_run(page, lab, f"{file}.ipynb", [*solved, about["lab"]])
    selector = ".course-lab"

    def moved(presses: int, pause_ms: int) -> list[float]:
        if "buttons" in about:
            return press_buttons(page, selector, presses, pause_ms)
        return press(page, selector, "svg", presses, pause_ms)

    told(f"{name}: first visit", moved(10, 30))
    page.wait_for_timeout(3000)  # the neighbours are computed meanwhile
    median, p95 = told(name, moved(presses, 120))
    if "anew" in about:
        what, control = about["anew"]
        told(f"{name}: {what}", press(page, selector, "svg", 10, 120, control))
    open_and_run(page, lab, f"{file}_interact.ipynb", [*solved, INTERACT.format(**about)])
    selector = ".jp-OutputArea-output:has(.noUi-handle)"
    press(page, selector, "img", 21, 30)
    slow, slow95 = told(f"{name}: interact", press(page, selector, "img", presses, 120))
    print(f"{'':44} {slow / median:6.1f}x {slow95 / p95:6.1f}x as fast")


if __name__ == "__main__":
    main()
