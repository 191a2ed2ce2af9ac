"""``python3 -m course build weights``: train what ships, pack it, and say how it was made."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from course.engine import Parameters, context_from, forward
from course.exposure import Exposure, measure
from course.tasks import find_task, held_out
from course.trained import digest
from course.trained.grid import GROUPS, Group, Run, runs
from course.trained.packing import pack, unpack
from course.trained.training import CHECKPOINT, Finished, train_all

#: Where finished runs wait, below the repository; not kept in it.
WAITING = "build/trained"
#: What the manifest's measurements and the packing hang on, below the course's folder.
MEASURED_BY = ("exposure.py", "trained/make.py", "trained/packing.py", "trained/training.py")
#: Held-out sequences of each task that the manifest's measurements are of.
COLUMNS = 100
FOLDER = "course/trained"
COMMAND = "python3 -m course build weights"


def shipped(groups: tuple[Group, ...] = GROUPS) -> tuple[Group, ...]:
    """Return the groups whose weights come with the course."""
    return tuple(group for group in groups if group.ships)


def generate(root: Path, out: Path, groups: tuple[Group, ...] = GROUPS) -> None:
    """Train all that ships and write weights and manifest.

    Parameters
    ----------
    root : Path
        The repository; finished runs wait in a folder of it.
    out : Path
        Gets ``course/trained/weights_TASK.npz`` and ``manifest.json``.
    groups : tuple of Group, optional
    """
    chosen = shipped(groups)
    finished = train_all(list(runs(chosen)), root / WAITING)
    folder = out / FOLDER
    folder.mkdir(parents=True)
    for task in dict.fromkeys(group.task for group in chosen):
        of_task = [group for group in chosen if group.task == task]
        np.savez_compressed(folder / f"weights_{task}.npz", **packed(of_task, finished))
    said = manifest(chosen, finished)
    said["weights_sha256"] = of_weights(folder, [group.task for group in chosen])
    text = json.dumps(digest.sealed(said), indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def why_stale(root: Path, groups: tuple[Group, ...] = GROUPS) -> str:
    """Say why the weights of a repository are stale; nothing where they are fresh."""
    folder, chosen = root / FOLDER, shipped(groups)
    if not (folder / "manifest.json").exists():
        return "manifest.json is missing"
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if not digest.is_sealed(said):
        return "manifest.json was changed by hand"
    if said["sources_sha256"] != digest.of_sources(root / "course"):
        return "engine, tasks or data have changed since they were trained"
    if said["runs_sha256"] != digest.of_runs(runs(chosen), root / "course"):
        return "the grid of runs is not the one that was trained"
    if said["measured_sha256"] != digest.of_sources(root / "course", MEASURED_BY):
        return "how they are packed or measured has changed"
    tasks = dict.fromkeys(group.task for group in chosen)
    if said["weights_sha256"] != of_weights(folder, list(tasks)):
        return "the weights are not those that the manifest is about"
    return ""


def of_weights(folder: Path, tasks: list[str]) -> dict[str, str]:
    """Return the digest of each task's weights."""
    return {task: digest.of_arrays(folder / f"weights_{task}.npz") for task in tasks}


def packed(groups: list[Group], finished: dict[Run, Finished]) -> dict[str, Any]:
    """Return the bytes (3, seeds, P) of the weights by ``cell/regime``."""
    return {
        f"{group.cell}/{regime}": pack(
            np.array(
                [finished[Run(group, regime, seed)].parameters.flat for seed in range(group.seeds)]
            )
        )
        for group in groups
        for regime in group.regimes
    }


def manifest(groups: tuple[Group, ...], finished: dict[Run, Finished]) -> dict[str, Any]:
    """Return how the weights were made, and what finds out whether they still would be."""
    effect, measured = shipped_as(finished)
    blas = np.show_config("dicts")["Build Dependencies"]["blas"]
    return {
        "command": COMMAND,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "blas": f"{blas['name']} {blas['version']}",
        },
        "machine": platform.machine(),
        "dtype": "float32 less the last 8 bits of the fraction",
        "packing": effect,
        "sources_sha256": digest.of_sources(),
        "runs_sha256": digest.of_runs(runs(groups)),
        "measured_sha256": digest.of_sources(names=MEASURED_BY),
        "core_seconds": round(sum(one.seconds for one in finished.values())),
        "models": [
            _described([group for group in groups if group.name == name], finished, measured)
            for name in dict.fromkeys(group.name for group in groups)
        ],
    }


def shipped_as(finished: dict[Run, Finished]) -> tuple[dict[str, float], dict[Run, Exposure]]:
    """Measure the models as they ship, and what packing changes in curves like those of lab 3.

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
    measured : dict
        Each model as it ships.
    """
    changed, total = 0, 0
    error, kl = [0.0], [0.0]
    measured: dict[Run, Exposure] = {}
    for run, one in finished.items():
        batch = held_out(find_task(run.group.task), COLUMNS)
        models = one.parameters, Parameters(one.parameters.shape, unpack(pack(one.parameters.flat)))
        decisions = []
        for model in models:
            context = context_from(model, batch.features)
            logits = forward(run.group.cell, model, context, batch.tokens).logits
            decisions.append(logits.argmax(axis=1))
        changed += int((decisions[0] != decisions[1]).sum())
        total += decisions[0].size
        before, measured[run] = (measure(model, batch) for model in models)
        now = measured[run]
        error.append(float(np.nanmax(abs(now.error_own.mean - before.error_own.mean))))
        kl.append(float(np.nanmax(abs(now.kl.mean - before.kl.mean))))
    effect = {
        "decisions_changed": changed / total,
        "largest_change_of_own_prefix_error": max(error),
        "largest_change_of_kl_nats": max(kl),
    }
    return {name: float(f"{value:.3g}") for name, value in effect.items()}, measured


def _described(
    groups: list[Group], finished: dict[Run, Finished], measured: dict[Run, Exposure]
) -> dict[str, Any]:
    """Say how the models of one task and cell were trained."""
    first, mine = groups[0], {run: finished[run] for run in runs(tuple(groups))}
    plan = asdict(next(iter(mine)).plan())
    for of_regime in ("schedule", "choice", "coin", "seed"):
        del plan[of_regime]
    each = {regime: group for group in groups for regime in group.regimes}
    return {
        "task": first.task,
        "cell": first.cell,
        "shape": asdict(first.shape()),
        "plan": plan,
        "regimes": {
            regime: asdict(Run(group, regime, 0).plan().schedule) for regime, group in each.items()
        },
        "seeds": {regime: list(range(group.seeds)) for regime, group in each.items()},
        f"loss_of_update_{CHECKPOINT}_nats": {
            f"{run.regime}/{run.seed}": one.checkpoint_nats for run, one in mine.items()
        },
        "last_loss_nats": {
            f"{run.regime}/{run.seed}": round(one.last_nats, 4) for run, one in mine.items()
        },
        "gold_prefix_nll_nats": {
            f"{run.regime}/{run.seed}": round(float(np.nanmean(measured[run].nll_true.mean)), 4)
            for run in mine
        },
        # where the prefix matters an own token is not wrong because the truth has another
        "own_prefix_error": {
            f"{run.regime}/{run.seed}": round(float(np.nanmean(measured[run].error_own.mean)), 4)
            for run in mine
            if not find_task(first.task).prefix_matters
        },
    }
