"""The hook of two losses: they fall alike, and a check of the gradients tells them apart."""

from __future__ import annotations

import numpy as np
import pytest

from course.engine import Batch, context_from, cross_entropy, forward
from course.engine.numerics import central_difference
from course.labs.hooks.losses import CHECK, LAST, LOSSES, UPDATES, ForcedTraining, TwoLosses
from course.labs.page.errors import PASSES
from course.labs.page.state import complete
from course.tasks import find_task


@pytest.fixture(scope="module")
def trained() -> TwoLosses:
    return complete(TwoLosses())


@pytest.fixture
def state(trained: TwoLosses) -> TwoLosses:
    trained.look, trained.sequence = LOSSES, 0
    return trained


def test_both_losses_fall_and_alike_and_the_wrong_one_lower(state: TwoLosses) -> None:
    a, b = (np.array(course.losses) for course in state.courses.values())
    assert len(a) == len(b) == UPDATES
    for losses in (a, b):
        assert losses[-LAST:].mean() < 0.65 * losses[:LAST].mean()
    assert abs(a - b).mean() < 0.1
    assert a[-LAST:].mean() < b[-LAST:].mean()
    assert (state.courses["A"].transposes, state.courses["B"].transposes) == (False, True)


def test_nothing_of_the_check_is_told_before_it_is_looked_at(state: TwoLosses) -> None:
    seen = state.words() + state.picture()
    assert "fails" not in seen
    assert "relative error" not in seen
    assert "one of them goes by a wrong gradient" in seen


def test_the_check_finds_the_wrong_gradient_in_all_that_the_state_carries(state: TwoLosses) -> None:
    wrong, right = (course.errors for course in state.courses.values())
    assert max(right.values()) < PASSES
    assert {name for name, error in wrong.items() if error > 0.1} == {
        *("W_xh", "W_hh", "b_xh", "b_hh", "x_start")
    }
    state.look = CHECK
    assert "A fails, with a relative error of" in state.words()
    assert "B passes" in state.words()
    assert "; B: W_xh below 1e-8, W_hh below 1e-8" in state.charts()[0].alt
    assert state.charts()[0].finding == "The gradient of A is wrong"


@pytest.mark.parametrize("transposes", [True, False])
def test_a_gradient_is_right_where_the_way_back_transposes(transposes: bool) -> None:
    course, task = ForcedTraining(0.01, transposes), find_task("osc")
    batch = task.draw_test(2, np.random.default_rng(0))
    batch = Batch(batch.features, batch.tokens[:5])

    def loss(weights: np.ndarray) -> float:
        params = {**course.model, "W_hh": weights}
        context = context_from(params, batch.features)
        return cross_entropy(forward("rnn", params, context, batch.tokens).logits, batch.tokens)[0]

    numeric = central_difference(loss, course.model["W_hh"].copy(), 1e-5)
    _, gradients, _ = course.gradient(batch)
    assert np.allclose(gradients["W_hh"], numeric, atol=1e-8) == transposes


def test_the_check_leaves_the_model_as_it_was(state: TwoLosses) -> None:
    course = ForcedTraining(0.01, True)
    before = course.model.flat.copy()
    assert course.errors
    np.testing.assert_array_equal(course.model.flat, before)


def test_words_and_picture_change_with_every_control(state: TwoLosses) -> None:
    seen = [(state.words(), state.picture(), state.key())]
    for change in ({"look": CHECK}, {"sequence": 4}):
        complete(state, **change)
        seen.append((state.words(), state.picture(), state.key()))
    assert all(len(set(one)) == 3 for one in zip(*seen, strict=True))


def test_while_it_trains_the_losses_are_shown_as_far_as_they_are() -> None:
    state = TwoLosses()
    assert state.advance(0.0)
    assert state.things() == ()
    assert 'class="line mixed"' in state.picture()
    assert "Two RNNs are trained." in state.words()
