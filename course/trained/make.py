"""``python3 -m course build weights``: train what ships, pack it, and say how it was made."""

from __future__ import annotations

import hashlib
import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from course.engine import Parameters, context_from, forward
from course.exposure import measure
from course.tasks import find_task, held_out
from course.trained import digest
from course.trained.grid import GROUPS, Group, Run, runs
from course.trained.training import CHECKPOINT, Finished, train_all

#: Where finished runs wait, below the repository; not kept in it.
WAITING = "build/trained"
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
    text = json.dumps(said, indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def why_stale(root: Path, groups: tuple[Group, ...] = GROUPS) -> str:
    """Say why the weights of a repository are stale; nothing where they are fresh."""
    folder, chosen = root / FOLDER, shipped(groups)
    if not (folder / "manifest.json").exists():
        return "manifest.json is missing"
    said = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    sources = digest.of_sources(root / "course")
    if said["sources_sha256"] != sources:
        return "engine, tasks or data have changed since they were trained"
    if said["runs_sha256"] != digest.of_runs(runs(chosen), sources):
        return "the grid of runs is not the one that was trained"
    tasks = dict.fromkeys(group.task for group in chosen)
    if said["weights_sha256"] != of_weights(folder, list(tasks)):
        return "the weights are not those that the manifest is about"
    return ""


def of_weights(folder: Path, tasks: list[str]) -> dict[str, str]:
    """Return the digest of each file of weights, by task; empty where it is missing."""
    paths = {task: folder / f"weights_{task}.npz" for task in tasks}
    return {
        task: hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
        for task, path in paths.items()
    }


def packed(groups: list[Group], finished: dict[Run, Finished]) -> dict[str, Any]:
    """Return float16 weights (seeds, P) by ``cell/regime``."""
    return {
        f"{group.cell}/{regime}": np.array(
            [
                finished[Run(group, regime, seed)].parameters.flat.astype(np.float16)
                for seed in range(group.seeds)
            ]
        )
        for group in groups
        for regime in group.regimes
    }


def manifest(groups: tuple[Group, ...], finished: dict[Run, Finished]) -> dict[str, Any]:
    """Return how the weights were made, and what finds out whether they still would be."""
    sources = digest.of_sources()
    effect, errors = rounded(finished)
    return {
        "command": COMMAND,
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "dtype": "float16 of float32",
        "float16": effect,
        "sources_sha256": sources,
        "runs_sha256": digest.of_runs(runs(groups), sources),
        "core_seconds": round(sum(one.seconds for one in finished.values())),
        "models": [
            _described([group for group in groups if group.name == name], finished, errors)
            for name in dict.fromkeys(group.name for group in groups)
        ],
    }


def rounded(
    finished: dict[Run, Finished], columns: int = 200
) -> tuple[dict[str, float], dict[Run, float]]:
    """Measure what float16 changes: single decisions on the true prefix, and free-running error.

    Parameters
    ----------
    finished : dict
        Models in float32.
    columns : int, optional
        Held-out sequences of each task.

    Returns
    -------
    effect : dict
        ``decisions_changed``, the fraction of argmax predictions over all models, and
        ``largest_change_of_own_prefix_error``, the largest of one model.
    errors : dict
        The free-running error of each model as it ships.
    """
    changed, total, largest = 0, 0, 0.0
    shipped_errors: dict[Run, float] = {}
    for run, one in finished.items():
        batch = held_out(find_task(run.group.task), columns)
        flat = one.parameters.flat.astype(np.float16).astype(np.float32)
        decisions, errors = [], []
        for model in (one.parameters, Parameters(one.parameters.shape, flat)):
            context = context_from(model, batch.features)
            logits = forward(run.group.cell, model, context, batch.tokens).logits
            decisions.append(logits.argmax(axis=1))
            errors.append(float(np.nanmean(measure(model, batch).error_own.mean)))
        changed += int((decisions[0] != decisions[1]).sum())
        total += decisions[0].size
        largest = max(largest, abs(errors[0] - errors[1]))
        shipped_errors[run] = errors[1]
    effect = {
        "decisions_changed": float(f"{changed / total:.3g}"),
        "largest_change_of_own_prefix_error": float(f"{largest:.3g}"),
    }
    return effect, shipped_errors


def _described(
    groups: list[Group], finished: dict[Run, Finished], errors: dict[Run, float]
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
        "seeds": {regime: group.seeds for regime, group in each.items()},
        f"loss_of_update_{CHECKPOINT}_nats": {
            f"{run.regime}/{run.seed}": one.checkpoint_nats for run, one in mine.items()
        },
        "last_loss_nats": {
            f"{run.regime}/{run.seed}": round(one.last_nats, 4) for run, one in mine.items()
        },
        # where the prefix matters an own token is not wrong because the truth has another
        "own_prefix_error": {
            f"{run.regime}/{run.seed}": round(errors[run], 4)
            for run in mine
            if not find_task(first.task).prefix_matters
        },
    }
