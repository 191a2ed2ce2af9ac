"""Levels over steps as a curve that leaves its track."""

from __future__ import annotations

import textwrap

import numpy as np

from course.figures.chart import Dots, Line, Panel, inner
from course.figures.drawing import Drawing, cross
from course.figures.things.writing import Writing

#: So many letters of who wrote it stand in a line beside the curve.
_LETTERS = 9


def curve(writing: Writing) -> Drawing:
    """Draw the truth, what was written, and a cross on each wrong level."""
    top = writing.classes - 1
    panel = Panel(
        writing.x_label,
        "level",
        (0, writing.length - 1),
        (0, top),
        width=620,
        height=230,
        labels_px=78,
    )
    t = np.arange(len(writing.truth))
    lines: list[Line | Dots] = [Line(t, writing.truth.astype(float), "data", writing.truth_label)]
    body = ""
    if writing.said is not None:
        said = writing.said.astype(float)
        label = "\n".join(textwrap.wrap(writing.label, _LETTERS))
        lines.append(Line(t, said, writing.role, label))
        lines.append(Dots(t[~writing.wrong], said[~writing.wrong], writing.role))
        at = zip(panel.x(t)[writing.wrong], panel.y(said)[writing.wrong], strict=True)
        body = "".join(cross(float(x), float(y)) for x, y in at)
    finding = writing.finding("levels", f"first wrong at step {writing.first}")
    alt = (
        f"Line chart of the level by step: the truth wide and pale, {writing.label} a narrow line "
        f"with dots, a cross on each wrong level. {finding}."
    )
    return Drawing(finding, alt, panel.width, panel.height, inner(panel, lines) + body)
