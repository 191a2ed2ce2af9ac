"""Tell which slip is inside a cell, or what is done to the state of every cell."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from course.checks.cells.examples import CELL_TYPES
from course.checks.known.answer import Answer
from course.checks.known.bank import aspect_of
from course.checks.known.features import Feature, equal
from course.checks.known.slips import Slips
from course.checks.known.telling.states import done_to_the_state
from course.checks.known.told import Finding, Told

#: Aspects that are wrong together where the numbers are.
_OF_NUMBERS = ("values", "long", "float32", "equal", "equals", "huge")


def of_cells(answer: Answer, told: list[Finding]) -> list[Finding]:
    """Return the slips inside cells that explain what no other mistake does.

    What is done to every cell's state comes before them where they leave something to explain; one
    that explains row 0 alone comes last. Row 0 speaks of a cell where another cell's is right: else
    another x_start, or another first state, may give it.
    """
    slips = _slips(answer, answer.left(told), in_row_0=False)
    slips = _shared(answer, answer.left(told), slips) or slips
    if not any(_starts_right(answer, cell) for cell in CELL_TYPES):
        return slips
    return slips + _slips(answer, answer.left([*told, *slips]), in_row_0=True)


def _shared(answer: Answer, unexplained: set[str], slips: list[Finding]) -> list[Finding]:
    """Return what is done to the state of every cell, where no slip of each explains it."""
    values = {f"{cell}/values" for cell in CELL_TYPES}
    if not values <= unexplained or not values.difference(*(one.aspects for one in slips)):
        return []
    told = done_to_the_state(answer.function_name, answer.seen, answer.bank.right)
    if told is None:
        return []
    aspects = {f"{cell}/{what}" for cell in CELL_TYPES for what in _OF_NUMBERS} | {"/default"}
    return [answer.finding(told, aspects & unexplained)]


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
                name, more = slips.names[place], ""
                if in_row_0:
                    more = " That is row 0 already; from row 1 on something else differs too."
                    if name.endswith("_h_prev"):
                        more = " It is so of the first state alone, which is context_vector."
                said.setdefault(slips.sentences[place] + more, (name, []))[1].append(group)
    findings = []
    for sentence, (name, groups) in said.items():
        explained = {f"{group}/{what}" for group in groups for what in _OF_NUMBERS}
        if "rnn" in groups:
            explained.add("/default")
        told = Told(name, sentence)
        findings.append(answer.finding(told, explained & unexplained, tuple(groups)))
    return findings


def _starts_right(answer: Answer, cell: str) -> bool:
    """Say whether row 0 is right with a cell, wherever it is asked."""
    pairs = [pair for pair in map(answer.pair, answer.probes(cell, "values")) if pair]
    return bool(pairs) and all(seen.ndim and equal(seen[:1], right[:1]) for seen, right, _ in pairs)


def _is_constant(features: Mapping[str, Feature], slips: Slips) -> bool:
    """Say whether one and the same number stands in all places of all results."""
    found = [features[key].values for key in slips.values if key in features]
    numbers = {float(x) for one in found if one is not None for x in np.unique(one)}
    return len(numbers) == 1
