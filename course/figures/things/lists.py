"""Written words in columns side by side, each with a sign, from a letter on in another colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from course.figures.drawing import Drawing, text

_COLUMN, _ROW, _TOP = 190, 19, 30
#: So many columns have room, though there may be fewer.
_ROOM = 2


def lists(columns: Mapping[str, Sequence[tuple[str, int]]], finding: str, meaning: str) -> Drawing:
    """Draw a column of words under each title.

    Parameters
    ----------
    columns : mapping
        By title, words with the number of the first letter that is wrong; -1 where all is right.
    finding : str
    meaning : str
        What is wrong about a wrong letter.
    """
    parts = []
    for k, (title, words) in enumerate(columns.items()):
        x = 4 + k * _COLUMN
        parts.append(text(x, 16, title, "title"))
        for row, (word, wrong) in enumerate(words):
            sign, kind = ("✓", "") if wrong < 0 else ("✗", "wrong")
            right = word if wrong < 0 else word[:wrong]
            y = _TOP + row * _ROW + 8
            parts.append(text(x, y, sign, kind))
            tail = f'<tspan class="wrong">{escape(word[wrong:])}</tspan>' if wrong >= 0 else ""
            parts.append(f'<text x="{x + 20}" y="{y}">{escape(right)}{tail}</text>')
    rows = max(len(words) for words in columns.values())
    told = "; ".join(
        f"{title}: {', '.join(word for word, _ in words)}" for title, words in columns.items()
    )
    alt = f"Words in columns, a cross and another colour where {meaning}. {told}. {finding}."
    return Drawing(finding, alt, _ROOM * _COLUMN, _TOP + rows * _ROW + 4, "".join(parts))
