"""The few shapes that the diagrams are drawn with, as SVG text.

A diagram lies on a card of its own light colour: an SVG inside an ``<img>`` cannot know whether the
page around it is dark, and so is readable on both.
"""

from __future__ import annotations

from html import escape

INK, FAINT, CARD, EDGE = "#1f2328", "#9aa1a9", "#fcfcfa", "#d0d4d9"
TRUTH, OWN, COIN = "#0072B2", "#D55E00", "#00795A"

_SANS = "'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"
_MONO = "'Cascadia Mono', Menlo, 'DejaVu Sans Mono', Consolas, monospace"


def document(
    width: float, height: float, title: str, description: str, body: list[str], scale: float = 1
) -> str:
    """Return a whole SVG file, with its title and description for those who cannot see it.

    With a `scale` it is shown so many times as large as it was drawn.
    """
    markers = "".join(
        f'<marker id="to{colour[1:]}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
        f'markerHeight="8" markerUnits="userSpaceOnUse" orient="auto">'
        f'<path d="M0 0.5 L10 5 L0 9.5 Z" fill="{colour}"/></marker>'
        for colour in (INK, FAINT, TRUTH, OWN, COIN)
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{scale * width:g}" height="{scale * height:g}" '
        'style="max-width: 100%; height: auto" '
        'role="img" aria-labelledby="title desc">',
        f'<title id="title">{escape(title)}</title>',
        f'<desc id="desc">{escape(description)}</desc>',
        f"<defs>{markers}</defs>",
        f'<rect x="0.5" y="0.5" width="{width - 1:g}" height="{height - 1:g}" rx="10" '
        f'fill="{CARD}" stroke="{EDGE}"/>',
        *body,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def text(
    x: float,
    y: float,
    words: str,
    size: float = 13,
    colour: str = INK,
    anchor: str = "middle",
    bold: bool = False,
    code: bool = False,
) -> str:
    """Return a line of text whose baseline is at y."""
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-family="{_MONO if code else _SANS}" font-size="{size:g}" '
        f'fill="{colour}" text-anchor="{anchor}"{weight}>{escape(words)}</text>'
    )


def box(
    x: float, y: float, width: float, height: float, colour: str = INK, dashes: str = ""
) -> str:
    """Return a rounded box, faintly filled with the colour of its border."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="6" '
        f'fill="{colour}" fill-opacity="0.07" stroke="{colour}" stroke-width="1.6"{dashed}/>'
    )


def arrow(
    points: list[tuple[float, float]],
    colour: str = INK,
    width: float = 1.6,
    dashes: str = "",
    head: bool = True,
) -> str:
    """Return a line through points, with a head at its end, that hides what it crosses."""
    path = "M" + " L".join(f"{x:g} {y:g}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    marker = f' marker-end="url(#to{colour[1:]})"' if head else ""
    halo = f'<path d="{path}" fill="none" stroke="{CARD}" stroke-width="{width + 5:g}"/>'
    line = (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
        f'stroke-linejoin="round"{dashed}{marker}/>'
    )
    return halo + line
