"""The shipped transformers: fresh, found stale, and copied where nothing has changed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from course.bootstrap.seals import sealed
from course.engine import TrainingPlan
from course.engine.transformer import train_transformer
from course.study import make_masks
from course.study.make_masks import SAID, WEIGHTS
from course.study.transformers import BATCH_SIZE, TASK, UPDATES, shape
from course.tasks import find_task
from course.trained.masks import MASKS, sees

pytestmark = pytest.mark.slow(seconds=8)

ROOT = Path(__file__).resolve().parents[2]


def test_the_models_belong_to_the_present_code() -> None:
    assert make_masks.why_stale(ROOT) == ""


@pytest.mark.parametrize(
    ("file", "old", "new", "why"),
    [
        ("engine/transformer/passes.py", "EPSILON = 1e-6", "EPSILON = 1e-5", "changed"),
        ("study/transformers.py", '"osc", 1200, 32', '"osc", 1300, 32', "changed"),
        ("trained/masks.py", 'int(mask == "one-too-few")', "0", "changed"),
        ("tasks/osc.py", "0.25, 0.7", "0.25, 0.8", "changed"),
        ("trained/masks.py", "no mask: everything", "everything", ""),
        ("study/transformers.py", '"1, two passes"', '"1, in two passes"', ""),
        ("engine/decoder.py", "O, H = params", "H, O = params", ""),
    ],
)
def test_what_the_models_hang_on_makes_them_stale_and_no_words_do(
    copy: Path, file: str, old: str, new: str, why: str
) -> None:
    path = copy / "course" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert make_masks.why_stale(copy) == (f"transformers {why}" if why else "")


def test_other_weights_or_words_are_found(copy: Path) -> None:
    text = (copy / SAID).read_text(encoding="utf-8")
    (copy / SAID).write_text(text.replace('"seed": 0', '"seed": 1'), encoding="utf-8")
    assert "masks.json was changed by hand" in make_masks.why_stale(copy)
    (copy / SAID).write_text(text, encoding="utf-8")
    with np.load(copy / WEIGHTS) as stored:
        arrays = dict(stored)
    np.savez_compressed(copy / WEIGHTS, **arrays | {"none": arrays["causal"]})
    assert "masks.npz is not what was written" in make_masks.why_stale(copy)
    (copy / SAID).unlink()
    assert "masks.json is missing" in make_masks.why_stale(copy)


def test_fresh_models_are_copied_to_the_byte(copy: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make_masks.generate(copy, out)
    for name in (WEIGHTS, SAID):
        assert (out / name).read_bytes() == (ROOT / name).read_bytes()


def test_stale_models_are_trained_anew(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = json.loads((copy / SAID).read_text(encoding="utf-8")) | {"made_from": "other code"}
    (copy / SAID).write_text(json.dumps(sealed(said)), encoding="utf-8")
    monkeypatch.setattr("course.study.transformers.UPDATES", 2)
    monkeypatch.setattr(make_masks, "workers", lambda: ThreadPoolExecutor(1))
    out = tmp_path / "out"
    make_masks.generate(copy, out)
    assert make_masks.why_stale(out.parent) == "transformers changed"  # the copy keeps its own
    with np.load(out / WEIGHTS) as stored, np.load(copy / WEIGHTS) as before:
        assert set(stored) == set(MASKS)
        assert all((stored[mask] != before[mask]).any() for mask in MASKS)


@pytest.mark.parametrize("mask", MASKS)
def test_a_short_training_begins_as_the_shipped_one_did(mask: str) -> None:
    """Losses fall from a guess at 16 levels; how the last ones were is said of each model."""
    said = json.loads((ROOT / SAID).read_text(encoding="utf-8"))
    assert (said["updates"], said["batch_size"], said["task"]) == (UPDATES, BATCH_SIZE, TASK)
    plan, task = TrainingPlan(steps=15, batch_size=BATCH_SIZE, seed=said["seed"]), find_task(TASK)
    _, losses = train_transformer(shape(), task.draw, plan, 0, sees(mask, task.steps))
    assert losses[0] > np.log(16) - 0.2
    assert losses[-1] < losses[0]
    assert said["last_loss_nats"][mask] < losses[-1]
