"""A right answer that computes the same again is told so, at the price of no point."""

from __future__ import annotations

import pytest
from plain_run import LESSONS
from right_answers import OneProcess, answers_of

from course.checks.cells.deadline import Limited
from course.checks.dashboard.checking import examine
from course.checks.dashboard.costs import calls_made
from course.checks.dashboard.report import as_text
from course.lessons import solution_namespace

LESSON = LESSONS["06_transformers"]
COSTS = {
    "generate": {
        "without_a_cache": "`transformer_forward` ran 7 times",
        "kept_rows": "`causal_attention` ran 14 times",
        "plain": "",
        "fixed_buffers": "",
        "own_attention": "",
        "class_of_a_writer": "",
    },
    "accept_draft": {
        "step_by_step": "`transformer_forward` ran 6 times",
        "from_generate": "`attention_step` ran 12 times, one after another",
        "cached_steps": "`attention_step` ran 12 times, one after another",
        "plain": "",
        "recursion": "",
        "all_prefixes": "",
    },
}


@pytest.mark.parametrize(
    ("function", "name", "said"),
    [(function, name, said) for function, told in COSTS.items() for name, said in told.items()],
)
def test_its_check_passes_and_says_what_it_costs(function: str, name: str, said: str) -> None:
    [answer] = (one for one in answers_of(function) if one.name == name)
    run = OneProcess(LESSON, [answer])
    run.answers[function].__doc__ = "Do what the lesson asks for, in words of my own."
    report = examine(run.answers[function], function)
    assert report
    assert report.held == len(report.table)
    assert said in report.cost
    assert bool(report.cost) == bool(said)
    text = as_text(report)
    assert ("Right, at a price: for " in text) == bool(said)
    assert ("It costs no points" in text) == bool(said)
    assert "Next: run all claims" in text


def test_calls_are_counted_without_a_change_to_the_notebook() -> None:
    names = solution_namespace(LESSON)
    before = dict(names)
    context_vector, _, params = names["checks"].random_transformer(4, 3, 4, 3, seed=5)
    asked = [1, 0], {"transformer_forward": 1, "block_forward": 2, "causal_attention": 2}
    for function in (names["accept_draft"], Limited(names["accept_draft"], 20.0)):
        counted = calls_made(function, (context_vector, asked[0], params))
        assert asked[1].items() <= counted.items()
    assert names == before
    assert calls_made(max, (1, 2)) == {}
