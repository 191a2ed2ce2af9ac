"""Choose one of each of several lists of parts, those first that differ least from what is due."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any


def with_few_slips(parts: Sequence[Sequence[Any]], most: int) -> Iterator[tuple[Any, ...]]:
    """Yield choices with 1, 2, ... slips; the first of each list is what is due.

    >>> list(with_few_slips(["ab", "xy"], most=2))
    [('b', 'x'), ('a', 'y'), ('b', 'y')]
    """
    for n in range(1, most + 1):
        for places in itertools.combinations(range(len(parts)), n):
            for slips in itertools.product(*(parts[place][1:] for place in places)):
                chosen = [one[0] for one in parts]
                for place, slip in zip(places, slips, strict=True):
                    chosen[place] = slip
                yield tuple(chosen)
