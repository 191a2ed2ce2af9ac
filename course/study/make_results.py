"""``python3 -m course build results``: measure every trained model, and write the tables.

Models that ship are measured as they ship, packed; the others are trained, measured in float32,
and dropped. A result is a list of numbers, one a seed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from course.engine import Parameters
from course.exposure import measure
from course.tasks import find_task, held_out
from course.trained import digest, load
from course.trained.grid import GROUPS, Group, Run, runs
from course.trained.measures import (
    CONTEXTS,
    MEASURES,
    RINGS_WITH_SLIPS,
    Values,
    chain_in_closed_form,
    guessing,
    measured,
    ring_at_best,
)
from course.trained.regimes import TEACHER_FORCING, find_regime
from course.trained.training import Finished, train_all

COMMAND = "python3 -m course build results"
WAITING = "build/trained"
FILE = "course/trained/results.json"
#: The same measurements step by step, for lab 3: mean over sequences by ``TASK/CELL/REGIME/NAME``,
#: a row for each seed.
CURVES = "course/trained/curves.npz"
#: What results hang on beside the weights, below the course's folder.
MEASURED_BY = ("exposure.py", "trained/measures.py", "trained/packing.py", "trained/study.py")


def watched(run: Run, finished: Finished) -> Values:
    """Return what was measured during training, by the update it was measured after."""
    every = run.group.evaluate_every
    return {
        f"{name}_after_{(k + 1) * every}": value
        for name, curve in finished.curve.items()
        for k, value in enumerate(curve)
        if every
    }


def collect(finished: dict[Run, Finished], model_of: Callable[[Run], Parameters]) -> dict[str, Any]:
    """Return the values of every path, a list over seeds, and those of the differences.

    A way of training is compared with teacher forcing, and one that feeds samples or throws one
    coin a sequence with the same `sampling_prob` that does not.
    """
    results: dict[str, list[float]] = {}
    for run, one in finished.items():
        for name, value in (measured(run, model_of(run)) | watched(run, one)).items():
            path = f"{run.group.name}/{run.regime}/{name}"
            results.setdefault(path, []).append(float(f"{value:.6g}"))
    for path, values in list(results.items()):
        group, regime, name = path.rsplit("/", 2)
        for other in dict.fromkeys((TEACHER_FORCING, regime.partition("-")[0])):
            baseline = results.get(f"{group}/{other}/{name}", [])
            if other != regime and baseline:
                results[f"{group}/{regime}-vs-{other}/{name}"] = [
                    float(f"{mine - theirs:.6g}")
                    for mine, theirs in zip(values, baseline, strict=True)
                ]
    return results


def curves(groups: tuple[Group, ...], model_of: Callable[[Run], Parameters]) -> dict[str, Any]:
    """Measure the models that lab 3 compares step by step; float32 arrays (seeds, T)."""
    made: dict[str, list[np.ndarray]] = {}
    for run in runs(tuple(group for group in groups if group.ships)):
        if run.group.task in ("chain", "names"):
            continue
        seen = measure(model_of(run), held_out(find_task(run.group.task), CONTEXTS))
        for name in ("kl", "error_true", "error_own"):
            values = getattr(seen, name).mean.astype(np.float32)
            made.setdefault(f"{run.group.name}/{run.regime}/{name}", []).append(values)
    return {path: np.array(rows) for path, rows in made.items()}


def closed_forms(groups: tuple[Group, ...]) -> dict[str, list[float]]:
    """Return what theory says: of ways of training on the chain, of the best, of a guess."""
    known: dict[str, Values] = {}
    for group in groups:
        task = find_task(group.task)
        if group.task == "chain":
            for name in group.regimes:
                regime = find_regime(name)
                p, of_one = regime.sampling_prob or 0.0, float(group.variant or 0.5)
                known[f"{group.name}/{name}"] = chain_in_closed_form(of_one, p, regime.choice)
        elif group.task in RINGS_WITH_SLIPS:
            known[f"{group.name}/best"] = ring_at_best(task)
        elif task.log_prob is not None:
            known[f"{group.name}/guess"] = guessing(task.log_prob, task)
    return {
        f"{way}-theory/{name}": [float(f"{value:.6g}")]
        for way, values in known.items()
        for name, value in values.items()
        if np.isfinite(value)
    }


def made_from(root: Path, groups: tuple[Group, ...] = GROUPS) -> dict[str, str]:
    """Return digests of what results hang on: runs, weights that ship, and the measures."""
    paths = sorted((root / "course/trained").glob("weights_*.npz"))
    weights = [f"{path.name} {digest.of_arrays(path)}" for path in paths]
    return {
        "runs_sha256": digest.of_runs(runs(groups), root / "course"),
        "weights_sha256": hashlib.sha256(" ".join(weights).encode()).hexdigest(),
        "measures_sha256": digest.of_sources(root / "course", MEASURED_BY),
    }


def why_stale(root: Path, groups: tuple[Group, ...] = GROUPS) -> str:
    """Say why the results of a repository are stale; nothing where they are fresh."""
    path = root / FILE
    if not path.exists():
        return "results.json is missing"
    stored = json.loads(path.read_text(encoding="utf-8"))
    if not digest.is_sealed(stored):
        return "results.json was changed by hand"
    if stored["curves_sha256"] != digest.of_arrays(root / CURVES):
        return "curves.npz is not what was written with results.json"
    said, now = stored["made_from"], made_from(root, groups)
    changed = [name.removesuffix("_sha256") for name in now if now[name] != said.get(name)]
    return f"{' and '.join(changed)} have changed since they were measured" if changed else ""


def generate(root: Path, out: Path, groups: tuple[Group, ...] = GROUPS) -> None:
    """Train what does not ship, measure everything, and write ``results.json``."""
    finished = train_all(list(runs(groups)), root / WAITING)

    def model_of(run: Run) -> Parameters:
        if run.group.ships:
            return load(run.group.task, run.group.cell, run.regime, run.seed)
        return finished[run].parameters

    path = out / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / CURVES, **curves(groups, model_of))
    said = digest.sealed(
        {
            "command": COMMAND,
            "curves_sha256": digest.of_arrays(out / CURVES),
            "made_from": made_from(root, groups),
            "interval": "Student's t, 95 %, two-sided, over seeds",
            "contexts": CONTEXTS,
            "core_seconds": round(sum(one.seconds for one in finished.values())),
            "measures": {
                name: {"decimals": decimals, "unit": unit, "what": what}
                for name, (decimals, unit, what) in MEASURES.items()
            },
            "updates": {group.name: group.updates for group in groups},
            "results": collect(finished, model_of) | closed_forms(groups),
        }
    )
    text = json.dumps(said, ensure_ascii=False, indent=1)
    # a list of numbers is easier to compare in one line
    path.write_text(_short_lists(text) + "\n", encoding="utf-8")


def _short_lists(text: str) -> str:
    """Write every list of numbers in one line."""
    return re.sub(
        r"\[\s+([-\d.e,\s+]+?)\s+\]", lambda match: "[" + " ".join(match[1].split()) + "]", text
    )
