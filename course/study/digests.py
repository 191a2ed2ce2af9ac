"""Say what trained weights hang on, so that they are found stale without being trained.

A run hangs on the engine, on its task's file and what that uses, and on its shape and plan: on no
other task, and not on where the files lie.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from course import tasks
from course.bootstrap.seals import Code, of_content
from course.engine import train
from course.study.grid import Experiment, TrainingRun, by_task, runs
from course.study.measures import watched

ROOT = Path(__file__).resolve().parents[2]


def of_arrays(path: Path) -> str:
    """Return the digest of the numbers in an ``.npz`` file, however it is compressed."""
    digest = hashlib.sha256()
    if path.exists():
        with np.load(path) as stored:
            for name in sorted(stored.files):
                array = stored[name]
                digest.update(f"{name} {array.dtype} {array.shape}\n".encode())
                digest.update(array.tobytes())
    return digest.hexdigest()


def of_each(chosen: Iterable[TrainingRun], root: Path = ROOT) -> dict[TrainingRun, str]:
    """Return the digest of every run: the same one gives the same weights and measurements.

    Parameters
    ----------
    chosen : iterable of TrainingRun
    root : Path, optional
        The repository.
    """
    code = Code(root)
    return {run: of_content(_code([run.experiment], code) | _said(run)) for run in chosen}


def of_tasks(experiments: Iterable[Experiment], code: Code) -> dict[str, dict[str, str]]:
    """Return what the runs on each task hang on, in parts: engine, task and grid."""
    return {
        task: _code(mine, code) | {"grid": of_content({run.name: _said(run) for run in runs(mine)})}
        for task, mine in by_task(experiments).items()
    }


def _code(of_one_task: list[Experiment], code: Code) -> dict[str, str]:
    task = f"{tasks.__name__}.{of_one_task[0].task}:TASK"
    parts = {"engine": code.digest(train), "task": code.digest(task)}
    if any(experiment.evaluate_every for experiment in of_one_task):
        parts["watching"] = code.digest(watched)
    return parts


def _said(run: TrainingRun) -> dict[str, Any]:
    """Return what a run's place in the grid says, whatever it is called there."""
    shape, plan = asdict(run.experiment.shape()), asdict(run.plan())
    return {"shape": shape, "plan": plan, "variant": run.experiment.variant}


Parts = Mapping[str, Mapping[str, str]]


def changed(said: Parts, now: Parts) -> dict[str, str]:
    """Return for each task what its models hang on that is not what it was.

    >>> changed({"osc": {"engine": "a", "task": "b"}}, {"osc": {"engine": "a", "task": "c"}})
    {'osc': 'task changed'}
    """
    found = {task: "no longer in the grid" for task in said if task not in now}
    for task, parts in now.items():
        before = said.get(task, {})
        names = [name for name in {**parts, **before} if parts.get(name) != before.get(name)]
        if names:
            found[task] = f"{' and '.join(names)} changed" if before else "new"
    return found


def told(stale: Mapping[str, str]) -> str:
    """Say which tasks are stale, and why; nothing where none is.

    >>> told({"osc": "engine changed", "ring": "engine changed", "digits": "new"})
    'osc, ring: engine changed; digits: new'
    """
    by_reason: dict[str, list[str]] = {}
    for task, reason in stale.items():
        by_reason.setdefault(reason, []).append(task)
    return "; ".join(f"{', '.join(mine)}: {reason}" for reason, mine in by_reason.items())
