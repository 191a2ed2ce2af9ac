"""Callables on the wire: a name that both sides know, with data; and never towards the judge."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from messages import message

from course import checks
from course.checks.cells.losses import LOSSES
from course.student.wire import MAX_DEPTH, WireError, pack, unpack

COEFFICIENTS = {"w": np.array([2.0, 3.0])}
LOSS = partial(checks.sum_of_powers, COEFFICIENTS, 2)


def sent(value: Any) -> Any:
    return unpack(pack({"it": value}, functions=LOSSES), functions=LOSSES)["it"]


def test_a_loss_with_its_numbers_arrives_and_gives_the_same() -> None:
    params = {"w": np.array([1.0, 2.0])}
    assert sent(LOSS)(params) == LOSS(params) == 14.0


def test_what_arrives_shares_no_array_with_what_was_sent() -> None:
    sent(LOSS).args[0]["w"][0] = 99.0
    assert COEFFICIENTS["w"][0] == 2.0


def test_a_loss_inside_a_list_arrives() -> None:
    (came,) = sent([LOSS])
    assert came.func is checks.sum_of_powers


@pytest.mark.parametrize("value", [LOSS, [LOSS], {"loss": LOSS}])
def test_nothing_callable_is_sent_where_no_function_is_named(value: Any) -> None:
    with pytest.raises(WireError, match="a value of type partial cannot be sent"):
        pack({"it": value})


@pytest.mark.parametrize(
    "value",
    [
        checks.sum_of_powers,
        partial(print, 1),
        partial(checks.sum_of_powers, COEFFICIENTS, power=2),
        partial(partial(print, 1), 2),
        type("Own", (partial,), {})(checks.sum_of_powers, 1),
    ],
    ids=["bare", "another", "keywords", "flattened", "subclass"],
)
def test_other_callables_are_refused(value: Any) -> None:
    with pytest.raises(WireError, match="cannot be sent"):
        pack({"it": value}, functions=LOSSES)


def test_a_callable_that_holds_what_cannot_be_sent_is_refused() -> None:
    with pytest.raises(WireError, match="type builtin_function_or_method cannot be sent"):
        pack({"it": partial(checks.sum_of_powers, print)}, functions=LOSSES)


def test_callables_within_callables_end_somewhere() -> None:
    nest: Any = LOSS
    for _ in range(MAX_DEPTH):
        nest = partial(checks.sum_of_powers, nest)
    with pytest.raises(WireError, match="nested deeper than 32"):
        pack({"it": nest}, functions=LOSSES)


def test_no_message_makes_a_callable_where_no_function_is_named() -> None:
    data = pack({"it": LOSS}, functions=LOSSES)
    with pytest.raises(WireError, match="a callable came that is none of those which travel"):
        unpack(data)


@pytest.mark.parametrize(
    "forged",
    [
        ["partial", "eval", ["tuple", ["1 + 1"]]],
        ["partial", "course.checks.cells.losses.sum_of_powers", ["tuple", []]],
        ["partial", "__class__", ["tuple", []]],
        ["partial", ["list", ["sum_of_powers"]], ["tuple", []]],
        ["partial", None, ["tuple", []]],
        ["partial", 0, ["tuple", []]],
        ["partial", "sum_of_powers", ["list", []]],
        ["partial", "sum_of_powers", ["dict", []]],
        ["partial", "sum_of_powers", 7],
        ["partial", "sum_of_powers"],
        ["partial", "sum_of_powers", ["tuple", []], ["tuple", []]],
        ["partial"],
    ],
    ids=str,
)
def test_forged_callables_are_refused(forged: Any) -> None:
    with pytest.raises(WireError, match=r"a callable came that is none|a malformed value came"):
        unpack(message({"it": forged}), functions=LOSSES)
