"""Which submissions are alike: an index of fingerprints, weighed by how rare each is in the class.

A fingerprint that the lesson gives is not looked at (`pieces` has left it out), and one that more
than `limit` students have counts for nothing. Each of the others, the *particular* ones, counts
by how unlikely it is for somebody else to have it: -log2 p, where p is the share of the rest of the
class that does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from course.grading.alike.pieces import CELL, CODE, PICTURE, PROSE, Piece

#: What more than this share of a class has is common, within bounds: in a large class as many find
#: the same few lines by themselves.
COMMON, AT_LEAST, AT_MOST = 0.1, 6, 15
#: The unit of all code, wherever it stands: a helper may lie in a cell of its own.
ALL_CODE = "all code"


def limit(size: int) -> int:
    """Return how many of a class of this size may have what is not common.

    >>> limit(10), limit(100), limit(1000)
    (6, 10, 15)
    """
    return min(max(AT_LEAST, int(COMMON * size)), AT_MOST)


class Bound(NamedTuple):
    """From where on a pair is listed: so many particular fingerprints, such a share of them."""

    shared: int
    share: float


BOUNDS = {CODE: Bound(8, 0.5), PROSE: Bound(12, 0.3), PICTURE: Bound(1, 0), CELL: Bound(1, 0)}


class Unit(NamedTuple):
    """What is compared: one kind of thing in one question, or in all of them."""

    kind: str
    question: str


@dataclass(frozen=True)
class Likeness:
    """What two submissions have in common in one unit.

    Attributes
    ----------
    unit : Unit
        Of what.
    shared : int
        Particular fingerprints that both have.
    of : int
        How many the one with fewer of them has.
    share : float
        The weight of the shared ones, of all that the one with less has.
    as_alike : int
        Pairs of the class that are as alike in this unit, this one among them.
    """

    unit: Unit
    shared: int
    of: int
    share: float
    as_alike: int


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike."""

    one: str
    other: str
    likenesses: tuple[Likeness, ...]

    @property
    def strength(self) -> float:
        """How alike they are: what sorts the list."""
        return max(one.shared * one.share for one in self.likenesses)


@dataclass(frozen=True)
class Compared:
    """A class, compared.

    Attributes
    ----------
    students : tuple of str
        Whose submissions were compared.
    pairs : tuple of Pair
        The listed ones, the most alike first.
    common : frozenset of int
        Fingerprints that count for nothing.
    """

    students: tuple[str, ...]
    pairs: tuple[Pair, ...]
    common: frozenset[int] = field(repr=False)

    @property
    def n_pairs(self) -> int:
        """How many pairs the class has."""
        return len(self.students) * (len(self.students) - 1) // 2


def compare(handed_in: Mapping[str, Sequence[Piece]]) -> Compared:
    """Find the pairs of a class that are alike.

    Parameters
    ----------
    handed_in : mapping of str to sequence of Piece
        What each student wrote.
    """
    students = tuple(sorted(handed_in))
    found: dict[tuple[int, int], list[Likeness]] = defaultdict(list)
    common: set[int] = set()
    for unit in _units(handed_in.values()):
        index = _Index([_values(handed_in[one], unit) for one in students])
        common |= index.common
        for pair, likeness in index.likenesses(unit):
            found[pair].append(likeness)
    pairs = [
        Pair(students[one], students[other], tuple(likenesses))
        for (one, other), likenesses in found.items()
    ]
    pairs.sort(key=lambda pair: (-pair.strength, pair.one, pair.other))
    return Compared(students, tuple(pairs), frozenset(common))


def _units(everything: Iterable[Sequence[Piece]]) -> list[Unit]:
    """Return what there is to compare: in each question its kinds, and all code together."""
    units = {Unit(piece.kind, piece.question) for pieces in everything for piece in pieces}
    if any(unit.kind == CODE for unit in units):
        units.add(Unit(CODE, ALL_CODE))
    return sorted(units, key=lambda unit: (unit.question != ALL_CODE, unit.question, unit.kind))


