"""What stars of paths show of the function that made them: their structure, and how chance fell.

Each observation makes some stars of one size, all by one generator, and gives a `Feature` whose
kind says what is wrong. Names and order are left to chance, so nothing is compared with a star that
is right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

import numpy as np

from course.checks.cells.calls import call_each
from course.checks.cells.stars import (
    NoStarError,
    read_arms,
    read_edges,
    read_goal,
    read_names,
    three_parts,
)
from course.checks.cells.statistics import assert_uniform
from course.checks.known import features
from course.checks.known.features import Arguments, Feature, Function

#: The kind of a feature that is as it should be.
RIGHT = "right"

#: The kind where an earlier observation says what is wrong.
NOTHING_TO_GO_BY = "makes no star that could be looked at"

#: What is looked at in some stars: by a name the outcomes 0, 1, ... of which each is as likely,
#: one a star, and how many there are.
Outcomes = Mapping[str, tuple[list[int], int]]


def sizes(function: Function, arguments: Arguments) -> Feature:
    """Observe the sizes of one star: rows and columns of its edges, axes of its goal, its path."""
    try:
        star = function(*arguments())
        if star is None:
            return features.describe(star)
        edges, goal, path = three_parts(star)
    except NoStarError as error:
        return _misshapen(error.kind)
    except Exception as error:
        return features.raised(error)
    if not isinstance(edges, np.ndarray) or edges.dtype.kind not in "iu":
        came = f"{edges.dtype}s" if isinstance(edges, np.ndarray) else f"a {type(edges).__name__}"
        return _misshapen(f"returns edges as {came}, where an array of whole numbers is due")
    if (np.ndim(goal), np.ndim(path)) != (0, 1):
        return _misshapen("returns no single node as its goal, or no list of nodes as its path")
    numbers = [*edges.shape, len(path)]
    return Feature("array", np.array(numbers, dtype=float), raw=np.array(numbers))


def _misshapen(kind: str) -> Feature:
    """Return the feature of something that came back and has no sizes to be compared."""
    return Feature(kind, np.zeros(0))


def structure(
    read: Callable[..., Any], function: Function, arguments: Arguments, n: int = 12
) -> Feature:
    """Observe what is wrong with some stars as one of `cells.stars` reads them.

    A goal that is at another place from star to star is of a kind of its own.
    """
    arms, length, labels, _ = arguments()
    asked = (arms, length, labels) if read is read_names else (arms, length)
    errors: list[NoStarError] = []
    try:
        stars = _stars(function, arguments, n)
        for star in stars:
            try:
                read(star, *asked)
            except NoStarError as error:
                errors.append(error)
    except NoStarError as error:
        return Feature(error.kind, raw=str(error))
    except Exception as error:
        return features.raised(error)
    if not errors:
        return Feature(RIGHT)
    of_goals = [one for one in errors if one.kind.startswith("has ") and "goal" in one.kind]
    varies = len({one.kind for one in errors}) > 1 or len(errors) < len(stars)
    if of_goals == errors and varies:
        return Feature("has its goal at another place from star to star", raw=str(errors[0]))
    return Feature(errors[0].kind, raw=str(errors[0]))


def chance(
    look: Callable[[list[Any], int, int, int], Outcomes],
    function: Function,
    arguments: Arguments,
    n: int = 240,
) -> Feature:
    """Observe how chance falls in many stars: what is always so, never so, or uneven.

    A right answer is said to be uneven with a probability of 1e-9 for each of the outcomes.
    """
    arms, length, labels, _ = arguments()
    try:
        stars = _stars(function, arguments, n)
        if len(stars[0][0]) > 1 and all(_same(stars[0], one) for one in stars):
            return Feature("gives the same star each time")
        outcomes = look(stars, arms, length, labels)
    except NoStarError:
        return Feature(NOTHING_TO_GO_BY)
    except Exception as error:
        return features.raised(error)
    found = {name: _pattern(*came) for name, came in outcomes.items()}
    certain = {name: said for name, said in found.items() if said.startswith(("always", "never"))}
    # What is uneven beside that is seen in some samples and not in others.
    said = [f"{name} {pattern}" for name, pattern in (certain or found).items() if pattern]
    return Feature(f"is uneven: {'; '.join(said)}" if said else RIGHT)


def equal_generators(function: Function, arguments: Arguments) -> Feature:
    """Observe whether equal generators give equal stars, and one that goes on gives others."""
    try:
        first, again = call_each(function, [arguments(), arguments()])
        *sizes_asked, _ = arguments()
        others = [(*sizes_asked, np.random.default_rng(seed)) for seed in range(3)]
        if not _same(first, again):
            return Feature("gives another star for an equal generator")
        if all(_same(first, one) for one in call_each(function, others)):
            return Feature("gives the same star whatever the generator")
        if all(_same(first, one) for one in _stars(function, arguments, 3)):
            return Feature("gives the same star again though the generator goes on")
    except Exception as error:
        return features.raised(error)
    return Feature(RIGHT)


def arms_taken(stars: list[Any], arms: int, length: int, labels: int) -> Outcomes:
    """Look which arm is the goal's: by the names of the ends, and by its place among the edges."""
    by_name, by_place = [], []
    for star in stars:
        ends = [arm[-1] for arm in read_arms(star, arms, length, either_way=True)]
        goal = read_goal(star, arms, length)[-1]
        by_name.append(sorted(ends).index(goal))
        by_place.append(ends.index(goal))
    return {
        "the goal among the ends, by its name, is": (by_name, arms),
        "the goal's arm, by the place of its first edge, is": (by_place, arms),
    }


