"""Lab 5 without widgets: the chain has a closed form, and measured models are compared with it."""

from __future__ import annotations

import numpy as np
import pytest

from course.engine import Parameters, TrainingPlan, constant, initial_parameters, train
from course.labs import when_it_hurts
from course.labs.lab5_harm import (
    Harm,
    closed_form_kl,
    closed_form_repeat,
    measure_chain,
    measure_names,
)
from course.tasks import CHAIN, NAMES


def chain_model(repeat: float) -> Parameters:
    """An RNN with one hidden unit, built to say any first token, and to repeat it."""
    shape = CHAIN.shape("rnn", 1)
    parameters = Parameters(shape, np.zeros(sum(map(np.prod, shape.arrays().values()))))  # type: ignore[arg-type]
    parameters["W_xh"][:] = [[-20.0, 20.0]]
    parameters["W_hy"][:, 0] = np.array([-0.5, 0.5]) * np.log(repeat / (1 - repeat))
    return parameters


def test_a_model_is_measured_as_it_was_built() -> None:
    measured = measure_chain(chain_model(0.8))
    assert measured.repeat == pytest.approx(0.8)
    assert measured.kl_nats == pytest.approx(-np.log(0.8))


@pytest.mark.parametrize("a", [0.3, 0.5])
def test_the_closed_form_is_where_the_loss_is_lowest(a: float) -> None:
    q = np.linspace(0.001, 0.999, 9_999)
    for p in (0.25, 0.5, 1.0):
        own_is_one = a  # the model's own first token is 1 as often as the true one
        right = (1 - p) + p * own_is_one
        loss = -right * np.log(q) - (1 - right) * np.log(1 - q)
        assert closed_form_repeat(np.array(p), a) == pytest.approx(q[loss.argmin()], abs=1e-3)
    assert closed_form_kl(np.array(1.0)) == pytest.approx(np.log(2))


def test_training_finds_the_closed_form() -> None:
    plan = TrainingPlan(steps=400, schedule=constant(0.5), choice="sample", learning_rate=2e-2)
    model = train(CHAIN.shape("gru", 8), CHAIN.draw, plan).parameters
    assert measure_chain(model).repeat == pytest.approx(0.75, abs=0.05)


def names_model(seed: int) -> Parameters:
    return initial_parameters(NAMES.shape("gru", 6), np.random.default_rng(seed))


def test_an_untrained_model_of_names_knows_next_to_nothing() -> None:
    batch = NAMES.draw_test(50, np.random.default_rng(0))
    measured = measure_names(names_model(0), batch)
    assert measured.nll_nats == pytest.approx(np.log(27), abs=0.3)
    assert measured.real < 0.1
    assert len(measured.samples) == 14
    assert measured == measure_names(names_model(0), batch)
    assert measured.samples != measure_names(names_model(0), batch, seed=1).samples


@pytest.fixture
def state() -> Harm:
    probs = (0.0, 0.25, 0.5)
    return Harm(
        probs,
        lambda p: [chain_model(1 - p / 2 - 0.01), chain_model(1 - p / 2 - 0.02)],
        lambda p: [names_model(int(100 * p))],
        probs,
        NAMES.draw_test(50, np.random.default_rng(0)),
    )


def test_words_give_the_measured_beside_the_closed_form(state: Harm) -> None:
    state.sampling_prob = 0.5
    while state.advance(1.0):
        pass
    assert "probability 0.735 (closed form 0.750)" in state.words()
    assert "(closed form 0.288)" in state.words()


def test_names_are_measured_next_to_the_slider_first(state: Harm) -> None:
    state.sampling_prob = 0.5
    assert state.advance(0.0)
    assert state.names_prob == 0.5


def test_every_position_has_a_picture_and_words_of_its_own(state: Harm) -> None:
    view = when_it_hurts("Samples get worse.", state=state)
    seen = set()
    for p in state.probs:
        view.controls["sampling_prob"].value = p
        seen.add((view.picture.value, view.words.value))
        assert view.picture.value.count("<svg") == 4
        assert "Sampled surnames" in view.picture.value
    assert len(seen) == 3
    view.close()
