"""Shipped weights: they are what the manifest says, and they can be made again."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest

from course import trained
from course.study import make_weights, training
from course.study.grid import EXPERIMENTS, Experiment, TrainingRun, runs
from course.study.reseal import short_loss
from course.tasks import find_task

pytestmark = pytest.mark.slow(seconds=7)

ROOT = Path(__file__).resolve().parents[2]
TINY = Experiment("chain", "gru", 3, 25, ("p0.00", "p1.00-sample"), 2, ships=True)


def test_weights_belong_to_the_present_engine_tasks_and_grid() -> None:
    assert make_weights.why_stale(ROOT) == ""


@pytest.mark.parametrize(("task", "cell"), [("chain", "gru"), ("osc", "rnn")])
def test_a_short_run_finds_the_loss_that_the_manifest_recorded(task: str, cell: str) -> None:
    (said,) = (
        one for one in trained.manifest()["models"] if (one["task"], one["cell"]) == (task, cell)
    )
    experiment = next(
        one for one in EXPERIMENTS if one.ships and (one.task, one.cell) == (task, cell)
    )
    regime = experiment.regimes[2]
    recorded = said[make_weights.AT_CHECKPOINT][f"{regime}/1"]
    assert short_loss(TrainingRun(experiment, regime, 1)) == pytest.approx(recorded, rel=1e-5)


def test_the_manifest_tells_seeds_and_what_was_measured() -> None:
    for model in trained.manifest()["models"]:
        assert model["plan"]["steps"] > 0
        assert all(seeds == [0, 1, 2, 3, 4] for seeds in model["seeds"].values())
        assert len(model["gold_prefix_nll_nats"]) == 5 * len(model["regimes"])
        wrong = model["own_prefix_error"]
        if find_task(model["task"]).prefix_matters:
            assert wrong == {}
        else:
            assert len(wrong) == 5 * len(model["regimes"])
            assert all(0 <= error < 1 for error in wrong.values())


def test_runs_of_one_seed_differ_in_what_is_fed_alone() -> None:
    one = EXPERIMENTS[0]
    first, second = (TrainingRun(one, regime, 3).plan() for regime in one.regimes[:2])
    assert first.seed == second.seed
    assert first.steps == second.steps
    assert first.schedule != second.schedule
    assert len({run.name for run in runs()}) == len(list(runs())) > 100


def test_what_is_made_is_what_is_read(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar = io.StringIO()
    folder = copy / make_weights.WAITING
    finished = training.train_all(list(runs((TINY,))), folder, processes=1, out=bar)
    assert "4/4" in bar.getvalue()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}

    make_weights.generate(copy, tmp_path / "out", (TINY,))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before

    monkeypatch.setattr(trained, "HERE", tmp_path / "out" / make_weights.FOLDER)
    for cached in (trained.manifest, trained._stack, trained._model):
        cached.cache_clear()
    try:
        for run, one in finished.items():
            model = trained.load("chain", "gru", run.regime, run.seed)
            np.testing.assert_allclose(model.flat, one.parameters.flat, rtol=1e-3, atol=1e-7)
    finally:
        for cached in (trained.manifest, trained._stack, trained._model):
            cached.cache_clear()


def test_packing_changes_no_picture() -> None:
    for effect in (making["packing"] for making in trained.manifest()["makings"]):
        assert effect["decisions_changed"] < 1e-4
        # Lab 3 draws means over five seeds, 172 pixels high: all errors, or some nats.
        assert effect["largest_change_of_own_prefix_error"] / 5 * 172 < 1
        assert effect["largest_change_of_kl_nats"] / 5 / 2 * 172 < 1
