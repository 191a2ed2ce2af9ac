"""Several calls at once, of a function that is just there."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from course import checks
from course.checks.known import features
from course.checks.known.coins import sampling
from course.student.parts import parts


def test_each_call_is_made_in_order() -> None:
    assert checks.call_each(divmod, [(7, 2), (9, 4)]) == [(3, 1), (2, 1)]


@pytest.mark.parametrize(
    "kind", [np.asarray, lambda b: (b, b), lambda b: [b, [b]], lambda b: ({0: b}, 1)]
)
def test_arrays_are_as_they_were_when_they_came(kind) -> None:
    buffer = np.zeros(1)

    def fill(x):
        buffer[:] = x
        return kind(buffer)

    results = checks.call_each(fill, [(1,), (2,), (3,)])
    assert [np.ravel(parts(result)[0])[0] for result in results] == [1, 2, 3]


def test_no_call_is_made_after_one_that_raises() -> None:
    made = []

    def invert(x):
        made.append(x)
        return 1 / x

    with pytest.raises(ZeroDivisionError):
        checks.call_each(invert, [(2,), (0,), (1,)])
    assert made == [2, 0]


def test_an_attribute_of_a_function_is_not_called_in_its_place() -> None:
    def double(x):
        return 2 * x

    double.call_each = lambda calls: ["forged"] * len(calls)
    assert checks.call_each(double, [(2,)]) == [4]


def test_a_function_that_writes_into_its_argument_has_the_same_outcomes() -> None:
    def count(x):
        x += 1
        return x.copy()

    seen = features.steady_value(count, lambda: (np.zeros(2),))
    assert (seen.kind, seen.values.tolist()) == ("array", [1, 1])


def test_a_slow_function_is_asked_for_no_fewer_coins_but_for_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampling, "BUDGET_S", 0.0)
    asked = []

    def decoder(context, targets, params, sampling_prob, cell_type):
        asked.append(sampling_prob)
        return np.zeros((len(targets), 4))

    seen = sampling.reading(decoder, lambda: ("rnn", 5, ((0.0, 8), (1.0, 8), (0.75, 80))))
    assert (asked, seen.kind) == ([0.0] * 8, features.NOT_ASKED)


def test_the_line_that_failed_is_the_functions_own() -> None:
    def half(x):
        if x > 1:
            raise ValueError("too large")
        return x / 2

    seen = features.curve(half, lambda: ((1, 2),))
    assert seen.kind == "raised ValueError"
    assert seen.raw.endswith('at `raise ValueError("too large")`')


def test_a_call_that_overflows_is_not_silent_though_its_result_is_right() -> None:
    with pytest.raises(AssertionError, match=r"it warns: overflow encountered"):
        checks.call_each_silently(lambda x: 1 / (1 + np.exp(x)), [(1.0,), (1000.0,)])


def test_a_warning_is_heard_though_it_was_given_before() -> None:
    def overflow(x):
        return 1 / (1 + np.exp(x))

    for _ in range(2):
        with pytest.raises(AssertionError, match="it warns"):
            checks.call_each_silently(overflow, [(1000.0,)])


def test_what_is_silent_or_warns_of_something_else_is_let_through() -> None:
    def careful(x):
        warnings.warn("this will change", DeprecationWarning, stacklevel=1)
        with np.errstate(over="ignore"):
            return 1 / (1 + np.exp(x))

    assert checks.call_each_silently(careful, [(1000.0,)]) == [0.0]


def warns_as_a_product_does(x):
    """Give what OpenBLAS's flag makes NumPy say of a right product on some processors."""
    message = "invalid value encountered in matmul"
    warnings.warn(message, RuntimeWarning, stacklevel=1)
    return x


def test_a_warning_of_a_right_matrix_product_is_none() -> None:
    assert checks.call_each_silently(warns_as_a_product_does, [(2.0,)]) == [2.0]


def test_a_warning_of_a_right_matrix_product_stops_no_test_of_ours() -> None:
    assert warns_as_a_product_does(2.0) == 2.0


def test_an_attribute_of_a_function_is_not_taken_for_its_warnings() -> None:
    def double(x):
        return 2 * x

    double.warned = ["forged"]
    assert checks.call_each_silently(double, [(2,)]) == [4]
