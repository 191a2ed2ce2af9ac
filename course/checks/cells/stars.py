"""Read a star of paths: which arms its edges make, whatever order they and their names are in.

A star is known by its structure alone: what is left to chance, and in which order it is drawn, is
its maker's affair. Each reader looks at one thing and lets pass what another refuses, so that one
mistake costs one claim.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks.cells.examples import Array
from course.checks.cells.works import COUNTS


class NoStarError(AssertionError):
    """What came is no star of paths; `kind` says why without a number, the message with them."""

    def __init__(self, kind: str, said: str) -> None:
        super().__init__(said)
        self.kind = kind


def three_parts(star: Any) -> tuple[Any, Any, Any]:
    """Return edges, goal and path; `NoStarError` where what came are not three things."""
    if not isinstance(star, tuple | list) or len(star) != 3:
        came = f"{len(star)} values" if isinstance(star, tuple | list) else type(star).__name__
        raise NoStarError("returns no three things", f"return edges, goal, path; {came} came back")
    return star[0], star[1], star[2]


def read_edges(star: Any, arms: int, length: int, is_work: bool = False) -> Array:
    """Return the edges of a star as whole numbers: as many as are due, and each once.

    Parameters
    ----------
    star : tuple
        ``(edges, goal, path)`` as it came back.
    arms, length : int
        What was asked for: how many arms, and nodes of each, the centre among them.
    is_work : bool
        Whether the claim is about something else and counts only where there is a star: the
        message then says so.

    Raises
    ------
    NoStarError
        Saying what is wrong with the number of edges.
    """
    try:
        return _edges(star, arms, length)
    except NoStarError as error:
        if is_work:
            raise NoStarError(error.kind, f"{error}. {COUNTS}") from None
        raise


def _edges(star: Any, arms: int, length: int) -> Array:
    edges = _part(star, 0)
    shape = (arms * (length - 1), 2)
    try:
        given = np.asarray(edges)
        pairs = given.astype(np.int64)
        whole = bool((pairs == given).all())
    except (TypeError, ValueError):
        whole = False
    if not whole:
        said = f"edges must be an array of whole numbers; {type(edges).__name__} came back"
        raise NoStarError("has edges that are no whole numbers", said)
    if pairs.shape != shape:
        said = f"{arms} arms of {length} nodes have {shape[0]} edges: the shape must be {shape}"
        more = int(np.sign(len(pairs) - shape[0])) if pairs.ndim else 0
        kinds = {1: "has too many edges", -1: "has too few edges"}
        kind = kinds.get(more, "has edges of another shape")
        raise NoStarError(kind, f"{said}, got {pairs.shape}")
    edges_once = set(map(tuple, pairs.tolist()))
    names = len(set().union(*edges_once))
    if names > shape[0] + 1 or len(edges_once) < shape[0]:
        kind = "has too many names" if names > shape[0] + 1 else "has an edge twice"
        said = f"{shape[0]} different edges join {shape[0] + 1} nodes"
        raise NoStarError(kind, f"{said}; these join {names}: {pairs.tolist()}")
    return pairs


def read_names(star: Any, arms: int, length: int, labels: int) -> list[int]:
    """Return the names of a star's nodes, of which none may be used twice, in rising order.

    Parameters
    ----------
    star, arms, length
        As for `read_edges`.
    labels : int
        Names are whole numbers below it.

    Raises
    ------
    NoStarError
        Saying which name is none, or that two nodes have the same.
    """
    names: list[int] = np.unique(np.asarray(_part(star, 0))).tolist()
    wrong = [name for name in names if not 0 <= name < labels]
    if wrong:
        kind = "uses names below 0" if wrong[0] < 0 else "uses names that are not below labels"
        raise NoStarError(kind, f"names lie in 0..{labels - 1}; {wrong[0]} came")
    due = 1 + arms * (length - 1)
    if len(names) != due:
        kind = f"has too {'few' if len(names) < due else 'many'} names"
        raise NoStarError(kind, f"{due} nodes have {due} different names; {len(names)} came")
    return names


def read_arms(star: Any, arms: int, length: int, either_way: bool = False) -> list[list[int]]:
    """Return the arms that a star's edges make, each the list of its nodes from the centre on.

    They come in the order of the edges that leave the centre.

    Parameters
    ----------
    star, arms, length
        As for `read_edges`.
    either_way : bool
        Let edges pass that all lead to the centre: for what is not about their direction.

    Raises
    ------
    NoStarError
        Saying why the edges make no such arms, or that they lead to the centre.

    Examples
    --------
    >>> edges = np.array([[4, 0], [2, 4], [2, 5], [5, 3]])
    >>> read_arms((edges, 0, [2, 4, 0]), arms=2, length=3)
    [[2, 4, 0], [2, 5, 3]]
    """
    edges = read_edges(star, arms, length)
    fitting = _fitting(edges, arms, length)
    if not fitting:
        raise _no_arms(edges, arms, length)
    if not either_way and _arms_of(edges) not in fitting:
        said = "the edges lead to the centre: each is from, to, away from it"
        raise NoStarError("turns its edges round", said)
    return fitting[0]


def read_goal(star: Any, arms: int, length: int) -> list[int]:
    """Return the arm that ends at the goal of a star, and at no other's: see `read_arms`.

    Edges may lead to the centre; of a single arm either end can be the goal then.
    """
    found = read_arms(star, arms, length, either_way=True)
    goal = _part(star, 1)
    if not _is_node(goal):
        said = f"goal must be one whole number, a node; {goal} came"
        raise NoStarError("has a goal that is no whole number", said)
    for ways in _fitting(read_edges(star, arms, length), arms, length):
        for arm in ways:
            if arm[-1] == goal:
                return arm
    kinds = {node: "has a goal within an arm" for arm in found for node in arm}
    kinds |= {arm[1]: "has the node after the centre as its goal" for arm in found}
    kinds[found[0][0]] = "has the centre as its goal"
    said = f"the arms end at {', '.join(str(arm[-1]) for arm in found)}; the goal is {goal}"
    raise NoStarError(kinds.get(int(goal), "has a goal that is no node"), said)


def read_path(star: Any, arms: int, length: int) -> list[int]:
    """Return the path of a star, which is the arm that ends at its goal: see `read_goal`."""
    due = read_goal(star, arms, length)
    path = _part(star, 2)
    whole = isinstance(path, list | tuple | np.ndarray) and all(map(_is_node, path))
    came = [int(node) for node in path] if whole else None
    if came == due:
        return due
    known = {
        "writes the path from the goal back": due[::-1],
        "leaves the centre out of the path": due[1:],
        "leaves the goal out of the path": due[:-1],
        "leaves centre and goal out of the path": due[1:-1],
    }
    kind = next((kind for kind, one in known.items() if came == one), "writes another path")
    if came in read_arms(star, arms, length, either_way=True):
        kind = "writes another arm than the goal's"
    raise NoStarError(kind, f"the path to {due[-1]} is {due}; {came or path} came")


def _part(star: Any, place: int) -> Any:
    """Return one of the parts that a star has."""
    if not isinstance(star, tuple | list) or len(star) <= place:
        three_parts(star)
        raise NoStarError("returns no three things", "return edges, goal, path")
    return star[place]


def _fitting(edges: Array, arms: int, length: int) -> list[list[list[int]]]:
    """Return the arms that edges make, read as they are and turned round, where they fit."""
    ways = (_arms_of(edges), _arms_of(edges[:, ::-1]))
    return [found for found in ways if [len(arm) for arm in found] == [length] * arms]


def _no_arms(edges: Array, arms: int, length: int) -> NoStarError:
    """Say why edges make no arms of the length that is due."""
    found = _arms_of(edges)
    if found and len(found) != arms:
        return NoStarError(
            f"has too {'many' if len(found) > arms else 'few'} arms",
            f"{arms} edges leave the centre, one for each arm; here {len(found)} leave it",
        )
    if found:
        return NoStarError(
            "has arms of other lengths",
            f"{arms} arms of {length} nodes each are due, the centre counted in each; the edges "
            f"make arms of {', '.join(str(len(arm)) for arm in found)} nodes",
        )
    begin = sorted(set(edges[:, 0].tolist()) - set(edges[:, 1].tolist()))
    return NoStarError(
        "has edges that leave no single centre",
        "all edges lead away from one centre, and one edge arrives at each other node; here edges "
        f"leave {begin} that no edge arrives at",
    )


def _arms_of(edges: Array) -> list[list[int]]:
    """Return all ways on from the centre; none where there is no one centre, or where ways meet."""
    begun, reached = edges[:, 0].tolist(), edges[:, 1].tolist()
    centres = set(begun) - set(reached)
    if len(centres) != 1 or len(set(reached)) < len(reached):
        return []
    (centre,) = centres
    arms = [[centre, to] for one, to in zip(begun, reached, strict=True) if one == centre]
    for arm in arms:
        while arm[-1] in begun:
            arm.append(reached[begun.index(arm[-1])])
    return arms


def _is_node(value: Any) -> bool:
    """Say whether a value is one whole number, Python's or NumPy's."""
    given = np.asarray(value) if isinstance(value, int | np.generic | np.ndarray) else None
    return given is not None and given.ndim == 0 and given.dtype.kind in "iu"
