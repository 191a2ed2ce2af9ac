"""Still pictures of the labs: the same charts and cards as SVG files, for whoever has no kernel."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from course.figures import cards, chart, things
from course.figures.drawing import Drawing, Picture
from course.figures.svg import CARD, EDGE

_MARGIN, _HEADING, _CAPTION = 18, 40, 40
_PER_ROW = 10
#: What a letter of the heading takes at most, on average.
_LETTER_PX = 10
#: What a letter of a finding takes at most, on average.
_BOLD_PX = 8
#: Where a style gives a colour its name.
_VARIABLE = re.compile(r"(--[\w-]+): ([^;]+); ?")


def charts_sheet(
    title: str, charts: Sequence[Picture], columns: int = 3, things: Sequence[Drawing] = ()
) -> str:
    """Return an SVG file with charts side by side, each below what it finds.

    Parameters
    ----------
    title : str
        Stands above them all, and is the name of the picture.
    charts : sequence of Picture
        Their alt texts together are the picture's description.
    columns : int, optional
    things : sequence of Drawing, optional
        What the charts are measures of: stands above them, one below the other.
    """
    body, widths, bottom = [], [0], _HEADING
    for rows in ([[one] for one in things], _in_rows(charts, columns)):
        for row in rows:
            x, width = _MARGIN, max(one.width for one in row)
            for one in row:
                body.append(_placed(one, x, bottom))
                x += width + 12
            widths.append(x - 12 + _MARGIN)
            bottom += max(one.height for one in row) + _CAPTION + 14
    described = " ".join(one.alt for one in (*things, *charts))
    return _document(max(widths), bottom, title, described, body)


def _in_rows(charts: Sequence[Picture], columns: int) -> list[Sequence[Picture]]:
    return [charts[k : k + columns] for k in range(0, len(charts), columns)]


def _placed(one: Picture, x: int, y: int) -> str:
    """Draw a picture below its finding."""
    lines = _broken(one.finding, one.width // _BOLD_PX)
    if len(lines) > 2:
        raise ValueError(f"a finding must fit into two lines; got {one.finding!r}")
    words = "".join(
        f'<text x="{x + 8}" y="{y + 16 + 16 * row}" style="font-weight:600">{escape(line)}</text>'
        for row, line in enumerate(lines)
    )
    return (
        f'{words}<svg x="{x}" y="{y + _CAPTION}" width="{one.width}" height="{one.height}">'
        f"{one.inner()}</svg>"
    )


def cards_sheet(title: str, truth: Sequence[str], said: Sequence[str], fed: str, step: int) -> str:
    """Return an SVG file of the unrolled decoder; see `course.figures.cards.unrolled`."""
    html = cards.unrolled(truth, said, fed, step)
    found = re.search(r'aria-label="([^"]*)"', html)
    names, *steps = re.findall(r"<svg.*?</svg>", html)
    body = []
    for k, card in enumerate(steps):
        row, column = divmod(k, _PER_ROW)
        y = _HEADING + row * (cards.HEIGHT + 8)
        if column == 0:
            body.append(names.replace("<svg", f'<svg x="{_MARGIN}" y="{y}"', 1))
        x = _MARGIN + 68 + column * cards.WIDTH
        body.append(card.replace("<svg", f'<svg x="{x}" y="{y}"', 1))
    rows = -(-len(steps) // _PER_ROW)
    width = 2 * _MARGIN + 68 + min(len(steps), _PER_ROW) * cards.WIDTH
    height = _HEADING + rows * (cards.HEIGHT + 8) + 12
    text = found[1] if found else title
    return _document(width, height, title, text, body, ' class="course-cards"')


def _broken(words: str, at_most: int) -> list[str]:
    """Return lines of at most so many letters, broken at spaces but at no no-break space."""
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) > at_most and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _in_light(style: str) -> str:
    """Return a style with the colours that its variables stand for on a light page.

    A sheet lies on a light card in every theme, and few programs that draw SVG know variables.
    """
    style = re.sub(r"\[data-jp-theme-light[^{]*{[^}]*} ?", "", style)
    style = re.sub(r"var\(--jp-[\w-]+, ([^)]+)\)", r"\1", style)
    colours = dict(_VARIABLE.findall(style))
    return re.sub(r"var\((--[\w-]+)\)", lambda use: colours[use[1]], _VARIABLE.sub("", style))


def _document(
    width: float, height: float, title: str, description: str, body: list[str], inside: str = ""
) -> str:
    if (needed := 2 * _MARGIN + _LETTER_PX * len(title)) > width:
        raise ValueError(f"a heading must fit: {title!r} may take {needed} of {width} pixels")
    style = _in_light(re.sub(r"\s+", " ", chart.STYLE + cards.STYLE + things.STYLE))
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" role="img" aria-labelledby="title desc" '
            'class="course-chart">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="desc">{escape(description, quote=False)}</desc>',
            f"<style>{style}</style>",
            f'<rect x="0.5" y="0.5" width="{width - 1}" height="{height - 1}" rx="10" '
            f'fill="{CARD}" stroke="{EDGE}"/>',
            f'<text x="{_MARGIN + 2}" y="28" style="font-size:16px;font-weight:600">'
            f"{escape(title)}</text>",
            f"<g{inside}>",
            *body,
            "</g>",
            "</svg>",
            "",
        ]
    )