def in_unit(piece: Piece, unit: Unit) -> bool:
    """Say whether a piece is part of what a unit compares."""
    return piece.kind == unit.kind and unit.question in (ALL_CODE, piece.question)


def _values(pieces: Iterable[Piece], unit: Unit) -> NDArray[np.uint64]:
    values = [piece.prints.values for piece in pieces if in_unit(piece, unit)]
    return np.unique(np.concatenate(values)) if values else np.zeros(0, np.uint64)


class _Index:
    """Who has which fingerprint.

    Parameters
    ----------
    owned : sequence of ndarray of uint64
        Each submission's fingerprints, each once.
    """

    def __init__(self, owned: Sequence[NDArray[np.uint64]]) -> None:
        self._n = len(owned)
        values = np.concatenate([*owned, np.zeros(0, np.uint64)])
        owners = np.repeat(np.arange(self._n), [len(one) for one in owned])
        order = np.argsort(values, kind="stable")
        values, owners = values[order], owners[order]
        distinct, starts, counts = np.unique(values, return_index=True, return_counts=True)
        most = limit(self._n)
        self.common = set(distinct[counts > most].tolist())
        kept = counts <= most
        self._starts, self._counts, self._owners = starts[kept], counts[kept], owners
        self._held = np.zeros(self._n)
        self._numbers = np.zeros(self._n, np.int64)
        for size in np.unique(self._counts):
            holders = self._holders(int(size))
            np.add.at(self._held, holders, self._weight(int(size)))
            np.add.at(self._numbers, holders, 1)

    def _holders(self, size: int) -> NDArray[np.int64]:
        """Return the owners of each fingerprint that so many have, in rows."""
        starts = self._starts[self._counts == size]
        holders: NDArray[np.int64] = self._owners[starts[:, None] + np.arange(size)]
        return holders

    def _weight(self, size: int) -> float:
        """Return how unlikely it is for one more to have what so many have, in bits."""
        rest = max(size, 2) - 2
        return float(np.log2((self._n + 1) / (rest + 1)))

    def likenesses(self, unit: Unit) -> Iterator[tuple[tuple[int, int], Likeness]]:
        """Yield the pairs that are to be listed."""
        codes, weights = [np.zeros(0, np.int64)], [np.zeros(0)]
        for size in np.unique(self._counts[self._counts > 1]):
            left, right = np.triu_indices(int(size), 1)
            holders = self._holders(int(size))
            codes.append((holders[:, left] * self._n + holders[:, right]).ravel())
            weights.append(np.full(codes[-1].shape, self._weight(int(size))))
        pairs, place, shared = np.unique(
            np.concatenate(codes), return_inverse=True, return_counts=True
        )
        weight = np.bincount(place, np.concatenate(weights), len(pairs))
        first, second = pairs // max(self._n, 1), pairs % max(self._n, 1)
        share = weight / np.minimum(self._held[first], self._held[second])
        strength = np.sort(shared * share)
        bound = BOUNDS[unit.kind]
        for at in np.flatnonzero((shared >= bound.shared) & (share >= bound.share)):
            one, other = int(first[at]), int(second[at])
            yield (
                (one, other),
                Likeness(
                    unit,
                    int(shared[at]),
                    int(min(self._numbers[one], self._numbers[other])),
                    float(share[at]),
                    int(len(strength) - np.searchsorted(strength, shared[at] * share[at])),
                ),
            )


def groups(pairs: Iterable[Pair]) -> list[tuple[str, ...]]:
    """Return the groups that listed pairs join, the largest first.

    >>> made = [Pair("ann", "bob", ()), Pair("cid", "bob", ()), Pair("dan", "eva", ())]
    >>> groups(made)
    [('ann', 'bob', 'cid'), ('dan', 'eva')]
    """
    group: dict[str, set[str]] = {}
    for pair in pairs:
        joined = group.get(pair.one, {pair.one}) | group.get(pair.other, {pair.other})
        group |= dict.fromkeys(joined, joined)
    different = {id(one): tuple(sorted(one)) for one in group.values()}
    return sorted(different.values(), key=lambda one: (-len(one), one))
