import math

import numpy as np
import pytest

from course.engine.feeding import (
    Schedule,
    choose_tokens,
    constant,
    free_running,
    ramp,
    scheduled_sampling,
    teacher_forcing,
)
from course.engine.numerics import softmax


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_probability_zero_never_feeds_the_models_own_token_and_one_always() -> None:
    for draw in (None, rng()):
        assert not scheduled_sampling(30, 40, 0.0, rng=draw).own.any()
        assert scheduled_sampling(30, 40, 1.0, rng=draw).own.all()
    assert not teacher_forcing(3, 2).own.any()
    assert free_running(3, 2).own.all()


def test_every_step_of_every_sequence_has_a_coin_of_its_own() -> None:
    own = scheduled_sampling(40, 500, 0.3, rng=rng()).own
    sigma = math.sqrt(0.3 * 0.7 / 500)
    assert np.abs(own.mean(axis=1) - 0.3).max() < 5 * sigma
    neighbours = np.corrcoef(own[1:].ravel(), own[:-1].ravel())[0, 1]
    assert abs(neighbours) < 5 / math.sqrt(own[1:].size)
    columns = np.corrcoef(own[:, 1:].ravel(), own[:, :-1].ravel())[0, 1]
    assert abs(columns) < 5 / math.sqrt(own[:, 1:].size)


def test_two_probabilities_of_one_seed_meet_the_same_chances() -> None:
    low = scheduled_sampling(20, 30, 0.2, "sample", rng())
    high = scheduled_sampling(20, 30, 0.6, "sample", rng())
    assert (low.own <= high.own).all()
    assert low.lots is not None
    assert high.lots is not None
    np.testing.assert_array_equal(low.lots, high.lots)


def test_a_coin_for_a_sequence_decides_for_all_its_steps_and_falls_as_often() -> None:
    own = scheduled_sampling(15, 4000, 0.3, rng=rng(), coin="sequence").own
    assert (own == own[:1]).all()
    assert abs(own[0].mean() - 0.3) < 5 * math.sqrt(0.3 * 0.7 / 4000)


def test_both_kinds_of_coin_leave_the_generator_in_the_same_state() -> None:
    by_step, by_sequence = rng(), rng()
    first = scheduled_sampling(7, 9, 0.5, "sample", by_step)
    second = scheduled_sampling(7, 9, 0.5, "sample", by_sequence, "sequence")
    np.testing.assert_array_equal(first.own[0], second.own[0])
    np.testing.assert_array_equal(first.lots, second.lots)  # type: ignore[arg-type]
    assert by_step.random() == by_sequence.random()


def test_an_unknown_coin_is_refused() -> None:
    with pytest.raises(ValueError, match="'step' or 'sequence'"):
        scheduled_sampling(2, 2, 0.5, "argmax", rng(), "batch")  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_a_probability_outside_0_and_1_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match=r"sampling_prob must be in \[0, 1\]"):
        scheduled_sampling(2, 2, wrong, rng=rng())
    with pytest.raises(ValueError, match=r"sampling_prob must be in \[0, 1\]"):
        constant(wrong)


def test_chance_without_a_generator_is_refused() -> None:
    with pytest.raises(ValueError, match="pass rng="):
        scheduled_sampling(2, 2, 0.5)
    with pytest.raises(ValueError, match="pass rng="):
        free_running(2, 2, "sample")


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(ValueError, match="'argmax' or 'sample'"):
        scheduled_sampling(2, 2, 0.5, "beam", rng())  # type: ignore[arg-type]


def test_the_argmax_is_the_first_of_equals() -> None:
    assert choose_tokens(np.array([[0.0, 1.0], [2.0, 1.0], [2.0, 0.0]])).tolist() == [1, 0]


def test_sampled_tokens_come_as_often_as_the_softmax_says() -> None:
    logits = np.array([0.5, -1.0, 1.5, 0.0])
    n = 200_000
    tokens = choose_tokens(np.repeat(logits[:, None], n, axis=1), rng().random(n))
    expected = softmax(logits[:, None])[:, 0]
    sigma = np.sqrt(expected * (1 - expected) / n)
    assert (np.abs(np.bincount(tokens, minlength=4) / n - expected) < 5 * sigma).all()


def test_a_lot_at_either_end_still_draws_a_token() -> None:
    logits = np.array([[0.0], [0.0]], np.float32)
    assert choose_tokens(logits, np.array([0.0], np.float32)).tolist() == [0]
    assert choose_tokens(logits, np.array([np.nextafter(1, 0)])).tolist() == [1]


@pytest.mark.parametrize(
    ("schedule", "epsilon"),
    [
        (Schedule("linear", k=0.9, c=0.01, eps_min=0.3), lambda i: max(0.3, 0.9 - 0.01 * i)),
        (Schedule("exponential", k=0.99), lambda i: 0.99**i),
        (Schedule("inverse_sigmoid", k=20.0), lambda i: 20 / (20 + math.exp(i / 20))),
    ],
)
def test_schedules_are_one_minus_the_papers_epsilon(schedule: Schedule, epsilon: object) -> None:
    for step in (0, 1, 10, 57, 400):
        assert schedule.sampling_prob(step) == pytest.approx(1 - epsilon(step))  # type: ignore[operator]


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule("linear", k=2.0, c=0.5),
        Schedule("exponential", k=0.5),
        Schedule("inverse_sigmoid", k=1.0),
    ],
)
def test_no_step_overflows_and_all_stay_in_0_and_1(schedule: Schedule) -> None:
    values = [schedule.sampling_prob(step) for step in (0, 1, 100, 10**6, 10**12)]
    assert all(0 <= value <= 1 for value in values)
    assert values == sorted(values)
    assert values[-1] == 1


def test_an_unknown_schedule_is_refused() -> None:
    with pytest.raises(ValueError, match="'linear', 'exponential' or 'inverse_sigmoid'"):
        Schedule("cosine", k=1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(("name", "k"), [("exponential", 1.5), ("inverse_sigmoid", 0.0)])
def test_a_constant_that_the_paper_rules_out_is_refused(name: str, k: float) -> None:
    with pytest.raises(ValueError, match=f"'{name}' needs k"):
        Schedule(name, k=k)  # type: ignore[arg-type]


def test_a_constant_schedule_never_moves_and_a_ramp_ends_where_it_should() -> None:
    assert {constant(0.25).sampling_prob(step) for step in range(50)} == {0.25}
    assert [ramp(1.0, 4).sampling_prob(step) for step in range(6)] == [0, 0.25, 0.5, 0.75, 1, 1]
