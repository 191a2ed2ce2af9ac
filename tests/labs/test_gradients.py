"""Gradients through time without widgets: what is drawn is what differences say it is."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from course.engine import ModelShape, cross_entropy, initial_parameters
from course.engine.numerics import central_difference
from course.engine.optim import clip_by_norm
from course.labs.calling import functions
from course.labs.gradients import state as module
from course.labs.gradients.case import STEPS, UNTRAINED, ForcedCase, WayBack
from course.labs.gradients.state import (
    DECADES,
    OFF,
    OFFERED,
    ON,
    SCALES,
    Gradients,
    batch_of,
)
from course.labs.gradients.trial import CLIP_NORM, LEARNING_RATE, UPDATES
from course.labs.page.state import complete

CELLS = ("rnn", "lstm", "gru")


@pytest.fixture
def small_models(load: Any) -> Any:
    return lambda weights, cell: load("osc", cell, seed=int(weights == UNTRAINED))


@pytest.fixture
def state(way_back: Any, small_models: Any) -> Gradients:
    return Gradients(way_back, small_models)


@pytest.fixture
def last_loss(cell_step: Any) -> Callable[..., float]:
    """The loss of the last step, with `h` for the state before step `begin`."""

    def loss(case: ForcedCase, begin: int, h: Any, change: Any = None) -> float:
        """`change` stands for ``W_xh`` at step `begin` alone."""
        cell, params, before = case.parameters.shape.cell_type, case.parameters, case.context
        c = np.zeros_like(case.context)
        for t in range(len(case.tokens)):
            if t == begin:
                before = h
            here = {**params, "W_xh": change} if t == begin and change is not None else params
            before, c = cell_step(cell, case.fed[t], before, c, here)
        logits = params["W_hy"] @ before + params["b_y"]
        return cross_entropy(logits[None, :, None], case.tokens[-1:, None])[0]

    return loss


@pytest.mark.parametrize("begin", [0, 17, STEPS - 1])
@pytest.mark.parametrize("cell", CELLS)
def test_a_norm_is_that_of_the_gradient_by_the_state_which_differences_give(
    state: Gradients, last_loss: Any, cell: str, begin: int
) -> None:
    case = state.case(cell)
    numeric = central_difference(lambda h: last_loss(case, begin, h), case.states[begin])
    assert case.way.norms[STEPS - begin] == pytest.approx(
        np.linalg.norm(numeric), rel=1e-5, abs=2e-9
    )


@pytest.mark.parametrize("cell", CELLS)
def test_a_part_is_the_gradient_by_the_input_weights_of_one_step_alone(
    state: Gradients, last_loss: Any, cell: str
) -> None:
    case, begin = state.case(cell), STEPS - 4
    numeric = central_difference(
        lambda weights: last_loss(case, begin, case.states[begin], weights),
        case.parameters["W_xh"],
    )
    assert case.way.parts[STEPS - 1 - begin] == pytest.approx(
        np.linalg.norm(numeric), rel=1e-5, abs=2e-9
    )


def test_the_learners_function_called_on_what_is_left_from_each_step_gives_the_same(
    state: Gradients,
) -> None:
    yours, engines = complete(state).trial.way, state.case("rnn").way
    np.testing.assert_allclose(yours.norms, engines.norms, rtol=1e-9)
    np.testing.assert_allclose(yours.parts, engines.parts, rtol=1e-6, atol=1e-13)
    assert state.message() == ""


@pytest.mark.parametrize("factor", [0.3, 1.0, 1.7])
def test_the_factor_of_a_norm_that_is_multiplied_at_each_step_is_what_it_is_multiplied_by(
    factor: float,
) -> None:
    way = WayBack(5 * factor ** np.arange(31.0), np.ones(30))
    assert way.factor == pytest.approx(factor)
    assert way.half() == 15
    assert way.reaches() == (4 if factor == 0.3 else None)


def test_where_nothing_arrives_there_is_no_factor() -> None:
    nothing = WayBack(np.zeros(31), np.zeros(30))
    assert math.isnan(nothing.factor)
    assert not nothing.shares.any()


@pytest.mark.parametrize(
    ("scale", "said"),
    [(0.5, "It dies: at that factor"), (2.0, "It grows: at that factor 10 steps")],
)
def test_words_and_the_description_of_the_chart_say_by_which_factor_it_dies_or_grows(
    way_back: Any, scale: float, said: str
) -> None:
    def rotates(weights: str, cell: str) -> Any:
        """A model so nearly linear that a step back turns the gradient, and scales it alone."""
        model = shipped_zeros(cell)
        H = model.shape.hidden_dim
        model["W_hh"][:H] = np.linalg.qr(np.random.default_rng(0).normal(size=(H, H)))[0]
        model["W_hy"][...] = 1e-3 * np.random.default_rng(1).normal(size=model["W_hy"].shape)
        return model

    state = complete(Gradients(way_back, rotates), scale=scale)
    assert (
        f"multiplies the norm of the gradient by {scale:.2f}: a straight line fitted"
        in state.words()
    )
    assert said in state.words()
    norms = state.charts()[0]
    assert f"RNN\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}{scale:.2f}" in norms.alt
    assert said in norms.alt


def shipped_zeros(cell: str) -> Any:
    shape = ModelShape(cell, 4, 16, 8, 16)
    return initial_parameters(shape, np.random.default_rng(0), np.float64).zeros_like()


@pytest.mark.parametrize("weights", DECADES)
def test_no_line_leaves_the_axis_of_norms_with_the_shipped_models(
    way_back: Any, weights: str
) -> None:
    state, (low, high) = Gradients(way_back, weights=weights), DECADES[weights]
    for state.scale in (SCALES[0], 1.0, SCALES[-1]):
        for state.sequence in range(OFFERED):
            norms = np.log10([state.case(cell).way.norms for cell in CELLS])
            assert low <= norms.min()
            assert norms.max() <= high


def test_a_training_is_gradient_descent_clipped_or_not(state: Gradients) -> None:
    case, trial = state.case("rnn"), complete(state).trial
    losses = {}
    for clipping in (True, False):
        model, gradient = case.parameters.copy(), case.parameters.zeros_like()
        gradient.flat[...] = 0
        for name, array in case.gradients()[0].items():
            gradient[name][...] = array
        norm = clip_by_norm(gradient.flat, CLIP_NORM if clipping else math.inf)
        model.flat[...] -= LEARNING_RATE * gradient.flat
        model["W_hh"][...] /= state.scale
        after = ForcedCase(model, batch_of(state.sequence), state.scale)
        after.context[...] = case.context  # which is not trained
        losses[clipping] = after.loss
        descent = trial.descents[clipping]
        assert descent.norms[0] == pytest.approx(norm)
        assert descent.losses[:2] == pytest.approx([case.loss, losses[clipping]])
        assert len(descent.losses) == UPDATES + 1
    assert losses[True] != losses[False]


def test_clipping_keeps_a_shipped_model_from_being_thrown_far_off(way_back: Any) -> None:
    state = complete(Gradients(way_back), scale=1.25, sequence=1)
    on, off = (state.trial.descents[clipping].losses for clipping in (True, False))
    assert max(on) == pytest.approx(on[0], rel=0.02)
    assert max(off) > 1.3 * off[0]
    assert on[-1] < off[-1]
    assert f"{UPDATES} updates take the loss from {on[0]:.2f} to {on[-1]:.2f}" in state.words()
    state.clipping = OFF
    assert f"the largest gradient has a norm of {max(state.trial.descents[False].norms):.3g}" in (
        state.words()
    )


@pytest.mark.parametrize(
    "change",
    [{"scale": 0.5}, {"weights": UNTRAINED}, {"clipping": OFF}, {"sequence": 3}],
    ids=lambda change: next(iter(change)),
)
def test_words_and_picture_change_with_every_control(
    state: Gradients, change: dict[str, Any]
) -> None:
    before = complete(state, clipping=ON).words(), state.picture(), state.key()
    after = complete(state, **change).words(), state.picture(), state.key()
    assert all(one != other for one, other in zip(before, after, strict=True))


# What is wrong with a function is told.


def wrong_in(way_back: Any, change: Any) -> Any:
    """Return the right function on weights that were changed."""

    def rnn_decoder_backward(context: Any, fed: Any, params: Any, d_logits: Any) -> Any:
        return change(way_back, context, fed, params, d_logits)

    return rnn_decoder_backward


def _one_element(right: Any, context: Any, fed: Any, params: Any, d_logits: Any) -> Any:
    gradients, d_context = right(context, fed, params, d_logits)
    gradients["b_xh"][0] *= 1.01
    return gradients, d_context


def _one_step(right: Any, context: Any, fed: Any, params: Any, d_logits: Any) -> Any:
    gradients, _ = right(context, fed, params, d_logits)
    return gradients, np.zeros_like(context)


def _nothing(right: Any, *given: Any) -> Any:
    gradients, d_context = right(*given)
    return {name: array * 0 for name, array in gradients.items()}, d_context * 0


def _beyond_all_bounds(right: Any, *given: Any) -> Any:
    gradients, d_context = right(*given)
    return {name: array * 0 + 1e300 for name, array in gradients.items()}, d_context * 0 + 1e300


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_one_element, "b_xh"),
        (_one_step, "d_context"),
        (_nothing, "W_xh"),
    ],
)
def test_a_wrong_gradient_is_named_and_drawn_beside_what_is_expected(
    way_back: Any, small_models: Any, change: Any, named: str
) -> None:
    state = complete(Gradients(wrong_in(way_back, change), small_models))
    assert f"rnn_decoder_backward differs from what is expected, most in {named} (relative" in (
        state.message()
    )
    assert 'class="line truth"' in state.charts()[0].html()
    assert 'class="line mixed"' in state.charts()[1].html()


def test_a_gradient_beyond_all_bounds_is_told_and_leaves_the_rest_of_the_picture(
    way_back: Any, small_models: Any
) -> None:
    state = complete(Gradients(wrong_in(way_back, _beyond_all_bounds), small_models))
    assert "differs from what is expected, most in W_xh (relative error 1)" in state.message()
    assert all('class="line truth"' in chart.html() for chart in state.charts()[:2])
    assert "no gradient comes back" in state.words()


def _none(*_: Any) -> Any:
    return None


def _logits_alone(right: Any, *given: Any) -> Any:
    return right(*given)[0]


def _no_bias(right: Any, *given: Any) -> Any:
    gradients, d_context = right(*given)
    del gradients["b_hh"]
    return gradients, d_context


def _turned(right: Any, *given: Any) -> Any:
    gradients, d_context = right(*given)
    return {**gradients, "W_hy": gradients["W_hy"].T}, d_context


def _not_a_number(right: Any, *given: Any) -> Any:
    gradients, d_context = right(*given)
    return gradients, d_context * math.nan


def _raises(*_: Any) -> Any:
    raise ValueError("shapes do not fit")


def _unwritten(*_: Any) -> Any:
    raise NotImplementedError


def _forever(*_: Any) -> Any:
    while True:
        pass


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_none, "returned None"),
        (_logits_alone, r"returned dict, expected a tuple (gradients, d_context)"),
        (_no_bias, "returned for gradients a dict without 'b_hh'"),
        (_turned, "returned for gradients['W_hy'] shape (6, 16), expected (16, 6)"),
        (_not_a_number, "returned for d_context NaN or infinity"),
        (_raises, "stopped with ValueError: shapes do not fit"),
        (_unwritten, "is not written yet"),
        (_forever, "had not returned after 0.2 s"),
    ],
)
def test_a_function_that_cannot_be_used_is_told_and_what_is_expected_stays(
    way_back: Any,
    small_models: Any,
    monkeypatch: pytest.MonkeyPatch,
    change: Any,
    said: str,
) -> None:
    monkeypatch.setattr(functions, "LIMIT_S", 0.2)
    state = complete(Gradients(wrong_in(way_back, change), small_models))
    assert said in state.message()
    assert "The picture shows what is expected. Write or mend it" in state.message()
    assert not state.ahead(1.0)
    assert 'class="line truth"' in state.charts()[0].html()
    assert 'class="line mixed"' not in state.picture()
    assert "without your function" in state.words()


def test_a_function_that_is_mended_is_called_anew(
    notebook: Any, way_back: Any, small_models: Any
) -> None:
    def unwritten(context, fed, params, d_logits):
        raise NotImplementedError

    state = complete(Gradients(notebook.define("rnn_decoder_backward", unwritten), small_models))
    assert "is not written yet" in state.message()
    notebook["right"] = way_back
    notebook.define("rnn_decoder_backward", lambda *given: right(*given))  # noqa: F821
    assert complete(state).message() == ""


@pytest.fixture
def counted(way_back: Any, small_models: Any) -> tuple[Gradients, list[int]]:
    lengths: list[int] = []

    def counts(context, fed, params, d_logits):
        lengths.append(len(fed))
        return way_back(context, fed, params, d_logits)

    return Gradients(counts, small_models), lengths


def test_a_position_takes_a_call_a_step_one_to_look_and_two_trainings(
    counted: tuple[Gradients, list[int]],
) -> None:
    state, lengths = counted
    complete(state)
    assert lengths[:STEPS] == list(range(1, STEPS + 1))
    assert lengths[STEPS:] == [STEPS] * (1 + 2 * UPDATES)
    complete(state, clipping=OFF)
    assert len(lengths) == STEPS + 1 + 2 * UPDATES


def test_the_way_back_at_the_neighbours_is_gone_ahead_and_no_training(
    counted: tuple[Gradients, list[int]],
) -> None:
    state, lengths = counted
    complete(state)
    lengths.clear()
    while state.ahead(10.0):
        pass
    assert len(lengths) == STEPS * (len(SCALES) - 1)
    state.scale = SCALES[3]
    assert np.isfinite(state.trial.way.norms).all()
    assert not state.trial.descents[True].losses


def test_a_slice_makes_one_call_at_least_and_the_rest_later(
    counted: tuple[Gradients, list[int]],
) -> None:
    state, lengths = counted
    assert state.advance(0.0)
    assert lengths == [1]
    assert "has not begun yet" in state.words()
    assert "not known yet" in state.things()[0].finding
    assert np.isnan(state.trial.way.norms[3:]).all()
    assert np.isnan(state.trial.way.shares).all()  # a share of what is not all there


def test_what_is_kept_does_not_grow_without_end(
    state: Gradients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_TRIALS", 5)
    for scale in SCALES:
        state.scale = scale
        state.advance(0.0)
    assert len(state._trials) == 5
