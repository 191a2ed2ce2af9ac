"""Results are read, summed up over seeds and printed as a reader expects."""

from __future__ import annotations

import math

import numpy as np
import pytest

from course.study.quotes import FORMS
from course.trained import results
from course.trained.results import STUDENT_T, Result, interval


@pytest.mark.parametrize(("df", "t"), STUDENT_T.items())
def test_students_points_leave_five_percent_outside(df: int, t: float) -> None:
    x = np.linspace(-t, t, 200_001)
    density = (1 + x * x / df) ** (-(df + 1) / 2)
    density *= math.gamma((df + 1) / 2) / (math.sqrt(df * math.pi) * math.gamma(df / 2))
    assert np.trapezoid(density, x) == pytest.approx(0.95, abs=1e-4)


def test_the_interval_is_students() -> None:
    result = Result((1.0, 2.0, 3.0, 4.0, 5.0), 3, "nats", "a loss")
    assert result.sd == pytest.approx(np.std(result.values, ddof=1))
    assert result.half == pytest.approx(2.776 * result.sd / math.sqrt(5))
    assert str(result) == "3.000 ± 1.963"


def test_the_interval_of_one_seed_is_not_known_and_a_single_value_is_exact() -> None:
    mean, half = interval(np.array([2.0]))
    assert mean == 2
    assert np.isnan(half)
    assert str(Result((2.0,), 3, "nats", "a loss")) == "2.000"


def test_numbers_are_printed_as_a_reader_expects() -> None:
    difference = Result((-0.1, -0.3), 3, "fraction", "a difference")
    assert str(difference) == "−0.200 ± 1.271"
    assert difference.percent() == "−20.0 ± 127.1 %"
    assert FORMS["below"](difference) == "2 of 2"
    assert str(Result((-0.0001,), 3, "nats", "a loss")) == "0.000"
    assert str(Result((0.28768,), 3, "nats", "a loss")) == "0.288"


def test_a_curve_that_is_not_there_is_named_with_what_makes_it() -> None:
    assert results.curve("osc/gru/p0.00/kl").shape == (5, 30)
    with pytest.raises(ValueError, match=r"no curve 'osc/gru/p0\.00/beauty' in course/trained/"):
        results.curve("osc/gru/p0.00/beauty")
