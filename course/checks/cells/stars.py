"""Read a star of paths: which arms its edges make, whatever order they and their names are in.

A star is known by its structure alone. What is left to chance, and in which order it is drawn, is
its maker's affair.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from course.checks.cells.examples import Array


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


def read_edges(star: Any, arms: int, length: int, labels: int) -> Array:
    """Return the edges of a star, whole numbers that name as many different nodes as are due.

    Parameters
    ----------
    star : tuple
        ``(edges, goal, path)`` as it came back.
    arms, length, labels : int
        What was asked for: how many arms, nodes of each with the centre, and names to choose from.

    Raises
    ------
    NoStarError
        Saying what is wrong with the array, or with the nodes' names.
    """
    edges = three_parts(star)[0]
    shape = (arms * (length - 1), 2)
    if not isinstance(edges, np.ndarray) or edges.dtype.kind not in "iu":
        came = f"{edges.dtype} values" if isinstance(edges, np.ndarray) else type(edges).__name__
        said = f"edges must be a NumPy array of whole numbers; {came} came back"
        raise NoStarError("has edges that are no array of whole numbers", said)
    if edges.shape != shape:
        said = f"{arms} arms of {length} nodes have {shape[0]} edges: the shape must be {shape}"
        how = {1: "many", -1: "few"}.get(int(np.sign(len(edges) - shape[0])) if edges.ndim else 0)
        kind = f"has too {how} edges" if how else "has edges of another shape"
        raise NoStarError(kind, f"{said}, got {edges.shape}")
    nodes = np.unique(edges)
    if nodes[0] < 0 or nodes[-1] >= labels:
        kind = "uses names below 0" if nodes[0] < 0 else "uses names that are not below labels"
        wrong = nodes[0] if nodes[0] < 0 else nodes[-1]
        raise NoStarError(kind, f"names lie in 0..{labels - 1}; {wrong} came")
    due = 1 + arms * (length - 1)
    if len(nodes) != due:
        kind = f"has too {'few' if len(nodes) < due else 'many'} names"
        raise NoStarError(kind, f"{due} nodes have {due} different names; {len(nodes)} came")
    return edges.astype(np.int64)


def read_arms(star: Any, arms: int, length: int, labels: int) -> list[list[int]]:
    """Return the arms that a star's edges make, each the list of its nodes from the centre on.

    They come in the order of the edges that leave the centre.

    Parameters
    ----------
    star, arms, length, labels
        As for `read_edges`.

    Raises
    ------
    NoStarError
        Saying why the edges make no such arms.

    Examples
    --------
    >>> edges = np.array([[4, 0], [2, 4], [2, 5], [5, 3]])
    >>> read_arms((edges, 0, [2, 4, 0]), arms=2, length=3, labels=6)
    [[2, 4, 0], [2, 5, 3]]
    """
    edges = read_edges(star, arms, length, labels)
    found = _arms_of(edges)
    lengths = [len(arm) for arm in found]
    if lengths == [length] * arms:
        return found
    if [len(arm) for arm in _arms_of(edges[:, ::-1])] == [length] * arms:
        raise NoStarError(
            "turns its edges round", "the edges lead to the centre: each is from, to, away from it"
        )
    if not found:
        begin = sorted(set(edges[:, 0].tolist()) - set(edges[:, 1].tolist()))
        raise NoStarError(
            "has edges that leave no single centre",
            "all edges lead away from one centre, and one edge arrives at each other node; here "
            f"edges leave {begin} that no edge arrives at",
        )
    raise NoStarError(
        "has arms of other lengths",
        f"{arms} arms of {length} nodes each are due, the centre counted in each; the edges make "
        f"arms of {', '.join(map(str, lengths))} nodes",
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


def read_goal(star: Any, arms: int, length: int, labels: int) -> list[int]:
    """Return the arm that ends at the goal of a star, and at no other's: see `read_arms`."""
    found = read_arms(star, arms, length, labels)
    goal = star[1]
    if not _is_node(goal):
        said = f"goal must be one whole number, a node; {goal} came"
        raise NoStarError("has a goal that is no whole number", said)
    kinds = {node: "has a goal within an arm" for arm in found for node in arm}
    kinds[found[0][0]] = "has the centre as its goal"
    for arm in found:
        if arm[-1] == goal:
            return arm
    said = f"the arms end at {', '.join(str(arm[-1]) for arm in found)}; the goal is {goal}"
    raise NoStarError(kinds.get(int(goal), "has a goal that is no node"), said)


def read_path(star: Any, arms: int, length: int, labels: int) -> list[int]:
    """Return the path of a star, which is the arm that ends at its goal: see `read_goal`."""
    due = read_goal(star, arms, length, labels)
    path = star[2]
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
    if came in read_arms(star, arms, length, labels):
        kind = "writes another arm than the goal's"
    raise NoStarError(kind, f"the path to {due[-1]} is {due}; {path} came")


def _is_node(value: Any) -> bool:
    """Say whether a value is one whole number, Python's or NumPy's."""
    given = np.asarray(value) if isinstance(value, int | np.generic | np.ndarray) else None
    return given is not None and given.ndim == 0 and given.dtype.kind in "iu"
