"""``python3 -m course build weights``: train what ships, pack it, and say how it was made.

A task whose runs are what they were keeps its weights to the byte; the others are trained.
"""

from __future__ import annotations

import json
import platform
import shutil
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from course.bootstrap.seals import Code, read_sealed, sealed
from course.engine import Parameters, context_from, forward
from course.engine.numerics import Array
from course.exposure import measure
from course.study import digests
from course.study.grid import EXPERIMENTS, Experiment, TrainingRun, by_task, runs
from course.study.measures import overall
from course.study.training import CHECKPOINT, Finished, train_all
from course.tasks import Task, find_task, held_out
from course.trained.packing import pack, unpack

#: Where finished runs wait, below the repository; not kept in it.
WAITING = "build/trained"
#: Held-out sequences of each task that the manifest's measurements are of.
COLUMNS = 100
FOLDER = "course/trained"
MANIFEST = f"{FOLDER}/manifest.json"
COMMAND = "python3 -m course build weights"
AT_CHECKPOINT = f"loss_of_update_{CHECKPOINT}_nats"


def shipped(experiments: Iterable[Experiment] = EXPERIMENTS) -> list[Experiment]:
    """Return the experiments whose weights come with the course."""
    return [experiment for experiment in experiments if experiment.ships]


def generate(root: Path, out: Path, experiments: Iterable[Experiment] = EXPERIMENTS) -> None:
    """Train all that is stale, and write weights and manifest.

    Parameters
    ----------
    root : Path
        The repository; finished runs wait in a folder of it.
    out : Path
        Gets ``course/trained/weights_TASK.npz`` and ``manifest.json``.
    experiments : iterable of Experiment, optional
    """
    chosen = shipped(experiments)
    stale, (before, _) = stale_tasks(root, chosen), read_sealed(root / MANIFEST)
    finished = train_all(runs(one for one in chosen if one.task in stale), root / WAITING)
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for task, mine in by_task(chosen).items():
        path = folder / f"weights_{task}.npz"
        if task in stale:
            np.savez_compressed(path, **packed(mine, finished))
        elif root != out:
            shutil.copyfile(root / FOLDER / path.name, path)
    known = losses(before) | {
        run.name: (one.checkpoint_nats, round(one.last_nats, 4)) for run, one in finished.items()
    }
    read = read_models(folder, runs(chosen))
    said = {
        "command": COMMAND,
        "dtype": "float32 less the last 8 bits of the fraction",
        "makings": _makings(before.get("makings", []), list(by_task(chosen)), finished),
        "made_from": made_from(root, chosen),
        "measured_sha256": how_measured(root),
        "weights_sha256": of_weights(folder, chosen),
        "models": [described(mine, known, read) for mine in by_name(chosen)],
    }
    write(out, said)


def write(root: Path, said: dict[str, Any]) -> None:
    """Seal what is said of the weights of a repository, and write it."""
    text = json.dumps(sealed(said), indent=1) + "\n"
    (root / MANIFEST).write_text(text, encoding="utf-8")


def made_from(root: Path, experiments: Iterable[Experiment]) -> dict[str, dict[str, str]]:
    """Return by task the digests of what weights hang on."""
    code = Code(root)
    packing = {"packing": code.digest(pack)}
    return {task: parts | packing for task, parts in digests.of_tasks(experiments, code).items()}


def how_measured(root: Path) -> str:
    """Return the digest of what measures models for the manifest."""
    return Code(root).digest(as_shipped)


def stale_tasks(root: Path, experiments: Iterable[Experiment] = EXPERIMENTS) -> dict[str, str]:
    """Return the tasks whose weights in a repository are stale, and why."""
    chosen, (said, why) = shipped(experiments), read_sealed(root / MANIFEST)
    if why:
        return dict.fromkeys(by_task(chosen), why)
    now = of_weights(root / FOLDER, chosen)
    spoilt = {
        task: "not the weights that the manifest is about"
        for task, weights in said["weights_sha256"].items()
        if now.get(task, weights) != weights
    }
    return spoilt | digests.changed(said["made_from"], made_from(root, chosen))


def why_stale(root: Path, experiments: Iterable[Experiment] = EXPERIMENTS) -> str:
    """Say why the weights of a repository are stale; nothing where they are fresh."""
    said, why = read_sealed(root / MANIFEST)
    if not why:
        why = digests.told(stale_tasks(root, experiments))
    if not why and said["measured_sha256"] != how_measured(root):
        why = "how they are measured has changed"
    return why


def of_weights(folder: Path, experiments: Iterable[Experiment]) -> dict[str, str]:
    """Return the digest of each task's weights."""
    return {
        task: digests.of_arrays(folder / f"weights_{task}.npz") for task in by_task(experiments)
    }


def packed(experiments: list[Experiment], finished: dict[TrainingRun, Finished]) -> dict[str, Any]:
    """Return the bytes (3, seeds, P) of the weights by ``cell/regime``."""
    return {
        f"{one.cell}/{regime}": pack(
            np.array(
                [
                    finished[TrainingRun(one, regime, seed)].parameters.flat
                    for seed in range(one.seeds)
                ]
            )
        )
        for one in experiments
        for regime in one.regimes
    }


