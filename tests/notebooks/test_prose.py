"""Numbers in a lesson's prose are those that its cells print, or a mark in it says whence."""

from __future__ import annotations

import ast
import contextlib
import io
import re
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from plain_run import LESSONS

from course.lessons import Lesson, course_root

DECIMAL = r"[-−]?\b\d+\.\d+\b"
#: References, numbers whose origin a comment behind them names, and a row's way of training.
ELSEWHERE = re.compile(
    r"arxiv\S* ?\d+\.\d+|arXiv \S+|section \d\.\d|(?:\S+ ± )?\S+(?: %)?<!--result[^>]*-->"
    r"|^\| (\d\.\d+)\b(?=.*<!--result \S+/p\1)|<!--.*?-->",
    re.I | re.M,
)
#: Says what is worked out in the text itself: ``<!--worked 0.762 = np.tanh(1); ...-->``.
WORKED = re.compile(r"<!--worked (.*?)-->")
#: Says which numbers are somebody else's, and whose: ``<!--given 28.8, 15.0: Bengio 2015-->``.
GIVEN = re.compile(r"<!--given ([-\d., ]+): .+?-->")


def prose(lesson: Lesson) -> str:
    return "\n".join(cell.source for cell in lesson.cells if not cell.is_code)


def worked_in(text: str) -> dict[str, str]:
    """Return each number that a text works out, with its formula."""
    marks = "; ".join(WORKED.findall(text))
    return dict(mark.split(" = ") for mark in marks.split("; ") if mark)


def given_in(text: str) -> set[str]:
    return {number for numbers in GIVEN.findall(text) for number in numbers.split(", ")}


def numbers_of(text: str) -> set[str]:
    return {found.replace("−", "-") for found in re.findall(DECIMAL, ELSEWHERE.sub("", text))}


def printed_by(lesson: Lesson) -> str:
    """Run the solved lesson as somebody who has written each prediction down."""
    mpl.use("Agg")
    shown = io.StringIO()
    namespace: dict[str, Any] = {"__name__": "__main__", "display": print}
    with contextlib.redirect_stdout(shown):
        for cell in lesson.cells:
            if not cell.is_code or cell.role == "test":
                continue
            source = re.sub(r"^(my_\w+) = None", r"\1 = 0", cell.source, flags=re.M)
            *statements, last = ast.parse(source).body
            if not isinstance(last, ast.Expr):
                statements, last = [*statements, last], None  # type: ignore[assignment]
            exec(compile(ast.Module(statements, []), cell.grade_id, "exec"), namespace)
            if isinstance(last, ast.Expr):
                print(eval(compile(ast.Expression(last.value), cell.grade_id, "eval"), namespace))
    code = "\n".join(cell.source for cell in lesson.cells if cell.is_code)
    return shown.getvalue() + code


def is_rounded_from(number: str, value: float) -> bool:
    decimals = len(number.partition(".")[2])
    return abs(float(number) - value) <= 0.5001 * 10**-decimals


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS.values(), ids=lambda lesson: lesson.id)
def test_every_number_in_the_prose_has_an_origin(lesson: Lesson) -> None:
    printed = [float(found) for found in re.findall(r"-?\d+\.\d*(?:e-?\d+)?", printed_by(lesson))]
    text = prose(lesson)
    unknown = [
        number
        for number in sorted(numbers_of(text) - set(worked_in(text)) - given_in(text))
        if not any(is_rounded_from(number.lstrip("-"), abs(value)) for value in printed)
    ]
    assert unknown == []


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=lambda lesson: lesson.id)
def test_a_number_worked_by_hand_follows_from_its_formula(lesson: Lesson) -> None:
    worked = worked_in(prose(lesson))
    assert {n for n in worked if not is_rounded_from(n, eval(worked[n], {"np": np}))} == set()


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=lambda lesson: lesson.id)
def test_a_mark_names_a_number_of_the_text(lesson: Lesson) -> None:
    text = prose(lesson)
    assert text.count("<!--worked") + text.count("<!--given") == len(
        WORKED.findall(text) + GIVEN.findall(text)
    )
    assert worked_in(text).keys() | given_in(text) <= numbers_of(text)


def test_every_number_of_a_document_of_measurements_has_a_mark() -> None:
    pages = [path.read_text(encoding="utf-8") for path in (course_root() / "docs").glob("*.md")]
    of_measurements = [page for page in pages if "`python3 -m course build results` makes" in page]
    assert of_measurements
    for page in of_measurements:
        worked = worked_in(page)
        assert numbers_of(page) - set(worked) - given_in(page) == set()
        assert {n for n in worked if not is_rounded_from(n, eval(worked[n], {"np": np}))} == set()


def test_a_number_from_nowhere_is_noticed() -> None:
    assert numbers_of("It fell to −0.514 (arXiv 1506.03099, section 3.1).") == {"-0.514"}
    assert not is_rounded_from("0.514", 0.5151)
    marks = "<!--worked 0.5 = 1 / 2; -1.5 = -3 / 2--> <!--given 2.5, 3.5: Ann 2015-->"
    assert worked_in(marks) == {"0.5": "1 / 2", "-1.5": "-3 / 2"}
    assert given_in(marks) == {"2.5", "3.5"}
