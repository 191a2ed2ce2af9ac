"""Symbols and letters as rows of boxes, one below the other."""

from __future__ import annotations

import textwrap

from course.figures.drawing import Drawing, cross, text
from course.figures.things.writing import Array, Writing, token_names

_LEFT, _TOP, _HEIGHT, _ROW = 98, 8, 28, 38
_WIDTH = 620
#: So many letters of who wrote a row stand in a line left of it.
_LETTERS = 11


def symbols(writing: Writing) -> Drawing:
    """Draw frames: a row of symbols for the truth, one for what was written."""
    return _boxes(writing, "symbols", f"first wrong symbol at {writing.x_label} {writing.first}")


def letters(writing: Writing) -> Drawing:
    """Draw a name, letter by letter, above another."""
    return _boxes(writing, "letters", f"first wrong letter at {writing.x_label} {writing.first}")


def _boxes(writing: Writing, kind: str, leaves: str) -> Drawing:
    names = token_names(kind, writing.classes)
    across = min(34.0, (_WIDTH - _LEFT - 4) / writing.length)
    rows: list[tuple[str, str, Array]] = [(writing.truth_label, "data", writing.truth)]
    if writing.said is not None:
        rows.append((writing.label, writing.role, writing.said))
    parts = []
    for row, (label, role, tokens) in enumerate(rows):
        y = _TOP + row * _ROW
        words = textwrap.wrap(label, _LETTERS)
        for k, line in enumerate(words):
            down = y + 18 + 13 * (k - (len(words) - 1) / 2)
            parts.append(text(_LEFT - 8, down, line, role, "end"))
        for t, token in enumerate(tokens.tolist()):
            x = _LEFT + t * across
            wrong = bool(row and writing.wrong[t])
            kind_of_box = "wrongly" if wrong else f"frame {role}"
            parts.append(
                f'<rect class="{kind_of_box}" x="{x + 1:.1f}" y="{y}" width="{across - 2:.1f}" '
                f'height="{_HEIGHT}" rx="3"/>'
            )
            parts.append(text(x + across / 2, y + 18, names[token], "wrong" * wrong, "middle"))
            if wrong:
                parts.append(cross(x + across / 2, y + _HEIGHT + 9))
    bottom = _TOP + len(rows) * _ROW + 18
    for t in range(0, writing.length, 5):
        parts.append(text(_LEFT + (t + 0.5) * across, bottom, str(t), anchor="middle"))
    parts.append(text(_LEFT - 8, bottom, writing.x_label, anchor="end"))
    finding = writing.finding(kind, leaves)
    alt = (
        f"Two rows of {kind} by {writing.x_label}, the {writing.truth_label} above "
        f"{writing.label}; a cross below each wrong one. {finding}."
    )
    return Drawing(finding, alt, _WIDTH, bottom + 8, "".join(parts))
