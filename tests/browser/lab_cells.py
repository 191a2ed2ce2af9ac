"""Cells that open the labs on learners' functions, and what one of them shows and does by key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from course import labs
from course.lessons import find_lessons

ROOT = Path(__file__).resolve().parents[2]
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


def lab_of(page: Page | Locator, name: str, among: Sequence[str] = labs.__all__) -> Locator:
    """Return the lab that a function has opened, among those of the notebook."""
    found = page.locator(".course-lab").nth(among.index(name))
    found.scroll_into_view_if_needed()
    return found


#: Asked of the lab at once: a picture that is looked at may be gone before its words are.
_SHOWN = """lab => {
  const picture = lab.querySelector("[data-key]");
  return [picture.dataset.key, picture.innerHTML, lab.querySelector("[role=status]").innerText];
}"""


def shown(found: Locator) -> tuple[str, str, str]:
    """Return the setting that a picture is of, the picture, and the words."""
    key, picture, words = found.evaluate(_SHOWN)
    return key, picture, words


def arrow(handle: Locator) -> str:
    """Return the arrow key that moves a slider, which may be at its end."""
    at, high = handle.evaluate("one => [Number(one.ariaValueNow), Number(one.ariaValueMax)]")
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
