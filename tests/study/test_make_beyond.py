"""What lesson 7 is told by: fresh, of five seeds, and stale where what it hangs on changes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from course.study import make_beyond, path_star
from course.study.make_beyond import STUDIES
from course.study.make_experiments import Study, by_path, legend
from course.study.tables import table
from course.trained.results import find, paths

ROOT = Path(__file__).resolve().parents[2]
STARS = {one.path for one in path_star.STUDIES}


def test_the_numbers_belong_to_the_present_code() -> None:
    assert make_beyond.why_stale(ROOT) == ""


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.path)
def test_pairs_have_their_differences(study: Study) -> None:
    for one, other in study.pairs:
        known = [path for path in paths() if path.startswith(f"{study.path}/{one}-vs-{other}/")]
        assert known
        for path in known:
            name = path.rpartition("/")[2]
            a, b = (find(f"{study.path}/{way}/{name}").values for way in (one, other))
            assert np.allclose(find(path).values, np.subtract(a, b), atol=1e-5, rtol=1e-4)


def test_pairs_are_compared_besides_and_a_measure_of_one_way_alone_is_not() -> None:
    ways = {name: name.upper() for name in "abc"}
    seeds = [
        {"a": {"loss": k}, "b": {"loss": 2 * k, "noise": k}, "c": {"loss": k}} for k in (1.0, 2.0)
    ]
    study = Study("made-up/rnn", ways, lambda seed: seeds[seed], (), pairs=(("c", "b"),))
    found = by_path(study, seeds)
    assert found["made-up/rnn/c-vs-b/loss"] == [-1.0, -2.0]
    assert found["made-up/rnn/b-vs-a/loss"] == [1.0, 2.0]
    assert {path for path in found if path.endswith("/noise")} == {"made-up/rnn/b/noise"}


def test_a_measure_of_a_studys_own_is_in_the_legend() -> None:
    study = Study("a/rnn", {}, lambda seed: {}, (), measures={"noise": (1, "dB", "how noisy")})
    assert legend([study], ["a/rnn/b/noise"]) == {
        "noise": {"decimals": 1, "unit": "dB", "what": "how noisy"}
    }


def test_a_table_of_differences_says_what_each_is_less() -> None:
    told = table("momentum/gru", ("eps_nats",), compared=True)
    pair = "own-expert_sample-vs-data-expert_sample"
    [row] = [line for line in told.splitlines() if f"/{pair}/" in line]
    drawn = "a token that the expert draws"
    assert row.startswith(f"| own prefix, {drawn}, less: data's prefix, {drawn} | ")


def test_a_way_of_which_nothing_asked_for_was_measured_is_no_row() -> None:
    assert "reward" not in table("osc/gru", ("gap",))
    assert "reward" in table("osc/gru", ("gap", "own_prefix_error"))


def test_what_is_told_of_other_models_makes_nothing_stale(copy: Path) -> None:
    (copy / "course/trained/manifest.json").write_text("{}", encoding="utf-8")
    (copy / "course/trained/weights_runs.npz").unlink()
    assert make_beyond.why_stale(copy) == ""


def test_other_weights_make_stale_what_begins_with_them(copy: Path) -> None:
    path = copy / "course/trained/weights_osc.npz"
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["gru/p0.00"][0, 0, 0] += 1
    np.savez(path, **arrays)
    assert set(make_beyond.stale(copy)) == {"osc/gru"}
