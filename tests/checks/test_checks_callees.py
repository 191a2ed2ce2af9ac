"""A function that calls a wrong one of its notebook is told that, and no name of its own."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from plain_run import LESSONS

from course.checks.cells.callees import callees_of
from course.checks.cells.deadline import Limited
from course.checks.dashboard.checking import examine, go_first
from course.checks.dashboard.ran import Ran
from course.checks.dashboard.ran import as_text as ran_as_text
from course.checks.dashboard.report import as_text
from course.checks.known import diagnosis
from course.checks.known.bank import known_functions
from course.checks.known.diagnosis import diagnose
from course.checks.known.undefined import run_it_first
from course.lessons import answers, solution_namespace
from course.lessons.misconceptions import Misconception, answers_with, misconceptions

CELLS, TRANSFORMERS = LESSONS["01_decoder_cells"], LESSONS["06_transformers"]
FORWARD, PASSES = "transformer_forward", "two_pass_scheduled_sampling"

#: Mistakes of lesson 6 by their names.
OF_TRANSFORMERS = {one.name: one for one in misconceptions(TRANSFORMERS)}


@functools.cache
def called_by(lesson_id: str) -> dict[str, set[str]]:
    """Return what each of the lesson's functions of which something is known calls, when solved."""
    solved = solution_namespace(LESSONS[lesson_id])
    known = [name for name in LESSONS[lesson_id].functions if name in known_functions()]
    return {name: set(callees_of(solved[name])) for name in known}


def callers(lesson_id: str, function: str) -> list[str]:
    """List the lesson's functions whose solutions call a function."""
    return [name for name, called in called_by(lesson_id).items() if function in called]


#: Mistakes in a function that others of its lesson call.
CALLED = [
    (lesson.id, one)
    for lesson in LESSONS.values()
    for one in misconceptions(lesson)
    if callers(lesson.id, one.function)
]
#: Mistakes in a cell, each with one of the lessons whose decoders call it.
IN_CELLS = [(list(LESSONS)[1 + place % 3], one) for place, one in enumerate(misconceptions(CELLS))]


def own_names(namespace: dict[str, Any], function: str, wrong: str) -> Iterator[str]:
    """Yield the names that a right function is given itself; what is said of the wrong one fits."""
    for one in diagnose(namespace[function], function):
        if one.function != wrong:
            yield one.name
        else:
            assert one.caller == function
            assert one.calls_it.startswith(f"`{function}` calls `{wrong}`, which fails its own")


@pytest.mark.sampled(one_in=3)
@pytest.mark.slow(seconds=45)
@pytest.mark.usefixtures("_asked_once")
@pytest.mark.parametrize(
    ("lesson_id", "mistake"), CALLED, ids=[f"{lesson_id}-{one.name}" for lesson_id, one in CALLED]
)
def test_a_mistake_leaves_right_functions_that_call_it_without_a_name(
    lesson_id: str, mistake: Misconception
) -> None:
    lesson = LESSONS[lesson_id]
    namespace = solution_namespace(lesson, answers_with(lesson, mistake))
    for function in callers(lesson_id, mistake.function):
        assert list(own_names(namespace, function, mistake.function)) == []


@pytest.mark.sampled(one_in=3)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("lesson_id", "mistake"),
    IN_CELLS,
    ids=[f"{lesson_id}-{one.name}" for lesson_id, one in IN_CELLS],
)
def test_a_mistake_in_a_cell_leaves_a_right_decoder_without_a_name(
    lesson_id: str, mistake: Misconception
) -> None:
    namespace = solution_namespace(LESSONS[lesson_id])
    wrong = solution_namespace(CELLS, answers_with(CELLS, mistake))[mistake.function]
    again = FunctionType(wrong.__code__, namespace, wrong.__name__, wrong.__defaults__)
    namespace[mistake.function] = again
    if "STEPS" in namespace:
        namespace["STEPS"][mistake.function.partition("_")[0]] = again
    [decoder] = (
        name for name in LESSONS[lesson_id].functions if name.startswith("decoder_forward")
    )
    assert list(own_names(namespace, decoder, mistake.function)) == []


def with_mistakes(*names: str) -> dict[str, Any]:
    """Return lesson 6 with known mistakes, each in another function."""
    texts = right = answers(TRANSFORMERS)
    for mistake in map(OF_TRANSFORMERS.get, names):
        assert mistake
        changed = answers_with(TRANSFORMERS, mistake)
        texts = texts | {key: text for key, text in changed.items() if text != right[key]}
    return solution_namespace(TRANSFORMERS, texts)


