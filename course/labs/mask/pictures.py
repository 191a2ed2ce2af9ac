"""Attention by position, the outputs that move with an input, and the wavefront of the passes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.engine.numerics import Array
from course.figures.drawing import Drawing, cross, text
from course.labs.page.clicks import clickable

#: The slider that says which input is disturbed, and that a click on one moves.
DISTURBED = "disturbed input (position)"

#: A cell of a map, and where the first one lies.
CELL, LEFT, TOP = 7, 44, 8
#: A map, with its axes.
_WIDTH = 276
#: How many shades a weight has.
_SHADES = 8
_STRIP, _STRIP_LEFT = 16, 98


def _cells(rows: Array, columns: Array) -> str:
    """Return the path around these cells of a map."""
    across = f"h{CELL}v{CELL}h-{CELL}z"
    each = zip(rows.tolist(), columns.tolist(), strict=True)
    return "".join(f"M{LEFT + CELL * j} {TOP + CELL * t}{across}" for t, j in each)


def _frame(steps: int, across: str, down: str) -> list[str]:
    """Draw the axes of a map of T by T cells."""
    side = CELL * steps
    parts = [f'<path class="axis" d="M{LEFT} {TOP}h{side}v{side}h-{side}z"/>']
    for at in range(0, steps, 5):
        middle = CELL * (at + 0.5)
        parts.append(text(LEFT - 4, TOP + middle + 4, str(at), anchor="end"))
        parts.append(text(LEFT + middle, TOP + side + 14, str(at), anchor="middle"))
    parts.append(text(LEFT + side / 2, TOP + side + 30, across, anchor="middle"))
    parts.append(
        f'<text transform="translate(14 {TOP + side / 2:g}) rotate(-90)" text-anchor="middle">'
        f"{down}</text>"
    )
    return parts


def _filled(colour: str, opacity: float, path: str) -> str:
    """Fill a path, without an outline."""
    style = f"stroke:none;fill-opacity:{opacity:g}"
    return f'<path class="dot {colour}" style="{style}" d="{path}"/>'


def _staircase(steps: int, beyond: int = 1) -> str:
    """Draw the line behind the diagonal: left of it lies what a causal mask shows."""
    path = f"M{LEFT + CELL * beyond} {TOP}" + f"v{CELL}h{CELL}" * (steps - beyond) + f"v{CELL}"
    return f'<path class="line thin reference" d="{path}"/>'


def attention_map(weights: Array, position: int, finding: str) -> Drawing:
    """Draw how much each position attends to each other one.

    Parameters
    ----------
    weights : array (T, T)
        Of position t, a row, to position j, a column.
    position : int
        The disturbed one, whose column is framed.
    finding : str
        Stands above the picture.
    """
    steps = len(weights)
    shade = np.ceil(np.clip(weights, 0, 1) ** 0.5 * _SHADES).astype(int)
    shade[weights < 0.005] = 0
    parts = []
    for k in range(1, _SHADES + 1):
        path = _cells(*np.nonzero(shade == k))
        if path:
            parts.append(_filled("mixed", k / _SHADES, path))
    parts += _frame(steps, "position that is looked at", "position that looks")
    parts.append(_staircase(steps))
    column = f"M{LEFT + CELL * position} {TOP}v{CELL * steps}h{CELL}v{-CELL * steps}z"
    parts.append(f'<path class="open own" d="{column}"/>')
    alt = (
        f"Map of attention weights, {steps} positions that look, downwards, by {steps} that are "
        f"looked at; the darker the larger. What lies right of the dotted staircase is the future. "
        f"{finding}."
    )
    return Drawing(finding, alt, _WIDTH, TOP + CELL * steps + 38, "".join(parts))


def standing(said: Array, free: Array) -> int:
    """Return how many first steps of a pass say what the free run says: they stand for good.

    >>> standing(np.array([4, 4, 1, 0]), np.array([4, 4, 2, 0]))
    2
    """
    same = said == free
    return len(free) if same.all() else int(same.argmin())


def wavefront(passes: Sequence[Array], free: Array, finding: str) -> Drawing:
    """Draw a row for each pass: where it says what a free run says, and how far for good.

    Parameters
    ----------
    passes : sequence of int array (T,)
        The tokens of each pass; the last stands for all after it.
    free : int array (T,)
        Those of the free run.
    finding : str
        Stands above the picture.
    """
    steps = len(free)
    rows = [*passes, *[passes[-1]] * (steps - len(passes))] if passes else []
    same = np.array([said == free for said in rows] or np.zeros((0, steps), bool))
    front = np.array([standing(said, free) for said in rows], int)
    for_good = np.arange(steps) < front[:, None]
    parts = [
        _filled("own", opacity, _cells(*np.nonzero(there)))
        for opacity, there in ((0.8, same & for_good), (0.25, same & ~for_good))
    ]
    parts += _frame(steps, "step", "pass")
    parts.append(_staircase(steps))
    alt = (
        f"Map with a row for each of {steps} passes and a column for each of {steps} steps: dark "
        "where all steps so far are those of the free run, light where one is by itself. A dotted "
        f"staircase marks step = pass. Dark steps by pass: {', '.join(map(str, front[:12]))}. "
        f"{finding}."
    )
    return Drawing(finding, alt, _WIDTH, TOP + CELL * steps + 38, "".join(parts))


def leaks(moved: Array, position: int) -> int:
    """Return how many outputs before the disturbed input moved.

    >>> leaks(np.array([False, True, True, True]), 2)
    1
    """
    return int(moved[:position].sum())


def _middle(t: int) -> float:
    return _STRIP_LEFT + _STRIP * t + 6.5


def _boxes(positions: Array, y: float) -> str:
    """Return the path around these boxes of a strip."""
    side = f"h{_STRIP - 3}v{_STRIP - 2}h-{_STRIP - 3}z"
    return "".join(f"M{_STRIP_LEFT + _STRIP * t} {y}{side}" for t in positions.tolist())


def disturbance(position: int, moved: Array, finding: str) -> Drawing:
    """Draw inputs above outputs: which one is disturbed, and which outputs move.

    Parameters
    ----------
    position : int
        The disturbed input.
    moved : bool array (T,)
        Whether each output moved. One before the disturbed input has seen the future.
    finding : str
        Stands above the picture.
    """
    above, below = TOP, TOP + 38
    bottom, positions = below + 30, np.arange(len(moved))
    parts = [
        text(_STRIP_LEFT - 8, y, label, anchor="end")
        for y, label in ((above + 12, "input"), (below + 12, "output"), (bottom, "position"))
    ]
    late, early = (
        positions[moved & (positions >= position)],
        positions[moved][: leaks(moved, position)],
    )
    for at, colour in ((late, "mixed"), (early, "own")):
        path = _boxes(at, below)
        parts.append(
            f'<path class="dot {colour}" style="stroke:none;fill-opacity:0.7" d="{path}"/>'
        )
    outlines = _boxes(positions, above) + _boxes(positions, below)
    parts.append(f'<path class="axis" d="{outlines}"/>')
    crossed = [(position, above), *((t, below) for t in early.tolist())]
    parts += [cross(_middle(t), y + 7, 3.5) for t, y in crossed]
    arrow = f"M{_middle(position)} {above + 16}V{below - 3}m-3 -5l3 5l3 -5"
    parts.append(f'<path class="axis" d="{arrow}"/>')
    parts += [text(_middle(t), bottom, str(t), anchor="middle") for t in range(0, len(moved), 5)]
    parts += [
        clickable(DISTURBED, t, _STRIP_LEFT + _STRIP * t, above, _STRIP, below - above)
        for t in positions.tolist()
    ]
    alt = (
        f"Two rows of {len(moved)} boxes, inputs above outputs. Input {position} is disturbed; "
        "outputs that move are filled, those before it have a cross as well: they saw the future. "
        f"{finding}."
    )
    return Drawing(finding, alt, 620, bottom + 8, "".join(parts))
