"""Divergence without widgets: what it computes, and what it says of a function that is wrong."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from course.labs.calling import functions
from course.labs.divergence import state as module
from course.labs.divergence.state import POSITIONS, Divergence
from course.labs.page.state import complete

CELLS = ("rnn", "lstm", "gru")


@pytest.fixture
def state(sampler: Any, load: Any) -> Divergence:
    return Divergence(sampler, load, task="ring", rollouts=10)


@pytest.mark.slow
@pytest.mark.parametrize("cell", CELLS)
def test_a_right_function_is_not_found_fault_with(state: Divergence, cell: str) -> None:
    assert complete(state, cell=cell).message() == ""


def test_fed_the_truth_alone_nothing_diverges_and_errors_are_those_of_the_gold_prefix(
    state: Divergence,
) -> None:
    measured = complete(state, sampling_prob=0.0).measured()
    assert measured is not None
    kl, wrong = measured
    np.testing.assert_allclose(kl, 0, atol=1e-12)
    np.testing.assert_array_equal(wrong, state.case.wrong_true[:, :10])


def test_fed_its_own_alone_the_run_is_free_running(state: Divergence) -> None:
    measured = complete(state, sampling_prob=1.0).measured()
    assert measured is not None
    np.testing.assert_allclose(measured[0], state.case.kl_own[:, :10], atol=1e-9)
    np.testing.assert_array_equal(measured[1], state.case.wrong_own[:, :10])


@pytest.mark.parametrize("end", [0.0, 1.0])
def test_what_is_shown_of_a_sequence_are_the_tokens_that_the_run_wrote(
    state: Divergence, end: float
) -> None:
    complete(state, sampling_prob=end, sequence=4)
    case = state.case
    wrong = (case.wrong_own if end else case.wrong_true)[:, 4]
    assert wrong.any()
    [thing] = state.things()
    assert thing.body.count('class="cross"') == wrong.sum() + 1  # and one in the key
    assert f"at step {wrong.argmax()}, {wrong.sum()} of {len(wrong)} places wrong" in thing.finding
    assert f"Sequence 4. {thing.finding}" in state.words()


def test_before_its_rollout_is_made_the_truth_of_a_sequence_stands_alone(
    state: Divergence,
) -> None:
    state.sequence = 9
    state.advance(0.0)
    assert "The truth alone" in state.things()[0].finding
    assert "The truth alone" not in complete(state).things()[0].finding


def test_the_right_answer_is_known_at_every_position_of_the_slider(state: Divergence) -> None:
    complete(state)
    assert set(filter(state.case.knows, state.case.expected)) == set(POSITIONS)
    np.testing.assert_allclose(
        state.case.expected[1.0].kl(7), state.case.kl_own[:, :7].mean(axis=1)
    )


@pytest.mark.slow
def test_right_runs_stay_within_the_band_of_what_is_expected_nineteen_times_in_twenty(
    state: Divergence,
) -> None:
    state.rollouts = 30
    inside = []
    for seed in range(40):
        measured = complete(state, seed=seed, sampling_prob=0.4).measured()
        assert measured is not None
        expected = state.case.expected[0.4]
        off = abs(measured[1].mean() - expected.wrong(30).mean())
        inside.append(off <= expected.half_width(30))
    assert sum(inside) >= 35
    assert 0.005 < state.case.expected[0.4].half_width(30) < 0.1  # and not because it is wide


def test_no_straight_line_joins_both_ends_before_the_curve_between_them_is_known(
    state: Divergence,
) -> None:
    assert state.advance(0.0)
    assert state._curve().marks[0].y[[0, -1]] == pytest.approx(
        [100 * wrong[:, :10].mean() for wrong in (state.case.wrong_true, state.case.wrong_own)]
    )
    assert np.isnan(state._curve().marks[0].y[1:-1]).all()
    assert np.isfinite(complete(state)._curve().marks[0].y).all()


def test_nothing_is_left_to_chance_at_both_ends(state: Divergence) -> None:
    for end in (0.0, 1.0):
        complete(state, sampling_prob=end)
        assert state.case.expected[end].half_width(10) < 1e-6
        assert "(expected: " in state.words()
        assert "±" not in state.words()


def test_the_same_seed_gives_the_same_coins_and_another_one_others(
    state: Divergence, sampler: Any, load: Any
) -> None:
    complete(state, sampling_prob=0.5)
    first = state.measured()
    again = complete(Divergence(sampler, load, task="ring", rollouts=10)).measured()
    other = complete(state, seed=1).measured()
    assert first is not None
    assert again is not None
    assert other is not None
    np.testing.assert_array_equal(first[0], again[0])
    assert (first[0] != other[0]).any()


@pytest.mark.slow
def test_words_and_key_change_with_every_control(state: Divergence) -> None:
    seen = {complete(state).words() + state.picture()}
    keys = {state.key()}
    for change in (
        {"sampling_prob": 0.8},
        {"cell": "lstm"},
        {"task": "runs"},
        {"rollouts": 20},
        {"seed": 5},
        {"sequence": 7},
    ):
        seen.add(complete(state, **change).words() + state.picture())
        keys.add(state.key())
    assert len(seen) == len(keys) == 7


def test_a_function_without_a_generator_is_a_complete_answer(sampler: Any, load: Any) -> None:
    def five(context_vector, target_seq, decoder_params, sampling_prob, cell_type="rnn"):
        return sampler(context_vector, target_seq, decoder_params, sampling_prob, cell_type)

    state = complete(Divergence(five, load, task="ring", rollouts=10))
    assert state.message() == ""
    assert state.measured() is not None


def raising(error: BaseException) -> Any:
    def function(*_: Any) -> Any:
        raise error

    return function


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "said"),
    [
        (raising(NotImplementedError()), "is not written yet"),
        (lambda *_: None, "returned None"),
        (lambda c, target, *_: target[0], r"shape \(16,\), expected \(T, O\) = \(20, 16\)"),
        (lambda c, target, *_: target * np.nan, "NaN or infinity, first in row 0"),
        (lambda *_: "logits", "not an array of numbers"),
        (raising(AssertionError()), "stopped with AssertionError, in line"),
        (raising(SystemExit(1)), "stopped with SystemExit: 1, in line"),
        (raising(KeyboardInterrupt()), "stopped with KeyboardInterrupt, in line"),
        (lambda *_: [][3], "stopped with IndexError: list index out of range, in line"),
    ],
)
def test_what_cannot_be_shown_is_told_in_a_sentence_and_the_target_stays(
    load: Any, function: Any, said: str
) -> None:
    state = complete(Divergence(function, load, task="ring"))
    assert re.search(said, state.message())
    assert "Traceback" not in state.message()
    assert state.measured() is None
    picture = state.picture()
    assert picture.count("<svg") == 1 + 3
    assert "The truth alone" in state.things()[0].finding
    assert 'class="line own"' in picture
    assert 'class="line reference"' in picture
    assert "no run of yours" in state.words()
    assert not state.ahead(1.0)


def test_a_function_with_the_coin_the_wrong_way_round_is_named(sampler: Any, load: Any) -> None:
    def inverted(c, target, params, p, cell_type="rnn", rng=None):
        return sampler(c, target, params, 1 - p, cell_type, rng)

    state = complete(Divergence(inverted, load, task="ring", rollouts=10))
    assert "At sampling_prob = 0 inverted is not teacher forcing" in state.message()
    assert state.measured() is not None
    assert 'class="line reference"' in state.charts()[0].html()


@pytest.mark.slow
def test_a_mix_of_truth_and_own_token_is_named_though_both_ends_are_right(
    sampler: Any, load: Any
) -> None:
    def mixes(c, target, params, p, cell_type="rnn", rng=None):
        fed = target.copy()
        for t in range(1, len(target)):
            logits = sampler(c, fed, params, 0.0, cell_type)
            own = np.eye(len(target[0]))[logits[t - 1].argmax()]
            fed[t - 1] = (1 - p) * target[t - 1] + p * own
        return sampler(c, fed, params, 0.0, cell_type)

    state = complete(Divergence(mixes, load, task="ring", rollouts=10))
    assert "At sampling_prob = 0.5 step" in state.message()
    assert "was fed neither target_seq[" in state.message()
    assert state.measured() is not None
    assert 'class="line reference"' in state.charts()[0].html()


@pytest.mark.slow
def test_coins_that_fall_otherwise_than_asked_for_are_named(sampler: Any, load: Any) -> None:
    def cubed(c, target, params, p, cell_type="rnn", rng=None):
        return sampler(c, target, params, p**3, cell_type, rng)

    def one_a_sequence(c, target, params, p, cell_type="rnn", rng=None):
        own = (rng or np.random.default_rng()).random() < p
        return sampler(c, target, params, float(own), cell_type)

    def same_seed(c, target, params, p, cell_type="rnn", rng=None):
        return sampler(c, target, params, p, cell_type, np.random.default_rng(0))

    for function, said in (
        (cubed, "steps were fed the model's own token, expected are about"),
        (one_a_sequence, "is the coin tossed once a sequence?"),
        (same_seed, "the coins fell alike in all 6 calls"),
    ):
        state = complete(Divergence(function, load, task="ring", rollouts=10))
        assert said in state.message()
        assert state.measured() is not None
        assert 'class="line reference"' in state.charts()[0].html()


def test_a_loop_that_never_ends_is_ended_and_named(
    load: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(functions, "LIMIT_S", 0.2)

    def forever(c, target, *_: Any) -> Any:
        t = 0
        while t < len(target):
            pass

    state = complete(Divergence(forever, load, task="ring"))
    assert re.search(
        r"forever had not returned after 0\.2 s, in line \d+ of its cell", state.message()
    )
    assert state.measured() is None


def test_a_slow_function_is_shown_a_few_rollouts_at_a_time_and_none_is_made_ahead(
    state: Divergence, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert state.advance(0.0)
    assert state.measured()[0].shape[1] == 1
    assert "so far 1 of 10" in state.words()
    monkeypatch.setattr(module, "SLOW_S", 0.0)
    assert not complete(state).ahead(1.0)
    assert len(state._visited().x) == 1


def test_a_function_that_changes_its_arguments_spoils_nothing(sampler: Any, load: Any) -> None:
    def careless(c, target, params, p, cell_type="rnn", rng=None):
        logits = sampler(c, target, params, p, cell_type, rng)
        c[:] = 7
        target[:] = 7
        params["W_hy"][:] = 7
        return logits

    state = complete(Divergence(careless, load, task="ring", rollouts=10, sampling_prob=0.0))
    measured = state.measured()
    assert measured is not None
    np.testing.assert_allclose(measured[0], 0, atol=1e-12)


def test_neighbours_are_made_ahead(state: Divergence) -> None:
    complete(state)
    while state.ahead(1.0):
        pass
    assert len(state._visited().x) == len(POSITIONS)
    made = len(state.trial._runs)
    complete(state, sampling_prob=0.05)
    assert len(state.trial._runs) == made


def test_what_is_kept_does_not_grow_without_end(state: Divergence) -> None:
    for seed in range(400):
        state.trial.roll(0.5, seed, 1, float("inf"))
    assert len(state.trial._runs) <= 300
