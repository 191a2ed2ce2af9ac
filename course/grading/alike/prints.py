"""Fingerprints: numbers that two texts have in common where a stretch of them is the same.

Of code by winnowing (Schleimer, Wilkerson and Aiken, 2003): of each `WINDOW` neighbouring stretches
of `SIGNS` signs the one with the least number is kept, so a common stretch of `SIGNS + WINDOW - 1`
signs is always found. A name of the author's own counts by how far back it stood before within the
stretch (Baker, 1995). Of prose by each `WORDS` neighbouring words.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from course.grading.alike.normal import Symbol

SIGNS = 10
WINDOW = 4
WORDS = 5
_FACTOR = 0x9E3779B97F4A7C15
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Prints:
    """Fingerprints of a text.

    Attributes
    ----------
    values : ndarray of uint64, shape (n,)
        The numbers.
    begins, ends : ndarray of int64, shape (n,)
        The characters of the text that each is of.
    """

    values: NDArray[np.uint64]
    begins: NDArray[np.int64]
    ends: NDArray[np.int64]


def nothing() -> Prints:
    """Return the fingerprints of a text that has none."""
    return Prints(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64))


@functools.lru_cache(maxsize=1 << 16)
def number(text: str) -> int:
    """Return a number for a text: the same on every machine, in every process.

    >>> number("exp") == number("exp"), number("exp") == number("log")
    (True, False)
    """
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def of_code(source: str, signs: Sequence[Symbol]) -> Prints:
    """Return the fingerprints of a program.

    Parameters
    ----------
    source : str
        Its text.
    signs : sequence of Symbol
        Its signs, whose lines are the text's.
    """
    if not signs:
        return nothing()
    length = min(SIGNS, len(signs))
    values = _stretches(signs, length)
    kept = _winnow(values)
    starts, ends = _line_edges(source)
    at = np.array([min(sign.line, len(starts)) - 1 for sign in signs])
    lines = sliding_window_view(at, length)[kept]
    return Prints(values[kept], starts[lines.min(1)], ends[lines.max(1)])


def _stretches(signs: Sequence[Symbol], length: int) -> NDArray[np.uint64]:
    """Return a number for each stretch of so many signs."""
    fixed = np.array([number(sign.text) for sign in signs], np.uint64)
    back = np.zeros(len(signs), np.int64)
    last: dict[str, int] = {}
    for place, sign in enumerate(signs):
        if not sign.text:
            back[place] = place - last.get(sign.name, -len(signs))
            last[sign.name] = place
    values = np.zeros(len(signs) - length + 1, np.uint64)
    with np.errstate(over="ignore"):
        for offset in range(length):
            here = slice(offset, offset + len(values))
            distance = np.where(back[here] <= offset, back[here], 0).astype(np.uint64)
            values = _mixed(values + fixed[here] + distance * np.uint64(_FACTOR))
    return values


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread each number's bits over all of it: one round of splitmix64."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _winnow(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the places of the least number of each window, the last of those that are as small."""
    width = min(WINDOW, len(values))
    turned = sliding_window_view(values, width)[:, ::-1]
    return np.unique(np.arange(len(turned)) + width - 1 - turned.argmin(1))


def _line_edges(source: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where each line's first sign stands, and where it ends."""
    lines = source.split("\n")
    ends = np.cumsum([len(line) + 1 for line in lines]) - 1
    starts = [end - len(line.lstrip()) for end, line in zip(ends, lines, strict=True)]
    return np.array(starts, np.int64), ends.astype(np.int64)


def of_prose(text: str) -> Prints:
    """Return the fingerprints of a text in words; of fewer than `WORDS` words none.

    >>> one, other = of_prose("So the mask hides y_t."), of_prose("(so the  Mask hides *y_t*)")
    >>> one.values == other.values
    array([ True])
    """
    words = list(_WORD.finditer(text))
    n = len(words) - WORDS + 1
    if n < 1:
        return nothing()
    said = [word[0].strip("_").casefold() for word in words]
    return Prints(
        np.array([number(" ".join(said[at : at + WORDS])) for at in range(n)], np.uint64),
        np.array([word.start() for word in words[:n]], np.int64),
        np.array([word.end() for word in words[WORDS - 1 :]], np.int64),
    )


def of_whole(data: str) -> Prints:
    """Return the one fingerprint of what is the same or not, such as a picture."""
    edge = np.zeros(1, np.int64)
    return Prints(np.array([number(data)], np.uint64), edge, edge)


def without(prints: Prints, known: NDArray[np.uint64]) -> Prints:
    """Return fingerprints without some.

    Parameters
    ----------
    prints : Prints
        Of a text.
    known : ndarray of uint64
        In order, each once.
    """
    if not len(known):
        return prints
    nearest = known[np.minimum(np.searchsorted(known, prints.values), len(known) - 1)]
    left = nearest != prints.values
    return Prints(prints.values[left], prints.begins[left], prints.ends[left])
