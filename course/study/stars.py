"""Path-star: the way from the centre of a star to the end of one arm, as a task.

A star is a set of edges, the prompt names them, the goal and the centre, and the path between
these two is to be written (Bachmann and Nagarajan 2024, "The pitfalls of next-token prediction").
It is no `course.tasks.Task`, whose context is a vector: here it is a set of edges. An edge is one
token, so that to look one up is one step of attention.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from course.engine.numerics import Array, one_hot
from course.engine.transformer.prompted import Prompted

#: In which order the nodes of a path are written.
Order = Literal["forwards", "backwards", "backwards_then_forwards"]
ORDERS: tuple[Order, ...] = ("forwards", "backwards", "backwards_then_forwards")


@dataclass(frozen=True)
class Size:
    """How large a star is.

    Attributes
    ----------
    arms : int
    length : int
        Nodes of a path; all begin at the centre.
    """

    arms: int
    length: int

    def __str__(self) -> str:
        """Name it, as ``2x5``.

        >>> str(Size(2, 5))
        '2x5'
        """
        return f"{self.arms}x{self.length}"

    @property
    def edges(self) -> int:
        """How many edges there are."""
        return self.arms * (self.length - 1)

    @property
    def labels(self) -> int:
        """How many names of nodes: one more than nodes, so that a name's absence says little."""
        return self.edges + 2

    @property
    def hops(self) -> int:
        """How many nodes of a path are not the centre: these are written."""
        return self.length - 1


@dataclass(frozen=True)
class Stars:
    """N stars of one size.

    Attributes
    ----------
    size : Size
    edges : int array (E, 2, N)
        From and to, away from the centre, in random order.
    paths : int array (length, N)
        From the centre to the goal.
    """

    size: Size
    edges: Array
    paths: Array


def draw_stars(size: Size, columns: int, rng: np.random.Generator) -> Stars:
    """Draw stars; the goal ends each arm as often as any other.

    Parameters
    ----------
    size : Size
    columns : int
        N.
    rng : numpy.random.Generator

    Examples
    --------
    >>> stars = draw_stars(Size(2, 3), 1, np.random.default_rng(0))
    >>> stars.edges[..., 0].tolist(), stars.paths[:, 0].tolist()
    ([[2, 5], [4, 0], [3, 2], [3, 4]], [3, 4, 0])
    """
    names = rng.permuted(np.tile(np.arange(size.labels), (columns, 1)), axis=1)
    arms = np.empty((columns, size.arms, size.length), int)
    arms[:, :, 0] = names[:, :1]
    arms[:, :, 1:] = names[:, 1 : size.edges + 1].reshape(columns, size.arms, size.hops)
    edges = np.stack([arms[:, :, :-1], arms[:, :, 1:]], axis=-1).reshape(columns, size.edges, 2)
    order = rng.permuted(np.tile(np.arange(size.edges), (columns, 1)), axis=1)
    edges = np.take_along_axis(edges, order[:, :, None], axis=1)
    paths = arms[np.arange(columns), rng.integers(0, size.arms, columns)]
    return Stars(size, edges.transpose(1, 2, 0), paths.T)


def to_write(paths: Array, order: Order) -> Array:
    """Return what is written of paths (length, N): every node but the centre, (K, N).

    >>> to_write(np.array([[7], [3], [5]]), "backwards_then_forwards").ravel()
    array([5, 3, 3, 5])
    """
    forwards = paths[1:]
    backwards = forwards[::-1]
    told: dict[Order, Array] = {
        "forwards": forwards,
        "backwards": backwards,
        "backwards_then_forwards": np.concatenate([backwards, forwards]),
    }
    return told[order]


def prompted(stars: Stars, order: Order) -> Prompted:
    """Return stars as a model reads them: edges, goal, centre, and what is to be written.

    A vector has three parts, of as many numbers as there are names: the node that an edge comes
    from, the one that it leads to, and a node that is named by itself.
    """
    V, (E, _, N) = stars.size.labels, stars.edges.shape
    given = np.zeros((E + 2, 3 * V, N), np.float32)
    given[:E, :V] = one_hot(stars.edges[:, 0], V)
    given[:E, V : 2 * V] = one_hot(stars.edges[:, 1], V)
    given[E:, 2 * V :] = one_hot(stars.paths[[-1, 0]], V)
    return Prompted(given, E, to_write(stars.paths, order))
