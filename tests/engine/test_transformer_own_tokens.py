"""A transformer fed its own tokens: with a cache, in passes, under any mask; and its training."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from course.engine import Batch, Parameters, Progress, TrainingPlan, constant
from course.engine.numerics import Array
from course.engine.transformer import (
    TransformerParams,
    as_params,
    causal,
    forward_in_passes,
    generate,
    generate_anew,
    train_transformer,
    training,
    transformer_forward,
    transformer_shape,
    with_own,
)

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "torch_transformer.npz"
T, N = 9, 6
SHAPE = transformer_shape(3, 5, T, model_dim=4, inner_dim=6)
SIZE = sum(int(np.prod(of)) for of in SHAPE.arrays().values())
RNG = np.random.default_rng(1)
CONTEXT, TOKENS = RNG.normal(size=(3, N)), RNG.integers(0, 5, (T, N))
COINS = RNG.random((T, N)) < 0.5
OWN = np.ones((T, N), bool)


@pytest.fixture(scope="module")
def params() -> TransformerParams:
    """A model whose tokens differ with what it is fed."""
    return as_params(Parameters(SHAPE, np.random.default_rng(4).normal(0, 0.9, SIZE)))


def forced_on(params: TransformerParams, tokens: Array) -> Array:
    return transformer_forward(params, CONTEXT, tokens).logits


def test_running_free_gives_the_numbers_of_torch() -> None:
    with np.load(GOLDEN) as stored:
        golden = {key.partition("/")[2]: stored[key] for key in stored if "trained/" in key}
    shape = transformer_shape(3, 5, 9, model_dim=8)
    params = as_params(Parameters(shape, golden["weights"].astype(float)))
    logits = generate(params, golden["context"], len(golden["tokens"]))
    np.testing.assert_allclose(logits, golden["free_running_float64"], rtol=0, atol=1e-12)


def test_one_forced_pass_over_its_own_tokens_is_what_the_cache_gave(
    params: TransformerParams,
) -> None:
    logits = generate(params, CONTEXT, T)
    again = forced_on(params, logits.argmax(axis=1))
    np.testing.assert_allclose(again, logits, rtol=0, atol=1e-12)


def test_a_longer_run_begins_as_a_shorter_one(params: TransformerParams) -> None:
    np.testing.assert_array_equal(generate(params, CONTEXT, T)[:4], generate(params, CONTEXT, 4))


def test_computing_all_anew_gives_what_the_cache_gives(params: TransformerParams) -> None:
    anew = generate_anew(params, CONTEXT, T, causal(T))
    np.testing.assert_allclose(anew, generate(params, CONTEXT, T), rtol=0, atol=1e-12)


def test_under_a_mask_that_sees_the_future_only_what_is_there_is_seen(
    params: TransformerParams,
) -> None:
    """The mask hides nothing, yet a step that is not written yet has no part in the one before."""
    everything = np.ones((T, T), bool)
    logits = generate_anew(params, CONTEXT, T, everything)
    np.testing.assert_array_equal(logits[:4], generate_anew(params, CONTEXT, 4, everything[:4, :4]))
    assert abs(logits - generate(params, CONTEXT, T)).max() > 0.01


@pytest.mark.parametrize("passes", range(T + 2))
def test_rows_up_to_k_of_k_passes_are_free_running(params: TransformerParams, passes: int) -> None:
    free = generate(params, CONTEXT, T)
    logits = forward_in_passes(params, CONTEXT, TOKENS, OWN, passes).logits
    rows = passes + 1
    np.testing.assert_allclose(logits[:rows], free[:rows], rtol=0, atol=1e-12)


def test_two_passes_are_not_free_running(params: TransformerParams) -> None:
    free, two = generate(params, CONTEXT, T), forward_in_passes(params, CONTEXT, TOKENS, OWN).logits
    assert abs(two[2:] - free[2:]).max() > 0.01


def test_each_pass_is_fed_the_tokens_of_the_one_before(params: TransformerParams) -> None:
    logits = forced_on(params, TOKENS).copy()
    for passes in (1, 2, 3):
        logits = forced_on(params, with_own(TOKENS, COINS, logits)).copy()
        mine = forward_in_passes(params, CONTEXT, TOKENS, COINS, passes).logits
        np.testing.assert_array_equal(mine, logits)


@pytest.mark.parametrize("passes", [0, 1, 5, None])
def test_no_own_tokens_are_teacher_forcing(params: TransformerParams, passes: int | None) -> None:
    coins = np.zeros((T, N), bool)
    coins[0] = True  # of no account
    logits = forward_in_passes(params, CONTEXT, TOKENS, coins, passes).logits
    np.testing.assert_array_equal(logits, forced_on(params, TOKENS))


def test_as_many_passes_as_it_takes_are_scheduled_sampling_step_by_step(
    params: TransformerParams,
) -> None:
    step_by_step = generate(params, CONTEXT, T, TOKENS, COINS)
    for passes in (None, T - 1):
        logits = forward_in_passes(params, CONTEXT, TOKENS, COINS, passes).logits
        np.testing.assert_allclose(logits, step_by_step, rtol=0, atol=1e-12)


def test_what_makes_no_sense_is_refused(params: TransformerParams) -> None:
    with pytest.raises(ValueError, match="passes must be 0 or more, got -1"):
        forward_in_passes(params, CONTEXT, TOKENS, OWN, -1)
    with pytest.raises(ValueError, match="expected both or neither"):
        generate(params, CONTEXT, T, TOKENS)
    with pytest.raises(ValueError, match="embeddings for 9 positions, got 10 steps"):
        generate(params, CONTEXT, T + 1)
    with pytest.raises(ValueError, match="expected a causal mask"):
        train_transformer(SHAPE, counting, PLAN, passes=None, sees=causal(T))


PLAN = TrainingPlan(steps=150, batch_size=16, learning_rate=0.01, last_learning_rate=0.003)


def counting(columns: int, rng: np.random.Generator) -> Batch:
    """Tokens that go up by one from a first that the context says, round and round."""
    first = rng.integers(0, 3, columns)
    features = (np.arange(3)[:, None] == first).astype(np.float32)
    return Batch(features, (first + np.arange(T)[:, None]) % 5)


@pytest.mark.parametrize("passes", [1, None])
@pytest.mark.parametrize("sampling_prob", [0.0, 1.0])
def test_a_small_task_is_learned(sampling_prob: float, passes: int | None) -> None:
    plan = dataclasses.replace(PLAN, schedule=constant(sampling_prob))
    model, losses = train_transformer(SHAPE, counting, plan, passes)
    assert losses[-1] < 0.5 * losses[0]
    batch = counting(50, np.random.default_rng(9))
    own = generate(as_params(model), batch.features, T).argmax(axis=1)
    assert (own != batch.tokens).mean() < 0.2


def test_the_same_seed_gives_the_same_run_and_another_gives_another() -> None:
    plan = dataclasses.replace(PLAN, steps=5, schedule=constant(0.5))
    runs = [train_transformer(SHAPE, counting, plan)[0].flat for _ in range(2)]
    np.testing.assert_array_equal(*runs)
    other = train_transformer(SHAPE, counting, dataclasses.replace(plan, seed=1))[0]
    assert (other.flat != runs[0]).any()


def test_trainings_that_differ_in_passes_alone_meet_the_same_batches_and_coins() -> None:
    plan, met, drawn = dataclasses.replace(PLAN, steps=3, schedule=constant(0.5)), [], []

    def source(columns: int, rng: np.random.Generator) -> Batch:
        drawn.append(counting(columns, rng))
        return drawn[-1]

    losses = [train_transformer(SHAPE, source, plan, passes)[1] for passes in (1, 4, None)]
    met = [batch.tokens for batch in drawn]
    for one, other in ((0, 3), (1, 4), (2, 8)):
        np.testing.assert_array_equal(met[one], met[other])
    assert losses[0][0] != losses[1][0]  # other tokens are fed
    forced = dataclasses.replace(plan, schedule=constant(0.0))
    same = [train_transformer(SHAPE, source, forced, passes)[1] for passes in (1, 4, None)]
    np.testing.assert_array_equal(same[0], same[1])
    np.testing.assert_array_equal(same[0], same[2])


def test_a_true_answer_of_the_callback_stops_the_run() -> None:
    seen: list[Progress] = []

    def stop_after_three(progress: Progress) -> bool:
        seen.append(progress)
        return progress.updates == 3

    _, losses = train_transformer(SHAPE, counting, PLAN, callback=stop_after_three)
    assert [progress.loss_nats for progress in seen] == list(losses)
    assert len(losses) == 3


def test_twenty_steps_follow_torchs_loss_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    with np.load(GOLDEN) as stored:
        golden = {key.partition("/")[2]: stored[key] for key in stored if "trained/" in key}
    start = Parameters(transformer_shape(3, 5, 9, model_dim=8), golden["weights"].astype(float))
    monkeypatch.setattr(training, "initial_transformer", lambda *_: start)
    batch = Batch(golden["context"].astype(float), golden["tokens"])
    plan = TrainingPlan(steps=20, learning_rate=0.01, last_learning_rate=0.01)
    model, losses = train_transformer(start.shape, lambda *_: batch, plan, dtype=float)  # type: ignore[arg-type]
    assert losses[-1] < losses[0] - 0.5
    np.testing.assert_allclose(losses, golden["curve"], rtol=1e-10)
    np.testing.assert_allclose(model.flat, golden["last_weights"], rtol=0, atol=1e-8)
