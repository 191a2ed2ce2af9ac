"""What is measured for experiments: fresh, of five seeds, and made anew only where it changed."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from some import some_quick

from course.bootstrap.seals import read_sealed
from course.study import make_beyond, make_experiments, path_star
from course.study.hypotheses import HYPOTHESES
from course.study.make_experiments import FILE, SEEDS, STUDIES, Study, by_path, of_hypothesis
from course.study.tables import table
from course.study.ways import Setting, Way, outcomes, train_way
from course.tasks import find_task
from course.trained.results import find, paths

ROOT = Path(__file__).resolve().parents[2]
QUICK = of_hypothesis(
    replace(
        HYPOTHESES[0], setting=Setting("ring", "rnn"), a=Way(updates=2), b=Way("p1.00", updates=3)
    )
)


def test_the_numbers_belong_to_the_present_code() -> None:
    assert make_experiments.why_stale(ROOT) == ""


def test_every_study_has_five_seeds_of_each_way() -> None:
    for study in (*STUDIES, *make_beyond.STUDIES):
        for way in study.ways:
            mine = [path for path in paths() if path.startswith(f"{study.path}/{way}/")]
            assert mine, way
            assert {find(path).n for path in mine} == {SEEDS}


def test_ways_are_compared_with_the_first_seed_by_seed() -> None:
    seeds = [{"a": {"loss": k}, "b": {"loss": 3.0 * k}} for k in (1.0, 2.0)]
    study = Study("made-up/rnn", {"a": "A", "b": "B"}, lambda seed: seeds[seed], ())
    assert by_path(study, seeds) == {
        "made-up/rnn/a/loss": [1.0, 2.0],
        "made-up/rnn/b/loss": [3.0, 6.0],
        "made-up/rnn/b-vs-a/loss": [2.0, 4.0],
    }


BOTH = {"osc/transformer", "masks/transformer"}
STARS = {one.path for one in path_star.STUDIES}


@pytest.mark.parametrize(
    ("file", "old", "new", "changed"),
    some_quick(
        [
            ("study/step_sizes.py", "LENGTH, SHAPE = 20", "LENGTH, SHAPE = 21", {"step-sizes/rnn"}),
            ("study/hypotheses.py", 'Way("p1.00", 4000)', 'Way("p1.00", 4100)', set()),
            ("study/wrong_gradients.py", "32, 1000", "32, 1100", {"wrong-gradients/rnn"}),
            ("engine/transformer/passes.py", "EPSILON = 1e-6", "EPSILON = 1e-5", BOTH | STARS),
            ("study/transformers.py", "Passes(1.0, 8)", "Passes(1.0, 9)", BOTH),
            ("study/transformers.py", "1, two passes", "1, in two passes", set()),
            ("study/delay.py", "4500, 1500", "3000, 1500", {"runs/gru"}),
            ("study/delay.py", '"fraction", "wrong', '"fraction", "all wrong', set()),
            ("study/experts.py", '"50"), 600', '"50"), 700', {"momentum/gru"}),
            ("study/rewards.py", "steps=300", "steps=200", {"osc/gru"}),
            ("study/path_star.py", "32, 3, 64", "32, 2, 64", STARS),
            ("study/path_star.py", '"forwards, trained longer"', '"forwards, longer"', set()),
            ("study/stars.py", "self.edges + 2", "self.edges + 3", STARS),
            ("engine/transformer/prompted.py", "members + 1", "members + 2", STARS),
            ("tasks/runs.py", "5, 6, 20", "5, 6, 21", {"runs/gru"}),
            (
                "tasks/momentum.py",
                "8, 40, 4.0",
                "8, 40, 3.0",
                {"early-stopping/gru", "momentum/gru"},
            ),
            (
                "tasks/osc.py",
                "16, 30",
                "16, 28",
                {"random-tokens/gru", "equal-time/gru", "osc/gru", *BOTH},
            ),
        ]
    ),
)
def test_what_changed_makes_stale_what_hangs_on_it(
    copy: Path, file: str, old: str, new: str, changed: set[str]
) -> None:
    path = copy / "course" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert {*make_experiments.stale(copy), *make_beyond.stale(copy)} == changed


def test_another_setting_makes_a_hypothesis_stale_and_other_words_do_not() -> None:
    first, *others = HYPOTHESES
    reworded = replace(first, claim="In other words.", direction="lower")
    longer = replace(first, b=replace(first.b, updates=5))
    rest = [*map(of_hypothesis, others), *STUDIES[len(HYPOTHESES) :]]
    assert make_experiments.stale(ROOT, [of_hypothesis(reworded), *rest]) == {}
    assert make_experiments.stale(ROOT, [of_hypothesis(longer), *rest]) == {first.path: "changed"}
    assert make_experiments.stale(ROOT, rest) == {first.path: "no longer made"}


def test_a_file_changed_by_hand_is_found(copy: Path) -> None:
    path = copy / FILE
    path.write_text(path.read_text(encoding="utf-8").replace('"unit": "nats"', '"unit": "bits"'))
    assert "experiments.json was changed by hand" in make_experiments.why_stale(copy)
    path.unlink()
    assert "experiments.json is missing" in make_experiments.why_stale(copy)


@pytest.mark.slow(seconds=15)
def test_what_is_stale_is_measured_and_the_rest_keeps_its_numbers(copy: Path) -> None:
    before, _ = read_sealed(copy / FILE)
    told = io.StringIO()
    make_experiments.generate(copy, copy, [*STUDIES[1:], QUICK], told)
    after, why = read_sealed(copy / FILE)
    assert why == ""
    assert "5/5" in told.getvalue()
    assert make_experiments.why_stale(copy, [*STUDIES[1:], QUICK]) == ""
    kept = {path: values for path, values in before["results"].items() if "more-upd" not in path}
    assert {path: after["results"][path] for path in kept} == kept
    written = after["results"]["more-updates/rnn/p1.00-3/exact_match"]
    assert len(written) == SEEDS
    assert json.loads((copy / FILE).read_text(encoding="utf-8"))["measures"].keys() >= {"nll_nats"}


def test_a_table_calls_each_way_by_its_words() -> None:
    told = table("wrong-gradients/rnn", ("relative_error", "fall_nats"))
    assert told.startswith("| way | relative error")
    assert "| W_hh not transposed | " in told
    assert "<!--result wrong-gradients/rnn/right/fall_nats-->" in told


def test_a_table_of_differences_is_that_from_the_first_way() -> None:
    told = table("equal-time/gru", ("own_prefix_error",), compared=True).splitlines()
    assert len(told) == 3
    assert told[2].startswith("| 0.5, 2000 updates | ")
    assert (
        "<!--result equal-time/gru/p0.50-2000-vs-p0.00-2400/own_prefix_error:points-->" in told[2]
    )


def test_a_bar_in_a_measures_name_does_not_end_its_cell() -> None:
    head = table("early-stopping/gru", ("eps_nats",)).splitlines()[0]
    assert r"KL(truth \|\| model)" in head


def test_a_hypothesis_measures_the_model_that_its_way_trains() -> None:
    quick = replace(
        HYPOTHESES[0], setting=Setting("ring", "rnn"), a=Way(updates=2), b=Way("p1.00", 3)
    )
    values = quick.measured(1)
    for way in (quick.a, quick.b):
        spent = values[way.name].pop("training_s")
        assert spent >= 0
        model = train_way(quick.setting, way, 1)
        assert values[way.name] == outcomes(find_task("ring"), model, seed=1)
