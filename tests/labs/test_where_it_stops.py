"""Where the gradient stops, without widgets: a check that passes on tokens and not on mixtures."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from course.labs.gradients.stops import ALPHAS, DATA, MIXTURE, Stops, chosen
from course.labs.page.errors import LEAST, PASSES
from course.labs.page.state import complete

TOKEN = ALPHAS[-1]


def gradient_check(loss: Any, params: Any, gradients: Any, step: float = 1e-5) -> Any:
    errors = {}
    for name, array in params.items():
        numeric = np.zeros_like(array)
        for index in np.ndindex(array.shape):
            kept = array[index]
            array[index] = kept + step
            above = loss(params)
            array[index] = kept - step
            numeric[index] = (above - loss(params)) / (2 * step)
            array[index] = kept
        size = np.linalg.norm(numeric) + np.linalg.norm(gradients[name])
        errors[name] = np.linalg.norm(numeric - gradients[name]) / size if size else 0.0
    return errors


@pytest.fixture
def state(way_back: Any) -> Stops:
    return Stops(way_back, gradient_check)


@pytest.mark.parametrize("alpha", [TOKEN, 0.0])
def test_fed_what_no_small_change_moves_all_gradients_pass(state: Stops, alpha: float) -> None:
    errors = complete(state, alpha=alpha)._checked()
    assert max(errors.values()) < LEAST
    assert "The check passes" in state.words()
    assert "7 of 7 gradients pass" in state.charts()[0].finding
    assert state.message() == ""


@pytest.mark.parametrize("alpha", ALPHAS[1:-1])
def test_fed_a_mixture_none_passes_by_the_same_way_back(state: Stops, alpha: float) -> None:
    errors = complete(state, alpha=alpha)._checked()
    assert min(errors.values()) > 1e3 * PASSES
    assert "The check fails" in state.words()
    assert "0 of 7 gradients pass" in state.charts()[0].finding
    assert state.message() == ""


def test_the_lab_checks_itself_as_a_right_check_does(state: Stops, way_back: Any) -> None:
    own = complete(Stops(way_back), alpha=1.0)._checked()
    assert own == pytest.approx(complete(state, alpha=1.0)._checked(), rel=1e-6)


def test_no_choice_hangs_by_a_thread(state: Stops) -> None:
    logits, *_ = state._run(state._decoder[0])
    first, second = np.sort(logits, axis=1)[:, :-3:-1].T
    assert (first - second).min() > 1e-3


def test_a_mixture_comes_near_the_token() -> None:
    logits = np.array([0.1, 0.7, -0.2])
    np.testing.assert_allclose(chosen(logits, 200.0), chosen(logits, TOKEN), atol=1e-12)


def test_words_and_picture_change_with_every_position(state: Stops) -> None:
    seen = {(complete(state, alpha=at).words(), state.picture(), state.key()) for at in ALPHAS}
    assert all(len(set(one)) == len(ALPHAS) for one in zip(*seen, strict=True))


@pytest.mark.parametrize("alpha", ALPHAS[:-1])
def test_gone_back_through_the_mixture_it_passes(state: Stops, alpha: float) -> None:
    errors = complete(state, alpha=alpha, choice=MIXTURE)._checked()
    assert max(errors.values()) < PASSES
    assert "The check passes" in state.words()
    assert state.message() == ""


def test_straight_through_fails_the_check_of_the_tokens_loss(state: Stops) -> None:
    errors = complete(state, alpha=TOKEN, choice=MIXTURE)._checked()
    assert max(errors.values()) > 1e3 * PASSES
    assert "softmax(logits), which is called straight-through. The check fails" in state.words()
    assert state.message() == ""


def test_the_other_positions_are_checked_ahead(state: Stops) -> None:
    complete(state)
    while state.ahead(0.0):
        pass
    assert set(state._errors) == set(product(ALPHAS, (DATA, MIXTURE)))
    assert (state.alpha, state.choice) == (TOKEN, DATA)


def _unwritten(*_: Any) -> Any:
    raise NotImplementedError


def test_without_a_way_back_the_engines_is_checked(notebook: Any, way_back: Any) -> None:
    state = complete(Stops(notebook.define("rnn_decoder_backward", lambda *_: None)))
    assert "rnn_decoder_backward returned None" in state.message()
    assert "The picture shows the engine's way back. Write or mend it" in state.message()
    assert "The check passes" in state.words()
    notebook["right"] = way_back
    notebook.define("rnn_decoder_backward", lambda *given: right(*given))  # noqa: F821
    assert complete(state).message() == ""


def test_a_wrong_way_back_fails_however_the_decoder_is_fed(way_back: Any) -> None:
    def not_carried(context: Any, fed: Any, params: Any, d_logits: Any) -> Any:
        alone = {**params, "W_hh": np.zeros_like(params["W_hh"])}
        return way_back(context, fed, alone, d_logits)

    state = complete(Stops(not_carried, gradient_check))
    assert "not_carried differs from what is expected: it fails the check however" in (
        state.message()
    )
    assert "The check fails" in state.words()


@pytest.mark.parametrize(
    ("check", "said"),
    [
        (_unwritten, "_unwritten is not written yet. Until then the lab checks itself."),
        (lambda *_: {"W_hh": 0.0}, "a dict without 'W_xh'"),
        (lambda loss, params, *_: dict.fromkeys(params, 1.0), "does not find what is expected"),
    ],
)
def test_a_check_that_is_wrong_is_told(way_back: Any, check: Any, said: str) -> None:
    state = complete(Stops(way_back, check))
    assert said in state.message()
