"""What makes two features alike."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from course.checks.cells.asserts import ATOL, RTOL
from course.checks.known.features import (
    Feature,
    after_equals,
    alike,
    keeping,
    memory,
    steady_value,
)

NUMBERS = (0.0, 1.0, 1 + 0.5 * RTOL, 1 + 3 * (RTOL + ATOL), -1.0, 1e308, np.inf, -np.inf, np.nan)


@pytest.mark.parametrize(("one", "other"), list(itertools.product(NUMBERS, repeat=2)))
def test_numbers_are_alike_where_numpy_says_that_they_are_close(one: float, other: float) -> None:
    a, b = np.array([2.0, one]), np.array([2.0, other])
    with np.errstate(over="ignore"):
        close = np.allclose(a, b, RTOL, ATOL, equal_nan=True)
    assert alike(Feature("array", a), Feature("array", b)) == close


def test_no_numbers_are_alike() -> None:
    assert alike(Feature("array", np.zeros((0, 3))), Feature("array", np.zeros((0, 3))))


@pytest.mark.parametrize(("first_that_varies", "kind"), [(0, "varies from row 0"), (1, "varies")])
def test_a_result_that_varies_says_whether_its_first_row_does(
    first_that_varies: int, kind: str
) -> None:
    calls = itertools.count()

    def changing(x: np.ndarray) -> np.ndarray:
        rows = np.zeros((3, 2))
        rows[first_that_varies:] = next(calls)
        return rows

    assert steady_value(changing, lambda: (np.zeros(2),)).kind == kind


def test_results_of_no_rows_that_vary_just_vary_from_the_first_number_on() -> None:
    calls = itertools.count()
    assert steady_value(lambda: float(next(calls)), tuple).kind == "varies from row 0"


def test_a_key_that_a_call_adds_is_told_from_an_array_that_it_changes() -> None:
    def arguments() -> tuple[np.ndarray, dict[str, np.ndarray]]:
        return np.zeros(2), {"b": np.zeros(2)}

    def adds(x: np.ndarray, params: dict[str, np.ndarray]) -> None:
        params["h"] = x

    def writes(x: np.ndarray, params: dict[str, np.ndarray]) -> None:
        params["b"] += 1
        x += 1

    assert keeping(adds, arguments).kind == "changed 1: keys"
    assert keeping(writes, arguments).kind == "changed 0, 1"
    assert keeping(lambda x, params: None, arguments).kind == "unchanged"


def test_what_hangs_on_the_call_before_alone_is_told_from_chance() -> None:
    kept = [0.0]

    def remembers(x: float) -> np.ndarray:
        before, kept[0] = kept[0], x
        return np.full(2, before)

    def drawn(x: float) -> np.ndarray:
        return np.random.default_rng().normal(size=2)

    assert after_equals(remembers, lambda: ((3.0,), (4.0,))).kind == "follows"
    assert after_equals(drawn, lambda: ((3.0,), (4.0,))).kind == "by chance"
    assert after_equals(lambda x: 1 / x, lambda: ((0,), (1,))).kind == "raised ZeroDivisionError"


def test_what_ignores_its_first_argument_keeps_nothing_and_what_is_kept_by_its_shape_repeats() -> (
    None
):
    kept: dict[tuple[int, ...], np.ndarray] = {}

    def arguments() -> tuple[np.ndarray, dict[str, np.ndarray]]:
        return np.array([0.4, -0.3]), {"W": np.array([[1.0, 2.0], [0.5, -1.0]])}

    def ignores(x: np.ndarray, params: dict[str, np.ndarray]) -> np.ndarray:
        return params["W"] @ np.ones(2)

    def keeps(x: np.ndarray, params: dict[str, np.ndarray]) -> np.ndarray:
        return kept.setdefault(x.shape, params["W"] @ x)

    assert memory(ignores, arguments).kind == "forgets"
    assert memory(keeps, arguments).kind == "repeats"
