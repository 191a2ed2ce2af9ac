"""Measured results: they belong to the weights, and are printed and compared as they should."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from course import trained
from course.engine import TrainingPlan, constant, train
from course.exposure import negative_log_likelihood
from course.tasks import find_task, held_out
from course.trained import measures, quotes, results, study
from course.trained.grid import GROUPS
from course.trained.quotes import false_claims, requoted, wrong_quotes
from course.trained.results import STUDENT_T, Result, find, quoted

ROOT = Path(__file__).resolve().parents[1]


def test_results_belong_to_the_present_weights_and_measures() -> None:
    assert study.why_stale(ROOT) == ""


def test_every_result_has_a_measure_and_finite_values() -> None:
    for path in results.paths():
        result = find(path)
        assert result.n >= 1
        assert np.isfinite(result.values).all(), path


def test_what_was_measured_has_five_seeds() -> None:
    for path in results.paths():
        assert find(path).n == (1 if "-theory/" in path else 5), path


def test_every_cell_and_task_of_the_grid_is_measured() -> None:
    groups = {"/".join(path.split("/")[:2]) for path in results.paths()}
    assert groups == {group.name for group in GROUPS}
    assert {f"osc/{cell}" for cell in ("rnn", "lstm", "gru")} < groups


@pytest.mark.slow
def test_a_shipped_model_measured_now_gives_what_was_written() -> None:
    model = trained.load("osc", "gru", "p0.50", 2)
    for name, value in measures.measure_bias(find_task("osc"), model).items():
        written = find(f"osc/gru/p0.50/{name}").values[2]
        # a decision that hangs on the last digit may fall otherwise on another machine
        assert value == pytest.approx(written, abs=0.005), name
    model = trained.load("chain", "gru", "p0.50-sample", 1)
    for name, value in measures.measure_chain(model, 0.5).items():
        written = find(f"chain/gru/p0.50-sample/{name}").values[1]
        assert value == pytest.approx(written, abs=1e-4), name


def test_a_difference_is_taken_seed_by_seed() -> None:
    ours, base, difference = (
        find(f"osc/gru/{way}/own_prefix_error").values
        for way in ("p1.00", "p0.00", "p1.00-vs-p0.00")
    )
    np.testing.assert_allclose(difference, np.subtract(ours, base), atol=2e-6)


def test_the_chain_follows_the_closed_form() -> None:
    for way in ("p0.25-sample", "p0.50-sample", "p0.75-sample", "p1.00-sample"):
        measured = find(f"chain/gru/{way}/kl_nats")
        theory = find(f"chain/gru/{way}-theory/kl_nats")
        assert measured.mean == pytest.approx(theory.mean, abs=0.02)
        p = float(way[1:5])
        assert theory.mean == pytest.approx(-math.log(1 - p / 2), abs=1e-5)


def test_training_finds_the_closed_form() -> None:
    plan = TrainingPlan(steps=400, schedule=constant(0.5), choice="sample", learning_rate=2e-2)
    chain = find_task("chain")
    model = train(chain.shape("gru", 8), chain.draw, plan).parameters
    assert measures.measure_chain(model, 0.5)["repeat_1"] == pytest.approx(0.75, abs=0.05)


def test_the_closed_form_for_the_argmax_is_that_of_training_on_its_own_mixture() -> None:
    # second token after a fed 1, by counting: fed 1 where the truth is (1 - p) or always (p)
    a, p = 0.7, 0.5
    told = measures.chain_in_closed_form(a, p, "argmax")
    fed_one_truth_one, fed_one_truth_zero = a, p * (1 - a)
    repeat = fed_one_truth_one / (fed_one_truth_one + fed_one_truth_zero)
    assert told["repeat_1"] == pytest.approx(repeat)
    assert told["repeat_0"] == 1


@pytest.mark.parametrize("name", measures.RINGS_WITH_SLIPS)
def test_the_truth_of_a_ring_is_what_its_sequences_are_drawn_from(name: str) -> None:
    task = find_task(name)
    batch = held_out(task, 5000)
    oracle = measures.ring_oracle(task, batch)
    log_p = oracle(batch.tokens)
    np.testing.assert_allclose(np.exp(log_p).sum(axis=1), 1)

    at_best = measures.ring_at_best(task)
    nll = negative_log_likelihood(log_p, batch.tokens)
    np.testing.assert_allclose(nll.mean(axis=1), at_best["nll_nats"], atol=0.05)
    assert (log_p.argmax(axis=1) != batch.tokens).mean() == pytest.approx(0.1, abs=0.01)

    later = batch.tokens.copy()
    later[5:] = (later[5:] + 3) % 16
    np.testing.assert_array_equal(oracle(later)[:6], log_p[:6])
    assert (oracle(later)[6] != log_p[6]).any() == task.prefix_matters


@pytest.mark.parametrize("name", measures.RINGS_WITH_SLIPS)
def test_the_best_on_a_ring_is_that_of_walking_on_without_a_slip(name: str) -> None:
    task = find_task(name)
    batch = held_out(task, 5000)
    start, stride = (half.argmax(axis=0) for half in np.split(batch.features, 2))
    steady = (start + np.arange(task.steps)[:, None] * stride) % 16
    wrong = float((steady != batch.tokens).mean())
    assert measures.ring_at_best(task)["own_prefix_error"] == pytest.approx(wrong, abs=0.01)


def test_even_guessing_is_as_far_from_the_walk_as_its_entropy_leaves() -> None:
    logits = 4 * np.cos(2 * np.pi * np.arange(8) / 8)
    p = np.exp(logits) / np.exp(logits).sum()
    entropy = -(p * np.log(p)).sum()
    away = find("momentum-2000/gru/guess-theory/eps_nats").mean
    assert away == pytest.approx(39 / 40 * (math.log(8) - entropy), abs=1e-4)


def test_excess_error_is_that_of_own_prefixes_over_true_ones() -> None:
    for path in results.paths():
        if path.startswith("momentum") and path.endswith("/excess_percent") and "-vs-" not in path:
            way = path.removesuffix("/excess_percent")
            own, eps = (np.array(find(f"{way}/{name}").values) for name in ("own_nats", "eps_nats"))
            np.testing.assert_allclose(find(path).values, 100 * (own / eps - 1), atol=0.1)
            steps = np.array(find(f"{way}/accumulated").values)
            np.testing.assert_allclose(steps, 40 * own / eps, atol=0.05)


@pytest.mark.parametrize(("df", "t"), STUDENT_T.items())
def test_students_points_leave_five_percent_outside(df: int, t: float) -> None:
    x = np.linspace(-t, t, 200_001)
    density = (1 + x * x / df) ** (-(df + 1) / 2)
    density *= math.gamma((df + 1) / 2) / (math.sqrt(df * math.pi) * math.gamma(df / 2))
    assert np.trapezoid(density, x) == pytest.approx(0.95, abs=1e-4)


def test_the_interval_is_students() -> None:
    result = Result((1.0, 2.0, 3.0, 4.0, 5.0), 3, "nats", "a loss")
    assert result.sd == pytest.approx(np.std(result.values, ddof=1))
    assert result.half == pytest.approx(2.776 * result.sd / math.sqrt(5))
    assert str(result) == "3.000 ± 1.963"


def test_numbers_are_printed_as_a_reader_expects() -> None:
    difference = Result((-0.1, -0.3), 3, "fraction", "a difference")
    assert str(difference) == "−0.200 ± 1.271"
    assert difference.percent() == "−20.0 ± 127.1 %"
    assert results.FORMS["below"](difference) == "2 of 2"
    assert str(Result((-0.0001,), 3, "nats", "a loss")) == "0.000"
    assert str(Result((0.28768,), 3, "nats", "a loss")) == "0.288"


def test_a_right_quote_is_accepted_in_every_form() -> None:
    path = "osc/gru/p0.00/own_prefix_error"
    for form in ("", *(f":{form}" for form in results.FORMS)):
        text = f"it is {quoted(path + form)}<!--result {path}{form}-->, and so on"
        assert list(wrong_quotes(text)) == []
    both = f"from {quoted(path)}<!--result {path}--> to {quoted(path)}<!--result {path}-->"
    assert list(wrong_quotes(both)) == []


def test_a_wrong_number_an_unknown_path_and_a_spoilt_mark_are_found() -> None:
    path = "osc/gru/p0.00/own_prefix_error:mean"
    right = quoted(path)
    for said in ("0.999", f"1{right}", f"−{right}", right[:-1], f"{right} "):
        (problem,) = wrong_quotes(f"it is {said}<!--result {path}-->")
        assert f"is {right}, but the text says" in problem
    assert list(wrong_quotes(f"it is -{right}<!--result {path}-->"))
    (problem,) = wrong_quotes("0.1<!--result osc/gru/p0.00/beauty-->")
    assert "no result 'osc/gru/p0.00/beauty'" in problem
    (problem,) = wrong_quotes("0.1<!--result osc/gru/p0.00/own_prefix_error:inverse-->")
    assert "printed as mean, sd" in problem
    (problem,) = wrong_quotes("0.1<!-- result of our own measurements -->")
    assert "do not read" in problem


def test_old_numbers_are_replaced_by_the_present_ones() -> None:
    path = "osc/gru/p1.00-vs-p0.00/own_prefix_error"
    for form in ("", ":mean", ":percent", ":percent-mean", ":below"):
        old = {"": "−0.9 ± 0.1", ":percent": "−90.0 ± 1.0 %", ":below": "0 of 3"}.get(form, "0.9")
        text = f"in 2015 it fell by {old}<!--result {path}{form}--> or so"
        assert list(wrong_quotes(text))
        new = requoted(text)
        assert new == f"in 2015 it fell by {quoted(path + form)}<!--result {path}{form}--> or so"
        assert list(wrong_quotes(new)) == []


def test_a_claim_holds_where_the_interval_lies_on_its_side_of_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = {
        "low": (0.1, 0.12, 0.11),
        "high": (0.2, 0.21, 0.22),
        "wide": (0.05, 0.2, 0.1),
        "one": (0.15,),
        "two": (0.1, 0.2),
    }
    monkeypatch.setattr(quotes, "find", lambda path: Result(values[path], 3, "fraction", path))
    for claim in ("low < high", "high > low", "low ~ wide", "low > 0.05", "low < one", "one < 0.2"):
        assert list(false_claims(f"So it is.<!--claim {claim}-->")) == []
    for claim in ("low > high", "low ~ high", "low < wide", "low > wide", "high < 0.05"):
        (problem,) = false_claims(f"So it is not.<!-- claim {claim} -->")
        assert problem.startswith(f"{claim} does not hold: the difference is ")
    (problem,) = false_claims("<!--claim two < low-->")
    assert problem == "two has 2 seeds, low has 3"
    for mark in (
        "claim that low is better",
        "Claim low < high",
        "-claim low < high-",
        "clam a < b",
    ):
        (problem,) = false_claims(f"So.<!--{mark}-->")
        assert "does not read <!--claim PATH < PATH-->" in problem


def test_what_is_not_of_one_unit_is_not_compared() -> None:
    path = "osc/gru/p0.00"
    (problem,) = false_claims(f"<!--claim {path}/own_prefix_error < {path}/nll_nats-->")
    assert problem == f"{path}/own_prefix_error is in fraction, {path}/nll_nats in nats"


def test_a_curve_that_is_not_there_is_named_with_what_makes_it() -> None:
    assert results.curve("osc/gru/p0.00/kl").shape == (5, 30)
    with pytest.raises(ValueError, match=r"no curve 'osc/gru/p0\.00/beauty' in course/trained/"):
        results.curve("osc/gru/p0.00/beauty")


def test_a_claim_about_what_was_not_measured_is_found() -> None:
    (problem,) = false_claims("<!--claim osc/gru/p0.00/beauty < 0.5-->")
    assert "no result 'osc/gru/p0.00/beauty'" in problem


def test_a_table_has_a_row_for_each_way_and_a_number_in_each_cell() -> None:
    table = results.table("osc/gru", ("gold_prefix_error", "own_prefix_error"))
    assert table.rows[0][0] == "0 (teacher forcing)"
    assert table.rows[0][2] == quoted("osc/gru/p0.00/own_prefix_error")
    assert table.rows[0][3] == "5"
    assert len(table.rows) >= 8
    assert "| --- | --- | --- | --- |" in table._repr_markdown_()
    assert table._repr_html_().count("<tr>") == 1 + len(table.rows)
    compared = results.table("osc/gru", ("own_prefix_error",), compared=True)
    assert "Differences from teacher forcing" in compared.caption
    rows = [row[0] for row in results.table("ring_process/gru", ("own_prefix_error",)).rows]
    assert rows[-1] == "the best that is possible"
    with pytest.raises(ValueError, match="no results of 'osc/perceptron'; there are: osc/gru"):
        results.table("osc/perceptron")


def test_letter_pairs_diverge_by_nothing_from_themselves_and_by_log_2_from_others() -> None:
    names = ["anna", "bert", "carla"]
    assert measures.letter_pairs_js(names, names[::-1]) == pytest.approx(0, abs=1e-12)
    assert measures.letter_pairs_js(["aaa"], ["bbb"]) == pytest.approx(math.log(2))
    assert 0 < measures.letter_pairs_js(names, ["anna", "bertha"]) < math.log(2)


@pytest.mark.slow
def test_names_that_cannot_be_sampled_well_are_told_from_those_that_can() -> None:
    good = measures.measure_names(trained.load("names", "gru"), seed=3)
    bad = measures.measure_names(trained.load("names", "gru", "p1.00-sample"), seed=3)
    assert good["nll_nats"] < bad["nll_nats"] < math.log(27)
    assert good["real_names"] > bad["real_names"]
    assert good["pairs_js_nats"] < bad["pairs_js_nats"]


def test_other_runs_weights_or_measures_make_results_stale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "results.json is missing" in study.why_stale(tmp_path)
    assert study.why_stale(ROOT, GROUPS[1:]) == "runs have changed since they were measured"
    path = tmp_path / study.FILE
    path.parent.mkdir(parents=True)
    stored = json.loads((ROOT / study.FILE).read_text(encoding="utf-8"))
    stored["results"]["osc/gru/p0.00/own_prefix_error"][0] += 0.001
    path.write_text(json.dumps(stored))
    assert study.why_stale(tmp_path) == "results.json was changed by hand"
    path.write_text((ROOT / study.FILE).read_text(encoding="utf-8"))
    assert study.why_stale(tmp_path) == "curves.npz is not what was written with results.json"
    monkeypatch.setattr(study, "MEASURED_BY", ("exposure.py",))
    assert "measures have changed" in study.why_stale(ROOT)
