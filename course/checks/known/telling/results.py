"""Tell of calls that stop, of results that are no numbers, and of those that vary."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from course.checks.cells.examples import CELL_TYPES, GATES
from course.checks.known.answer import Answer
from course.checks.known.asking import shift_weights
from course.checks.known.features import VARIES, VARIES_AT_ONCE, agrees, equal, is_raised
from course.checks.known.probes import Probe, probes_of
from course.checks.known.properties.arguments import takes_an_rnn_whatever_is_named
from course.checks.known.properties.divergences import takes_the_log_of_logits
from course.checks.known.properties.failures import (
    another_form,
    begin,
    explained,
    no_numbers,
    sizes_of,
)
from course.checks.known.properties.manners import of_the_rest
from course.checks.known.telling.sizes import by_their_sizes, called_with, right_values
from course.checks.known.told import Told, listed

#: Of two lengths that do not fit.
_MISFITS = (
    "combines_what_does_not_fit",
    "takes_a_matrix_for_a_vector",
    "writes_into_another_shape",
)


_UNSTEADY = (VARIES, VARIES_AT_ONCE)

KEPT = "keeps_something_from_its_first_call"


def where_it_runs(
    answer: Answer, runs: list[Probe], stops: list[Probe], group: str, broken: set[str]
) -> Told | None:
    """Tell of results, or of calls of other sizes that stop since two lengths do not fit.

    A gate that is one row short has length 1 where H is 2, which fits beside any length.
    """
    for probe in by_their_sizes(answer, stops):
        given = answer.calls(probe).given
        sizes = sizes_of(given)
        call = called_with(sizes, given, stacked=True)
        told = explained(answer.seen[probe.key], given, call)
        if told.name in _MISFITS and _fits_as_it_should(answer, probe, runs[0]):
            known = _known_where_it_runs(answer, runs)
            if known:
                return known._replace(
                    sentence=f"{known.sentence} And another thing: {told.sentence}"
                )
        elif told.name in _MISFITS:
            fit = called_with(sizes_of(answer.calls(runs[0]).given), {})
            more = (
                f" {fit}, it runs and gives wrong numbers: there a part may have length 1, which "
                "fits beside any other."
            )
            told = _of_one_cell_alone(told, group, broken)
            return told._replace(sentence=told.sentence + more)
    return no_result(answer, runs, group, broken)


def _fits_as_it_should(answer: Answer, stops: Probe, runs: Probe) -> bool:
    """Say whether the two lengths that do not fit are sizes that are the same in a call that runs.

    One size then stands for the other, and does no harm there: its numbers are wrong otherwise.
    """
    lengths = re.findall(r"\((\d+),\)", str(answer.seen[stops.key].raw).split(", at `")[0])
    sizes, there = (sizes_of(answer.calls(one).given) for one in (stops, runs))
    meant = [[symbol for symbol, n in sizes.items() if n == int(length)] for length in lengths]
    return (
        len(meant) == 2
        and all(there[one] == there[other] for one in meant[0] for other in meant[1])
        and all(meant)
    )


def _known_where_it_runs(answer: Answer, runs: list[Probe]) -> Told | None:
    """Return the one known mistake that gives the numbers of all calls that run."""
    known = {
        mistake.sentence: Told(mistake.name, mistake.sentence)
        for mistake in answer.bank.mistakes
        if all(
            run.key in mistake.features
            and agrees(answer.seen[run.key], mistake.features[run.key], answer.bank.right[run.key])
            for run in runs
        )
    }
    return next(iter(known.values())) if len(known) == 1 else None


def _of_one_cell_alone(told: Told, group: str, broken: set[str]) -> Told:
    """Add that the others do not fail: it is in the lines that are run for one cell type."""
    if broken != {group} or group not in CELL_TYPES or "tuple" in told.sentence:
        return told
    if told.name == "refuses_what_is_allowed":
        where = "is its name left out of a list, or misspelt there?"
    elif group == "lstm" and re.search(r"\(2,|size 2\b|unpack", told.sentence):
        where = (
            "its cell gives a tuple of two arrays, h and c: is each taken from it, "
            "h, c = lstm_cell_step(...)?"
        )
    else:
        blocks = {1: "one block", 3: "3 blocks", 4: "4 blocks"}[GATES[group]]
        where = (
            f"its weights have {blocks} of H rows, while the others run: look at the lines that "
            f"are run for it alone. Is its own cell called there, {group}_cell_step, and is h an "
            "array after it?"
        )
    return told._replace(sentence=f"{told.sentence} This happens only for {group!r}: {where}")


def no_result(answer: Answer, wrong: list[Probe], group: str, broken: set[str]) -> Told | None:
    """Tell of exceptions, of results that are no numbers, and of those that vary."""
    # After a call that did not end none was made.
    ended = answer.seen[wrong[0].key].kind != "raised TimeoutError"
    for probe in by_their_sizes(answer, wrong) if ended else wrong:
        seen, right = answer.seen[probe.key], answer.bank.right[probe.key]
        given = answer.calls(probe).given
        sizes = sizes_of(given)
        call = called_with(sizes, given)
        if is_raised(seen):
            told = _kept_from_the_first(answer, probe)
            told = told or takes_an_rnn_whatever_is_named(answer.calls(probe), group)
            call = called_with(sizes, given, stacked=True)
            return told or _of_one_cell_alone(explained(seen, given, call), group, broken)
        if right.kind == "tuple":
            if seen.kind == "tuple" and seen.values is not None and len(seen.values) != 2:
                return Told(
                    "returns_another_number_of_states",
                    f"It returns a tuple of {len(seen.values)} where two arrays are asked for: "
                    "return h, c.",
                )
            if seen.kind == "array":
                return Told(
                    "returns_one_state",
                    "It returns one array where two are asked for: return h, c, or the new cell "
                    "state is lost.",
                )
            if seen.kind.startswith("tuple of") and len(seen.raw) == 2:
                return Told(
                    "returns_states_of_several_shapes", _of_two_states(seen.raw, call, sizes["H"])
                )
            if seen.kind not in ("tuple", "list"):
                return no_numbers(seen, call, shape=(), wanted="two arrays, h and c")
        shape = right.values.shape if right.values is not None else ()
        if answer.names[0] == "step":  # of which a probe asks for several, each for one number
            shape = ()
        told = another_form(answer.function_name, seen, right, call)
        if told:
            return told
        if right.kind != "tuple":
            told = takes_the_log_of_logits(answer.calls(probe), seen)
            told = told or no_numbers(seen, call, shape)
            if told:
                return told
        if seen.kind in _UNSTEADY:
            return _kept(answer, group) or _unsteady(seen.kind == VARIES)
    if answer.names[0] != "step":
        # Chance shows in many numbers before it shows in few.
        largest = max(wrong, key=lambda probe: right_values(answer, probe).size)
        if not all(answer.calls(probe).is_steady() for probe in (wrong[0], largest)):
            return _kept(answer, group) or _unsteady(False)
    return None


def _of_two_states(states: tuple[Any, Any], call: str, H: int) -> str:
    """Say what is wrong with two states that have not both the shape (H,)."""
    shapes = ["nothing (None)" if one is None else f"shape {np.shape(one)}" for one in states]
    why = (
        "is the new cell state computed, and returned?"
        if any(one is None for one in states)
        else "a product of two vectors by `@` or np.dot is one number, where * is meant."
        if () in map(np.shape, states)
        else "is a gate cut too short or too long?"
    )
    return begin(call, f"the two results have {listed(shapes)}, where both are ({H},): {why}")


def _kept_from_the_first(answer: Answer, stops: Probe) -> Told | None:
    """Tell of what is kept from the first call, where a later one stops for its sake.

    That first call then comes out otherwise when it is made again, or no longer hears its weights.
    """
    first = probes_of(answer.function_name)[0]
    good = answer.bank.right[first.key].values
    if first is stops or good is None or not answer.is_right(first):
        return None
    calls = answer.calls(first)
    again = first.observe(answer.function, first.arguments).values
    if again is not None and equal(again, good):
        weights = calls.given.get(calls.weights, {})
        keys = [key for key, one in weights.items() if np.ndim(one) == 2]
        heard = calls.changed_rows([shift_weights(calls.weights, key, by=1.7) for key in keys])
        if not keys or any(rows is None or rows.any() for rows in heard):
            return None
    return Told(
        KEPT,
        "The first call was right, and a later one with other sizes stopped, since something is "
        "kept from call to call: in a global name, an attribute, or a default value such as "
        "`outputs=[]`, which is made once and grows; make it anew in every call.",
    )


def _kept(answer: Answer, group: str) -> Told | None:
    """Tell of what is kept from call to call, where it was seen to be no chance."""
    seen = answer.seen.get(f"{group}/forgets/calls")
    remembers = seen is not None and seen.kind == "remembers"
    return of_the_rest(answer, group, "forgets") if remembers else None


def _unsteady(from_row_1: bool) -> Told:
    begin = "row 0 is the same each time and later rows are not" if from_row_1 else (
        "two equal calls give different results"
    )  # fmt: skip
    return Told(
        "gives_another_result_each_time",
        f"Nothing may be left to chance here, and {begin}: look for random numbers (a token drawn "
        "by chance, dropout, noise), for np.empty, and for what is kept from call to call.",
    )
