"""Line charts as SVG text: what the labs move, and what their static pictures are made of.

A browser draws text of some 10 kB in a few milliseconds; what matplotlib would draw into pixels
takes ten times as long. All that does not depend on the lines, axes and words, is made once and
kept. Colours are CSS classes (`STYLE`), so that the same text suits a light and a dark page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import Literal, NamedTuple

import numpy as np

from course.figures.drawing import figure_html
from course.figures.style import FREE_RUNNING, SCHEDULED_SAMPLING, TEACHER_FORCING

#: What a line stands for; the name is its CSS class. ``data`` are the right tokens themselves.
Role = Literal["data", "truth", "own", "mixed", "reference"]
#: One way of feeding is one colour, in each lab and picture: the truth, its own tokens, or both. It
#: is that of the run where runs are compared, and that of the training where trainings are.
FORCED: Role = "truth"
FREE: Role = "own"
MIXED: Role = "mixed"


def role_of(sampling_prob: float | None) -> Role:
    """Return how a way is drawn that feeds its own tokens with this probability, None for any.

    >>> role_of(0.0), role_of(0.25), role_of(1.0), role_of(None)
    ('truth', 'mixed', 'own', 'mixed')
    """
    return {0.0: FORCED, 1.0: FREE}.get(-1.0 if sampling_prob is None else sampling_prob, MIXED)


#: The same colours as in every figure of the course, doubled by the dashes.
STYLE = f"""
.course-chart {{ font-family: 'Segoe UI', 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif;
  --ink: var(--jp-content-font-color1, #1f2328); --grid: var(--jp-border-color2, #d0d4d9);
  --truth: {TEACHER_FORCING.color}; --own: {FREE_RUNNING.color};
  --mixed: {SCHEDULED_SAMPLING.color}; --truth-text: #005f95; --own-text: #a84900;
  --mixed-text: #00734f; --wrong: #b0206b; --wrong-text: #9c1a5e; }}
[data-jp-theme-light="false"] .course-chart {{ --truth-text: #6cb8ea; --own-text: #f59a5b;
  --mixed-text: #4fc9a4; --truth: #3a97d3; --wrong: #f06fb0; --wrong-text: #ff9acb; }}
.course-chart text {{ fill: var(--ink); font-size: 12px; }}
.course-chart .axis {{ stroke: var(--ink); stroke-width: 1; fill: none; }}
.course-chart .grid {{ stroke: var(--grid); stroke-width: 1; fill: none; }}
.course-chart .line {{ fill: none; stroke-width: 2.2; stroke-linejoin: round; }}
.course-chart .band {{ stroke: none; opacity: 0.2; }}
.course-chart .data {{ stroke: var(--ink); }}
.course-chart .line.data {{ stroke-width: 7; opacity: 0.28; }}
.course-chart .truth {{ stroke: var(--truth); }}
.course-chart .own {{ stroke: var(--own); stroke-dasharray: 7 4; }}
.course-chart .mixed {{ stroke: var(--mixed); stroke-dasharray: 9 3 2 3; }}
.course-chart .reference {{ stroke: var(--ink); stroke-dasharray: 2 4; }}
.course-chart .band.truth, .course-chart .dot.truth {{ fill: var(--truth); }}
.course-chart .band.own, .course-chart .dot.own {{ fill: var(--own); }}
.course-chart .band.mixed, .course-chart .dot.mixed {{ fill: var(--mixed); }}
.course-chart .band.reference, .course-chart .dot.reference {{ fill: var(--ink); }}
.course-chart .dot, .course-chart .bar {{ stroke-dasharray: none; stroke-width: 1.6; }}
.course-chart text.truth {{ fill: var(--truth-text); stroke: none; }}
.course-chart text.own {{ fill: var(--own-text); stroke: none; }}
.course-chart text.mixed {{ fill: var(--mixed-text); stroke: none; }}
.course-chart text.reference, .course-chart text.data {{ stroke: none; }}
"""

_LEFT, _TOP, _BOTTOM = 46, 8, 40
_LINE_PX = 13.5


@dataclass(frozen=True)
class Panel:
    """The axes of a chart.

    Attributes
    ----------
    x_label, y_label : str
        With their units.
    x_range, y_range : (float, float)
        What the axes span; they stay while the lines move.
    width, height : int
        In pixels.
    labels_px : int
        Room for the names of lines at the right.
    x_names : tuple of (float, str)
        Names along the x axis in place of numbers.
    """

    x_label: str
    y_label: str
    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: int = 408
    height: int = 220
    labels_px: int = 66
    x_names: tuple[tuple[float, str], ...] = ()

    def x(self, values: np.ndarray) -> np.ndarray:
        """Return where values lie across, in pixels."""
        low, high = self.x_range
        return _LEFT + (np.asarray(values) - low) / (high - low) * self._across

    def y(self, values: np.ndarray) -> np.ndarray:
        """Return where values lie down, in pixels; beyond the axis is at its end."""
        low, high = self.y_range
        part = np.clip((np.asarray(values) - low) / (high - low), -0.02, 1.02)
        return self.height - _BOTTOM - part * (self.height - _BOTTOM - _TOP)

    @property
    def _across(self) -> float:
        return self.width - _LEFT - self.labels_px


@dataclass(frozen=True)
class Line:
    """A line, by name drawn beside its right end; NaN leaves a gap.

    Attributes
    ----------
    x, y : array (N,)
    role : Role
    label : str
    low, high : array (N,), optional
        Where its band ends.
    """

    x: np.ndarray
    y: np.ndarray
    role: Role
    label: str = ""
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True)
class Dots:
    """Points, each with its own bar where `low` and `high` are given; `large` for the present."""

    x: np.ndarray
    y: np.ndarray
    role: Role
    large: bool = False
    low: np.ndarray | None = None
    high: np.ndarray | None = None


@dataclass(frozen=True)
class Chart:
    """A chart with the finding that stands above it, and the words for those who cannot see it."""

    finding: str
    panel: Panel
    marks: Sequence[Line | Dots]
    alt: str

    @property
    def width(self) -> int:
        """In pixels."""
        return self.panel.width

    @property
    def height(self) -> int:
        """In pixels."""
        return self.panel.height

    def inner(self) -> str:
        """Return what stands inside the SVG element."""
        return inner(self.panel, self.marks)

    def html(self) -> str:
        """Return an HTML figure."""
        return figure_html(self)


def inner(panel: Panel, marks: Sequence[Line | Dots]) -> str:
    """Return what stands inside the SVG element: axes, bands, lines, points, names."""
    parts = [_frame(panel)]
    parts += [_band(panel, mark) for mark in marks if isinstance(mark, Line)]
    parts += [
        _line(panel, mark) if isinstance(mark, Line) else _dots(panel, mark) for mark in marks
    ]
    parts.append(_names(panel, [mark for mark in marks if isinstance(mark, Line) and mark.label]))
    return "".join(parts)


def ceiling(value: float) -> float:
    """Return a round number not below a value, for the end of an axis.

    >>> ceiling(0.13), ceiling(2.3)
    (0.15, 2.5)
    """
    value = max(float(value), 1e-3)
    power = 10.0 ** np.floor(np.log10(value))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return float(round(next(power * k for k in steps if power * k >= value * 0.999), 6))


def ticks(low: float, high: float, at_most: int = 6) -> list[float]:
    """Return round numbers within a range.

    >>> ticks(0, 1)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> ticks(0, 29)
    [0.0, 5.0, 10.0, 15.0, 20.0, 25.0]
    """
    raw = (high - low) / at_most
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(power * k for k in (1, 2, 5, 10) if power * k * at_most >= (high - low) * 0.999)
    first = int(np.ceil(low / step - 1e-9))
    last = int(np.floor(high / step + 1e-9))
    return [round(float(k * step), 10) for k in range(first, last + 1)]


@lru_cache(maxsize=256)
def _frame(panel: Panel) -> str:
    """Draw what does not depend on the lines."""
    bottom, right = panel.height - _BOTTOM, panel.width - panel.labels_px
    parts = []
    for value in ticks(*panel.y_range, at_most=5):
        y = float(panel.y(np.array(value)))
        parts.append(f'<path class="grid" d="M{_LEFT} {y:.1f}H{right}"/>')
        parts.append(
            f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:g}</text>',
        )
    for value, name in panel.x_names or [(at, f"{at:g}") for at in ticks(*panel.x_range)]:
        x = float(panel.x(np.array(value)))
        parts.append(f'<path class="axis" d="M{x:.1f} {bottom}v4"/>')
        parts.append(
            f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{escape(name)}</text>',
        )
    parts.append(f'<path class="axis" d="M{_LEFT} {_TOP}V{bottom}H{right}"/>')
    middle_x, middle_y = (_LEFT + right) / 2, (_TOP + bottom) / 2
    parts.append(
        f'<text x="{middle_x:g}" y="{panel.height - 6}" text-anchor="middle">'
        f"{escape(panel.x_label)}</text>"
        f'<text transform="translate(12 {middle_y:g}) rotate(-90)" text-anchor="middle">'
        f"{escape(panel.y_label)}</text>"
    )
    return "".join(parts)


def _points(panel: Panel, x: np.ndarray, y: np.ndarray) -> str:
    pairs = zip(panel.x(x).tolist(), panel.y(y).tolist(), strict=True)
    return "L".join(f"{across:.1f} {down:.1f}" for across, down in pairs)


def _pieces(there: np.ndarray) -> list[slice]:
    """Return where a line goes on without a gap."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(int)))
    return [slice(first, last) for first, last in zip(ends[::2], ends[1::2], strict=True)]


def _line(panel: Panel, line: Line) -> str:
    pieces = _pieces(np.isfinite(line.y))
    path = "M".join(_points(panel, line.x[piece], line.y[piece]) for piece in pieces)
    return f'<path class="line {line.role}" d="M{path}"/>' if path else ""


def _band(panel: Panel, line: Line) -> str:
    if line.low is None or line.high is None:
        return ""
    path = ""
    for piece in _pieces(np.isfinite(line.low) & np.isfinite(line.high)):
        x = np.concatenate([line.x[piece], line.x[piece][::-1]])
        y = np.concatenate([line.high[piece], line.low[piece][::-1]])
        path += f"M{_points(panel, x, y)}Z"
    return f'<path class="band {line.role}" d="{path}"/>' if path else ""


def _dots(panel: Panel, dots: Dots) -> str:
    parts = []
    x, y = panel.x(dots.x).tolist(), panel.y(dots.y).tolist()
    if dots.low is not None and dots.high is not None:
        low, high = panel.y(dots.low).tolist(), panel.y(dots.high).tolist()
        for across, begin, end in zip(x, low, high, strict=True):
            parts.append(f'<path class="bar {dots.role}" d="M{across:.1f} {begin:.1f}V{end:.1f}"/>')
    radius = 6 if dots.large else 2.6
    for across, down in zip(x, y, strict=True):
        if np.isfinite(down):
            parts.append(
                f'<circle class="dot {dots.role}" cx="{across:.1f}" cy="{down:.1f}" r="{radius}"/>'
            )
    return "".join(parts)


class _Name(NamedTuple):
    middle: float
    role: Role
    words: list[str]

    @property
    def height(self) -> float:
        return len(self.words) * _LINE_PX


def _names(panel: Panel, lines: list[Line]) -> str:
    """Write each line's name beside its end, moved apart where they would overlap."""
    names, x = [], float(_LEFT)
    for line in lines:
        there = np.flatnonzero(np.isfinite(line.y))
        if there.size:
            middle = float(panel.y(line.y[there[-1]]))
            names.append(_Name(middle, line.role, line.label.split("\n")))
            x = max(x, float(panel.x(line.x[there[-1]])))
    names.sort(key=lambda name: name.middle)
    tops, below = [], float(_TOP)
    for name in names:
        tops.append(max(below, name.middle - name.height / 2))
        below = tops[-1] + name.height
    limit = panel.height - _BOTTOM + 10.0
    for k in reversed(range(len(names))):  # those that would end below the axis go up again
        tops[k] = min(tops[k], limit - names[k].height)
        limit = tops[k]
    x = min(x, panel.width - panel.labels_px) + 6  # where the longest ends, though that is early
    return "".join(
        f'<text class="{name.role}" x="{x:.0f}" y="{top + (k + 0.8) * _LINE_PX:.1f}">'
        f"{escape(words)}</text>"
        for top, name in zip(tops, names, strict=True)
        for k, words in enumerate(name.words)
    )
