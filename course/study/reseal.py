"""``python3 -m course.study.reseal``: keep what was trained where code only reads otherwise.

To move or rename code makes nothing stale. To write it otherwise does, though it may compute the
same: then the weights and results of a task are sealed again if that is shown. Each run, trained
anew for a few updates, must find the loss that was written down; shapes, plans and seeds must be
those that the manifest tells; and each model, measured anew, must give the numbers that are
written. Models that do not ship cannot be measured again: results of their tasks, and of
experiments, keep their seal or are made anew. No number and no weight is changed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from course.bootstrap.seals import read_sealed
from course.engine import train
from course.study import make_beyond, make_experiments, make_results, make_weights
from course.study.digests import ROOT
from course.study.grid import EXPERIMENTS, Experiment, TrainingRun, by_task, runs
from course.study.training import CHECKPOINT

#: How far, relatively, losses and results may be apart and still be the same: a last digit.
NEAR = 1e-5


def short_loss(run: TrainingRun) -> float:
    """Train for the first updates of a run alone; return the loss of the last."""
    short = train(
        run.experiment.shape(),
        run.experiment.source(),
        run.plan(),
        callback=lambda progress: progress.updates == CHECKPOINT,
    )
    return float(short.history.loss_nats[-1])


def same(some: ArrayLike, others: ArrayLike) -> bool:
    """Say whether numbers differ by no more than a last digit."""
    return np.shape(some) == np.shape(others) and np.allclose(some, others, rtol=NEAR, atol=1e-6)


def otherwise_trained(root: Path, said: dict[str, Any], mine: list[Experiment]) -> Iterator[str]:
    """Yield where a task's runs, trained now, are not those that a manifest tells."""
    [task] = by_task(mine)
    folder, known = root / make_weights.FOLDER, make_weights.losses(said)
    if make_weights.of_weights(folder, mine)[task] != said["weights_sha256"].get(task):
        yield "the weights are not those that the manifest is about"
        return
    for run in runs(mine):
        loss, before = short_loss(run), known.get(run.name, (math.nan, math.nan))[0]
        if not math.isclose(loss, before, rel_tol=NEAR):
            yield f"{run.name} has a loss of {loss} after {CHECKPOINT} updates, which was {before}"
            return
    read = make_weights.read_models(folder, runs(mine))
    for one in make_weights.by_name(mine):
        if make_weights.described(one, known, read) not in said["models"]:
            yield f"{one[0].name}: shapes, plans or measurements are not those of the manifest"


def otherwise_measured(root: Path, said: dict[str, Any], mine: list[Experiment]) -> Iterator[str]:
    """Yield where a task's models, measured now, give other numbers than are written."""
    unknown = [one.name for one in mine if not one.ships]
    if unknown:
        yield f"models of {', '.join(unknown)} do not ship, so that none can be measured again"
        return
    models = make_weights.read_models(root / make_weights.FOLDER, runs(mine))
    results, curves = make_results.measured_anew(mine, models, {})
    names, kept = {one.name for one in mine}, make_results.read_curves(root)
    written = {
        path: values for path, values in said["results"].items() if path.rsplit("/", 2)[0] in names
    }
    for path in results | written:
        if not same(results.get(path, []), written.get(path, [])):
            yield f"{path} is {results.get(path)}, and was {written.get(path)}"
            return
    if not all(same(kept.get(path, []), curve) for path, curve in curves.items()):
        yield "the curves are not those that are kept"


def reseal(root: Path = ROOT) -> list[str]:
    """Seal what is shown to be what it was; return what is not, and why.

    Raises
    ------
    ValueError
        Where there is no manifest or there are no results, or somebody changed them by hand.
    """
    refused = []
    said, why = read_sealed(root / make_weights.MANIFEST)
    results, why_not = make_results.read(root)
    if why or why_not:
        raise ValueError(f"{why or why_not}: there is nothing that could be sealed again")

    weights, stale = by_task(make_weights.shipped()), make_weights.stale_tasks(root)
    how_measured = make_weights.how_measured(root)
    if said["measured_sha256"] != how_measured:
        stale = dict.fromkeys(weights, "measured otherwise")
    now = make_weights.made_from(root, make_weights.shipped())
    for task in weights.keys() & stale:
        found = [
            f"weights of {task}: {one}" for one in otherwise_trained(root, said, weights[task])
        ]
        refused += found
        if not found:
            said["made_from"][task] = now[task]
    if not refused:
        said["measured_sha256"] = how_measured
    make_weights.write(root, said)

    grid, now = by_task(EXPERIMENTS), make_results.made_from(root)
    for task in grid.keys() & make_results.stale_tasks(root):
        found = [
            f"results of {task}: {one}" for one in otherwise_measured(root, results, grid[task])
        ]
        refused += found
        if not found:
            results["made_from"][task] = now[task]
    make_results.write(root, results)
    experiments = make_experiments.stale(root) | make_beyond.stale(root)
    return refused + [f"{path}: {why}, and no model ships" for path, why in experiments.items()]


if __name__ == "__main__":
    told = reseal()
    print("\n".join(told) or "All is sealed; `python3 -m course build --check` says the same.")
    sys.exit(bool(told))
