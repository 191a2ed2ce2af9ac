"""The report's plots, drawn by matplotlib and made part of a page as SVG."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from course.figures.style import in_style
from course.grading.report.tables import N_BINS
from course.grading.report.text import printable

#: Seen well on light and on dark ground: the contrast is 4 on either.
_BAR = "#6f8299"
#: Stands for "the colour of the text around", which matplotlib has no word for.
_TEXT_COLOR = "#010203"
_WIDTH_IN = 4.6
#: Characters that fit into a line of that width.
_LINE = 58


def new_axes(height_in: float) -> Any:
    """Return the axes of a new figure that nothing else knows of."""
    from matplotlib.figure import Figure

    with in_style():
        return Figure(figsize=(_WIDTH_IN, height_in), layout="constrained").add_subplot()


def draw_marks(tests: Sequence[int], totals: Sequence[int] | None = None, ax: Any = None) -> Any:
    """Draw how many students have which share of the points.

    Parameters
    ----------
    tests : sequence of int
        Counts of `course.grading.report.tables.bin_counts`, points of the tests.
    totals : sequence of int, optional
        The same of all points.
    ax : Axes, optional
        Where to draw; new ones where not given.
    """
    ax = new_axes(2.9) if ax is None else ax
    places = range(N_BINS)
    bars = ax.bar(places, tests, color=_BAR, width=0.82, label="points of the tests")
    ax.bar_label(bars, [str(n) if n else "" for n in tests], padding=2, color=_TEXT_COLOR)
    if totals is not None:
        ax.plot(places, totals, color=_TEXT_COLOR, ls=":", marker="o", ms=4, label="all points")
        ax.legend(
            loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False, labelcolor=_TEXT_COLOR
        )
    ax.set_xticks(places, [*(f"{10 * i}–" for i in places[:-1]), "100"], fontsize=8.5)
    ax.set_xlabel("share of the points, %")
    ax.set_ylabel("students")
    ax.set_ylim(0, max(1, *tests, *(totals or ())) * 1.18)
    ax.yaxis.get_major_locator().set_params(integer=True)
    return ax


def draw_bars(
    labels: Sequence[str],
    values: Sequence[float],
    notes: Sequence[str],
    most: float,
    ax: Any = None,
) -> Any:
    """Draw horizontal bars, each with its label above it and a note at its end.

    Parameters
    ----------
    labels, notes : sequence of str
        One for each bar.
    values : sequence of float
        Their lengths.
    most : float
        The longest that a bar can be.
    ax : Axes, optional
        Where to draw; new ones where not given.
    """
    above = [_two_lines(label) for label in labels]
    pitch = 0.62 if any("\n" in label for label in above) else 0.48
    ax = new_axes(0.2 + pitch * len(labels)) if ax is None else ax
    places = range(len(labels))
    ax.barh(places, values, height=0.16 / pitch, color=_BAR)
    look = {"textcoords": "offset points", "fontsize": 9.5, "color": _TEXT_COLOR}
    for place, (label, value, note) in enumerate(zip(above, values, notes, strict=True)):
        ax.annotate(label, (0, place), (2, 8), va="bottom", **look)
        ax.annotate(note, (value, place), (4, 0), va="center", **look)
    ax.set(xlim=(0, 1.16 * most), ylim=(len(labels) - 0.7, -0.85), yticks=[], xticks=[])
    ax.spines[["bottom", "left"]].set_visible(False)
    ax.axvline(0, color=_TEXT_COLOR, lw=0.8)
    return ax


def _two_lines(label: str) -> str:
    """Return a text in at most two lines; what does not fit is left out."""
    return "\n".join(textwrap.wrap(printable(label), _LINE, max_lines=2, placeholder=" …"))


def svg(ax: Any, name: str, title: str, description: str) -> Markup:
    """Return a figure as SVG that can stand in a page beside others, light or dark.

    Parameters
    ----------
    ax : Axes
        Of the figure.
    name : str
        Goes before all ids, so that two pictures in a page share none.
    title, description : str
        What it is, and its alternative text.
    """
    import matplotlib

    figure = ax.figure
    for spine in ax.spines.values():
        spine.set_edgecolor(_TEXT_COLOR)
    ax.tick_params(colors=_TEXT_COLOR)
    ax.xaxis.label.set_color(_TEXT_COLOR)
    ax.yaxis.label.set_color(_TEXT_COLOR)
    out = io.StringIO()
    plain = {"svg.fonttype": "none", "svg.hashsalt": name, "text.parse_math": False}
    with matplotlib.rc_context(plain):
        for text in figure.findobj(lambda artist: hasattr(artist, "set_parse_math")):
            text.set_parse_math(False)
        figure.savefig(out, format="svg", transparent=True, metadata={"Date": None})
    return _for_a_page(out.getvalue(), name, title, description)


def _for_a_page(drawn: str, name: str, title: str, description: str) -> Markup:
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"\s*<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r'\bid="', f'id="{name}-', drawn)
    drawn = re.sub(r"url\(#", f"url(#{name}-", drawn)
    drawn = re.sub(r'href="#', f'href="#{name}-', drawn)
    drawn = drawn.replace(_TEXT_COLOR, "currentColor")
    size = re.search(r'viewBox="[^"]*"', drawn)
    opening = Markup(
        '<svg role="img" aria-labelledby="{name}-title {name}-desc" {size} '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        '<title id="{name}-title">{title}</title><desc id="{name}-desc">{description}</desc>'
    ).format(
        name=name,
        size=Markup(size.group() if size else ""),
        title=title,
        description=description,
    )
    return Markup(re.sub(r"<svg\b[^>]*>", lambda _: opening, drawn, count=1))
