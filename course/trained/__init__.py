"""Trained decoders that come with the course, for the labs to look at.

    from course import trained

    model = trained.load("osc", "gru", "p0.50", seed=0)
    batch = trained.held_out("osc")

``weights_TASK.npz`` hold them packed (`packing`), an array (3, seeds, P) for each cell and regime,
which is read when it is first asked for; `results` reads what was measured of them.
``manifest.json`` says how they came about: `course.study` makes all of these files.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from course.engine import Batch, ModelShape, Parameters
from course.engine.numerics import Array
from course.tasks import find_task
from course.tasks import held_out as held_out_of
from course.trained.packing import unpack
from course.trained.regimes import TEACHER_FORCING, Regime, find_regime

HERE = Path(__file__).resolve().parent

__all__ = [
    "Regime",
    "cells",
    "find_regime",
    "held_out",
    "load",
    "manifest",
    "regimes",
    "seeds",
    "tasks",
]


@cache
def manifest() -> dict[str, Any]:
    """Return how the weights came about: command, versions, digests, and all settings."""
    said: dict[str, Any] = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    return said


def tasks() -> tuple[str, ...]:
    """Return the tasks that there are weights for, the main one first."""
    return tuple(dict.fromkeys(group["task"] for group in manifest()["models"]))


def cells(task: str) -> tuple[str, ...]:
    """Return the cells that were trained on a task, the main one first."""
    found = tuple(group["cell"] for group in manifest()["models"] if group["task"] == task)
    if not found:
        raise ValueError(f"there are no weights for {task!r}; there are: {', '.join(tasks())}")
    return found


def _group(task: str, cell: str) -> dict[str, Any]:
    for group in manifest()["models"]:
        if (group["task"], group["cell"]) == (task, cell):
            return dict(group)
    raise ValueError(f"{task!r} has weights of {', '.join(cells(task))}; got {cell!r}")


def regimes(task: str, cell: str) -> tuple[Regime, ...]:
    """Return the ways a cell was trained on a task, in the order of a slider."""
    return tuple(find_regime(name) for name in _group(task, cell)["regimes"])


def seeds(task: str, cell: str, regime: str | Regime = TEACHER_FORCING) -> tuple[int, ...]:
    """Return the seeds of which there is a model."""
    group = _group(task, cell)
    name = _known(group, regime)
    return tuple(group["seeds"][name])


def _known(group: dict[str, Any], regime: str | Regime) -> str:
    name = regime.name if isinstance(regime, Regime) else regime
    if name not in group["regimes"]:
        raise ValueError(
            f"{group['task']!r} with {group['cell']!r} was trained as "
            f"{', '.join(group['regimes'])}; got {name!r}"
        )
    return name


@cache
def _stack(task: str, cell: str, regime: str) -> Array:
    """Read the weights (seeds, P) of one regime."""
    with np.load(HERE / f"weights_{task}.npz") as stored:
        return unpack(stored[f"{cell}/{regime}"])


@cache
def _model(task: str, cell: str, regime: str, seed: int) -> Parameters:
    group = _group(task, cell)
    shape = ModelShape(**group["shape"])
    flat = _stack(task, cell, regime)[seed].copy()
    flat.flags.writeable = False  # every caller gets the same one
    return Parameters(shape, flat)


def load(task: str, cell: str, regime: str | Regime = TEACHER_FORCING, seed: int = 0) -> Parameters:
    """Return a trained model.

    Parameters
    ----------
    task, cell : str
    regime : str or Regime, optional
        How it was trained; by teacher forcing if not given.
    seed : int, optional

    Returns
    -------
    model : Parameters
        float32 and read-only, the same at every call. ``decoder_params()`` are the lessons' arrays,
        and `course.engine.context_from` makes its context of a batch's features.

    Raises
    ------
    ValueError
        Where there is no such model; the message says what there is.
    """
    name = _known(_group(task, cell), regime)
    known = seeds(task, cell, name)
    if seed not in known:
        raise ValueError(f"{task}/{cell}/{name} has seeds {known}; got {seed}")
    return _model(task, cell, name, seed)


@cache
def held_out(task: str, columns: int = 200) -> Batch:
    """Return test sequences that no model was trained on, the same at every call.

    Parameters
    ----------
    task : str
    columns : int, optional
        N. There are 397 of ``digits``, 1,000 of ``names``, and as many as asked of the others.
    """
    return held_out_of(find_task(task), columns)
