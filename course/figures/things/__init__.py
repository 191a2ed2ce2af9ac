"""The thing itself that a decoder writes, seen: a curve, an image, a ring, symbols, letters.

A task says in its file of which kind it is; one function draws a kind.
"""

from __future__ import annotations

from course.figures.drawing import Drawing
from course.figures.things.boxes import letters, symbols
from course.figures.things.curve import curve
from course.figures.things.image import image
from course.figures.things.lists import lists
from course.figures.things.ring import ring
from course.figures.things.writing import Writing, token_names

__all__ = ["KINDS", "STYLE", "Writing", "draw", "lists", "token_names"]

KINDS = {one.__name__: one for one in (curve, image, letters, ring, symbols)}

#: Beside `course.figures.chart.STYLE`, whose colours these use.
STYLE = """
.course-chart .rim { stroke: var(--jp-layout-color0, #fcfcfa); stroke-width: 4.8; fill: none; }
.course-chart .cross { stroke: var(--wrong); stroke-width: 2.4; fill: none; }
.course-chart .line.wrong { stroke: var(--wrong); stroke-dasharray: 3 3; }
.course-chart .line.thin { stroke-width: 1.2; }
.course-chart .open { fill: none; stroke-width: 1.6; }
.course-chart .wrongly { fill: var(--wrong); fill-opacity: 0.16; stroke: var(--wrong);
  stroke-width: 1.8; }
.course-chart .frame { stroke-width: 1.2; stroke-dasharray: none; fill-opacity: 0.1; }
.course-chart .frame.data { fill: var(--ink); fill-opacity: 0.05; }
.course-chart .frame.truth { fill: var(--truth); }
.course-chart .frame.own { fill: var(--own); }
.course-chart .frame.mixed { fill: var(--mixed); }
.course-chart .pixel { fill: var(--ink); stroke: var(--grid); stroke-width: 0.5; }
.course-chart text.title { font-weight: 600; }
.course-chart tspan.wrong, .course-chart text.wrong { fill: var(--wrong-text); font-weight: 700; }
"""


def draw(kind: str, writing: Writing) -> Drawing:
    """Draw what was written beside what was to be written.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    writing : Writing

    Raises
    ------
    ValueError
        For another kind; the message lists them.
    """
    if kind not in KINDS:
        raise ValueError(f"a kind of thing is one of {', '.join(KINDS)}; got {kind!r}")
    return KINDS[kind](writing)
