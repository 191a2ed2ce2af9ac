"""Pixels row by row as an image that goes wrong from a row on."""

from __future__ import annotations

import numpy as np

from course.figures.drawing import Drawing, cross, text
from course.figures.things.writing import Array, Writing

_PIXEL, _TOP, _LEFT, _GAP = 22, 22, 8, 110


def image(writing: Writing) -> Drawing:
    """Draw the true image and the one that was written, a cross on each wrong pixel.

    The image is square: what the encoder saw stands above, what is written below it.
    """
    columns = round(float(np.sqrt(len(writing.features) + writing.length)))
    above = np.round((writing.features + 0.5) * (writing.classes - 1)).astype(int)
    given = len(above) // columns
    sides = [(writing.truth_label, "data", writing.truth, np.zeros(len(writing.truth), bool))]
    if writing.said is not None:
        sides.append((writing.label, writing.role, writing.said, writing.wrong))
    parts = []
    for k, (label, role, tokens, wrong) in enumerate(sides):
        left = _LEFT + k * (columns * _PIXEL + _GAP)
        parts.append(text(left, 15, label, role))
        shown = np.concatenate([above, tokens])
        for level in range(writing.classes):  # one path for all pixels of a level
            path = _squares(np.flatnonzero(shown == level), left, columns)
            opacity = level / (writing.classes - 1)
            parts.append(f'<path class="pixel" fill-opacity="{opacity:.2f}" d="{path}"/>')
        at = np.flatnonzero(wrong) + len(above)
        parts.append(f'<path class="wrongly" d="{_squares(at, left, columns)}"/>')
        parts += [cross(x + _PIXEL / 2, y + _PIXEL / 2) for x, y in _corners(at, left, columns)]
        across, middle = columns * _PIXEL, _TOP + given * _PIXEL
        side = f"M{left} {_TOP}h{across}v{columns * _PIXEL}h{-across}z"
        parts.append(f'<path class="axis" d="{side}M{left} {middle}h{across}"/>')
        parts.append(text(left + across + 6, middle - 5, "given"))
        parts.append(text(left + across + 6, middle + 14, "written"))
    row = (len(above) + writing.first) // columns
    finding = writing.finding("pixels", f"wrong from row {row} on")
    alt = (
        f"Two images of {columns} by {columns} pixels, the truth and {writing.label}: the rows "
        f"above are given, those below are written, a cross on each wrong pixel. {finding}."
    )
    width = 2 * (_LEFT + columns * _PIXEL) + _GAP + 70
    return Drawing(finding, alt, width, _TOP + columns * _PIXEL + 6, "".join(parts))


def _corners(pixels: Array, left: int, columns: int) -> list[tuple[int, int]]:
    return [(left + n % columns * _PIXEL, _TOP + n // columns * _PIXEL) for n in pixels.tolist()]


def _squares(pixels: Array, left: int, columns: int) -> str:
    """Return the path around these pixels, by their numbers row by row."""
    across = f"h{_PIXEL}v{_PIXEL}h-{_PIXEL}z"
    return "".join(f"M{x} {y}{across}" for x, y in _corners(pixels, left, columns))
