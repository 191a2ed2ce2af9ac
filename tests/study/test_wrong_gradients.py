"""Wrong gradients are wrong as they are said to be, and their losses fall."""

from __future__ import annotations

import numpy as np
import pytest

from course.engine import (
    TrainingPlan,
    backward,
    context_from,
    cross_entropy,
    forward,
    initial_parameters,
    train,
)
from course.study import wrong_gradients
from course.study.wrong_gradients import HIDDEN_DIM, SLIPS, relative_error, trained, way_back
from course.tasks import find_task
from course.trained.results import find

TASK = find_task(wrong_gradients.TASK)
WRONG = [slip for slip in SLIPS if slip != "right"]


def test_without_a_slip_every_gradient_is_the_engines() -> None:
    model = initial_parameters(TASK.shape("rnn", 5), np.random.default_rng(1), np.float64)
    model.flat[:] *= 3
    batch = TASK.draw(4, np.random.default_rng(2))
    tape = forward("rnn", model, context_from(model, batch.features), batch.tokens)
    _, d_logits = cross_entropy(tape.logits, batch.tokens)
    mine, right = model.zeros_like(), model.zeros_like()
    d_context = way_back(model, tape, d_logits, mine, "right")
    np.testing.assert_allclose(d_context, backward(model, tape, d_logits, right), atol=1e-12)
    np.testing.assert_allclose(mine.flat, right.flat, atol=1e-12)


@pytest.mark.parametrize("slip", WRONG)
def test_a_gradient_check_would_refuse_every_slip(slip: str) -> None:
    begin, _ = trained("right", 0, 0)
    error = relative_error(begin, slip, TASK.draw(8, np.random.default_rng(0)))
    assert error > 1e-3


def test_a_sum_for_a_mean_is_as_wrong_as_there_are_steps() -> None:
    begin, _ = trained("right", 0, 0)
    error = relative_error(begin, "sum_for_mean", TASK.draw(8, np.random.default_rng(0)))
    assert error == pytest.approx((TASK.steps - 1) / (TASK.steps + 1))
    assert find("wrong-gradients/rnn/sum_for_mean/relative_error").mean == pytest.approx(19 / 21)


def test_the_right_gradient_trains_as_the_engine_does() -> None:
    alone = train(TASK.shape("rnn", HIDDEN_DIM), TASK.draw, TrainingPlan(steps=8, seed=3))
    np.testing.assert_allclose(trained("right", 3, 8)[1], alone.history.loss_nats, rtol=1e-3)


@pytest.mark.parametrize("slip", SLIPS)
def test_the_loss_falls_whatever_the_gradient(slip: str) -> None:
    fall = find(f"wrong-gradients/rnn/{slip}/fall_nats")
    assert fall.mean - fall.half > 0
