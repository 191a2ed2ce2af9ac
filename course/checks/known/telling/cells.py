"""Tell which slip is inside a cell, or what is done to the state of every cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from course.checks.cells.examples import CELL_TYPES
from course.checks.known.answer import Answer
from course.checks.known.bank import aspect_of
from course.checks.known.features import Feature, equal
from course.checks.known.slips import Slips
from course.checks.known.telling.memory import first_memory
from course.checks.known.telling.states import (
    done_to_the_state,
    rows_of_the_bias,
    rows_of_the_context,
)
from course.checks.known.told import Finding, Told, listed, one_of

#: Aspects that are wrong together where the numbers are.
_OF_NUMBERS = ("values", "long", "float32", "equal", "equals", "huge")


def of_cells(answer: Answer, told: list[Finding]) -> list[Finding]:
    """Return the slips inside cells that explain what no other mistake does.

    A cell whose new state is never stored comes first: it is the decoder's slip, though a cell that
    returns its old state gives the same numbers. What is done to every cell's state comes before
    slips where they leave something to explain; one that explains row 0 alone comes last. Row 0
    speaks of a cell where another cell's is right: else another x_start, or another first state,
    may give it.
    """
    stays = _stays(answer, answer.left(told), in_row_0=False)
    stays += _without_a_state(answer, answer.left([*told, *stays]))
    told = [*told, *stays]
    slips = _slips(answer, answer.left(told), in_row_0=False)
    slips = stays + (_shared(answer, answer.left(told), slips) or slips)
    if not any(_starts_right(answer, cell) for cell in CELL_TYPES):
        return slips
    slips += _begins(answer, answer.left([*told, *slips]))
    slips += _stays(answer, answer.left([*told, *slips]), in_row_0=True)
    return slips + _slips(answer, answer.left([*told, *slips]), in_row_0=True)


def _stays(answer: Answer, unexplained: set[str], in_row_0: bool) -> list[Finding]:
    """Return that rows are made of context_vector itself: all rows of a cell, or row 0 alone."""
    groups = [
        cell
        for cell in CELL_TYPES
        if f"{cell}/values" in unexplained
        and rows_of_the_context(
            answer.function_name, cell, answer.seen, answer.bank.right, in_row_0
        )
    ]
    if not groups:
        return []
    cells = listed([repr(cell) for cell in groups])
    steps = listed([f"`{cell}_cell_step`" for cell in groups])
    returns = "returns" if len(groups) == 1 else "return"
    seen = (
        "row 0 is W_hy @ context_vector + b_y, of the state before step 0, and later rows are not."
        if in_row_0
        else "every row is W_hy @ context_vector + b_y: h stays context_vector at every step."
    )
    told = Told(
        "never_stores_the_new_state",
        f"With {cells} {seen} Is the new state, as {steps} {returns} it, computed and stored in "
        "`h` before the row is made of it?",
    )
    return [answer.finding(told, _numbers_of(groups) & unexplained, tuple(groups))]


def _without_a_state(answer: Answer, unexplained: set[str]) -> list[Finding]:
    """Return that all rows of a cell are b_y alone: its state is zeros, or no row hears of it."""
    groups = [
        cell
        for cell in CELL_TYPES
        if f"{cell}/values" in unexplained
        and rows_of_the_bias(answer.function_name, cell, answer.seen, answer.bank.right)
    ]
    if not groups:
        return []
    told = Told(
        "makes_rows_of_b_y_alone",
        f"With {listed([repr(cell) for cell in groups])} every row is b_y: either the row is made "
        "without W_hy @ h, or h is zeros at every step. Print h before the line that makes a row.",
    )
    return [answer.finding(told, _numbers_of(groups) & unexplained, tuple(groups))]


def _begins(answer: Answer, unexplained: set[str]) -> list[Finding]:
    """Return that an LSTM is right but for what its cell state begins as."""
    if "lstm/values" not in unexplained:
        return []
    told, explains_all = first_memory(answer)
    return (
        [answer.finding(told, _numbers_of(["lstm"]) & unexplained, ("lstm",))]
        if told and explains_all
        else []
    )


def _numbers_of(groups: Collection[str]) -> set[str]:
    """Return the aspects that wrong numbers of these cells explain."""
    explained = {f"{group}/{what}" for group in groups for what in _OF_NUMBERS}
    return explained | ({"/default"} if "rnn" in groups else set())


def _shared(answer: Answer, unexplained: set[str], slips: list[Finding]) -> list[Finding]:
    """Return what is done to the state of every cell, where no slip of each explains it."""
    values = {f"{cell}/values" for cell in CELL_TYPES}
    if not values <= unexplained or not values.difference(*(one.aspects for one in slips)):
        return []
    told = done_to_the_state(answer.function_name, answer.seen, answer.bank.right)
    if told is None:
        return []
    return [answer.finding(told, _numbers_of(CELL_TYPES) & unexplained)]


def _slips(answer: Answer, unexplained: set[str], in_row_0: bool) -> list[Finding]:
    """Return the slips that explain all numbers of a cell, or those of row 0 alone."""
    said: dict[str, tuple[str, list[str]]] = {}
    for slips in answer.bank.slips.values():
        group = next(iter(slips.values)).partition("/")[0]
        told_by = {f"{group}/values"} | {aspect_of(key) for key in slips.values}
        # One number everywhere comes of many slips, and of no cell at all.
        if told_by & unexplained and not _is_constant(answer.seen, slips):
            look = slips.find_in_row_0 if in_row_0 else slips.find
            place = look(answer.seen, answer.bank.right)
            if place is not None:
                name, sentence = slips.names[place], slips.sentences[place]
                if in_row_0:
                    sentence = one_of([sentence, *_give_row_0_too(answer, group, slips.values)])
                    sentence += (
                        " It is so of the first state alone, which is context_vector."
                        if name.endswith("_h_prev")
                        else " That is row 0 already; from row 1 on something else differs too."
                    )
                said.setdefault(sentence, (name, []))[1].append(group)
    findings = []
    for sentence, (name, groups) in said.items():
        explained = _numbers_of(groups) & unexplained
        findings.append(answer.finding(Told(name, sentence), explained, tuple(groups)))
    return findings


def _give_row_0_too(answer: Answer, group: str, keys: Iterable[str]) -> list[str]:
    """Return what is known outside of cells that gives row 0 as it was seen."""
    memory, _ = first_memory(answer) if group == "lstm" else (None, False)
    if memory:
        return [memory.sentence]
    pairs = [(answer.seen[key].values, answer.bank.right[key].values, key) for key in keys]
    rows = [(seen[:1], key) for seen, right, key in pairs if seen is not None and right is not None]
    return [
        mistake.sentence
        for mistake in answer.bank.mistakes
        if rows
        and all(
            (known := mistake.features.get(key, answer.bank.right[key]).values) is not None
            and known.ndim
            and equal(row, known[:1])
            for row, key in rows
        )
    ]


def _starts_right(answer: Answer, cell: str) -> bool:
    """Say whether row 0 is right with a cell, wherever it is asked."""
    pairs = [pair for pair in map(answer.pair, answer.probes(cell, "values")) if pair]
    return bool(pairs) and all(seen.ndim and equal(seen[:1], right[:1]) for seen, right, _ in pairs)


def _is_constant(features: Mapping[str, Feature], slips: Slips) -> bool:
    """Say whether one and the same number stands in all places of all results."""
    found = [features[key].values for key in slips.values if key in features]
    numbers = {float(x) for one in found if one is not None for x in np.unique(one)}
    return len(numbers) == 1
