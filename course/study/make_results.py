"""``python3 -m course build results``: measure every trained model, and write the tables.

Models that ship are measured as they ship, packed; the others are trained, measured in float32,
and dropped. A result is a list of numbers, one a seed. A task of which nothing has changed keeps
its results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from course.bootstrap.seals import Code, read_sealed, sealed
from course.engine import Parameters
from course.engine.numerics import Array
from course.exposure import measure
from course.study import digests
from course.study.grid import EXPERIMENTS, Experiment, TrainingRun, by_task, runs
from course.study.make_weights import FOLDER, WAITING, of_weights, read_models, shipped
from course.study.measures import CONTEXTS, MEASURES, Values, measure_of, measured
from course.study.theory import THEORIES
from course.study.training import Finished, train_all
from course.tasks import Task, find_task, held_out
from course.trained.regimes import TEACHER_FORCING

COMMAND = "python3 -m course build results"
FILE = "course/trained/results.json"
#: The same measurements step by step, for lab 3: mean over sequences by ``TASK/CELL/REGIME/NAME``,
#: a row for each seed.
CURVES = "course/trained/curves.npz"


def while_trained(one: Finished, every: int) -> Values:
    """Return what was measured during training, by the update it was measured after."""
    return {
        f"{name}_after_{(k + 1) * every}": value
        for name, curve in one.curve.items()
        for k, value in enumerate(curve)
        if every
    }


def written(values: Iterable[float]) -> list[float]:
    """Round numbers as they are kept."""
    return [float(f"{value:.6g}") for value in values]


def with_differences(by_way: Mapping[str, list[Values]]) -> dict[str, list[float]]:
    """Return the values of every path, a list over seeds, and those of the differences.

    A way of training is compared with teacher forcing, and one that feeds samples or tosses
    one coin per sequence with the same `sampling_prob` that does not.

    Parameters
    ----------
    by_way : dict
        By experiment and regime, as ``osc/gru/p0.50``, what was measured of each seed.
    """
    results = {
        f"{way}/{name}": written(of_seed[name] for of_seed in seeds)
        for way, seeds in by_way.items()
        for name in seeds[0]
    }
    for path, values in list(results.items()):
        experiment, regime, name = path.rsplit("/", 2)
        for other in dict.fromkeys((TEACHER_FORCING, regime.partition("-")[0])):
            baseline = results.get(f"{experiment}/{other}/{name}", [])
            if other != regime and baseline:
                results[f"{experiment}/{regime}-vs-{other}/{name}"] = written(
                    mine - theirs for mine, theirs in zip(values, baseline, strict=True)
                )
    return results


def step_by_step(task: Task, model: Parameters) -> dict[str, Array]:
    """Measure a model for lab 3; float32 arrays (T,)."""
    if not task.feature_dim:  # an own prefix is another sequence there, and no error
        return {}
    seen = measure(model, held_out(task, CONTEXTS))
    return {
        name: getattr(seen, name).mean.astype(np.float32)
        for name in ("kl", "error_true", "error_own")
    }


def theories(task: Task, one: Experiment) -> dict[str, list[float]]:
    """Return what theory says: of ways of training on the chain, of the best, of a guess."""
    told = THEORIES[task.name](task, one.variant, one.regimes) if task.name in THEORIES else {}
    return {
        f"{one.name}/{way}-theory/{name}": written([value])
        for way, values in told.items()
        for name, value in values.items()
        if np.isfinite(value)
    }


def made_from(
    root: Path, experiments: Iterable[Experiment] = EXPERIMENTS
) -> dict[str, dict[str, str]]:
    """Return by task the digests of what results hang on: runs, weights that ship, measures."""
    code, chosen = Code(root), list(experiments)
    weights = of_weights(root / FOLDER, shipped(chosen))
    made = {}
    for name, parts in digests.of_tasks(chosen, code).items():
        task = find_task(name)
        theory = [THEORIES[name]] if name in THEORIES else []
        measures = code.digest(measure_of(task), with_differences, step_by_step, *theory)
        made[name] = parts | {"weights": weights.get(name, ""), "measures": measures}
    return made


def read(root: Path) -> tuple[dict[str, Any], str]:
    """Return the results of a repository, and why they are not to be believed."""
    said, why = read_sealed(root / FILE)
    if not why and said["curves_sha256"] != digests.of_arrays(root / CURVES):
        why = "curves.npz is not what was written with results.json"
    return said, why


def stale_tasks(root: Path, experiments: Iterable[Experiment] = EXPERIMENTS) -> dict[str, str]:
    """Return the tasks whose results in a repository are stale, and why."""
    chosen, (said, why) = list(experiments), read(root)
    if why:
        return dict.fromkeys(by_task(chosen), why)
    return digests.changed(said["made_from"], made_from(root, chosen))


def why_stale(root: Path, experiments: Iterable[Experiment] = EXPERIMENTS) -> str:
    """Say why the results of a repository are stale; nothing where they are fresh."""
    said, why = read(root)
    if not why:
        why = digests.told(stale_tasks(root, experiments))
    if not why and said["measures"] != legend():
        why = "the words about measures have changed"
    return why


def legend() -> dict[str, dict[str, Any]]:
    """Return what the names of measures mean."""
    return {
        name: {"decimals": decimals, "unit": unit, "what": what}
        for name, (decimals, unit, what) in MEASURES.items()
    }


def measured_anew(
    experiments: list[Experiment],
    models: Mapping[TrainingRun, Parameters],
    finished: Mapping[TrainingRun, Finished],
) -> tuple[dict[str, list[float]], dict[str, Array]]:
    """Measure models; return results and curves by their paths."""
    by_way: dict[str, list[Values]] = {}
    curves: dict[str, list[Array]] = {}
    theory: dict[str, list[float]] = {}
    for run in runs(experiments):
        one, way = run.experiment, f"{run.experiment.name}/{run.regime}"
        values = measured(run, models[run])
        if one.evaluate_every:
            values |= while_trained(finished[run], one.evaluate_every)
        by_way.setdefault(way, []).append(values)
        if one.ships:
            for name, curve in step_by_step(find_task(one.task), models[run]).items():
                curves.setdefault(f"{way}/{name}", []).append(curve)
    for one in experiments:
        theory |= theories(find_task(one.task), one)
    return with_differences(by_way) | theory, {path: np.array(of) for path, of in curves.items()}


def read_curves(root: Path) -> dict[str, Array]:
    """Return the curves of a repository; nothing where there are none."""
    if not (root / CURVES).exists():
        return {}
    with np.load(root / CURVES) as stored:
        return dict(stored)


def generate(root: Path, out: Path, experiments: Iterable[Experiment] = EXPERIMENTS) -> None:
    """Train what does not ship, measure what is stale, and write ``results.json``."""
    chosen = list(experiments)
    stale, (before, _) = stale_tasks(root, chosen), read(root)
    anew = [one for one in chosen if one.task in stale]
    kept = {one.name for one in chosen if one.task not in stale}
    finished = train_all(
        runs(one for one in anew if not one.ships or one.evaluate_every), root / WAITING
    )
    models = {run: one.parameters for run, one in finished.items()}
    models |= read_models(root / FOLDER, runs(shipped(anew)))
    results, curves = measured_anew(anew, models, finished)

    def merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
        """Put new values in the place of old ones, and leave out what is no longer measured."""
        both = {**old, **new}
        return {path: both[path] for path in both if path in new or path.rsplit("/", 2)[0] in kept}

    (out / CURVES).parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / CURVES, **merged(read_curves(root), curves))
    said = {
        "command": COMMAND,
        "curves_sha256": digests.of_arrays(out / CURVES),
        "made_from": made_from(root, chosen),
        "interval": "Student's t, 95 %, two-sided, over seeds",
        "contexts": CONTEXTS,
        "core_seconds": round(sum(one.seconds for one in finished.values()))
        or before.get("core_seconds", 0),  # where none was trained
        "measures": legend(),
        "updates": {one.name: one.updates for one in chosen},
        "results": merged(before.get("results", {}), results),
    }
    write(out, said)


def write(root: Path, said: dict[str, Any]) -> None:
    """Seal results, and write them to a repository."""
    write_results(root / FILE, said)


def write_results(path: Path, said: dict[str, Any]) -> None:
    """Seal what was measured, and write it to a file."""
    text = json.dumps(sealed(said), ensure_ascii=False, indent=1)
    # a list of numbers is easier to compare in one line
    text = re.sub(
        r"\[\s+([-\d.e,\s+]+?)\s+\]", lambda match: "[" + " ".join(match[1].split()) + "]", text
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n", encoding="utf-8")
