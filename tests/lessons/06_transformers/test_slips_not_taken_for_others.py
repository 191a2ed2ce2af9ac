"""Slips that no list has are not told as others: a wrong name misleads more than none."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np
import pytest
from plain_run import LESSONS

from course.checks.dashboard.checking import examine
from course.checks.known.diagnosis import diagnose
from course.lessons import solution_namespace

PASSES = "two_pass_scheduled_sampling"


def in_half_precision(x: Any, block: Any) -> Any:
    half = {key: one.astype(np.float16) for key, one in block.items()}
    return right(x.astype(np.float16), half)  # type: ignore[name-defined]  # noqa: F821


def mixed_logits(
    c: Any, target: Any, params: Any, p: float, passes: int = 1, rng: Any = None
) -> Any:
    """Choose between rows of two passes, in place of what is fed."""
    if not 0 <= p <= 1 or passes < 0:
        raise ValueError(p)
    coins = np.random.default_rng().random((len(target), 1)) < p
    first = logits = transformer_forward(c, target, params)  # type: ignore[name-defined]  # noqa: F821
    for _ in range(passes):
        own = np.eye(target.shape[1])[logits.argmax(axis=1)]
        forced = transformer_forward(c, own, params)  # type: ignore[name-defined]  # noqa: F821
        logits = np.where(coins, forced, first)
    return logits


def none_for_nothing(context_vector: Any, draft: Any, params: Any) -> Any:
    return right(context_vector, draft, params) if draft else ([], None)  # type: ignore[name-defined]  # noqa: F821


def normed_first(x: Any, block: Any) -> Any:
    """Go wrong in each block, and so in row 0 too."""
    return x - 0.1 * right(x, block)  # type: ignore[name-defined]  # noqa: F821


def in_place_of(name: str, wrong: FunctionType, under: str = "") -> dict[str, Any]:
    """Return lesson 6 with a function of this file, which calls the right one as `right`."""
    names = solution_namespace(LESSONS["06_transformers"])
    names["right"] = names[name]
    names[under or name] = FunctionType(wrong.__code__, names, name, wrong.__defaults__)
    return names


def told(name: str, wrong: FunctionType) -> list[str]:
    return [one.name for one in diagnose(in_place_of(name, wrong)[name], name)]


def test_few_digits_are_no_weight_without_influence() -> None:
    names = told("causal_attention", in_half_precision)
    assert not [name for name in names if name.startswith("ignores_")]
    assert "is_right_to_a_few_digits" in names


def test_rows_that_are_mixed_afterwards_are_no_coin_for_each_number() -> None:
    assert told(PASSES, mixed_logits) == []


def test_what_an_empty_draft_gives_is_told_by_what_a_draft_gives() -> None:
    [one] = diagnose(in_place_of("accept_draft", none_for_nothing)["accept_draft"], "accept_draft")
    assert one.name == "returns_another_form_empty"
    assert one.sentence.startswith("For an empty draft, what comes back is not put together")
    assert "a list of the accepted tokens and the next token, one number" in one.sentence


@pytest.mark.parametrize("helper", ["block_forward"])
def test_a_wrong_way_through_the_blocks_is_not_sought_at_x_start(helper: str) -> None:
    names = in_place_of(helper, normed_first)
    report = examine(names["transformer_forward"], "transformer_forward")
    assert report
    assert report.failure
    assert report.failure.claim == "all rows go through all blocks, in order"
