"""The wire: what does not travel is refused, and nothing else happens."""

from __future__ import annotations

import ast
import io
import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from messages import message, through

from course.student import wire
from course.student.wire import MAX_DEPTH, WireError, pack, read_message, unpack

# What does not travel.


@pytest.mark.parametrize(
    "value",
    [
        np.array([None]),
        np.array(["text"]),
        np.array([b"bytes"]),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.zeros(2, dtype=[("a", "f8")]),
        np.zeros(2, dtype="V3"),
    ],
    ids=lambda a: str(a.dtype),
)
def test_arrays_of_other_things_are_refused(value: np.ndarray) -> None:
    with pytest.raises(WireError, match=r"an array of dtype .* cannot be sent: only numbers can"):
        pack({"it": value})


@pytest.mark.parametrize(
    "value",
    [math, len, lambda: 0, object(), int, {1}, frozenset(), range(3), iter([]), slice(1), ...],
    ids=lambda v: type(v).__name__,
)
def test_functions_modules_and_objects_are_refused_by_name(value: Any) -> None:
    with pytest.raises(WireError, match=rf"type {type(value).__name__} cannot be sent: only"):
        pack({"it": [value]})


@pytest.mark.parametrize("wrap", [lambda v: [v], lambda v: (v,), lambda v: {"k": v}])
def test_deep_nests_are_refused(wrap: Any) -> None:
    value: Any = 0
    for _ in range(MAX_DEPTH):
        value = wrap(value)
    assert through(value) == value
    with pytest.raises(WireError, match="nested deeper than 32"):
        pack({"it": wrap(value)})


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(WireError, match="nested deeper"):
        pack({"it": endless})


def test_a_generator_of_another_kind_is_refused_on_arrival() -> None:
    data = pack({"it": np.random.Generator(np.random.MT19937(1))})
    with pytest.raises(WireError, match="no known random generator"):
        unpack(data)


# What is no message.


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        ["list"],
        ["list", 3],
        ["list", [], 3],
        ["dict", [[1]]],
        ["dict", [[["list", []], 1]]],
        ["dict", None],
        ["array", "<f8", [1]],
        ["array", "<f8", [2], 0],
        ["array", "<f8", [1], 1],
        ["array", "<f8", [-1], 0],
        ["array", "<f8", [True], 0],
        ["array", "<f8", [10**30], 0],
        ["array", "<f8", [1] * 99, 0],
        ["array", "<f8", "11", 0],
        ["array", "<f8", None, 0],
        ["array", "|O8", [1], 0],
        ["array", "O", [1], 0],
        ["array", "<f3", [1], 0],
        ["array", "<c1", [8], 0],
        ["array", "<U2", [1], 0],
        ["array", "<M8[D]", [1], 0],
        ["array", ["<f8"], [1], 0],
        ["array", "<f8", [1], True],
        ["array", "<f8", [1], "0"],
        ["array", "<f8", [1], -1],
        ["number", "<f8", 1],
        ["int", 5],
        ["int", "five"],
        ["float", "huge"],
        ["float", []],
        ["complex", 1],
        ["complex", "one", 1],
        ["complex", ["list", []], 1],
        ["bytes", 1],
        ["generator", 1],
        ["generator", ["dict", [["bit_generator", "seed"]]]],
        ["generator", ["dict", [["bit_generator", "PCG64"]]]],
        ["generator", ["dict", [["bit_generator", "PCG64"], ["state", 3]]]],
        ["object", 1],
        [["list"], 1],
        [None],
        [1, 2],
    ],
    ids=json.dumps,
)
def test_malformed_values_are_refused(value: Any) -> None:
    with pytest.raises(WireError, match=r"\w"):
        unpack(message({"it": value}, b"12345678"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 7,
        b"\0" * 8,
        b"\xff" * 8,
        message({"it": 1})[:-1],
        message({"it": 1}) + b"x",
        message([]),
        message(None),
        message({"it": 1}, sizes=3),
        message({"it": 1}, sizes=[1]),
        message({"it": 1}, b"abc", sizes=[-1]),
        message({"it": 1}, b"abc", sizes=[True]),
        message({"it": 1}, b"abc", sizes=[1.0]),
        struct.pack(">II", 4, 0) + b"\xff\xfe\x00\xd8",
        struct.pack(">II", 200_000, 0) + b"[" * 200_000,
        struct.pack(">II", 9000, 0) + b"[{}," + b"1" * 8995 + b"]",
    ],
    ids=lambda data: repr(data[:16]),
)
def test_malformed_messages_are_refused(data: bytes) -> None:
    with pytest.raises(WireError, match=r"\w"):
        unpack(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(
            st.sampled_from(
                [
                    "list",
                    "tuple",
                    "dict",
                    "array",
                    "number",
                    "int",
                    "float",
                    "complex",
                    "bytes",
                    "generator",
                ]
            ),
            inner,
        ).map(list)
        | st.tuples(
            st.sampled_from(["array", "number"]),
            st.from_regex(r"[<>|][biufc]\d{1,2}", fullmatch=True),
            st.lists(st.integers(-1, 9) | st.integers(), max_size=3),
            st.integers(-2, 3),
        ).map(list)
        | st.tuples(
            st.just("generator"),
            st.dictionaries(
                st.sampled_from(
                    ["bit_generator", "state", "inc", "has_uint32", "uinteger", "seed"]
                ),
                inner | st.sampled_from(["PCG64", "PCG64DXSM"]),
            ).map(lambda d: ["dict", [[k, v] for k, v in d.items()]]),
        ).map(list)
    ),
    max_leaves=10,
)


