"""The transformer that reads a prompt: what sees what, its gradients, its own tokens, training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from course.engine import Parameters, Progress, TrainingPlan, cross_entropy
from course.engine.numerics import Array, central_difference, one_hot
from course.engine.transformer import TransformerShape, as_params
from course.engine.transformer.prompted import (
    Fed,
    Prompted,
    forward_prompted,
    gradient_prompted,
    set_then_causal,
    train_prompted,
    written,
)

MEMBERS, GIVEN, K, O, N = 3, 5, 4, 4, 2
SHAPE = TransformerShape("transformer", 0, 7, 6, O, 2, 5, GIVEN + K)
every_fed = pytest.mark.parametrize("fed", ["truth", "own", "nothing"])


@pytest.fixture
def model() -> Parameters:
    """Weights large enough for attention to choose, float64; members have no position."""
    size = sum(int(np.prod(of)) for of in SHAPE.arrays().values())
    model = Parameters(SHAPE, np.random.default_rng(5).normal(0, 0.6, size))
    model["positions"][1 : MEMBERS + 1] = 0
    return model


@pytest.fixture
def batch() -> Prompted:
    rng = np.random.default_rng(8)
    given = rng.normal(size=(GIVEN, SHAPE.input_dim, N))
    return Prompted(given, MEMBERS, rng.integers(0, O, (K, N)))


def logits_of(model: Parameters, batch: Prompted, fed: Fed = "truth") -> Array:
    return written(batch, forward_prompted(as_params(model), batch, fed)).copy()


@every_fed
def test_every_gradient_agrees_with_central_differences(
    model: Parameters, batch: Prompted, fed: Fed
) -> None:
    """To 1e-7 of the largest of the same array; members' positions are held where they are."""
    chosen = logits_of(model, batch, fed).argmax(axis=1)
    fixed: Fed = "truth" if fed == "own" else fed  # own tokens stay as they are
    answered = batch.tokens

    def loss(flat: Array) -> float:
        fed_with = replace(batch, tokens=chosen if fed == "own" else answered)
        logits = logits_of(Parameters(SHAPE, flat), fed_with, fixed)
        return cross_entropy(logits, answered)[0]

    gradients = model.zeros_like()
    gradients.flat[:] = np.nan  # every number must be written
    found, _ = gradient_prompted(as_params(model), batch, as_params(gradients), fed)
    assert found == pytest.approx(loss(model.flat), rel=1e-12)
    expected = Parameters(SHAPE, central_difference(loss, model.flat, 1e-5))
    assert expected["positions"][1 : MEMBERS + 1].any()
    expected["positions"][1 : MEMBERS + 1] = 0
    for name in [name for name in model if name != "W_context"]:  # C = 0
        largest = np.abs(expected[name]).max()
        assert largest > 1e-5, f"{name} does not matter here"
        assert np.abs(gradients[name] - expected[name]).max() < 1e-7 * largest, name


@every_fed
def test_the_order_of_a_set_is_of_no_account_and_that_behind_it_is(
    model: Parameters, batch: Prompted, fed: Fed
) -> None:
    before = logits_of(model, batch, fed)
    turned = replace(batch, given=batch.given[[2, 0, 1, 3, 4]])
    np.testing.assert_allclose(logits_of(model, turned, fed), before, rtol=0, atol=1e-12)
    swapped = replace(batch, given=batch.given[[0, 1, 2, 4, 3]])
    assert abs(logits_of(model, swapped, fed) - before).max() > 1e-3


def test_every_written_row_sees_the_whole_prompt(model: Parameters, batch: Prompted) -> None:
    before = logits_of(model, batch)
    for g in range(GIVEN):
        given = batch.given.copy()
        given[g] += 1
        moved = abs(logits_of(model, replace(batch, given=given)) - before).max(axis=1)
        assert (moved > 1e-9).all(), g


