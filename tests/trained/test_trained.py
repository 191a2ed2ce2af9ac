"""Trained weights: they are there, are read as they were written, and cannot be spoilt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from course import trained
from course.exposure import measure
from course.trained import packing
from course.trained.regimes import CONSTANT, SCHEDULED, find_regime

FOLDER = Path(trained.__file__).parent

EVERY_MODEL = [
    (task, cell, regime.name)
    for task in trained.tasks()
    for cell in trained.cells(task)
    for regime in trained.regimes(task, cell)
]


def test_weights_are_small_enough_to_ship() -> None:
    sizes = [path.stat().st_size for path in FOLDER.glob("*.npz")]
    assert sum(sizes) < 5e6
    assert max(sizes) < 2e6


@pytest.mark.parametrize(("task", "cell", "regime"), EVERY_MODEL)
def test_every_model_that_is_listed_can_be_read(task: str, cell: str, regime: str) -> None:
    seeds = trained.seeds(task, cell, regime)
    models = [trained.load(task, cell, regime, seed) for seed in seeds]
    assert all(np.isfinite(model.flat).all() and model.flat.dtype == np.float32 for model in models)
    assert len({model.flat.tobytes() for model in models}) == len(seeds)
    assert models[0].shape.cell_type == cell


def test_training_by_teacher_forcing_was_worth_it() -> None:
    for task, cell in [
        *(("osc", cell) for cell in ("rnn", "lstm", "gru")),
        *((task, "gru") for task in ("digits", "ring_measured", "ring_process", "runs")),
    ]:
        batch = trained.held_out(task, 100)
        error = measure(trained.load(task, cell), batch).error_true.mean.mean()
        classes = trained.load(task, cell).shape.output_dim
        assert error < 0.5 * (1 - 1 / classes)


def test_a_model_is_one_and_the_same_and_cannot_be_spoilt() -> None:
    model = trained.load("osc", "gru")
    assert trained.load("osc", "gru", find_regime("p0.00"), 0) is model
    with pytest.raises(ValueError, match="read-only"):
        model["W_hh"][...] = 0


def test_what_there_is_not_is_refused_with_what_there_is() -> None:
    with pytest.raises(ValueError, match="no weights for 'chess'; there are: osc"):
        trained.cells("chess")
    with pytest.raises(ValueError, match="'osc' has weights of gru"):
        trained.regimes("osc", "transformer")
    with pytest.raises(ValueError, match=r"was trained as p0\.00, .*; got 'p0\.33'"):
        trained.load("osc", "gru", "p0.33")
    with pytest.raises(ValueError, match=r"has seeds \(0, .*; got 99"):
        trained.load("osc", "gru", seed=99)


def test_held_out_sequences_are_the_same_at_every_call() -> None:
    for task in ("osc", "digits", "names"):
        first = trained.held_out(task, 50)
        trained.held_out.cache_clear()
        np.testing.assert_array_equal(first.tokens, trained.held_out(task, 50).tokens)
    assert trained.held_out("digits", 5000).tokens.shape[1] == 397


@pytest.mark.parametrize("name", [*CONSTANT, *SCHEDULED])
def test_a_regime_has_the_probabilities_of_its_name(name: str) -> None:
    regime = find_regime(name)
    probabilities = [regime.schedule(300).sampling_prob(step) for step in range(300)]
    if regime.sampling_prob is not None:
        assert set(probabilities) == {regime.sampling_prob}
    else:
        assert probabilities[0] < 0.1
        assert probabilities == sorted(probabilities)
        assert probabilities[-1] > 0.95
    assert find_regime(f"{name}-sample-sequence").coin == "sequence"


@pytest.mark.parametrize("name", ["p0.5", "p1.50", "cosine", "p0.50-beam", "linear-sample-sample"])
def test_a_name_that_is_no_regime_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="a regime is"):
        find_regime(name)


def test_packed_weights_differ_by_a_rounding() -> None:
    rng = np.random.default_rng(0)
    weights = (rng.normal(size=(5, 1000)) * 10.0 ** rng.integers(-6, 4, (5, 1000))).astype("f")
    weights[0, :2] = 0.0, -0.0
    read = packing.unpack(packing.pack(weights))
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, weights, rtol=packing.ROUNDING, atol=0)
    assert abs(np.mean((read - weights)[1:] / weights[1:])) < packing.ROUNDING / 50  # not cut off
    np.testing.assert_array_equal(packing.unpack(packing.pack(read)), read)
