"""Central differences have a step that is best: larger ones are no line, smaller ones no digits."""

from __future__ import annotations

import numpy as np
import pytest

from course.study.step_sizes import DTYPES, STEPS, measured, named, relative_errors
from course.trained.results import find


def written(dtype: str) -> np.ndarray:
    return np.array([find(f"step-sizes/rnn/{dtype}/{named(step)}").mean for step in STEPS])


def test_the_errors_fall_as_the_square_of_the_step_and_rise_as_its_inverse() -> None:
    power = written("float64")
    best = int(power.argmin())
    assert STEPS[best] == 1e-5
    np.testing.assert_allclose(np.diff(power[:4]), -2, atol=0.1)
    np.testing.assert_allclose(np.diff(power[best + 1 :]), 1, atol=0.25)


def test_in_float32_the_usual_step_says_nothing() -> None:
    power = written("float32")
    assert STEPS[int(power.argmin())] == 1e-2
    assert power[STEPS.index(1e-6)] > -1


def test_what_is_measured_now_is_what_was_written() -> None:
    values = measured(0)
    for dtype in DTYPES:
        for step in STEPS[:4] if dtype == "float64" else STEPS[:2]:  # where rounding has no part
            path = f"step-sizes/rnn/{dtype}/{named(step)}"
            assert values[dtype][named(step)] == pytest.approx(find(path).values[0], abs=0.1)


def test_a_gradient_is_told_from_a_wrong_one_in_float64() -> None:
    assert relative_errors(3, np.float64).min() < 1e-8
