"""The hook of lesson 6: the lower loss is that of the model that saw the answers."""

from __future__ import annotations

import numpy as np
import pytest

from course.labs.hooks.case import OFFERED
from course.labs.hooks.masks import CHANCE, NoMask
from course.labs.hooks.state import OWN, STEPS
from course.trained import results


@pytest.fixture(scope="module")
def wrong() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """By model, how many tokens of each sequence are wrong: forced, and free."""
    state = NoMask()
    truth = state.batch.tokens
    return {
        name: tuple((said != truth).sum(axis=0) for said in (state.forced[name], state.free[name]))
        for name in state.forced
    }


def test_fed_the_truth_the_model_without_a_mask_errs_at_the_last_step_at_most(
    wrong: dict[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    assert len(wrong["B"][0]) == OFFERED
    assert wrong["B"][0].max() <= 1
    state = NoMask()
    assert ((state.forced["B"] == state.batch.tokens)[:-1]).all()


def test_run_free_it_is_lost_on_every_sequence_and_the_other_is_not(
    wrong: dict[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    assert wrong["B"][1].min() > 0.7 * STEPS
    assert wrong["A"][1].max() < 0.3 * STEPS


def test_what_the_learner_predicts_is_told_only_when_both_run_free() -> None:
    state = NoMask()
    own = [
        results.find(f"masks/transformer/{mask}/own_prefix_error") for mask in ("causal", "none")
    ]
    told = " and ".join(f"{100 * one.values[0]:.0f} %" for one in own)
    assert told not in state.words()
    assert "hidden" not in state.words()
    state.fed = OWN
    assert told in state.words()
    assert f"Who guesses evenly is wrong at {CHANCE:.0f} %" in state.words()
    assert "nothing was hidden" in state.words()


def test_words_and_picture_change_with_every_control() -> None:
    state = NoMask()
    seen = {(state.words(), state.picture())}
    for name, value in (("fed", OWN), ("sequence", 4)):
        setattr(state, name, value)
        seen.add((state.words(), state.picture()))
    assert all(len(set(one)) == 3 for one in zip(*seen, strict=True))
