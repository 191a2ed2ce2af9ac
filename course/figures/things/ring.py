"""Places on a ring, one step further out each time, as a track that is left."""

from __future__ import annotations

import numpy as np

from course.figures.drawing import Drawing, cross, text
from course.figures.things.writing import Array, Writing

_SIZE, _INNER, _OUTER, _KEY = 330, 34.0, 138.0, 176


def ring(writing: Writing) -> Drawing:
    """Draw step 0 inside and the last outside: an arc leads from the truth to a wrong place."""
    radius = np.linspace(_INNER, _OUTER, writing.length)
    middle = _SIZE / 2
    parts = [f'<circle class="grid" cx="{middle:g}" cy="{middle:g}" r="{_OUTER + 8:g}"/>']
    for place in range(writing.classes):
        x, y = _at(np.array(place), writing.classes, np.array(_OUTER + 18), middle)
        parts.append(text(float(x), float(y) + 4, str(place), anchor="middle"))
    t = np.arange(len(writing.truth))
    x, y = _at(writing.truth, writing.classes, radius[t], middle)
    parts.append(f'<path class="line data thin" d="M{_path(x, y)}"/>')
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        parts.append(f'<circle class="open data" cx="{across:.1f}" cy="{down:.1f}" r="5"/>')
    key = [(writing.truth_label, '<circle class="open data" cx="{x}" cy="{y}" r="5"/>')]
    if writing.said is not None:
        own_x, own_y = _at(writing.said, writing.classes, radius[t], middle)
        for k in t.tolist():
            if writing.wrong[k]:
                turn = (writing.said[k] - writing.truth[k]) % writing.classes
                clockwise = int(2 * turn <= writing.classes)
                parts.append(
                    f'<path class="line wrong thin" d="M{x[k]:.1f} {y[k]:.1f}A{radius[k]:.1f} '
                    f'{radius[k]:.1f} 0 0 {clockwise} {own_x[k]:.1f} {own_y[k]:.1f}"/>'
                )
                parts.append(cross(float(own_x[k]), float(own_y[k])))
            else:
                parts.append(
                    f'<circle class="dot {writing.role}" cx="{own_x[k]:.1f}" cy="{own_y[k]:.1f}" '
                    'r="2.6"/>'
                )
        key.append(
            (
                f"{writing.label}, right",
                f'<circle class="dot {writing.role}" cx="{{x}}" cy="{{y}}" r="2.6"/>',
            )
        )
    for k, (words, sign) in enumerate(key):
        down = 24 + 20 * k
        parts.append(sign.format(x=_SIZE + 10, y=down - 4))
        parts.append(text(_SIZE + 22, down, words))
    if writing.said is not None:
        parts.append(cross(_SIZE + 10, 60) + text(_SIZE + 22, 64, f"{writing.label}, wrong"))
    parts.append(text(_SIZE + 4, 96, "step 0 inside,"))
    parts.append(text(_SIZE + 4, 112, "the last outside"))
    finding = writing.finding("places", f"leaves its track at step {writing.first}")
    alt = (
        f"A ring of {writing.classes} places, step 0 inside and the last step outside: circles are "
        f"the truth, dots are right places of {writing.label}, crosses wrong ones. {finding}."
    )
    return Drawing(finding, alt, _SIZE + _KEY, _SIZE, "".join(parts))


def _at(places: Array, classes: int, radius: Array, middle: float) -> tuple[Array, Array]:
    """Return where places lie across and down, place 0 at the top, clockwise."""
    angle = 2 * np.pi * places / classes
    return middle + radius * np.sin(angle), middle - radius * np.cos(angle)


def _path(x: Array, y: Array) -> str:
    return "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
