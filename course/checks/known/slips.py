"""Slips inside a cell: what a decoder gives that is right but for one wrong cell.

There are hundreds for a cell, so their numbers are kept as one array a probe. The golden files have
them; `course.maintain.composed` makes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from course.checks.cells.asserts import ATOL, RTOL
from course.checks.cells.examples import Array
from course.checks.known.features import Feature, alike

_FAR = 1e4

#: Kept in place of any number beyond it, and of infinity, which no finite number is like.
MOST = 1e30


@dataclass(frozen=True)
class Slips:
    """All known slips of one cell in one function.

    Attributes
    ----------
    names, sentences : tuple of str
        Of each slip.
    values : mapping of str to ndarray
        By the key of a probe, what each slip gives: shape (number of slips, ...).
    """

    names: tuple[str, ...]
    sentences: tuple[str, ...]
    values: Mapping[str, Array]

    def find(self, features: Mapping[str, Feature], right: Mapping[str, Feature]) -> int | None:
        """Return which slip explains all numbers that were seen; None where none does.

        Where it is told by that alone, one that explains the huge numbers too comes first.
        """
        every = self._fitting(features, right, "")
        if every is None and any(
            "/values/" in key and key in features and not alike(features[key], right[key])
            for key in self.values
        ):
            return self._fitting(features, right, "/values/")
        return every

    def _fitting(
        self, features: Mapping[str, Feature], right: Mapping[str, Feature], among: str
    ) -> int | None:
        fits = np.ones(len(self.names), dtype=bool)
        for key, known in self.values.items():
            if among not in key:
                continue
            seen = features.get(key)
            if seen is None or seen.kind != right[key].kind or seen.values is None:
                return None
            fits &= _equal(known, seen.values)
        return int(fits.argmax()) if fits.any() else None

    def find_in_row_0(
        self, features: Mapping[str, Feature], right: Mapping[str, Feature]
    ) -> int | None:
        """Return the only slip that gives row 0 of what was seen; None where none or several do.

        Later rows may differ for another reason, as where another input is fed.
        """
        fits, looked = np.ones(len(self.names), dtype=bool), False
        for key, known in self.values.items():
            seen, expected = features.get(key), right[key].values
            if seen is None or seen.kind != "array" or seen.values is None or expected is None:
                return None
            if seen.values.ndim != 2 or seen.values.shape[1:] != expected.shape[1:]:
                return None
            if not len(seen.values) or not len(expected):
                return None
            fits &= _equal(known[:, :1], seen.values[:1])
            looked |= not _equal(expected[None, :1], seen.values[:1])[0]
        return int(fits.argmax()) if looked and fits.sum() == 1 else None


def _equal(known: Array, seen: Array) -> Array:
    """Say of each of several arrays whether it is the one that was seen."""
    if known.shape[1:] != seen.shape:
        return np.zeros(len(known), dtype=bool)
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(seen[None] - known) <= ATOL + RTOL * np.abs(known)
        # Where numbers grow without bound, how far is not compared.
        grows = (np.abs(known) > _FAR) & (np.abs(known) < 0.99 * MOST)
        near |= grows & (np.abs(seen[None]) > _FAR) & np.isfinite(seen[None])
    equal: Array = near.reshape(len(known), -1).all(axis=1)
    return equal
