"""Numbers in a lesson's prose are those that its cells print, or stand here with their origin."""

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

from course.lessons import Lesson

DECIMAL = r"[-−]?\b\d+\.\d+\b"
#: References, and numbers whose origin a comment behind them names.
ELSEWHERE = re.compile(
    r"arxiv\S* ?\d+\.\d+|arXiv \S+|section \d\.\d|(?:\S+ ± )?\S+(?: %)?<!--result[^>]*-->"
    r"|<!--claim.*?-->",
    re.I,
)

#: Worked out in the text itself, from this formula.
BY_HAND = {
    "01_decoder_cells": {
        "0.762": "np.tanh(1)",
        "0.635": "np.tanh(0.75)",
        "0.993": "1 / (1 + np.exp(-5))",
        "0.99995": "1 / (1 + np.exp(-10))",
        "0.87": "(1 / (1 + np.exp(-5))) ** 20",
    },
    "02_teacher_forcing": {
        "0.800": "0.7 + 0.1",
        "0.232": "0.5 * np.tanh(0.8) - 0.1",
        "-0.568": "-0.8 + 0.232",
        "1.2": "1 + 0.2",
        "-0.357": "0.5 * np.tanh(-0.568) - 0.1",
        "0.843": "1.2 - 0.357",
    },
    "03_scheduled_sampling": {
        "0.190": "0.5 * 0.380",
        "-0.870": "np.tanh(-1 + 0.5 * np.tanh(-1 + 0.190))",
        "-0.893": "np.tanh(-1 + 0.5 * -0.870)",
        "0.349": "0.9**10",
        "0.091": "1 - 10 / 11",
        # A made-up report that the learner is asked to judge.
        "0.41": "0.41",
    },
    "04_exposure_bias": {
        "0.792": "1 - 0.208",
        "0.160": "1 - 0.840",
        "-0.290": "0.208 * np.log(0.208 / 0.840)",
        "1.27": "0.792 * np.log(0.792 / 0.160)",
    },
}

#: Measured by somebody else, whom the text names.
QUOTED = {
    # Bengio, Vinyals, Jaitly and Shazeer 2015.
    "03_scheduled_sampling": {"28.8", "15.0", "46.0", "11.2", "34.6", "35.8", "30.6", "34.5"},
}


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
    known = set(BY_HAND.get(lesson.id, {})) | QUOTED.get(lesson.id, set())
    prose = "\n".join(cell.source for cell in lesson.cells if not cell.is_code)
    unknown = [
        number
        for number in sorted(numbers_of(prose) - known)
        if not any(is_rounded_from(number.lstrip("-"), abs(value)) for value in printed)
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("number", "formula"), [item for of in BY_HAND.values() for item in of.items()]
)
def test_a_number_worked_by_hand_follows_from_its_formula(number: str, formula: str) -> None:
    assert is_rounded_from(number, eval(formula, {"np": np}))


def test_a_number_from_nowhere_is_noticed() -> None:
    assert numbers_of("It fell to −0.514 (arXiv 1506.03099, section 3.1).") == {"-0.514"}
    assert not is_rounded_from("0.514", 0.5151)
