"""Ways of training that an experiment compares, and what is measured of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from course.engine import Batch, Parameters, cross_entropy, forward, one_hot, train
from course.engine.decoder import context_from
from course.study import ways
from course.study.measures import measure_bias, measure_truth
from course.study.ways import (
    Best,
    Setting,
    Way,
    measured_on,
    outcomes,
    train_way,
    with_random_errors,
)
from course.tasks import TASKS, find_task
from course.trained import load

RING = Setting("ring", "rnn")


def true_prefix_loss(model: Parameters, batch: Batch) -> float:
    logits = forward("rnn", model, context_from(model, batch.features), batch.tokens).logits
    return cross_entropy(logits, batch.tokens)[0]


@pytest.mark.parametrize("regime", ["p0.00", "p0.50", "p0.50-sample", "linear"])
def test_a_way_without_a_twist_trains_as_the_grid_does(regime: str) -> None:
    way, task = Way(regime, 6), find_task("ring")
    alone = train(task.shape("rnn", 32), task.draw, way.plan(4)).parameters
    np.testing.assert_array_equal(train_way(RING, way, 4).flat, alone.flat)


def test_random_errors_are_as_many_at_the_same_places_and_even() -> None:
    rng = np.random.default_rng(7)
    tokens = rng.integers(0, 5, (4, 3000))
    written = np.where(rng.random(tokens.shape) < 0.4, (tokens + 1) % 5, tokens)
    fed = one_hot(np.concatenate([tokens[:1], written[:-1]]), 5)
    given = with_random_errors(fed, tokens, rng)
    np.testing.assert_array_equal((given != tokens)[:-1], (written != tokens)[:-1])
    away = (given - tokens)[:-1][(given != tokens)[:-1]] % 5
    shares = np.bincount(away, minlength=5) / away.size
    np.testing.assert_allclose(shares, [0, 0.25, 0.25, 0.25, 0.25], atol=0.04)


def test_without_own_tokens_there_are_no_errors_to_put_others_for() -> None:
    plain, random = (train_way(RING, Way("p0.00", 6, twist), 4) for twist in ("", "random"))
    np.testing.assert_array_equal(plain.flat, random.flat)


def test_own_errors_in_the_place_of_own_errors_are_scheduled_sampling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def own(fed: Any, tokens: Any, _: Any) -> Any:
        return np.concatenate([fed[1:].argmax(axis=1), tokens[-1:]])

    monkeypatch.setattr(ways, "with_random_errors", own)
    plain, random = (train_way(RING, Way("p0.50", 6, twist), 4) for twist in ("", "random"))
    np.testing.assert_array_equal(plain.flat, random.flat)


def test_random_errors_train_another_model_from_the_same_start() -> None:
    plain, random = (train_way(RING, Way("p0.50", 6, twist), 4) for twist in ("", "random"))
    assert 0 < np.abs(plain.flat - random.flat).max() < 0.1


def test_the_best_model_is_kept_as_it_was() -> None:
    task = find_task("ring")
    judge, models = task.draw(20, np.random.default_rng(0)), []
    kept = Best(judge)
    for updates in (40, 1, 80, 3):
        models.append(train_way(RING, Way(updates=updates), 1))
        kept.look_at(models[-1])
    losses = [true_prefix_loss(model, judge) for model in models]
    assert kept.model is not None
    np.testing.assert_array_equal(kept.model.flat, models[int(np.argmin(losses))].flat)
    models[int(np.argmin(losses))].flat[:] = 0
    assert kept.model.flat.any()


@pytest.mark.slow
def test_stopped_early_a_model_of_few_sequences_is_better_on_others() -> None:
    few = Setting("momentum", "rnn", "50")
    last, best = (train_way(few, Way(updates=700, twist=twist), 0) for twist in ("", "early"))
    judge = find_task("momentum").draw(200, np.random.default_rng(5))
    assert true_prefix_loss(best, judge) < true_prefix_loss(last, judge) - 0.02


def test_a_training_that_is_stopped_at_once_has_a_model_all_the_same() -> None:
    for twist in ("", "random", "early"):
        model = train_way(RING, replace(Way("p0.50", 50), twist=twist), 0, lambda progress: True)
        assert np.isfinite(model.flat).all()


@pytest.mark.parametrize("task", ["osc", "momentum", "ring_process"])
def test_what_is_measured_is_what_results_call_so(task: str) -> None:
    about = find_task(task)
    model = load(task, "gru") if task != "momentum" else train_way(Setting(task), Way(updates=3), 0)
    values = outcomes(about, model, seed=3)
    known = measure_truth(about, model, 3) if about.truth else {}
    known |= measure_bias(about, model) if about.feature_dim else {}
    assert set(values) == set(measured_on(about))
    for name, value in values.items():
        if name in known:
            assert value == pytest.approx(known[name], abs=1e-9), name


def test_every_task_has_something_that_is_measured() -> None:
    for task in TASKS.values():
        assert len(measured_on(task)) >= 2


def test_ways_are_told_apart_by_their_names() -> None:
    some = [Way("p0.50", 9), Way("p0.50", 8), Way("p0.50", 9, "random"), Way("p0.50", 9, "early")]
    assert len({way.name for way in some}) == len({way.title for way in some}) == 4
