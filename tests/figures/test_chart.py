"""Charts as SVG text: what is drawn lies where the axes say, and every picture has words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from course.figures import cards
from course.figures.chart import Chart, Dots, Line, Panel, ceiling, inner, ticks
from course.figures.sheet import cards_sheet, charts_sheet

PANEL = Panel("step", "divergence (nats)", (0, 10), (0, 2))
RISING = Line(np.arange(11), np.linspace(0, 2, 11), "own", "free\nrunning")


def points(svg: str, role: str) -> list[list[float]]:
    [path] = re.findall(rf'class="line {role}" d="M([^"]*)"', svg)
    return [[float(number) for number in pair.split()] for pair in path.split("L")]


def test_a_line_goes_from_corner_to_corner() -> None:
    svg = inner(PANEL, [RISING])
    found = points(svg, "own")
    assert len(found) == 11
    assert found[0] == [46.0, 180.0]
    assert found[-1] == [PANEL.width - PANEL.labels_px, 8.0]


def test_beyond_the_axis_a_line_runs_along_its_end() -> None:
    high = Line(np.array([0, 1]), np.array([1e9, -1e9]), "own")
    ys = [y for _, y in points(inner(PANEL, [high]), "own")]
    assert ys[0] > 0
    assert ys[1] < PANEL.height - 30


def test_what_is_not_finite_is_left_out() -> None:
    line = Line(np.arange(3), np.array([np.nan, 1.0, np.nan]), "own", "own")
    assert len(points(inner(PANEL, [line]), "own")) == 1
    empty = Line(np.arange(2), np.full(2, np.nan), "own", "own", np.full(2, np.nan), np.ones(2))
    assert 'class="line' not in inner(PANEL, [empty])
    assert "nan" not in inner(PANEL, [line, empty, Dots(np.zeros(1), np.full(1, np.nan), "own")])


def test_a_line_and_its_band_are_not_drawn_across_a_gap() -> None:
    y = np.array([np.nan, 1.0, 1.5, np.nan, np.nan, 0.5, 1.0, 1.0])
    svg = inner(PANEL, [Line(np.arange(8), y, "reference", "", y - 0.1, y + 0.1)])
    [line] = re.findall(r'class="line reference" d="([^"]*)"', svg)
    assert [piece.count("L") + 1 for piece in line.split("M")[1:]] == [2, 3]
    [band] = re.findall(r'class="band reference" d="([^"]*)"', svg)
    assert [piece.count("L") + 1 for piece in band.rstrip("Z").split("ZM")] == [4, 6]


def test_names_beside_the_lines_do_not_overlap_and_stay_on_the_picture() -> None:
    same = [Line(np.arange(2), np.zeros(2), "own", f"line {k}\nso called") for k in range(4)]
    svg = inner(PANEL, same)
    ys = [float(y) for y in re.findall(r'<text class="own" x="\d+" y="([\d.]+)"', svg)]
    assert len(ys) == 8
    assert min(np.diff(sorted(ys))) >= 13
    assert max(ys) < PANEL.height


def test_names_stand_beside_the_end_of_lines_that_end_early() -> None:
    low, high = PANEL.x_range
    places = []
    for end in (low + (high - low) / 4, high):
        line = Line(np.array([low, end, high]), np.array([0.0, 0.0, np.nan]), "own", "it")
        if end == high:
            line = Line(np.array([low, high]), np.zeros(2), "own", "it")
        [x] = re.findall(r'<text class="own" x="(\d+)"', inner(PANEL, [line]))
        places.append(float(x) - float(PANEL.x(np.array(end))))
    assert places == pytest.approx([6, 6], abs=0.5)


def test_dots_have_bars_where_a_spread_is_known() -> None:
    dots = Dots(np.array([1.0, 2.0]), np.ones(2), "mixed", low=np.zeros(2), high=np.full(2, 2.0))
    assert inner(PANEL, [dots]).count('class="bar mixed"') == 2


def test_axes_are_labelled_with_numbers_or_names() -> None:
    assert ">divergence (nats)<" in inner(PANEL, [])
    named = Panel("way", "nats", (0, 1), (0, 1), x_names=((0.0, "a"), (1.0, "b < c")))
    assert ">a</text>" in inner(named, [])
    assert ">b &lt; c</text>" in inner(named, [])


@pytest.mark.parametrize("high", [0.013, 0.7, 1, 7, 29, 100, 2000])
def test_ticks_are_few_round_and_within(high: float) -> None:
    found = ticks(0, high)
    assert 3 <= len(found) <= 8
    assert found[0] == 0
    assert found[-1] <= high * 1.0001
    assert ceiling(high) >= high * 0.999


def test_every_chart_has_its_words() -> None:
    chart = Chart('It\'s < 3 & "rising"', PANEL, [RISING], 'Line chart of "x" < 3.')
    root = ET.fromstring(chart.html())
    svg = root.find("svg")
    assert svg is not None
    assert svg.get("aria-label") == 'Line chart of "x" < 3.'
    assert svg.get("role") == "img"
    assert root.findtext("figcaption") == 'It\'s < 3 & "rising"'


def test_a_sheet_is_one_file_with_all_charts_and_their_words() -> None:
    chart = Chart("A finding that is long enough to need a second line of its own", PANEL, [], "Q.")
    root = ET.fromstring(charts_sheet("Title", [chart] * 4, columns=3))
    kind = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{kind}g/{kind}svg")) == 4
    assert root.findtext(f"{kind}desc") == "Q. Q. Q. Q."
    assert charts_sheet("Title", [chart]) == charts_sheet("Title", [chart])


CARDS = (["a", "b", "c", "d"], ["a", "x", "c", "y"], "STO=")


def test_a_card_shows_what_was_fed_by_letter_colour_and_dashes() -> None:
    html = cards.unrolled(*CARDS, step=3)
    assert "T a" in html
    assert "O x" in html
    assert "= c" in html
    assert html.count("✗") == 2
    assert "Wrong predictions so far: 2" in html


def test_a_sheet_of_cards_breaks_its_rows() -> None:
    root = ET.fromstring(cards_sheet("Title", ["a"] * 12, ["a"] * 12, "S" + "T" * 11, 11))
    kind = "{http://www.w3.org/2000/svg}"
    cards_drawn = root.findall(f"{kind}g/{kind}svg")
    assert len(cards_drawn) == 12 + 2
    assert len({card.get("y") for card in cards_drawn}) == 2


def found(finding: str) -> Chart:
    return Chart(finding, PANEL, [], "Nothing.")


def test_what_does_not_fit_on_a_sheet_is_refused() -> None:
    with pytest.raises(ValueError, match="a heading must fit"):
        charts_sheet("A heading of words " * 5, [found("Short")])
    with pytest.raises(ValueError, match="a finding must fit into two lines"):
        charts_sheet("Title", [found("A finding of words " * 7)])


def test_a_finding_is_not_broken_at_a_no_break_space() -> None:
    kept = "a value of\N{NO-BREAK SPACE}0.87"
    drawn = charts_sheet("Title", [found(f"{'x' * 40} {kept}")])
    assert f">{'x' * 40} a value<" in drawn
    assert ">of\N{NO-BREAK SPACE}0.87<" in drawn
