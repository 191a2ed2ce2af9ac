"""``python3 -m course build weights``: train what ships, pack it, and say how it was made."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

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
    text = json.dumps(manifest(chosen, finished), indent=1) + "\n"
    (folder / "manifest.json").write_text(text, encoding="utf-8")


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
    return {
        "command": COMMAND,
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "dtype": "float16 of float32",
        "sources_sha256": sources,
        "runs_sha256": digest.of_runs(runs(groups), sources),
        "core_seconds": round(sum(one.seconds for one in finished.values())),
        "models": [_described(group, finished) for group in groups],
    }


def _described(group: Group, finished: dict[Run, Finished]) -> dict[str, Any]:
    mine = {run: finished[run] for run in runs((group,))}
    plan = asdict(next(iter(mine)).plan())
    for of_regime in ("schedule", "choice", "coin", "seed"):
        del plan[of_regime]
    return {
        "task": group.task,
        "cell": group.cell,
        "shape": asdict(group.shape()),
        "plan": plan,
        "regimes": {
            regime: asdict(Run(group, regime, 0).plan().schedule) for regime in group.regimes
        },
        "seeds": group.seeds,
        f"loss_of_update_{CHECKPOINT}_nats": {
            f"{run.regime}/{run.seed}": one.checkpoint_nats for run, one in mine.items()
        },
        "last_loss_nats": {
            f"{run.regime}/{run.seed}": round(one.last_nats, 4) for run, one in mine.items()
        },
    }
