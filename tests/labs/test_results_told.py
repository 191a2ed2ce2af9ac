"""What a learner's function returns in several parts: taken apart, and told where it is amiss."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from course.labs.calling.functions import LearnersFunction, Unfinished
from course.labs.calling.results import NamedShape

GRADIENTS = {"W_hh": (2, 2), "b_y": ()}
WANTED: list[Any] = [("gradients", GRADIENTS), ("d_context", (2,))]
RIGHT = {"W_hh": [[1, 2], [3, 4]], "b_y": 5, "more": "of it does no harm"}


def called(wanted: Any, result: Any) -> Any:
    """Call a function of a learner's that returns this."""

    def function() -> Any:
        return result

    return LearnersFunction(function)(wanted)


@pytest.mark.parametrize("kind", [tuple, list])
def test_a_tuple_comes_back_as_plain_arrays_of_what_was_asked_for(kind: Any) -> None:
    gradients, d_context = called(WANTED, kind((RIGHT, [0, 1])))
    assert sorted(gradients) == ["W_hh", "b_y"]
    np.testing.assert_array_equal(gradients["W_hh"], np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert gradients["b_y"] == 5.0
    np.testing.assert_array_equal(d_context, np.array([0.0, 1.0]))


def test_a_dict_alone_and_two_numbers_come_back_too() -> None:
    assert called({"W_hh": ()}, {"W_hh": 1e-9}) == {"W_hh": 1e-9}
    assert called([("mean", ()), ("half_width", ())], (1, 2)) == (1.0, 2.0)


@pytest.mark.parametrize(
    ("wanted", "result", "said"),
    [
        (WANTED, None, "function returned None: does it end with `return ...`?"),
        (WANTED, RIGHT, "function returned dict, expected a tuple (gradients, d_context)."),
        (WANTED, (RIGHT,), "function returned 1 result, expected a tuple (gradients, d_context)."),
        (WANTED, ([], [0, 1]), "function returned for gradients list, expected a dict: W_hh, b_y."),
        (WANTED, ({"b_y": 1}, [0, 1]), "function returned for gradients a dict without 'W_hh'"),
        (
            WANTED,
            ({**RIGHT, "W_hh": [1, 2]}, [0, 1]),
            "function returned for gradients['W_hh'] shape (2,), expected (2, 2).",
        ),
        (
            WANTED,
            ({**RIGHT, "b_y": float("nan")}, [0, 1]),
            "function returned for gradients['b_y'] NaN or infinity.",
        ),
        (
            WANTED,
            (RIGHT, [0, float("inf")]),
            "function returned for d_context NaN or infinity, first in row 1.",
        ),
        (WANTED, (RIGHT, "no"), "function returned for d_context str, not an array of numbers"),
        ({"W_hh": ()}, 3, "function returned int, expected a dict: W_hh."),
        ({"W_hh": ()}, {}, "function returned a dict without 'W_hh', expected W_hh."),
        ({"W_hh": ()}, {"W_hh": [1]}, "returned ['W_hh'] shape (1,), expected a number."),
    ],
)
def test_what_is_amiss_is_told_with_the_part_that_it_is_in(
    wanted: Any, result: Any, said: str
) -> None:
    with pytest.raises(Unfinished, match=re.escape(said)):
        called(wanted, result)


def test_a_shape_with_words_of_its_own_is_told_in_them() -> None:
    wanted = NamedShape((3, 2), "(T, d)", "one row for each position")
    np.testing.assert_array_equal(called(wanted, np.ones((3, 2))), np.ones((3, 2)))
    said = "shape (2, 3), expected (T, d) = (3, 2): one row for each position."
    with pytest.raises(Unfinished, match=re.escape(said)):
        called(wanted, np.ones((2, 3)))
