"""Measured results: they belong to the weights, and follow what is known."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from course import trained
from course.study import make_beyond, make_results, measures
from course.study.grid import EXPERIMENTS
from course.study.make_experiments import STUDIES
from course.tasks import find_task
from course.trained import results
from course.trained.results import find

ROOT = Path(__file__).resolve().parents[2]


def test_results_belong_to_the_present_weights_and_measures() -> None:
    assert make_results.why_stale(ROOT) == ""


def test_every_result_has_a_measure_and_finite_values() -> None:
    for path in results.paths():
        result = find(path)
        assert result.n >= 1
        assert np.isfinite(result.values).all(), path


def test_what_was_measured_has_five_seeds() -> None:
    for path in results.paths():
        assert find(path).n == (1 if "-theory/" in path else 5), path


def test_every_cell_and_task_of_the_grid_is_measured() -> None:
    groups = {"/".join(path.split("/")[:2]) for path in results.paths()}
    studies = {study.path for study in (*STUDIES, *make_beyond.STUDIES)}
    assert groups == {one.name for one in EXPERIMENTS} | studies
    assert {f"osc/{cell}" for cell in ("rnn", "lstm", "gru")} < groups


@pytest.mark.slow
def test_a_shipped_model_measured_now_gives_what_was_written() -> None:
    model = trained.load("osc", "gru", "p0.50", 2)
    for name, value in measures.measure_bias(find_task("osc"), model).items():
        written = find(f"osc/gru/p0.50/{name}").values[2]
        # a decision that hangs on the last digit may fall otherwise on another machine
        assert value == pytest.approx(written, abs=0.005), name
    model = trained.load("chain", "gru", "p0.50-sample", 1)
    for name, value in measures.measure_chain(find_task("chain"), model).items():
        written = find(f"chain/gru/p0.50-sample/{name}").values[1]
        assert value == pytest.approx(written, abs=1e-4), name


def test_a_difference_is_taken_seed_by_seed() -> None:
    ours, base, difference = (
        find(f"osc/gru/{way}/own_prefix_error").values
        for way in ("p1.00", "p0.00", "p1.00-vs-p0.00")
    )
    np.testing.assert_allclose(difference, np.subtract(ours, base), atol=2e-6)


def test_the_chain_follows_the_closed_form() -> None:
    for way in ("p0.25-sample", "p0.50-sample", "p0.75-sample", "p1.00-sample"):
        measured = find(f"chain/gru/{way}/kl_nats")
        theory = find(f"chain/gru/{way}-theory/kl_nats")
        assert measured.mean == pytest.approx(theory.mean, abs=0.02)
        p = float(way[1:5])
        assert theory.mean == pytest.approx(-math.log(1 - p / 2), abs=1e-5)


def test_the_exact_ring_run_free_leaves_the_true_prefix_as_slips_add_up() -> None:
    slip = np.zeros(16)
    slip[[0, 1, -1]] = 0.9, 0.05, 0.05
    after = np.fft.ifft(np.fft.fft(slip) ** 19).real  # the token before the last step
    middle = [(slip + np.roll(slip, away)) / 2 for away in range(16)]
    entropies = [-(p[p > 0] * np.log(p[p > 0])).sum() for p in (slip, *middle)]
    apart = after @ (np.array(entropies[1:]) - entropies[0])
    assert find("ring_process/gru/best-theory/js_last_nats").mean == pytest.approx(apart, abs=0.01)
    assert find("ring_measured/gru/best-theory/js_last_nats").mean == 0


def test_walks_drawn_from_the_exact_ring_slip_as_often_as_the_data() -> None:
    for name in ("ring_process", "ring_measured"):
        task = find_task(name)
        drawn, true = (task.draw(4000, np.random.default_rng(seed)) for seed in (1, 2))
        # walks of one start and stride, brought to the same context
        start, stride = (half.argmax(axis=0) for half in np.split(drawn.features, 2))
        ideal = start + np.arange(task.steps)[:, None] * stride
        begin, step = (half.argmax(axis=0) for half in np.split(true.features, 2))
        path = begin + np.arange(task.steps)[:, None] * step
        wrong = ((drawn.tokens - ideal) % 16 != (true.tokens - path) % 16)[:-1].mean()
        written = find(f"{name}/gru/best-theory/drawn_error").mean
        assert written == pytest.approx(wrong, abs=0.01)


def test_no_decoder_of_digits_beats_a_linear_map_of_the_upper_half() -> None:
    guess = find("digits/gru/context-theory/own_prefix_error").mean
    assert find("digits/gru/prefix-theory/gold_prefix_error").mean < guess
    for way in ("p0.00", "p0.50", "p1.00", "linear"):
        assert find(f"digits/gru/{way}/own_prefix_error").mean > guess


@pytest.mark.slow
def test_what_a_shipped_model_writes_is_measured_by_argmax_and_by_drawing() -> None:
    task, model = find_task("ring_process"), trained.load("ring_process", "gru", "p0.00", 1)
    for name, value in measures.measure_written(task, model, seed=1).items():
        written = find(f"ring_process/gru/p0.00/{name}").values[1]
        assert value == pytest.approx(written, abs=0.005), name


def test_even_guessing_is_as_far_from_the_walk_as_its_entropy_leaves() -> None:
    logits = 4 * np.cos(2 * np.pi * np.arange(8) / 8)
    p = np.exp(logits) / np.exp(logits).sum()
    entropy = -(p * np.log(p)).sum()
    away = find("momentum-2000/gru/guess-theory/eps_nats").mean
    assert away == pytest.approx(39 / 40 * (math.log(8) - entropy), abs=1e-4)


def test_excess_error_is_that_of_own_prefixes_over_true_ones() -> None:
    for path in results.paths():
        if path.startswith("momentum") and path.endswith("/excess_percent") and "-vs-" not in path:
            way = path.removesuffix("/excess_percent")
            own, eps = (np.array(find(f"{way}/{name}").values) for name in ("own_nats", "eps_nats"))
            np.testing.assert_allclose(find(path).values, 100 * (own / eps - 1), atol=0.1)
            steps = np.array(find(f"{way}/accumulated").values)
            np.testing.assert_allclose(steps, 40 * own / eps, atol=0.05)


def test_letter_pairs_diverge_by_nothing_from_themselves_and_by_log_2_from_others() -> None:
    names = ["anna", "bert", "carla"]
    assert measures.letter_pairs_js(names, names[::-1]) == pytest.approx(0, abs=1e-12)
    assert measures.letter_pairs_js(["aaa"], ["bbb"]) == pytest.approx(math.log(2))
    assert 0 < measures.letter_pairs_js(names, ["anna", "bertha"]) < math.log(2)


@pytest.mark.slow
def test_names_that_cannot_be_sampled_well_are_told_from_those_that_can() -> None:
    good = measures.measure_names(find_task("names"), trained.load("names", "gru"), seed=3)
    bad = measures.measure_names(
        find_task("names"), trained.load("names", "gru", "p1.00-sample"), seed=3
    )
    assert good["nll_nats"] < bad["nll_nats"] < math.log(27)
    assert good["real_names"] > bad["real_names"]
    assert good["pairs_js_nats"] < bad["pairs_js_nats"]
