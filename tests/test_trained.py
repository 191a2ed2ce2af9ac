"""Trained weights: they are there, they are what the manifest says, and they can be made again."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from course import trained
from course.engine import Progress, train
from course.exposure import measure
from course.tasks import find_task
from course.trained import digest, make, packing, training
from course.trained.grid import GROUPS, Group, Run, runs
from course.trained.regimes import CONSTANT, SCHEDULED, find_regime

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "course/trained"
TINY = Group("chain", "gru", 3, 25, ("p0.00", "p1.00-sample"), 2, ships=True)

EVERY_MODEL = [
    (task, cell, regime.name)
    for task in trained.tasks()
    for cell in trained.cells(task)
    for regime in trained.regimes(task, cell)
]


def test_weights_belong_to_the_present_engine_tasks_and_grid() -> None:
    assert make.why_stale(ROOT) == ""


def test_weights_are_small_enough_to_ship() -> None:
    sizes = [path.stat().st_size for path in FOLDER.glob("weights_*.npz")]
    assert sum(sizes) < 5e6
    assert max(sizes) < 2e6


@pytest.mark.parametrize(("task", "cell", "regime"), EVERY_MODEL)
def test_every_model_that_is_listed_can_be_read(task: str, cell: str, regime: str) -> None:
    seeds = trained.seeds(task, cell, regime)
    models = [trained.load(task, cell, regime, seed) for seed in seeds]
    assert all(np.isfinite(model.flat).all() and model.flat.dtype == np.float32 for model in models)
    assert len({model.flat.tobytes() for model in models}) == len(seeds)
    assert models[0].shape.cell_type == cell


@pytest.mark.parametrize(("task", "cell"), [("chain", "gru"), ("osc", "rnn")])
def test_a_short_run_finds_the_loss_that_the_manifest_recorded(task: str, cell: str) -> None:
    (said,) = (
        one for one in trained.manifest()["models"] if (one["task"], one["cell"]) == (task, cell)
    )
    group = next(one for one in GROUPS if one.ships and (one.task, one.cell) == (task, cell))
    regime = group.regimes[2]

    def enough(progress: Progress) -> bool:
        return progress.updates == training.CHECKPOINT

    history = train(
        group.shape(), group.source(), Run(group, regime, 1).plan(), callback=enough
    ).history
    recorded = said[f"loss_of_update_{training.CHECKPOINT}_nats"][f"{regime}/1"]
    assert history.loss_nats[-1] == pytest.approx(recorded, rel=1e-5)


def test_training_by_teacher_forcing_was_worth_it() -> None:
    for task, cell in [
        *(("osc", cell) for cell in ("rnn", "lstm", "gru")),
        *((task, "gru") for task in ("digits", "ring_measured", "ring_process", "runs")),
    ]:
        batch = trained.held_out(task, 100)
        error = measure(trained.load(task, cell), batch).error_true.mean.mean()
        classes = trained.load(task, cell).shape.output_dim
        assert error < 0.5 * (1 - 1 / classes)


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


def test_runs_of_one_seed_differ_in_what_is_fed_alone() -> None:
    group = GROUPS[0]
    first, second = (Run(group, regime, 3).plan() for regime in group.regimes[:2])
    assert first.seed == second.seed
    assert first.steps == second.steps
    assert first.schedule != second.schedule
    assert len({run.name for run in runs()}) == len(list(runs())) > 100


def test_the_digest_is_of_what_code_says_and_not_of_how() -> None:
    code = 'def f(x):\n    """Say."""\n    return x + 1\n'
    same = "def f(x):  # why\n    return (x\n            + 1)\n"
    assert digest.of_code(code) == digest.of_code(same)
    assert digest.of_code(code) != digest.of_code(code.replace("+ 1", "+ 2"))
    assert digest.of_code(code) != digest.of_code(code.replace("(x)", "(x, y=1)"))


def test_every_module_of_the_engine_counts_for_staleness() -> None:
    engine = {f"engine/{path.name}" for path in (ROOT / "course/engine").glob("*.py")}
    assert engine - {"engine/__init__.py"} <= set(digest.MADE_FROM)


@pytest.mark.slow
def test_a_changed_engine_or_file_of_weights_is_said_to_be_stale(tmp_path: Path) -> None:
    for name in {*digest.MADE_FROM, *digest.WATCHED_BY, *make.MEASURED_BY}:
        (tmp_path / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "course" / name, tmp_path / "course" / name)
    for path in [*FOLDER.glob("weights_*.npz"), FOLDER / "manifest.json"]:
        shutil.copy(path, tmp_path / "course/trained")
    assert make.why_stale(tmp_path) == ""

    optimiser = tmp_path / "course/engine/optim.py"
    kept = optimiser.read_text(encoding="utf-8")
    optimiser.write_text(kept.replace("beta1: float = 0.9", "beta1: float = 0.8"), "utf-8")
    assert "engine, tasks or data have changed" in make.why_stale(tmp_path)
    optimiser.write_text("# the same\n" + kept, "utf-8")
    assert make.why_stale(tmp_path) == ""

    packer = tmp_path / "course/trained/packing.py"
    kept = packer.read_text(encoding="utf-8")
    packer.write_text(kept.replace("1 << 7", "0"), "utf-8")
    assert make.why_stale(tmp_path) == "how they are packed or measured has changed"
    packer.write_text(kept, "utf-8")

    assert "grid" in make.why_stale(tmp_path, GROUPS[1:])
    manifest = tmp_path / "course/trained/manifest.json"
    kept = manifest.read_text(encoding="utf-8")
    said = json.loads(kept)
    said["core_seconds"] += 1
    manifest.write_text(json.dumps(said), "utf-8")
    assert make.why_stale(tmp_path) == "manifest.json was changed by hand"
    manifest.write_text(kept, "utf-8")
    osc = tmp_path / "course/trained/weights_osc.npz"
    with np.load(osc) as stored:
        arrays = dict(stored)
    np.savez(osc, **arrays)  # the same numbers, not compressed
    assert make.why_stale(tmp_path) == ""
    arrays["gru/p0.00"][0, 0, 0] += 1
    np.savez(osc, **arrays)
    assert "not those that the manifest is about" in make.why_stale(tmp_path)
    (tmp_path / "course/trained/manifest.json").unlink()
    assert "manifest.json is missing" in make.why_stale(tmp_path)


def test_what_is_made_is_what_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bar = io.StringIO()
    folder = tmp_path / "root" / make.WAITING
    finished = training.train_all(list(runs((TINY,))), folder, processes=1, out=bar)
    assert "4/4" in bar.getvalue()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}

    make.generate(tmp_path / "root", tmp_path / "out", (TINY,))
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before

    monkeypatch.setattr(trained, "HERE", tmp_path / "out" / make.FOLDER)
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
    effect = trained.manifest()["packing"]
    assert effect["decisions_changed"] < 1e-4
    # Lab 3 draws means over five seeds, 172 pixels high; so high stand all errors, or some nats.
    assert effect["largest_change_of_own_prefix_error"] / 5 * 172 < 1
    assert effect["largest_change_of_kl_nats"] / 5 / 2 * 172 < 1


def test_packed_weights_differ_by_a_rounding() -> None:
    rng = np.random.default_rng(0)
    weights = (rng.normal(size=(5, 1000)) * 10.0 ** rng.integers(-6, 4, (5, 1000))).astype("f")
    weights[0, :2] = 0.0, -0.0
    read = packing.unpack(packing.pack(weights))
    assert read.dtype == np.float32
    np.testing.assert_allclose(read, weights, rtol=packing.ROUNDING, atol=0)
    assert abs(np.mean((read - weights)[1:] / weights[1:])) < packing.ROUNDING / 50  # not cut off
    np.testing.assert_array_equal(packing.unpack(packing.pack(read)), read)


@pytest.mark.parametrize("name", ["momentum", "chain"])
def test_another_pool_of_sequences_is_another_run(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = next(one for one in GROUPS if one.task == name and one.variant)
    run, plain = Run(group, "p0.00", 0), Run(GROUPS[0], "p0.00", 0)
    before = digest.of_run(run), digest.of_run(plain)
    monkeypatch.setattr(digest, "POOL_SEED", 2000)
    assert digest.of_run(run) != before[0]
    assert digest.of_run(plain) == before[1]


def test_a_run_that_was_watched_hangs_on_what_watched_it(tmp_path: Path) -> None:
    for name in {*digest.MADE_FROM, *digest.WATCHED_BY}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "course" / name, tmp_path / name)
    group = next(one for one in GROUPS if one.evaluate_every)
    watched, plain = Run(group, "p0.00", 0), Run(GROUPS[0], "p0.00", 0)
    assert digest.of_run(watched, tmp_path) == digest.of_run(watched)
    path = tmp_path / "trained/training.py"
    kept = path.read_text(encoding="utf-8")
    path.write_text(kept.replace("WATCHED = 500", "WATCHED = 50"), "utf-8")
    assert path.read_text(encoding="utf-8") != kept
    assert digest.of_run(watched, tmp_path) != digest.of_run(watched)
    assert digest.of_run(plain, tmp_path) == digest.of_run(plain)
