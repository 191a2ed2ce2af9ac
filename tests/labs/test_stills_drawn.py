"""No letter of a lab's picture is cut off: what is written stays inside what is drawn."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from course import labs
from course.figures import things
from course.figures.drawing import svg_html
from course.labs.training.state import LABELS

SVG = "{http://www.w3.org/2000/svg}"
#: The classes of a task of each kind, and the features that an image stands below.
KINDS = {"symbols": 12, "letters": 27, "ring": 12, "curve": 16, "image": 4}


def length(words: str, style: str) -> float:
    """Return how long words are in the widest of the fonts that a picture names."""
    size = re.search(r"font-size:\s*([\d.]+)px", style)
    font = FontProperties(
        family="DejaVu Sans",
        size=float(size[1]) if size else 12.0,
        weight="bold" if "font-weight" in style else "normal",
    )
    width, _, _ = TextToPath().get_text_width_height_descent(words, font, ismath=False)
    return float(width)


def outside(svg: ET.Element, usual: str = "start") -> list[str]:
    """Return the words that begin left of an SVG or end right of it, of those in it too."""
    if "viewBox" in svg.attrib:
        wide = float(svg.attrib["viewBox"].split()[2])
    else:
        wide = float(svg.attrib["width"])
    found: list[str] = []

    def look(element: ET.Element, usual: str) -> None:
        if element.get("class") == "course-cards":
            usual = "middle"
        for one in element:
            if one.tag.removeprefix(SVG) == "svg":
                found.extend(outside(one, usual))
            elif one.tag.removeprefix(SVG) == "text" and "transform" not in one.attrib:
                words, style = "".join(one.itertext()), one.get("style", "")
                anchor = one.get("text-anchor") or style.partition("text-anchor:")[2] or usual
                part = {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor.split(";")[0]]
                left = float(one.attrib["x"]) - part * length(words, style)
                if left < 0 or left + length(words, style) > wide:
                    found.append(words)
            elif "transform" not in one.attrib:
                look(one, usual)

    look(svg, usual)
    return found


@pytest.mark.parametrize("name", labs.STILLS)
def test_the_words_of_a_still_picture_stay_inside(name: str) -> None:
    assert outside(ET.fromstring(labs.STILLS[name]())) == []


@pytest.mark.parametrize("label", ["this run", *LABELS])
@pytest.mark.parametrize("kind", KINDS)
def test_who_wrote_a_thing_stays_inside(kind: str, label: str) -> None:
    classes = KINDS[kind]
    truth, features = np.arange(40) % classes, np.zeros(24)
    writing = things.Writing(truth, truth[::-1], classes, label, features=features)
    drawn = things.draw(kind, writing)
    svg = svg_html(drawn.width, drawn.height, drawn.alt, drawn.inner())
    assert outside(ET.fromstring(svg)) == []
