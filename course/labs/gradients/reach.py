"""How far back a gradient reaches, seen: a bar for each step, as high as what arrives there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from course.engine.numerics import Array
from course.figures.chart import Role
from course.figures.drawing import Drawing, text

_WIDTH, _LEFT, _TOP, _ROW = 620, 98, 8, 36
#: A bar's height where as much arrives as there is at the last step; a thousandth has none.
_AS_MUCH, _MOST, _DECADES = 13.0, 30.0, 3.0


def reach(rows: Sequence[tuple[str, Role, Array]], finding: str) -> Drawing:
    """Draw norms of gradients on their way back, a row for each cell.

    Parameters
    ----------
    rows : sequence of (str, Role, array (T + 1,))
        Name, how it is drawn, and the norms from the last step back to the context.
    finding : str
        Stands above the picture.
    """
    T = max(len(norms) for _, _, norms in rows) - 1
    across = (_WIDTH - _LEFT - 4) / (T + 1)
    parts = []
    for row, (label, role, norms) in enumerate(rows):
        middle = _TOP + (row + 0.5) * _ROW
        parts.append(text(_LEFT - 8, middle + 4, label, role, "end"))
        parts.append(f'<path class="grid" d="M{_LEFT} {middle:g}H{_WIDTH - 4}"/>')
        for k, height in enumerate(_heights(norms)):
            if height > 0:
                parts.append(_bar(_LEFT + (k + 0.5) * across, middle, height, across - 3, role))
    bottom = _TOP + len(rows) * _ROW + 14
    for k in range(0, T - 1, 5):
        step = T - 1 - k
        parts.append(text(_LEFT + (k + 0.5) * across, bottom, str(step), anchor="middle"))
    parts.append(text(_WIDTH - 4, bottom, "context", anchor="end"))
    parts.append(text(_LEFT - 8, bottom, "step", anchor="end"))
    parts.append(text(_LEFT, bottom + 20, "the loss is here; back goes to the right"))
    parts.append(_key(bottom + 16))
    names = ", ".join(label for label, _, _ in rows)
    alt = (
        f"Rows of bars, {names}: a bar for each step from the last, {T - 1}, back to the "
        f"context; as high as the gradient is large there, on a log scale. {finding}."
    )
    return Drawing(finding, alt, _WIDTH, bottom + 32, "".join(parts))


def _heights(norms: Array) -> list[float]:
    with np.errstate(all="ignore"):
        decades = np.log10(norms / norms[0])
    heights = np.clip(_AS_MUCH * (1 + decades / _DECADES), 0, _MOST)
    return [float(height) for height in np.nan_to_num(heights)]


def _bar(x: float, middle: float, height: float, width: float, role: str) -> str:
    return (
        f'<rect class="dot {role}" x="{x - width / 2:.1f}" y="{middle - height / 2:.1f}" '
        f'width="{width:.1f}" height="{height:.1f}"/>'
    )


def _key(middle: float) -> str:
    """Draw what the heights say."""
    parts, x = [], _LEFT + 252.0
    for part, said in ((100.0, "100 times"), (1.0, "as much"), (0.01, "1 %")):
        [height] = _heights(np.array([1.0, part]))[1:]
        parts.append(_bar(x, middle, height, 6, "reference"))
        parts.append(text(x + 8, middle + 4, said))
        x += 92
    return "".join(parts)
