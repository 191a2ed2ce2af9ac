"""The wire: what travels comes back as itself, in base types."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import through

# What travels.


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        False,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        2**63,
        -(2**200),
        0.1,
        -0.0,
        5e-324,
        1.7976931348623157e308,
        math.inf,
        -math.inf,
        1 + 2j,
        complex(-0.0, math.inf),
        "",
        "Zoë \x00 \U0001f600",
        b"",
        b"\x00\xff",
        [],
        (),
        {},
        [1, (2, [3.5, None]), {"a": (True,)}],
        {1: "a", (2, 3): b"b", None: [], "x": {"y": {}}},
    ],
)
def test_plain_values_come_back_as_themselves(value: Any) -> None:
    came = through(value)
    assert came == value
    assert repr(came) == repr(value)


def test_a_whole_number_too_long_to_print_comes_back() -> None:
    assert through(-(10**5000)) == -(10**5000)


@pytest.mark.parametrize("value", [math.nan, complex(math.nan, 1), np.float32("nan")])
def test_what_is_no_number_comes_back_as_none(value: Any) -> None:
    came = through(value)
    assert came != came
    assert type(came) is type(value)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False)
        | st.complex_numbers(allow_nan=False)
        | st.text(st.characters(exclude_categories=["Cs"]))
        | st.binary(),
        lambda inner: (
            st.lists(inner)
            | st.lists(inner).map(tuple)
            | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
        ),
        max_leaves=12,
    )
)
@settings(max_examples=150, deadline=None)
def test_any_nest_of_plain_values_comes_back(value: Any) -> None:
    assert repr(through(value)) == repr(value)


NUMERIC = ["?", "b", "h", "i", "l", "q", "B", "H", "I", "L", "Q", "e", "f", "d", "g", "F", "D", "G"]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("code", NUMERIC)
def test_arrays_come_back_with_dtype_and_bytes(code: str, order: str) -> None:
    dtype = np.dtype(code).newbyteorder(order)
    array = np.arange(6).reshape(2, 3).astype(dtype)
    came = through(array)
    assert (came.dtype, came.shape) == (array.dtype, array.shape)
    assert came.tobytes() == array.tobytes()


@pytest.mark.parametrize(
    "array",
    [
        np.full((), 2.5),
        np.zeros(0),
        np.zeros((0, 4)),
        np.zeros((3, 0, 2), dtype=np.int16),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
        np.arange(10)[::-3],
        np.broadcast_to(np.arange(3.0), (4, 3)),
        np.array([math.nan, math.inf, -math.inf, -0.0]),
        np.array([np.longdouble(1) / 3]),
    ],
    ids=lambda a: f"{a.dtype}{a.shape}{a.strides}",
)
def test_arrays_of_every_layout_come_back_equal(array: np.ndarray) -> None:
    came = through(array)
    assert (came.dtype, came.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(came, array)


def test_what_arrives_can_be_changed_and_shares_nothing() -> None:
    array = np.arange(3.0)
    array.flags.writeable = False
    came = through([array, array])
    came[0][:] = 7
    assert came[1].tolist() == array.tolist() == [0, 1, 2]


@pytest.mark.parametrize("number", [np.float32(0.1), np.int8(-3), np.uint64(2**64 - 1)])
def test_numpy_numbers_keep_their_dtype(number: np.number[Any]) -> None:
    came = through(number)
    assert type(came) is type(number)
    assert came == number


@pytest.mark.parametrize(
    ("number", "plain"), [(np.float64(0.1), 0.1), (np.complex128(1j), 1j), (np.True_, True)]
)
def test_numpy_numbers_that_python_has_too_become_pythons(number: Any, plain: Any) -> None:
    assert type(through(number)) is type(plain)
    assert through(number) == plain


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.PCG64DXSM])
def test_a_generator_goes_on_where_it_was(kind: Any) -> None:
    rng = np.random.Generator(kind(3))
    rng.integers(5, dtype=np.int32)  # leaves half a draw in the state
    came = through(rng)
    assert came.bit_generator.state == rng.bit_generator.state
    assert came.random(3).tolist() == rng.random(3).tolist()


# What arrives of a subclass.


class LyingArray(np.ndarray):
    def tobytes(self, order: Any = "C") -> bytes:
        return b"lies"

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return np.full(2, 9.0)

    def __eq__(self, other: object) -> Any:
        return True


class Text(str):
    def encode(self, *args: Any) -> bytes:
        return b"lies"


class Number(float):
    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Text("a"), str),
        (Number(1), float),
        (type("Int", (int,), {})(3), int),
        (OrderedDict(a=1), dict),
        (type("List", (list,), {})([1]), list),
        (type("Tuple", (tuple,), {})([1]), tuple),
        (bytearray(b"a"), bytes),
        (np.zeros(2).view(LyingArray), np.ndarray),
        (np.zeros(2).view(np.matrix), np.ndarray),
        (np.ma.masked_array([1.0, 2.0], [True, False]), np.ndarray),
        (np.zeros(2).view(np.recarray), np.ndarray),
    ],
)
def test_subclasses_arrive_as_base_types(value: Any, kind: type) -> None:
    assert type(through(value)) is kind


def test_a_subclass_that_lies_about_its_content_arrives_with_it() -> None:
    assert through(np.zeros(2).view(LyingArray)).tolist() == [0, 0]
    assert through(Text("a")) == "a"
