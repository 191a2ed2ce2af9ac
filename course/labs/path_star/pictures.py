"""A star with what a model wrote of it, and how much of that is right, by position and update."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import numpy as np

from course.engine.numerics import Array
from course.figures.chart import Chart, Dots, Line, Panel, Role, ceiling
from course.figures.drawing import Drawing, cross, text
from course.study.stars import Order, Size

#: What a reader calls the orders.
SHORT: dict[Order, str] = {
    "forwards": "forwards",
    "backwards": "backwards",
    "backwards_then_forwards": "backwards, then forwards",
}
FORCED, USED = "fed the truth", "running free"
_WIDTH, _TOP, _ARM, _RADIUS = 620, 22, 36, 12
_LEFT, _HEIGHT = 108, 26
#: Letters in a line of edges.
_LETTERS = 84


def _arms(edges: Array, centre: int) -> list[list[int]]:
    """Return the nodes of each arm, from the centre outwards."""
    after = {a: b for a, b in edges.tolist() if a != centre}
    arms = []
    for node in sorted(b for a, b in edges.tolist() if a == centre):
        arm = [node]
        while arm[-1] in after:
            arm.append(after[arm[-1]])
        arms.append(arm)
    return arms


def _node(x: float, y: float, name: int, kind: str) -> str:
    circle = f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}"/>'
    return circle + text(x, y + 4, str(name), anchor="middle")


def star(
    edges: Array, path: Array, rows: dict[str, Array], truth: Array, wrote: Array, finding: str
) -> Drawing:
    """Draw a star, what a model reads of it, and what it said.

    Parameters
    ----------
    edges : int array (E, 2)
    path : int array (length,)
        From the centre to the goal.
    rows : dict of str to int array (K,)
        What was said, by how the model was fed; empty where nothing is trained.
    truth : int array (K,)
        What is to be written, in the order of writing.
    wrote : int array
        The nodes that a ring is drawn around: the path that the model wrote, running free.
    finding : str
        Stands above the picture.
    """
    centre, goal = int(path[0]), int(path[-1])
    arms = _arms(edges, centre)
    middle = _TOP + _ARM * (len(arms) - 1) / 2
    across = min(92.0, (_WIDTH - 120) / max(len(arms[0]), 1))
    parts: list[str] = []
    ringed, lines, nodes = set(wrote.tolist()), [], [_node(24, middle, centre, "frame truth")]
    for row, arm in enumerate(arms):
        y, before = float(_TOP + _ARM * row), (24.0 + _RADIUS, middle)
        for k, name in enumerate(arm):
            x = 24 + across * (k + 1)
            lines.append(f"M{before[0]:.1f} {before[1]:.1f}L{x - _RADIUS:.1f} {y:.1f}")
            nodes.append(_node(x, y, name, "frame truth" if name in path else "axis"))
            if name in ringed:
                ring = f'cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS + 4}"'
                nodes.append(f'<circle class="open own" {ring}/>')
            if name == goal:
                nodes.append(text(x + _RADIUS + 8, y + 4, "goal", "truth"))
            before = (x + _RADIUS, y)
    parts += [f'<path class="axis" d="{"".join(lines)}"/>', *nodes]
    y = _TOP + _ARM * len(arms) + 8
    read = " ".join(f"{a}→{b}" for a, b in edges.tolist())
    for line in textwrap.wrap(f"reads: {read}, goal {goal}, centre {centre}", _LETTERS):
        parts.append(text(4, y, line))
        y += 15
    for label, said in ({"to be written": truth} | rows).items():
        parts += _boxes(label, said, truth, y)
        y += _HEIGHT + 12
    told = "; ".join(f"{label}: {_listed(said)}" for label, said in rows.items())
    alt = (
        f"A star of {len(arms)} arms with centre {centre}; the path to the goal {goal} is filled"
        f"{', nodes that the model wrote, running free, have a dashed ring' if rows else ''}. "
        f"To be written: {_listed(truth)}. {told}{'. ' if told else ''}{finding}."
    )
    return Drawing(finding, alt, _WIDTH, int(y), "".join(parts))


def _listed(names: Array) -> str:
    return " ".join(map(str, names.tolist()))


def _boxes(label: str, said: Array, truth: Array, y: float) -> list[str]:
    """Draw a row of nodes in boxes, a cross on each that is wrong."""
    role = {FORCED: "truth", USED: "own"}.get(label, "")
    parts = [text(_LEFT - 8, y + 18, label, role, "end")]
    for k, (name, right) in enumerate(zip(said.tolist(), truth.tolist(), strict=True)):
        x, wrong = _LEFT + 34 * k, name != right
        kind = "wrongly" if wrong else f"frame {role or 'truth'}"
        parts.append(f'<rect class="{kind}" x="{x}" y="{y}" width="32" height="{_HEIGHT}" rx="3"/>')
        parts.append(text(x + 16, y + 18, str(name), "wrong" * wrong, "middle"))
        if wrong:
            parts.append(cross(x + 27, y + 5, 3.5))
    return parts


def accuracy(
    size: Size, order: Order, forced: Array, used: Array, finding: str, half: Sequence[Array] = ()
) -> Chart:
    """Draw which part is right at each written position, fed the truth and running free.

    Parameters
    ----------
    size : Size
    order : str
    forced, used : array (K,)
        Fractions; NaN where nothing is known.
    finding : str
        Stands above it.
    half : pair of array (K,), optional
        Half of the intervals of both, where there are several seeds.
    """
    x = np.arange(1.0, len(forced) + 1)
    ends = (0.5, len(x) + 0.5)
    panel = Panel(
        f"position, written {SHORT[order]}",
        "right (%)",
        ends,
        (0.0, 100.0),
        labels_px=92,
        x_names=tuple((at, f"{at:g}") for at in x.tolist()),
    )
    chance = np.full(2, 100 / size.arms)
    marks: list[Line | Dots] = [
        Line(np.array(ends), chance, "reference", f"1/{size.arms}: guess\nthe arm")
    ]
    of_each: tuple[tuple[Array, Role, str], ...] = ((forced, "truth", FORCED), (used, "own", USED))
    for k, (part, role, label) in enumerate(of_each):
        at, y = x + 0.08 * (k - 0.5), 100 * part
        marks.append(Line(at, y, role, label))
        bars = (y - 100 * half[k], y + 100 * half[k]) if half else (None, None)
        marks.append(Dots(at, y, role, low=bars[0], high=bars[1]))
    told = "; ".join(
        f"{label}: {', '.join(_percent(value) for value in part)}" for part, _, label in of_each
    )
    alt = (
        f"Line chart of the percentage of right nodes by written position, {SHORT[order]}, with a "
        f"dotted line at {100 / size.arms:.0f} %. {told}. {finding}."
    )
    return Chart(finding, panel, marks, alt)


def _percent(part: float) -> str:
    return f"{100 * part:.0f} %" if np.isfinite(part) else "not known"


def first_of_arm(size: Size, order: Order) -> int:
    """Return where the first node of the arm, the choice among arms, is written first; from 0.

    >>> first_of_arm(Size(2, 5), "forwards"), first_of_arm(Size(2, 5), "backwards")
    (0, 3)
    """
    return 0 if order == "forwards" else size.hops - 1


def losses(
    size: Size, updates: int, at: Array, choice: Array, others: Array, finding: str
) -> Chart:
    """Draw the loss on true tokens by update: of the first node of the arm, and of all others.

    Parameters
    ----------
    size : Size
    updates : int
        How many there are to make.
    at : array (M,)
        After how many it was measured.
    choice, others : array (M,)
        Nats.
    finding : str
        Stands above it.
    """
    chance, top = float(np.log(size.arms)), ceiling(np.log(size.labels))
    panel = Panel("update", "loss on the truth (nats)", (0, updates), (0, top), labels_px=92)
    marks = [
        Line(np.array([0, updates]), np.full(2, chance), "reference", f"ln {size.arms}: guess"),
        Line(at, choice, "truth", "first node\nof the arm"),
        Line(at, others, "mixed", "mean of\nthe others"),
    ]
    alt = (
        "Line chart of the loss in nats by update, of the node that chooses the arm and of all "
        f"others, with a dotted line at {chance:.2f}. {finding}."
    )
    return Chart(finding, panel, marks, alt)
