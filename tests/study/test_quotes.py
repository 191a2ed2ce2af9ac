"""What lessons quote of the results is found wrong where it is, and written anew."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from course.study import quotes
from course.study.quotes import (
    FORMS,
    false_claims,
    quoted,
    requoted,
    shares_as_fractions,
    wrong_quotes,
)
from course.study.tables import table
from course.trained.results import Result


def test_a_right_quote_is_accepted_in_every_form() -> None:
    path = "osc/gru/p0.00/own_prefix_error"
    for form in ("", *(f":{form}" for form in FORMS)):
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
    for form in ("", ":mean", ":percent", ":points", ":percent-mean", ":below"):
        old = {"": "−0.9 ± 0.1", ":percent": "−90.0 ± 1.0 %", ":below": "0 of 3"}.get(form, "0.9")
        text = f"in 2015 it fell by {old}<!--result {path}{form}--> or so"
        assert list(wrong_quotes(text))
        new = requoted(text)
        assert new == f"in 2015 it fell by {quoted(path + form)}<!--result {path}{form}--> or so"
        assert list(wrong_quotes(new)) == []


def test_an_error_that_is_told_as_a_fraction_is_found() -> None:
    path = "osc/gru/p1.00/own_prefix_error"
    (problem,) = shares_as_fractions(f"It is 0.184 ± 0.021<!--result {path}-->.")
    assert problem.startswith(f"{path} is told in per cent")
    for form in ("points", "percent", "n"):
        assert (
            list(shares_as_fractions(f"{quoted(f'{path}:{form}')}<!--result {path}:{form}-->"))
            == []
        )
    of_a_gradient = "wrong-gradients/rnn/right/relative_error"
    assert list(shares_as_fractions(f"{quoted(of_a_gradient)}<!--result {of_a_gradient}-->")) == []


def test_a_document_and_a_notebook_are_written_anew_alike(tmp_path: Path) -> None:
    path = "osc/gru/p1.00/own_prefix_error"
    old, new = (f"It is {said}<!--result {path}-->.\n" for said in ("0.9 ± 0.1", quoted(path)))
    cells = [{"cell_type": "markdown", "source": [old]}, {"cell_type": "code", "source": [old]}]
    (tmp_path / "page.md").write_text(old, encoding="utf-8")
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    quotes.main([str(tmp_path / "page.md"), str(tmp_path / "a.ipynb")])
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == new
    read = json.loads((tmp_path / "a.ipynb").read_text(encoding="utf-8"))["cells"]
    assert [cell["source"] for cell in read] == [[new], [old]]


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


def test_a_claim_about_what_was_not_measured_is_found() -> None:
    (problem,) = false_claims("<!--claim osc/gru/p0.00/beauty < 0.5-->")
    assert "no result 'osc/gru/p0.00/beauty'" in problem


def test_a_table_has_a_row_for_each_way_and_a_marked_number_in_each_cell() -> None:
    names = ("gold_prefix_error", "own_prefix_error")
    made = table("osc/gru", names)
    head, rule, first, *rows = [line.strip("| ").split(" | ") for line in made.splitlines()]
    assert head[0] == "`sampling_prob` in training"
    assert rule == ["---"] * 3
    path = "osc/gru/p0.00/own_prefix_error"
    assert first[0] == "0 (teacher forcing)"
    assert first[2] == f"{quoted(f'{path}:points')}<!--result {path}:points-->"
    assert head[2] == "wrong tokens, own prefix (%)"
    assert len(rows) >= 7
    assert made.count("<!--result ") == 2 * (1 + len(rows))
    assert list(wrong_quotes(made)) == []
    compared = table("osc/gru", ("own_prefix_error",), compared=True)
    assert compared.count("-vs-p0.00/own_prefix_error:points-->") == compared.count("\n") - 1
    assert "wrong tokens, own prefix (points)" in compared
    assert table("ring_process/gru", names).splitlines()[-1].startswith("| the best that is poss")


def test_a_table_of_what_was_not_measured_says_what_was() -> None:
    with pytest.raises(ValueError, match="no results of 'osc/perceptron'; there are: osc/gru"):
        table("osc/perceptron")
    with pytest.raises(ValueError, match="osc/gru has no beauty; it has: gold_prefix_error"):
        table("osc/gru", ("beauty",))
