"""The start page's picture: the lessons as the steps of an unrolled decoder, filled as one goes."""

from __future__ import annotations

import base64
import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

#: As in the course's figures: what is right, and what is not there yet.
_DONE, _LINE, _PAPER, _INK = "#009E73", "#5f6b76", "#ffffff", "#1d2329"
_STEP, _SIDE, _TOP = 104, 56, 40
#: All letters; and how large the picture is shown for what it is drawn, where there is room.
_LETTER_PX, _SHOWN = 28, 0.75


@dataclass(frozen=True)
class Milestone:
    """One lesson in the picture.

    Attributes
    ----------
    label : str
        Its number.
    share : float
        How much of it is done, from 0 to 1.
    """

    label: str
    share: float

    @property
    def percent(self) -> str:
        """How much is done, in words of one sign or two."""
        return "✓" if self.share >= 1 else f"{int(100 * self.share)} %"


def width_px(steps: Sequence[Milestone]) -> int:
    """Return how wide the picture is drawn, before it is scaled."""
    return _STEP * len(steps) + _STEP // 2


def least_width_px(steps: Sequence[Milestone]) -> int:
    """Return how far it may shrink, and all its letters still be read; then it is scrolled."""
    return math.ceil(width_px(steps) * 11 / _LETTER_PX)


def drawn(steps: Sequence[Milestone]) -> str:
    """Draw the lessons as SVG."""
    width = width_px(steps)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_SHOWN * width:g}" '
        f'height="{_SHOWN * 150:g}" '
        f'viewBox="0 0 {width} 150" font-family="sans-serif" text-anchor="middle">',
        '<defs><marker id="a" markerUnits="userSpaceOnUse" markerWidth="9" markerHeight="8" '
        'refX="8" refY="4" orient="auto">'
        f'<path d="M0 0L9 4L0 8z" fill="{_LINE}"/></marker></defs>',
        f'<rect width="{width}" height="150" rx="10" fill="{_PAPER}"/>',
    ]
    for k, step in enumerate(steps):
        parts += _cell(_STEP // 2 + k * _STEP, step)
    return "".join([*parts, "</svg>"])


def _cell(x: int, step: Milestone) -> list[str]:
    """Draw a cell with what it is fed from below, what it hands on, and how far it is."""
    full = round(_SIDE * min(max(step.share, 0.0), 1.0))
    middle, bottom = x + _SIDE // 2, _TOP + _SIDE
    arrow = f'stroke="{_LINE}" stroke-width="2" marker-end="url(#a)"'
    letters = f'font-size="{_LETTER_PX}" fill="{_INK}"'
    return [
        f'<path d="M{x - _STEP + _SIDE} {_TOP + _SIDE // 2}H{x - 2}" {arrow}/>',
        f'<path d="M{middle} {bottom + 32}V{bottom + 3}" {arrow}/>',
        f'<path d="M{middle} {_TOP}V{_TOP - 12}" {arrow}/>',
        f'<rect x="{x}" y="{bottom - full}" width="{_SIDE}" height="{full}" fill="{_DONE}"/>',
        f'<rect x="{x}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}" fill="none" '
        f'stroke="{_LINE}" stroke-width="2"/>',
        f'<circle cx="{middle}" cy="{_TOP + _SIDE // 2}" r="17" fill="{_PAPER}"/>',
        f'<text x="{middle}" y="{_TOP + _SIDE // 2 + 10}" font-weight="bold" {letters}>'
        f"{html.escape(step.label)}</text>",
        f'<text x="{middle}" y="{_TOP - 16}" {letters}>{step.percent}</text>',
    ]


def told(steps: Sequence[Milestone]) -> str:
    """Return the picture's alt text."""
    shares = ", ".join(f"lesson {step.label}: {int(100 * step.share)} %" for step in steps)
    return f"The lessons as cells of an unrolled decoder, filled by points earned. {shares}."


def address(steps: Sequence[Milestone]) -> str:
    """Return the picture as an address, so that a page that changes never shows an old one."""
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn(steps).encode()).decode()}"