@given(st.binary(max_size=200))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_but_a_wire_error(data: bytes) -> None:
    with pytest.raises(WireError, match=r"\w"):
        unpack(data)


@pytest.mark.slow
@given(json_values, st.lists(st.binary(max_size=40), max_size=3))
@settings(max_examples=400, deadline=None)
def test_no_forged_message_raises_anything_but_a_wire_error(value: Any, blobs: list[bytes]) -> None:
    for fields in ({"it": value}, value):
        try:
            came = unpack(message(fields, *blobs))
        except WireError:
            continue
        pack(came)  # what is accepted is of the kinds that travel


state_numbers = st.integers(-2, 2**130) | st.integers() | json_values


@given(state=state_numbers, inc=state_numbers, has=json_values, uint=state_numbers)
@settings(max_examples=150, deadline=None)
def test_no_forged_generator_raises_anything_but_a_wire_error(
    state: Any, inc: Any, has: Any, uint: Any
) -> None:
    def number(value: Any) -> Any:
        return ["int", hex(value)] if type(value) is int else value

    inner = ["dict", [["state", number(state)], ["inc", number(inc)]]]
    whole = [["bit_generator", "PCG64"], ["state", inner], ["has_uint32", has]]
    forged = message({"it": ["generator", ["dict", [*whole, ["uinteger", number(uint)]]]]})
    try:
        came = unpack(forged)["it"]
    except WireError:
        return
    assert 0 <= came.random() < 1


def test_a_flipped_bit_raises_nothing_but_a_wire_error() -> None:
    whole = pack({"x": np.arange(3.0), "rng": np.random.default_rng(1), "t": (1, 2**70, b"z")})
    for place in range(len(whole)):
        for bit in (1, 16, 128):
            flipped = bytearray(whole)
            flipped[place] ^= bit
            try:
                unpack(bytes(flipped))
            except WireError:
                continue


def test_half_a_surrogate_pair_arrives_as_a_question_mark() -> None:
    assert unpack(pack({"it": ["\ud800", {"\udfff": 1}]}))["it"] == ["?", {"?": 1}]


def test_an_arrays_bytes_are_used_once() -> None:
    # Else a short message could stand for more memory than any machine has.
    one = ["array", "<f8", [1], 0]
    with pytest.raises(WireError, match="more than once"):
        unpack(message({"it": ["list", [one, one]]}, b"12345678"))


# Reading.


def test_messages_are_read_one_after_the_other() -> None:
    stream = io.BytesIO(pack({"a": 1}) + pack({"b": np.ones(2)}))
    assert [unpack(read_message(stream) or b"").popitem()[0] for _ in "ab"] == ["a", "b"]
    assert read_message(stream) is None


@pytest.mark.parametrize("length", [3, 8, 20])
def test_a_stream_that_ends_within_a_message_is_refused(length: int) -> None:
    with pytest.raises(WireError, match="cut short"):
        read_message(io.BytesIO(pack({"a": "some text"})[:length]))


def test_a_message_that_is_too_long_is_refused_before_it_is_read() -> None:
    stream = io.BytesIO(struct.pack(">II", 2**20, 2**32 - 1))
    with pytest.raises(WireError, match=r"a message of .* bytes came; at most 1,000 are"):
        read_message(stream, 1000)


def test_a_header_that_is_too_long_is_refused_before_it_is_read() -> None:
    # Read as JSON it takes up many times its length; arrays' bytes do not.
    stream = io.BytesIO(struct.pack(">II", wire.MAX_HEADER_BYTES + 1, 0))
    with pytest.raises(WireError, match="text and lists"):
        read_message(stream)


def test_nothing_on_the_wire_can_run_code() -> None:
    for module in ("wire", "__main__"):
        tree = ast.parse(Path(wire.__file__).with_name(f"{module}.py").read_text("utf-8"))
        imported = {
            alias.name.split(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        called = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
        assert not imported & {"pickle", "marshal", "shelve", "cloudpickle", "dill"}
        assert not called & {"eval", "exec", "__import__"}


def test_a_truth_is_0_or_1_whatever_byte_came() -> None:
    fields = {"x": ["array", "|b1", [3], 0], "y": ["number", "|b1", 1]}
    came = unpack(message(fields, b"\x00\x01\xff", b"\x02"))
    assert came["x"].view(np.uint8).tolist() == [0, 1, 1]
    assert came["y"] is np.True_
