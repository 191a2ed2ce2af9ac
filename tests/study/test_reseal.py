"""What was trained keeps its bytes where it is shown that it would be trained the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from course.bootstrap.seals import sealed
from course.study import make_results, make_weights
from course.study.reseal import reseal

FILES = ("weights_digits.npz", "curves.npz")


def say_it_otherwise(copy: Path, task: str, old: str, new: str) -> None:
    path = copy / f"course/tasks/{task}.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert make_results.why_stale(copy) == f"{task}: task changed"


def all_but_seals(copy: Path) -> dict[str, object]:
    said = json.loads((copy / make_results.FILE).read_text(encoding="utf-8"))
    return {name: said[name] for name in said if name not in ("made_from", "content_sha256")}


@pytest.mark.slow
def test_what_computes_the_same_is_sealed_again_and_nothing_else_is_written(copy: Path) -> None:
    before = [(copy / "course/trained" / name).read_bytes() for name in FILES], all_but_seals(copy)
    say_it_otherwise(copy, "digits", "GREYS // 17", "GREYS // (16 + 1)")
    assert reseal(copy) == []
    assert make_weights.why_stale(copy) == make_results.why_stale(copy) == ""
    after = [(copy / "course/trained" / name).read_bytes() for name in FILES], all_but_seals(copy)
    assert after == before


@pytest.mark.slow
def test_runs_that_begin_otherwise_stay_stale(copy: Path) -> None:
    path = copy / make_weights.MANIFEST
    said = json.loads(path.read_text(encoding="utf-8"))
    (model,) = (one for one in said["models"] if one["task"] == "chain")
    model[make_weights.AT_CHECKPOINT]["p0.00/0"] += 0.01
    path.write_text(json.dumps(sealed(said)), encoding="utf-8")
    say_it_otherwise(copy, "chain", "classes=2", "classes=1 + 1")
    weights, _ = reseal(copy)
    assert weights.startswith("weights of chain: chain/gru/p0.00/0 has a loss of ")
    assert make_weights.why_stale(copy) == "chain: task changed"


@pytest.mark.slow
def test_results_of_models_that_do_not_ship_are_not_sealed_again(copy: Path) -> None:
    say_it_otherwise(copy, "chain", "classes=2", "classes=1 + 1")
    (refused,) = reseal(copy)
    assert refused.startswith("results of chain: models of chain-0.7/gru do not ship")
    assert make_weights.why_stale(copy) == ""
    assert make_results.why_stale(copy) == "chain: task changed"


@pytest.mark.slow
def test_experiments_that_are_stale_are_told(copy: Path) -> None:
    say_it_otherwise(copy, "momentum", "8, 40, 4.0", "8, 40, 2.0 + 2.0")
    _, *told = reseal(copy)
    assert told == [
        f"{path}: changed, and no model ships" for path in ("early-stopping/gru", "momentum/gru")
    ]


def test_what_was_changed_by_hand_is_not_sealed(copy: Path) -> None:
    path = copy / make_weights.MANIFEST
    path.write_text(path.read_text("utf-8").replace('"x86_64"', '"x87"'), "utf-8")
    with pytest.raises(ValueError, match=r"manifest\.json was changed by hand: there is nothing"):
        reseal(copy)
