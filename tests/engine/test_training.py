"""Training: PyTorch's loss curve, and runs that can be paired, watched and stopped."""

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from course.engine import (
    Batch,
    ModelShape,
    Parameters,
    Progress,
    TrainingPlan,
    constant,
    context_from,
    forward,
    free_running,
    ramp,
    train,
    training,
)
from course.engine.numerics import Array

PLAN = TrainingPlan(steps=12, batch_size=8, schedule=constant(0.5), seed=1)


def counting(columns: int, rng: np.random.Generator) -> Batch:
    """Draw sequences that count up from a start that the features tell, modulo 4."""
    start = rng.integers(0, 4, columns)
    features = (start == np.arange(4)[:, None]).astype(np.float32)
    return Batch(features, (start + np.arange(6)[:, None]) % 4)


def counter(cell_type: str) -> ModelShape:
    return ModelShape(cell_type, feature_dim=4, input_dim=4, hidden_dim=8, output_dim=4)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_twenty_steps_follow_torchs_loss_curve(
    torch_training: dict[str, Array], cell_type: str, dtype: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    golden = {
        key.removeprefix(f"{cell_type}/"): array
        for key, array in torch_training.items()
        if key.startswith(cell_type)
    }
    batches = iter(
        Batch(features.astype(dtype), tokens.astype(int), mask)
        for features, tokens, mask in zip(
            golden["features"], golden["tokens"], golden["mask"], strict=True
        )
    )
    shape = ModelShape(cell_type, feature_dim=3, input_dim=5, hidden_dim=6, output_dim=5)
    start = Parameters(shape, golden["weights"].astype(dtype))
    monkeypatch.setattr(training, "initial_parameters", lambda *_: start)

    plan = TrainingPlan(steps=20, learning_rate=0.02, last_learning_rate=0.02, clip_norm=0.15)
    trained = train(shape, lambda *_: next(batches), plan, dtype=dtype)

    np.testing.assert_allclose(trained.history.loss_nats, golden["loss"], rtol=0, atol=1e-5)
    np.testing.assert_allclose(trained.history.gradient_norm, golden["norm"], rtol=1e-4)
    if dtype is np.float64:
        np.testing.assert_allclose(trained.history.loss_nats, golden["loss"], rtol=1e-12)
        np.testing.assert_allclose(trained.parameters.flat, golden["last_weights"], atol=1e-9)


def test_the_curve_is_one_that_learns_and_whose_gradients_are_clipped(
    torch_training: dict[str, Array], cell_type: str
) -> None:
    loss, norm = torch_training[f"{cell_type}/loss"], torch_training[f"{cell_type}/norm"]
    assert loss[-3:].mean() < loss[:3].mean() - 0.1
    assert (norm > 0.15).any()
    assert json.loads(str(torch_training["about"]))["torch"] == "2.13.0"


def test_a_small_task_is_learned(cell_type: str) -> None:
    plan = TrainingPlan(steps=150, batch_size=16, learning_rate=0.03, last_learning_rate=0.003)
    model = train(counter(cell_type), counting, plan).parameters
    batch = counting(50, np.random.default_rng(9))
    context = context_from(model, batch.features)
    logits = forward(cell_type, model, context, batch.tokens, free_running(6, 50)).logits
    assert (logits.argmax(axis=1) == batch.tokens).mean() > 0.99


def test_the_same_seed_gives_the_same_run_and_another_gives_another(cell_type: str) -> None:
    shape = counter(cell_type)
    first, second = train(shape, counting, PLAN), train(shape, counting, PLAN)
    np.testing.assert_array_equal(first.parameters.flat, second.parameters.flat)
    np.testing.assert_array_equal(first.history.loss_nats, second.history.loss_nats)
    other = train(shape, counting, dataclasses.replace(PLAN, seed=2))
    assert (other.history.loss_nats != first.history.loss_nats).all()


def test_plans_that_differ_in_the_schedule_alone_meet_the_same_batches() -> None:
    seen: list[list[Array]] = []
    for schedule in (constant(0.0), ramp(1.0, 6)):
        mine: list[Array] = []

        def source(columns: int, rng: np.random.Generator, mine: list[Array] = mine) -> Batch:
            mine.append(counting(columns, rng).tokens)
            return counting(columns, rng)

        run = train(counter("gru"), source, dataclasses.replace(PLAN, schedule=schedule))
        assert run.history.sampling_prob[0] == 0
        seen.append(mine)
    np.testing.assert_array_equal(seen[0], seen[1])


def test_the_history_follows_the_schedule() -> None:
    plan = dataclasses.replace(PLAN, schedule=ramp(1.0, 4), choice="sample")
    history = train(counter("rnn"), counting, plan).history
    np.testing.assert_allclose(history.sampling_prob[:5], [0, 0.25, 0.5, 0.75, 1])
    assert history.updates == 12
    assert not history.stopped


def test_a_true_answer_of_the_callback_stops_the_run() -> None:
    told: list[Progress] = []

    def stop_after_five(progress: Progress) -> bool:
        told.append(progress)
        return progress.updates == 5

    trained = train(counter("rnn"), counting, PLAN, callback=stop_after_five)
    assert trained.history.stopped
    assert trained.history.updates == 5
    assert [progress.updates for progress in told] == [1, 2, 3, 4, 5]
    assert {progress.of for progress in told} == {12}
    assert [progress.loss_nats for progress in told] == trained.history.loss_nats.tolist()
    whole = train(counter("rnn"), counting, PLAN).history.loss_nats
    np.testing.assert_array_equal(whole[:5], trained.history.loss_nats)


def test_evaluations_are_made_when_due_and_after_the_last_update() -> None:
    plan = dataclasses.replace(PLAN, steps=10, evaluate_every=4)
    norm = lambda model: {"norm": float(np.linalg.norm(model.flat))}  # noqa: E731
    told: list[int] = []

    def listen(progress: Progress) -> None:
        if progress.measured:
            told.append(progress.measured.updates)

    trained = train(counter("lstm"), counting, plan, evaluation=norm, callback=listen)
    at, values = trained.history.evaluated("norm")
    assert at.tolist() == told == [4, 8, 10]
    assert values[-1] == pytest.approx(np.linalg.norm(trained.parameters.flat))
    with pytest.raises(TypeError, match="does not support item assignment"):
        trained.history.evaluations[0].values["norm"] = 0.0  # type: ignore[index]


def test_a_history_cannot_be_changed() -> None:
    history = train(counter("rnn"), counting, PLAN).history
    with pytest.raises(dataclasses.FrozenInstanceError):
        history.stopped = True  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        history.loss_nats[0] = 0


def test_taking_columns_of_a_batch_keeps_them_together() -> None:
    batch = counting(5, np.random.default_rng(0))
    batch = Batch(batch.features, batch.tokens, np.ones((6, 5)))
    taken = batch.take(np.array([3, 1]))
    np.testing.assert_array_equal(taken.tokens, batch.tokens[:, [3, 1]])
    np.testing.assert_array_equal(taken.features, batch.features[:, [3, 1]])
    assert taken.mask is not None
    assert taken.mask.shape == (6, 2)