def test_no_row_moves_with_a_token_that_it_predicts_or_that_comes_later(
    model: Parameters, batch: Prompted
) -> None:
    before = logits_of(model, batch)
    for k in range(K):
        tokens = batch.tokens.copy()
        tokens[k] = (tokens[k] + 1) % O
        moved = abs(logits_of(model, replace(batch, tokens=tokens)) - before).max(axis=1) > 1e-9
        assert not moved[: k + 1].any()
        assert moved[k + 1 :].all()


def test_own_tokens_are_those_of_a_model_that_writes_step_by_step(
    model: Parameters, batch: Prompted
) -> None:
    own = np.zeros((K, N), int)
    for k in range(K):
        own[k] = logits_of(model, replace(batch, tokens=own))[k].argmax(axis=0)
    np.testing.assert_array_equal(logits_of(model, batch, "own").argmax(axis=1), own)
    assert (own != batch.tokens).any()


@pytest.mark.parametrize("fed", ["own", "nothing"])
def test_who_is_not_fed_the_truth_does_not_see_it(
    model: Parameters, batch: Prompted, fed: Fed
) -> None:
    other = replace(batch, tokens=(batch.tokens + 1) % O)
    np.testing.assert_array_equal(logits_of(model, other, fed), logits_of(model, batch, fed))


def test_a_tape_is_written_over_by_the_next_pass(model: Parameters, batch: Prompted) -> None:
    params = as_params(model)
    tape = forward_prompted(params, replace(batch, tokens=(batch.tokens + 1) % O), "own")
    again = forward_prompted(params, batch, "truth", tape)
    assert again is tape
    np.testing.assert_array_equal(written(batch, again), logits_of(model, batch))


def test_a_set_of_none_is_a_causal_mask() -> None:
    np.testing.assert_array_equal(set_then_causal(0, 4), np.tri(4, dtype=bool))


PLAN = TrainingPlan(steps=200, batch_size=32, learning_rate=0.01, last_learning_rate=0.003)


def looked_up(columns: int, rng: np.random.Generator) -> Prompted:
    """Three members with a name and a value each; the value of the name that is asked for."""
    names = rng.permuted(np.tile(np.arange(3)[:, None], (1, columns)), axis=0)
    values = rng.integers(0, 4, (3, columns))
    asked = rng.integers(0, 3, columns)
    given = np.zeros((4, 7, columns))
    given[:3, :3], given[:3, 3:] = one_hot(names, 3), one_hot(values, 4)
    given[3, :3] = one_hot(asked[None], 3)[0]
    answer = values[(names == asked).argmax(axis=0), np.arange(columns)]
    return Prompted(given, 3, answer[None])


LOOK_UP = TransformerShape("transformer", 0, 7, 16, 4, 1, 16, 5)


def test_a_lookup_in_a_set_is_learned_and_members_keep_no_position() -> None:
    plan = replace(PLAN, evaluate_every=50)
    told: list[Progress] = []
    model, losses = train_prompted(
        LOOK_UP, looked_up, plan, evaluation=lambda of: {"size": of.flat.size}, callback=told.append
    )
    test = looked_up(200, np.random.default_rng(9))
    assert (logits_of(model, test).argmax(axis=1) == test.tokens).mean() > 0.95
    assert not model["positions"][1:4].any()
    assert model["positions"][[0, 4]].any(axis=1).all()
    assert [p.loss_nats for p in told] == losses.tolist()
    assert [p.updates for p in told if p.measured] == [50, 100, 150, 200]


def test_the_same_seed_gives_the_same_run_and_another_gives_another() -> None:
    plan = replace(PLAN, steps=5)
    one, again = (train_prompted(LOOK_UP, looked_up, plan)[0].flat for _ in range(2))
    np.testing.assert_array_equal(one, again)
    assert (train_prompted(LOOK_UP, looked_up, replace(plan, seed=1))[0].flat != one).any()


def test_a_run_stops_when_it_is_asked_to() -> None:
    _, losses = train_prompted(LOOK_UP, looked_up, PLAN, callback=lambda made: made.updates == 3)
    assert len(losses) == 3
