"""The thing itself is drawn from tokens, and what is wrong has a sign beside its colour."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from course.figures import things
from course.figures.drawing import figure_html
from course.figures.sheet import charts_sheet
from course.figures.things import KINDS, Writing, draw
from course.tasks import TASKS, shown

T, CLASSES = 9, 4
TRUTH = np.array([0, 1, 2, 3, 0, 1, 2, 3, 0])
SAID = np.array([0, 1, 2, 0, 0, 1, 2, 3, 1])
GIVEN = np.full(7, 0.5)  # a square of 16 pixels


def crosses(kind: str, **changed: object) -> int:
    """Count the crosses on wrong tokens, without that of a key."""
    writing = Writing(**{"truth": TRUTH, "said": SAID, "classes": CLASSES, **changed})
    body = draw(kind, writing).body
    return body.count('class="cross"') - ("wrong</text>" in body)


@pytest.mark.parametrize("kind", KINDS)
def test_each_wrong_token_has_a_cross_and_no_right_one(kind: str) -> None:
    assert crosses(kind, features=GIVEN) == 2
    assert crosses(kind, said=TRUTH, features=GIVEN) == 0
    assert crosses(kind, said=(TRUTH + 1) % CLASSES, features=GIVEN) == T


@pytest.mark.parametrize("kind", KINDS)
def test_finding_and_words_for_who_cannot_see_it_say_where_it_goes_wrong_and_how_often(
    kind: str,
) -> None:
    drawn = draw(kind, Writing(TRUTH, SAID, CLASSES, features=GIVEN))
    where = "row 2" if kind == "image" else "step 3"
    assert re.fullmatch(rf"This run: .* {where}.*, 2 of 9 \w+ wrong", drawn.finding)
    assert drawn.alt.endswith(f"{drawn.finding}.")
    assert "cross" in drawn.alt
    right = draw(kind, Writing(TRUTH, TRUTH, CLASSES, features=GIVEN))
    assert re.fullmatch(r"This run: 9 of 9 \w+ right", right.finding)


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_run_the_truth_stands_alone(kind: str) -> None:
    drawn = draw(kind, Writing(TRUTH, None, CLASSES, features=GIVEN))
    assert "The truth alone" in drawn.finding
    assert "mixed" not in drawn.body
    assert 'class="cross"' not in drawn.body


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_reached_yet_is_not_drawn_and_leaves_its_place(kind: str) -> None:
    whole = draw(kind, Writing(TRUTH, TRUTH, CLASSES, features=GIVEN))
    part = draw(kind, Writing(TRUTH[:4], SAID[:4], CLASSES, steps=T, features=GIVEN))
    assert part.finding.endswith(", 1 of 4 " + part.finding.split()[-2] + " wrong")
    assert (part.width, part.height) == (whole.width, whole.height)
    assert len(part.body) < len(whole.body)


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_well_formed_and_stays_within_its_size(kind: str) -> None:
    drawn = draw(kind, Writing(TRUTH, SAID, CLASSES, features=GIVEN))
    svg = ET.fromstring(figure_html(drawn)).find("svg")
    assert svg is not None
    assert svg.get("aria-label") == drawn.alt
    for one in svg.iter():
        for name, most in (("x", drawn.width), ("cx", drawn.width), ("y", drawn.height)):
            assert 0 <= float(one.get(name, 0)) <= most


def test_a_curve_is_where_its_axis_says() -> None:
    body = draw("curve", Writing(np.array([0, 3]), np.array([3, 0]), 4)).body
    truth, said = (
        re.findall(rf'class="line {role}" d="M([^"]*)"', body) for role in ("data", "mixed")
    )
    low, high = (pair.split()[1] for pair in truth[0].split("L"))
    assert [pair.split()[1] for pair in said[0].split("L")] == [high, low]
    assert float(low) > float(high)  # down is more on a screen


def test_a_pixel_is_as_dark_as_its_level() -> None:
    body = draw("image", Writing(np.array([0, 3]), None, 4, features=np.array([-0.5, 0.5]))).body
    dark = re.findall(r'fill-opacity="([\d.]+)" d="([^"]+)"', body)
    places = {opacity: re.findall(r"M(\d+ \d+)", path) for opacity, path in dark}
    assert places == {"0.00": ["8 22", "8 44"], "1.00": ["30 22", "30 44"]}


def test_a_wrong_place_on_a_ring_is_joined_with_the_right_one_by_the_shorter_arc() -> None:
    def turns(said: int) -> str:
        body = draw("ring", Writing(np.array([0]), np.array([said]), 8, steps=2)).body
        return re.findall(r"A34\.0 34\.0 0 0 (\d)", body)[0]

    assert (turns(1), turns(7)) == ("1", "0")


def test_tokens_are_written_as_their_kind_says() -> None:
    assert ">B</text>" in draw("symbols", Writing(np.array([1]), None, 3)).body
    assert ">b</text>" in draw("letters", Writing(np.array([2]), None, 27)).body
    assert ">29</text>" in draw("symbols", Writing(np.array([29]), None, 40)).body


def test_an_unknown_kind_names_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="one of curve, image, letters, ring, symbols; got 'bar'"):
        draw("bar", Writing(TRUTH, None, CLASSES))


@pytest.mark.parametrize("task", TASKS)
def test_every_task_is_of_a_kind_that_can_be_drawn(task: str) -> None:
    assert shown(task).kind in KINDS
    assert shown(task).short


def test_every_class_of_a_thing_has_a_style() -> None:
    for used in ("cross", "rim", "open", "wrongly", "frame", "pixel", "thin"):
        assert f".{used} " in things.STYLE


def test_on_a_sheet_the_thing_stands_above_its_measures() -> None:
    thing = draw("curve", Writing(TRUTH, SAID, CLASSES))
    root = ET.fromstring(charts_sheet("Title", [thing, thing], things=[thing]))
    kind = "{http://www.w3.org/2000/svg}"
    ys = [float(one.get("y", 0)) for one in root.findall(f"{kind}g/{kind}svg")]
    assert ys[0] < ys[1] == ys[2]
