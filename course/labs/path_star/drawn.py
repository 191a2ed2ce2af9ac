"""Stars that the learner's function draws, looked at before a model is measured on them."""

from __future__ import annotations

import time

import numpy as np

from course.engine.numerics import Array
from course.labs.calling.functions import MEND, LearnersFunction, Unfinished
from course.labs.calling.results import Part
from course.study.stars import Size, Stars, draw_stars

#: How many stars a model is measured on.
STARS = 200
SEED = 2015
_OWN = f"The stars that you see are the lab's own. {MEND}"


class StarsDrawn:
    """Stars of one size: the learner's as far as there are any, the others the lab's.

    Parameters
    ----------
    size : Size
    function : LearnersFunction or None
        ``path_star``.

    Attributes
    ----------
    fault : str
        Why the function draws no more; empty where nothing is known to be wrong.
    theirs : int
        How many of the stars are the learner's.
    """

    def __init__(self, size: Size, function: LearnersFunction | None) -> None:
        self.size, self._function = size, function
        self.fault = ""
        self._begin()

    def _begin(self) -> None:
        """Have the lab's own stars, all of them."""
        self.theirs = 0
        self._stars = draw_stars(self.size, STARS, np.random.default_rng(SEED))

    @property
    def stars(self) -> Stars:
        """All of them, as they are now."""
        return Stars(self.size, self._stars.edges.copy(), self._stars.paths.copy())

    def more(self, budget_s: float) -> bool:
        """Draw for about so long, one star at least; say whether there is more to draw."""
        end_s = time.perf_counter() + budget_s
        while self._function and not self.fault and self.theirs < STARS:
            self._another(self._function)
            if time.perf_counter() > end_s:
                break
        return bool(self._function) and not self.fault and self.theirs < STARS

    def _another(self, function: LearnersFunction) -> None:
        size, k = self.size, self.theirs
        wanted: list[tuple[str, Part]] = [
            ("edges", (size.edges, 2)),
            ("goal", ()),
            ("path", (size.length,)),
        ]
        rng = np.random.default_rng([SEED, k])
        try:
            edges, goal, path = function(wanted, size.arms, size.length, size.labels, rng)
        except Unfinished as error:
            self._give_up(error.why)
            return
        if said := amiss(size, edges, float(goal), path):
            self._give_up(
                f"{function.name}({size.arms}, {size.length}, {size.labels}, rng): {said}."
            )
            return
        self._stars.edges[:, :, k], self._stars.paths[:, k] = edges, path
        self.theirs += 1

    def _give_up(self, why: str) -> None:
        """Go back to the lab's stars, and say why."""
        self._begin()
        self.fault = f"{why} {_OWN}"


def amiss(size: Size, edges: Array, goal: float, path: Array) -> str:
    """Say what is wrong with one star; nothing where it is one.

    Parameters
    ----------
    size : Size
        What was asked for.
    edges : array (E, 2)
    goal : float
    path : array (length,)

    Examples
    --------
    >>> amiss(Size(1, 2), np.array([[0, 1]]), 0, np.array([0, 1]))
    'the path ends at 1, and the goal is 0'
    """
    named = np.concatenate([edges.ravel(), path, [goal]])
    odd = named[(named != np.round(named)) | (named < 0) | (named >= size.labels)]
    if len(odd):
        return f"a node is called {odd[0]:g}, expected whole numbers from 0 to {size.labels - 1}"
    if path[-1] != goal:
        return f"the path ends at {path[-1]:g}, and the goal is {goal:g}"
    pairs = {(a, b) for a, b in edges.tolist()}
    for a, b in zip(path[:-1].tolist(), path[1:].tolist(), strict=True):
        if (a, b) not in pairs:
            return f"the path steps from {a:g} to {b:g}, where there is no edge"
    if not _is_star(size, edges.tolist(), float(path[0])):
        return (
            f"the edges are no star of {size.arms} arms with {size.hops} edges each that begin at "
            f"{path[0]:g}, where the path does, with a different name for each node"
        )
    return ""


def _is_star(size: Size, edges: list[list[float]], centre: float) -> bool:
    """Walk all arms from the centre: each is as long as it is to be, and no node comes twice."""
    firsts = [b for a, b in edges if a == centre]
    after = {a: b for a, b in edges if a != centre}
    met = [centre]
    for node in firsts:
        met.append(node)
        for _ in range(size.hops - 1):
            if node not in after:
                return False
            node = after[node]
            met.append(node)
    return len(firsts) == size.arms and len(set(met)) == len(met) == size.edges + 1
