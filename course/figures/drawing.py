"""A drawing with its finding above it: what pages and still pictures are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import Protocol


class Picture(Protocol):
    """What has a finding, words for those who cannot see it, a size, and SVG inside."""

    @property
    def finding(self) -> str:
        """Stands above it."""

    @property
    def alt(self) -> str:
        """Kind of picture, axes and finding."""

    @property
    def width(self) -> int:
        """In pixels."""

    @property
    def height(self) -> int:
        """In pixels."""

    def inner(self) -> str:
        """Return what stands inside the SVG element."""


@dataclass(frozen=True)
class Drawing:
    """A picture whose inside is written already."""

    finding: str
    alt: str
    width: int
    height: int
    body: str

    def inner(self) -> str:
        """Return what stands inside the SVG element."""
        return self.body


#: To which part of its size a picture shrinks where the page is narrow; then it is scrolled. No
#: letter is drawn smaller than 12 pixels, so none is shown smaller than 11.
SHRINKS_TO = 11 / 12


def svg_html(width: int, height: int, alt: str, body: str) -> str:
    """Return an SVG element for use inside HTML, never larger than it is: letters have one size."""
    return (
        f'<svg class="course-chart" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(alt)}" style="width:100%;max-width:{width}px;'
        f'min-width:{math.ceil(SHRINKS_TO * width)}px;height:auto;display:block">{body}</svg>'
    )


def figure_html(picture: Picture) -> str:
    """Return an HTML figure: the finding, and the picture below it."""
    svg = svg_html(picture.width, picture.height, picture.alt, picture.inner())
    return (
        f'<figure style="width:{picture.width}px"><figcaption>{escape(picture.finding)}'
        f"</figcaption>{svg}</figure>"
    )


def cross(x: float, y: float, reach: float = 4.5) -> str:
    """Return the sign of what is wrong, in the colour of it, with a rim that dark pixels need."""
    path = (
        f"M{x - reach:.1f} {y - reach:.1f}l{2 * reach:g} {2 * reach:g}"
        f"m0 {-2 * reach:g}l{-2 * reach:g} {2 * reach:g}"
    )
    return f'<path class="rim" d="{path}"/><path class="cross" d="{path}"/>'


def text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    """Return a line of text."""
    return (
        f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" style="text-anchor:{anchor}">'
        f"{escape(words)}</text>"
    )