def names_given(stars: list[Any], arms: int, length: int, labels: int) -> Outcomes:
    """Look at the names of stars of one arm: of each node, and whether they rise or fall."""
    chains = [read_arms(star, arms, length, either_way=True)[0] for star in stars]
    of_nodes = {
        f"the name of node {k} of an arm is": ([chain[k] for chain in chains], labels)
        for k in range(length)
    }
    rising = [int(chain[0] < chain[-1]) for chain in chains]
    return {**of_nodes, "whether names rise along an arm (1) is": (rising, 2)}


def order_of_edges(stars: list[Any], arms: int, length: int, labels: int) -> Outcomes:
    """Look where the edges of one of two arms of three nodes stand, the one with lower names."""
    first, last = [], []
    for star in stars:
        rows = [sorted(row) for row in read_edges(star, arms, length).tolist()]
        low = min(read_arms(star, arms, length, either_way=True), key=lambda arm: arm[1])
        first.append(rows.index(sorted(low[:2])))
        last.append(rows.index(sorted(low[1:])))
    both = list(zip(first, last, strict=True))
    nearby = [int(abs(one - other) == 1) for one, other in both]
    outwards = [int(one < other) for one, other in both]
    return {
        "the place of an arm's first edge is": (first, 4),
        "the place of an arm's last edge is": (last, 4),
        "whether an arm's edges stand together (1) is": (nearby, 2),
        "whether an arm is told outwards (1) is": (outwards, 2),
    }


def _pattern(outcomes: list[int], k: int) -> str:
    """Say which of k outcomes always comes, never comes, or comes too often; ``""`` if none."""
    try:
        assert_uniform(outcomes, k, alpha=1e-9)
    except AssertionError:
        seen = sorted(set(outcomes))
        if len(seen) == 1:
            return f"always {seen[0]}"
        never = [str(one) for one in range(k) if one not in seen]
        return f"never {' nor '.join(never)}" if never else "not as often one as the other"
    return ""


def _stars(function: Function, arguments: Arguments, n: int) -> list[Any]:
    """Return n stars that one generator makes, as it goes on."""
    return call_each(function, [arguments()] * n)


def _same(one: Any, other: Any) -> bool:
    parts, others = three_parts(one), three_parts(other)
    return all(map(np.array_equal, map(deepcopy, parts), others))