def read_models(folder: Path, chosen: Iterable[TrainingRun]) -> dict[TrainingRun, Parameters]:
    """Return the models of runs as they ship."""
    read: dict[TrainingRun, Parameters] = {}
    files: dict[str, Any] = {}
    stacks: dict[tuple[str, str, str], Array] = {}
    for run in chosen:
        task, key = run.experiment.task, (run.experiment.task, run.experiment.cell, run.regime)
        if task not in files:
            with np.load(folder / f"weights_{task}.npz") as stored:
                files[task] = dict(stored)
        if key not in stacks:
            stacks[key] = unpack(files[task][f"{run.experiment.cell}/{run.regime}"])
        read[run] = Parameters(run.experiment.shape(), stacks[key][run.seed].copy())
    return read


def _makings(
    before: list[dict[str, Any]], tasks: list[str], finished: dict[TrainingRun, Finished]
) -> list[dict[str, Any]]:
    """Say when which tasks were trained: those of one making by the same versions."""
    anew = list(by_task(run.experiment for run in finished))
    kept = [
        one | {"tasks": [task for task in one["tasks"] if task in tasks and task not in anew]}
        for one in before
    ]
    blas = np.show_config("dicts")["Build Dependencies"]["blas"]
    made = {
        "tasks": anew,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "blas": f"{blas['name']} {blas['version']}",
        },
        "machine": platform.machine(),
        "packing": effect_of_packing(finished),
        "core_seconds": round(sum(one.seconds for one in finished.values())),
    }
    return [one for one in (*kept, made) if one["tasks"]]


def effect_of_packing(finished: dict[TrainingRun, Finished]) -> dict[str, float]:
    """Measure what packing changes in curves like those of lab 3.

    Parameters
    ----------
    finished : dict
        Models in float32.

    Returns
    -------
    effect : dict
        ``decisions_changed``, the fraction of argmax predictions on true prefixes over all
        models; ``largest_change_of_own_prefix_error`` and ``largest_change_of_kl_nats``, of one
        model at one step.
    """
    changed, total = 0, 0
    error, kl = [0.0], [0.0]
    for run, one in finished.items():
        batch = held_out(find_task(run.experiment.task), COLUMNS)
        models = one.parameters, Parameters(one.parameters.shape, unpack(pack(one.parameters.flat)))
        decisions = []
        for model in models:
            context = context_from(model, batch.features)
            logits = forward(run.experiment.cell, model, context, batch.tokens).logits
            decisions.append(logits.argmax(axis=1))
        changed += int((decisions[0] != decisions[1]).sum())
        total += decisions[0].size
        before, now = (measure(model, batch) for model in models)
        error.append(float(np.nanmax(abs(now.error_own.mean - before.error_own.mean))))
        kl.append(float(np.nanmax(abs(now.kl.mean - before.kl.mean))))
    effect = {
        "decisions_changed": changed / max(total, 1),
        "largest_change_of_own_prefix_error": max(error),
        "largest_change_of_kl_nats": max(kl),
    }
    return {name: float(f"{value:.3g}") for name, value in effect.items()}


def losses(said: dict[str, Any]) -> dict[str, tuple[float, float]]:
    """Return the losses in training that a manifest tells, by the run's name."""
    return {
        f"{model['task']}/{model['cell']}/{run}": (loss, model["last_loss_nats"][run])
        for model in said.get("models", [])
        for run, loss in model[AT_CHECKPOINT].items()
    }


def as_shipped(task: Task, model: Parameters) -> dict[str, float]:
    """Measure a model for the manifest."""
    seen = measure(model, held_out(task, COLUMNS))
    told = {"gold_prefix_nll_nats": round(overall(seen.nll_true), 4)}
    if not task.prefix_matters:  # else an own token is not wrong because the truth has another
        told["own_prefix_error"] = round(overall(seen.error_own), 4)
    return told


def by_name(experiments: list[Experiment]) -> list[list[Experiment]]:
    """Put experiments together whose models the manifest tells together."""
    names = dict.fromkeys(one.name for one in experiments)
    return [[one for one in experiments if one.name == name] for name in names]


def described(
    mine: list[Experiment],
    known: dict[str, tuple[float, float]],
    read: dict[TrainingRun, Parameters],
) -> dict[str, Any]:
    """Say how the models of one task and cell were trained, and measure them as they ship.

    Parameters
    ----------
    mine : list of Experiment
    known : dict
        Losses by the run's name: at the checkpoint, and at the end.
    read : dict
        The models.
    """
    first, task, chosen = mine[0], find_task(mine[0].task), list(runs(mine))
    plan = asdict(chosen[0].plan())
    for of_regime in ("schedule", "choice", "coin", "seed"):
        del plan[of_regime]
    each = {regime: one for one in mine for regime in one.regimes}
    seen = {f"{run.regime}/{run.seed}": as_shipped(task, read[run]) for run in chosen}
    return {
        "task": first.task,
        "cell": first.cell,
        "shape": asdict(first.shape()),
        "plan": plan,
        "regimes": {
            regime: asdict(TrainingRun(one, regime, 0).plan().schedule)
            for regime, one in each.items()
        },
        "seeds": {regime: list(range(one.seeds)) for regime, one in each.items()},
        **{
            told: {f"{run.regime}/{run.seed}": known[run.name][k] for run in chosen}
            for k, told in enumerate((AT_CHECKPOINT, "last_loss_nats"))
        },
        **{
            name: {run: told[name] for run, told in seen.items() if name in told}
            for name in ("gold_prefix_nll_nats", "own_prefix_error")
        },
    }
