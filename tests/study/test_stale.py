"""What is stale after a change, and what is not: by task, and wherever files lie."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from some import some_quick

from course.bootstrap.seals import Code, sealed
from course.engine import train
from course.study import digests, make_results, make_weights
from course.study.grid import EXPERIMENTS, Experiment, TrainingRun, by_task

pytestmark = pytest.mark.slow(seconds=30)

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(__file__).with_name("programs")
TASKS = by_task(EXPERIMENTS)
SHIPPED = by_task(make_weights.shipped())


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def first_run(experiment: Experiment) -> TrainingRun:
    return TrainingRun(experiment, "p0.00", 0)


@pytest.mark.parametrize(
    ("name", "old", "new", "tasks"),
    some_quick(
        [
            ("osc", "LEVELS, STEPS = 16, 30", "LEVELS, STEPS = 16, 28", {"osc"}),
            ("digits", "FOR_TRAINING = 4, 1400", "FOR_TRAINING = 4, 1300", {"digits"}),
            ("names", "4000, 1000", "4000, 900", {"names"}),
            ("chain", "pairs(0.5)", "pairs(0.6)", {"chain"}),
            ("momentum", "8, 40, 4.0", "8, 40, 3.0", {"momentum"}),
            ("ring_measured", "lambda slips: slips", "lambda slips: -slips", {"ring_measured"}),
            ("ring", "16, 20, 0.1", "16, 20, 0.2", {"ring", "ring_measured", "ring_process"}),
            ("task", "POOL_SEED = 1999", "POOL_SEED = 2000", {"momentum"}),
            (
                "runs",
                "    choices =",
                "    # what is said of it does not count\n    choices =",
                set(),
            ),
        ]
    ),
)
def test_a_constant_of_a_task_makes_its_models_stale_and_no_others(
    copy: Path, name: str, old: str, new: str, tasks: set[str]
) -> None:
    rewrite(copy / f"course/tasks/{name}.py", old, new)
    assert set(make_weights.stale_tasks(copy)) == tasks & set(SHIPPED)
    assert set(make_results.stale_tasks(copy)) == tasks
    if tasks:
        assert "task" in make_results.why_stale(copy)


def test_other_data_make_the_models_stale_that_read_them(copy: Path) -> None:
    np.savez(copy / "course/tasks/data/digits.npz", pixels=np.zeros((1797, 64), np.uint8))
    assert make_weights.why_stale(copy) == "digits: task changed"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["cells", "decoder", "feeding", "layout", "numerics", "optim"])
def test_a_changed_engine_makes_all_stale(copy: Path, name: str) -> None:
    path = copy / f"course/engine/{name}.py"
    # every number of the module, and so those that training hangs on
    path.write_text(
        re.sub(r"(?<![\w.\-])(\d)(?![\w.])", r"(\1 + 0)", path.read_text("utf-8")), "utf-8"
    )
    assert set(make_weights.stale_tasks(copy)) == set(SHIPPED)
    assert set(make_results.stale_tasks(copy)) == set(TASKS)
    assert "engine" in make_weights.why_stale(copy)


def test_every_module_of_the_engine_counts() -> None:
    engine = {f"course.engine.{path.stem}" for path in (ROOT / "course/engine").glob("[a-z]*.py")}
    assert engine == {module for module, _ in Code(ROOT).reached(train)}


def test_comments_in_the_engine_make_nothing_stale(copy: Path) -> None:
    path = copy / "course/engine/optim.py"
    path.write_text("# the same\n" + path.read_text("utf-8"), "utf-8")
    assert make_weights.why_stale(copy) == make_results.why_stale(copy) == ""


def test_moved_and_renamed_modules_make_nothing_stale(
    copy: Path, run_there: Callable[[str], str]
) -> None:
    moved = {
        "engine.optim": "engine.adam",
        "engine.training": "study.learning",
        "exposure": "study.exposure",
        "study.measures": "study.measuring",
        "trained.packing": "trained.three_bytes",
    }
    package = copy / "course"
    for old, new in moved.items():
        place = package / f"{new.replace('.', '/')}.py"
        (package / f"{old.replace('.', '/')}.py").rename(place)
    (package / "tasks/data").rename(package / "tasks/numbers")
    for path in package.rglob("*.py"):
        text = path.read_text("utf-8").replace("data/", "numbers/")
        for old, new in moved.items():
            text = re.sub(rf"\bcourse\.{re.escape(old)}\b", f"course.{new}", text)
        path.write_text(text, "utf-8")
    assert run_there("say_what_is_stale.py") == "fresh weights\nfresh results\n"


def test_other_runs_are_stale_and_what_was_dropped_is_said(copy: Path) -> None:
    longer = [replace(one, updates=one.updates + 1) for one in EXPERIMENTS if one.task == "digits"]
    rest = [one for one in EXPERIMENTS if one.task != "digits"]
    assert make_weights.why_stale(copy, [*rest, *longer]) == "digits: grid changed"
    assert make_weights.why_stale(copy, rest) == "digits: no longer in the grid"
    assert make_results.why_stale(copy, rest) == "digits: no longer in the grid"
    new = Experiment("ring", "gru", 8, 10, ("p0.00",), 1, ships=True)
    assert make_weights.why_stale(copy, [*EXPERIMENTS, new]) == "ring: new"


@pytest.mark.parametrize("field", [{"variant": "0.6"}, {"hidden_dim": 9}, {"updates": 9}])
def test_a_run_on_other_data_or_with_another_plan_is_another_run(field: dict[str, object]) -> None:
    one = next(one for one in EXPERIMENTS if one.task == "chain" and one.variant)
    runs = [first_run(one), first_run(replace(one, **field)), first_run(replace(one, label="x"))]
    run, other, renamed = digests.of_each(runs).values()
    assert run != other
    assert run == renamed


def test_a_run_that_was_watched_hangs_on_what_watched_it(copy: Path) -> None:
    watched = first_run(next(one for one in EXPERIMENTS if one.evaluate_every))
    plain = first_run(EXPERIMENTS[0])
    before = digests.of_each([watched, plain])
    rewrite(copy / "course/study/measures.py", "WATCHED = 500", "WATCHED = 50")
    after = digests.of_each([watched, plain], copy)
    assert after[watched] != before[watched]
    assert after[plain] == before[plain]
    assert make_results.why_stale(copy) == "ring: watching changed"


def test_another_packing_or_measurement_is_said(copy: Path) -> None:
    rewrite(copy / "course/study/make_weights.py", "COLUMNS = 100", "COLUMNS = 50")
    assert make_weights.why_stale(copy) == "how they are measured has changed"
    rewrite(copy / "course/trained/packing.py", "1 << 7", "0")
    assert "packing changed" in make_weights.why_stale(copy)
    rewrite(copy / "course/study/measures.py", "SAMPLED_NAMES = 2000", "SAMPLED_NAMES = 20")
    assert make_results.why_stale(copy) == "names: measures changed"


def test_weights_and_manifest_that_were_changed_by_hand_are_found(copy: Path) -> None:
    osc = copy / "course/trained/weights_osc.npz"
    with np.load(osc) as stored:
        arrays = dict(stored)
    np.savez(osc, **arrays)  # the same numbers, not compressed
    assert make_weights.why_stale(copy) == make_results.why_stale(copy) == ""
    arrays["gru/p0.00"][0, 0, 0] += 1
    np.savez(osc, **arrays)
    assert make_weights.why_stale(copy) == "osc: not the weights that the manifest is about"
    assert make_results.why_stale(copy) == "osc: weights changed"
    rewrite(copy / make_weights.MANIFEST, '"core_seconds": ', '"core_seconds": 1')
    assert make_weights.why_stale(copy) == "manifest.json was changed by hand"
    (copy / make_weights.MANIFEST).unlink()
    assert make_weights.why_stale(copy) == "manifest.json is missing"


def test_results_and_curves_that_were_changed_by_hand_are_found(copy: Path) -> None:
    path = copy / make_results.FILE
    stored = json.loads(path.read_text(encoding="utf-8"))
    stored["measures"]["gap"]["what"] = "another word"
    path.write_text(json.dumps(sealed(stored)))
    assert make_results.why_stale(copy) == "the words about measures have changed"
    stored["results"]["osc/gru/p0.00/own_prefix_error"][0] += 0.001
    path.write_text(json.dumps(stored))
    assert make_results.why_stale(copy) == "results.json was changed by hand"
    path.write_text((ROOT / make_results.FILE).read_text(encoding="utf-8"))
    (copy / make_results.CURVES).unlink()
    assert make_results.why_stale(copy) == "curves.npz is not what was written with results.json"
    path.unlink()
    assert make_results.why_stale(copy) == "results.json is missing"


@pytest.mark.slow
def test_a_new_task_is_one_file_and_leaves_the_others_weights_to_the_byte(
    copy: Path, run_there: Callable[[str], str]
) -> None:
    shutil.copy(PROGRAMS / "echo.py", copy / "course/tasks")
    chain = (copy / "course/trained/weights_chain.npz").read_bytes()
    told = json.loads((copy / make_results.FILE).read_text("utf-8"))["results"]
    fresh, also_fresh, classes, _, _, teacher_forced, _, tasks = run_there(
        "train_the_echo.py"
    ).splitlines()
    assert (fresh, also_fresh, classes, tasks) == ("fresh", "fresh", "3", "['echo']")
    assert re.match(r"\| 0 \(teacher forcing\) \| \d+\.\d ± \d", teacher_forced)
    assert (copy / "course/trained/weights_chain.npz").read_bytes() == chain
    now = json.loads((copy / make_results.FILE).read_text("utf-8"))["results"]
    assert {path: values for path, values in told.items() if path.startswith("chain")} == {
        path: values for path, values in now.items() if path.startswith("chain")
    }


def test_a_file_of_no_task_is_refused_with_what_it_must_say(
    copy: Path, run_there: Callable[[str], str]
) -> None:
    (copy / "course/tasks/echo.py").write_text("ECHO = 1\n")
    with pytest.raises(AssertionError, match=r"echo\.py must define TASK, a Task called 'echo'"):
        run_there("say_what_is_stale.py")
