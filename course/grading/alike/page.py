"""The pairs as one HTML page, side by side: no script, no network, and no accusation."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from jinja2 import Environment

from course.grading.alike.normal import MOST_BROKEN, MOST_CHARS
from course.grading.alike.pairs import (
    ALL_CODE,
    BOUNDS,
    Compared,
    Likeness,
    Pair,
    Unit,
    groups,
    limit,
)
from course.grading.alike.pieces import CELL, CODE, MOST_WRITTEN, OWN, PICTURE, PROSE, Piece
from course.grading.report.templating import safe_templates
from course.lessons import Lesson

#: Pairs that are listed, and of which the texts are shown; the rest are counted.
MAX_LISTED, MAX_SHOWN = 1000, 150
#: Characters of one text that are shown.
MAX_CHARS = 12_000
#: In a smaller class nothing can be called rare.
SMALL = 20


@dataclass(frozen=True)
class MarkedText:
    """One student's text: stretches, each with whether it is in the other one too."""

    stretches: tuple[tuple[str, bool], ...]


@dataclass(frozen=True)
class Compartment:
    """What two students wrote in one question."""

    heading: str
    one: tuple[MarkedText, ...]
    other: tuple[MarkedText, ...]


def page(
    lesson: Lesson,
    compared: Compared,
    handed_in: Mapping[str, Sequence[Piece]],
    left_out: Mapping[str, str],
    same_files: Sequence[tuple[str, str]],
    made: str,
) -> str:
    """Return the page.

    Parameters
    ----------
    lesson : Lesson
        Which lesson.
    compared : Compared
        The class.
    handed_in : mapping of str to sequence of Piece
        What each student wrote.
    left_out : mapping of str to str
        Who was not compared, and why.
    same_files : sequence of tuple of str
        Pairs whose files are the same.
    made : str
        When, in words.
    """
    listed = compared.pairs[:MAX_LISTED]
    same = set(same_files)
    return (
        _templates()
        .get_template("alike.html")
        .render(
            lesson=lesson,
            compared=compared,
            listed=listed,
            groups=groups(compared.pairs),
            sides={
                place: _compartments(pair, handed_in, compared.common)
                for place, pair in enumerate(listed[:MAX_SHOWN])
            },
            same=[(pair.one, pair.other) in same for pair in listed],
            left_out=left_out,
            made=made,
            most=limit(len(compared.students)),
            small=len(compared.students) < SMALL,
            among=_listed_among(compared.pairs),
        )
    )


@functools.cache
def _templates() -> Environment:
    environment = safe_templates(Path(__file__).parent / "templates")
    environment.globals |= {
        "unit_name": unit_name,
        "max_shown": MAX_SHOWN,
        "bounds": BOUNDS,
        "most_broken": MOST_BROKEN,
        "most_chars": MOST_CHARS,
        "most_written": MOST_WRITTEN,
        "kinds": {"code": CODE, "prose": PROSE, "picture": PICTURE, "cell": CELL},
    }
    return environment


def unit_name(unit: Unit) -> str:
    """Return what a unit compares, in words.

    >>> unit_name(Unit(CODE, "write_the_rnn_step")), unit_name(Unit(CODE, ALL_CODE))
    ('code, write_the_rnn_step', 'all code')
    >>> unit_name(Unit(PICTURE, OWN))
    'pictures, cells of their own'
    """
    if unit.question == ALL_CODE:
        return ALL_CODE
    kinds = {CODE: "code", PROSE: "words", PICTURE: "pictures", CELL: "names inside the file"}
    return f"{kinds[unit.kind]}, {unit.question or 'cells of their own'}"


def _listed_among(pairs: Sequence[Pair]) -> dict[tuple[str, ...], int]:
    """Return how many of a group's pairs are listed."""
    return {group: sum(pair.one in group for pair in pairs) for group in map(tuple, groups(pairs))}


def _compartments(
    pair: Pair, handed_in: Mapping[str, Sequence[Piece]], common: frozenset[int]
) -> list[Compartment]:
    """Return what two students wrote, question by question, where something of it is alike."""
    one, other = handed_in[pair.one], handed_in[pair.other]
    found = []
    for kind in (CODE, PROSE):
        units = [it.unit for it in pair.likenesses if it.unit.kind == kind]
        if not units:
            continue
        values = [
            {v for p in side if p.kind == kind for v in p.prints.values.tolist()}
            for side in (one, other)
        ]
        shared = (values[0] & values[1]) - common
        questions = {p.question: None for p in (*one, *other) if p.kind == kind}
        for question in questions:
            sides = [
                tuple(
                    _shown(piece, shared)
                    for piece in side
                    if piece.kind == kind and piece.question == question
                )
                for side in (one, other)
            ]
            kept = [
                tuple(it for it in side if question != OWN or any(m for _, m in it.stretches))
                for side in sides
            ]
            if any(marked for side in kept for it in side for _, marked in it.stretches):
                found.append(Compartment(unit_name(Unit(kind, question)), *kept))
    return found


def _shown(piece: Piece, shared: set[int]) -> MarkedText:
    """Return a text with the stretches that fingerprints of both cover."""
    text = piece.text
    covered = np.zeros(len(text) + 1, bool)
    prints = piece.prints
    for value, begin, end in zip(prints.values.tolist(), prints.begins, prints.ends, strict=True):
        if value in shared:
            covered[begin:end] = True
    edges = [0, *(np.flatnonzero(np.diff(covered[: len(text)])) + 1).tolist(), len(text)]
    stretches = [
        (text[begin:end], bool(covered[begin])) for begin, end in pairwise(edges) if begin < end
    ]
    return MarkedText(tuple(_shortened(stretches)))


def _shortened(stretches: Sequence[tuple[str, bool]]) -> list[tuple[str, bool]]:
    kept, left = [], MAX_CHARS
    for text, marked in stretches:
        kept.append((text if len(text) <= left else text[:left] + " …", marked))
        left -= len(text)
        if left <= 0:
            break
    return kept


def most_telling(pair: Pair) -> Likeness:
    """Return in what two submissions are most alike."""
    return max(pair.likenesses, key=lambda one: one.shared * one.share)