BOTH = ("shifts_the_wrong_way", "tosses_new_coins_in_each_pass")


def test_of_two_mistakes_the_one_that_is_called_is_told_and_then_the_other() -> None:
    own = OF_TRANSFORMERS[BOTH[1]]
    both = diagnose(with_mistakes(*BOTH)[own.function], own.function)
    assert [(one.function, one.name) for one in both] == [(FORWARD, BOTH[0])]
    mended = diagnose(with_mistakes(BOTH[1])[own.function], own.function)
    assert [(one.function, one.name, one.caller) for one in mended] == [(own.function, BOTH[1], "")]


def test_the_first_wrong_one_of_a_chain_is_told() -> None:
    names = with_mistakes("hides_nothing", "shifts_the_wrong_way")
    [told] = diagnose(names["accept_draft"], "accept_draft")
    assert (told.function, told.name) == ("causal_attention", "hides_nothing")


def test_a_function_that_calls_none_is_told_by_its_own_slip() -> None:
    names = with_mistakes("shifts_the_wrong_way", "hides_nothing")
    assert {one.function for one in diagnose(names["attention_step"], "attention_step")} == set()
    names = with_mistakes("shifts_the_wrong_way", "returns_the_old_cache")
    [told] = diagnose(names["attention_step"], "attention_step")
    assert (told.function, told.name) == ("attention_step", "returns_the_old_cache")


def waves(context_vector: Any, target_seq: Any, params: Any) -> Any:
    """Stand for a forced pass that is wrong in no way that has a name."""
    place = np.arange(len(target_seq) * len(params["b_out"])).reshape(len(target_seq), -1)
    return np.cos(place + target_seq.sum() + context_vector.sum())


def test_one_without_a_name_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    names = with_mistakes("shifts_the_wrong_way")
    names[FORWARD] = FunctionType(waves.__code__, names, FORWARD)
    monkeypatch.setattr(diagnosis, "of_properties", lambda answer, told: ())
    monkeypatch.setattr(diagnosis, "OF_WHAT_WAS_SEEN", ())
    [told] = diagnose(names["accept_draft"], "accept_draft")
    assert (told.name, told.function, told.caller) == (
        "fails_its_own_check",
        FORWARD,
        "accept_draft",
    )


def test_a_check_says_where_to_begin_and_what_is_wrong_there() -> None:
    names = with_mistakes("shifts_the_wrong_way")
    report = examine(names[PASSES], PASSES)
    assert report
    assert report.failure
    text = as_text(report)
    pointer = (
        f"`{PASSES}` calls `{FORWARD}`, which fails its own check: go there first, with "
        f"`checks.check({FORWARD})`."
    )
    assert f"Where to begin: {pointer}\nLikely cause there: You feed each position" in text
    assert "Where to look" not in text
    ran = ran_as_text([Ran("It agrees.", 1, 0, "row 0")], "", {PASSES: report.failure})
    assert ran.startswith(f"Likely cause: {pointer} You feed each position")
    assert go_first(names[PASSES], PASSES) == pointer
    assert go_first(names[FORWARD], FORWARD) == ""
    assert go_first(None, PASSES) == ""


def test_callees_are_those_of_the_notebook_at_any_depth() -> None:
    names = solution_namespace(TRANSFORMERS)
    helpers = {"rms", "inner_layer"}
    assert set(callees_of(names["causal_attention"])) <= helpers
    called = {"causal_attention", "transformer_forward", "block_forward"} | helpers
    assert set(callees_of(names["accept_draft"])) == called
    limited = callees_of(Limited(names["accept_draft"], 5.0))
    assert {type(one) for one in limited.values()} == {Limited}
    assert callees_of(max) == {}


def test_a_call_of_a_function_that_is_not_defined_says_which_cell_to_run() -> None:
    names = solution_namespace(TRANSFORMERS)
    del names["causal_attention"]
    report = examine(names[FORWARD], FORWARD)
    assert report
    assert "Likely cause: `causal_attention` is defined in a cell of its own, which" in as_text(
        report
    )
    assert "run the cell of `causal_attention` first" in as_text(report)
    assert run_it_first("name 'causal_atention' is not defined") is None
