"""Shipped transformers: as good as was measured, each under its mask, and not to be spoilt."""

from __future__ import annotations

import numpy as np
import pytest

from course.study.transformers import outcomes
from course.trained import results
from course.trained.masks import MASKS, TITLES, load, sees


@pytest.mark.parametrize("mask", MASKS)
def test_a_model_is_as_good_under_its_mask_as_was_measured_of_its_seed(mask: str) -> None:
    """Packed, on the sequences of the measurement, as many as make a hundred."""
    measured = outcomes(load(mask), mask, columns=100)
    for name in ("gold_prefix_error", "own_prefix_error"):
        of_seed_0 = results.find(f"masks/transformer/{mask}/{name}").values[0]
        assert measured[name] == pytest.approx(of_seed_0, abs=0.06)


def test_a_model_under_the_mask_of_another_is_worse() -> None:
    own, other = (
        outcomes(load("none"), mask, columns=50)["nll_nats"] for mask in ("none", "causal")
    )
    assert own < 0.1 < 1 < other


def test_what_is_read_cannot_be_changed_and_is_read_once() -> None:
    model = load("causal")
    assert load("causal") is model
    assert model.flat.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        model.flat[0] = 1


@pytest.mark.parametrize("steps", [0, 1, 4])
def test_masks_are_what_they_are_called(steps: int) -> None:
    t, j = np.indices((steps, steps))
    right = {"causal": j <= t, "none": j >= 0, "one-too-few": j <= t + 1, "transposed": j >= t}
    assert set(right) == set(MASKS) == set(TITLES)
    for mask, seen in right.items():
        np.testing.assert_array_equal(sees(mask, steps), seen)


@pytest.mark.parametrize("ask", [load, lambda mask: sees(mask, 3)])
def test_there_is_no_other_mask(ask: object) -> None:
    with pytest.raises(ValueError, match=r"there are the masks causal, none, .*; got 'strict'"):
        ask("strict")  # type: ignore[operator]
