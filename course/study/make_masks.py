"""``python3 -m course build weights``, the part for lesson 6: a transformer for each mask."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from course.bootstrap.seals import Code, read_sealed, sealed
from course.engine.numerics import Array
from course.study.digests import of_arrays
from course.study.training import workers
from course.study.transformers import BATCH_SIZE, TASK, UPDATES, WAYS, shape, trained_in
from course.trained.masks import MASKS
from course.trained.packing import pack

SEED = 0
FOLDER = "course/trained"
WEIGHTS, SAID = f"{FOLDER}/masks.npz", f"{FOLDER}/masks.json"
#: The last of a loss is the mean over so many updates.
LAST = 50


def made_from(root: Path) -> str:
    """Return the digest of all that the models hang on."""
    return Code(root).digest(_trained, pack, f"course.tasks.{TASK}:TASK")


def why_stale(root: Path) -> str:
    """Say why the models of a repository are stale; nothing where they are fresh."""
    said, why = read_sealed(root / SAID)
    if why:
        return why
    if said["weights_sha256"] != of_arrays(root / WEIGHTS):
        return "masks.npz is not what was written with masks.json"
    return "" if said["made_from"] == made_from(root) else "transformers changed"


def _trained(mask: str) -> tuple[Array, float]:
    """Train a model with a mask; return its packed weights and its last loss."""
    model, by_update = trained_in(WAYS["p0.00"], SEED, mask)
    return pack(model.flat), round(float(by_update[-LAST:].mean()), 4)


def generate(root: Path, out: Path) -> None:
    """Train what is stale, and write models and what is said of them."""
    (out / FOLDER).mkdir(parents=True, exist_ok=True)
    if not why_stale(root):
        for name in (WEIGHTS, SAID):
            if root != out:
                shutil.copyfile(root / name, out / name)
        return
    with workers() as pool:
        made = dict(zip(MASKS, pool.map(_trained, MASKS), strict=True))
    weights: dict[str, Any] = {mask: packed for mask, (packed, _) in made.items()}
    np.savez_compressed(out / WEIGHTS, **weights)
    said = {
        "command": "python3 -m course build weights",
        "dtype": "float32 less the last 8 bits of the fraction",
        "made_from": made_from(root),
        "weights_sha256": of_arrays(out / WEIGHTS),
        "task": TASK,
        "shape": asdict(shape()),
        "updates": UPDATES,
        "batch_size": BATCH_SIZE,
        "seed": SEED,
        "last_loss_nats": {mask: loss for mask, (_, loss) in made.items()},
    }
    (out / SAID).write_text(json.dumps(sealed(said), indent=1) + "\n", encoding="utf-8")
