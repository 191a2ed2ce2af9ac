"""One way of feeding is one colour, in every lab and picture."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from course import labs
from course.figures.chart import FORCED, FREE, MIXED
from course.maintain.charts import charts

#: What pictures call a way of feeding, or of training, beside what they draw of it.
DRAWN = {
    "teacher forcing": FORCED,
    "true prefix": FORCED,
    "fed the truth": FORCED,
    "forced run": FORCED,
    "free running": FREE,
    "running free": FREE,
    "free run": FREE,
    "run free": FREE,
    "own prefix": FREE,
    "all own tokens": FREE,
    "half own tokens": MIXED,
    "truth": "data",
}
PICTURES = {**labs.STILLS, "charts": None}


def names(svg: str) -> Iterator[tuple[str, str]]:
    """Yield the class and the words of each name in a picture, of which each line is a text."""
    words, role, at = "", "", ""
    for one in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text"):
        here = one.get("class") or "", one.get("x") or ""
        if here == (role, at) and role:
            words += f" {one.text}"
            continue
        yield role, words
        (role, at), words = here, "".join(one.itertext())
    yield role, words


@pytest.mark.parametrize("name", PICTURES)
def test_a_way_is_called_by_its_name_in_its_colour_alone(name: str) -> None:
    still = PICTURES[name]
    for svg in [still()] if still else charts().values():
        for role, words in names(svg):
            for way in re.findall("|".join(DRAWN), words if role else ""):
                assert role == DRAWN[way], words
