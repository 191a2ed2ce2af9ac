"""Diagrams are the same bytes each time, and say in letters what their colours say."""

import json
import xml.etree.ElementTree as ElementTree

import pytest

from course.figures import unrolled_svg
from course.figures.chart import Dots
from course.lessons import course_root, find_lessons
from course.maintain import charts, diagrams

SVG = "{http://www.w3.org/2000/svg}"


def words(drawing):
    return [element.text for element in ElementTree.fromstring(drawing).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", diagrams.diagrams())
def test_a_diagram_has_a_title_and_a_description(name):
    root = ElementTree.fromstring(diagrams.diagrams()[name])
    assert root.find(f"{SVG}title").text
    assert len(root.find(f"{SVG}desc").text) > 60


@pytest.mark.parametrize("name", diagrams.diagrams())
def test_no_text_runs_out_of_a_diagram(name):
    root = ElementTree.fromstring(diagrams.diagrams()[name])
    width = float(root.get("viewBox").split()[2])
    for element in root.iter(f"{SVG}text"):
        shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor")]
        # No letter of the fonts asked for is wider than 0.65 of its size on average.
        length = 0.65 * float(element.get("font-size")) * len(element.text)
        left = float(element.get("x")) - shift * length
        assert left > 0, element.text
        assert left + length < width, element.text


def test_the_files_in_the_repository_are_fresh(tmp_path):
    written = diagrams.generate(course_root(), tmp_path)
    assert {path.stem for path in written} == set(diagrams.diagrams()) | set(charts.charts())
    for path in written:
        assert (course_root() / path.relative_to(tmp_path)).read_bytes() == path.read_bytes()


def test_a_lesson_gets_the_diagrams_that_it_links_to_and_its_own_pictures_stay(tmp_path):
    lesson = tmp_path / "source" / "08_added" / "added.ipynb"
    lesson.parent.mkdir(parents=True)
    linked = "![a](images/teacher_forcing.svg) ![b](images/mine.svg)"
    cells = [{"cell_type": "markdown", "metadata": {}, "source": linked}]
    about = {"title": "", "summary": "", "difficulty": "", "minutes": 1, "functions": []}
    lesson.write_text(json.dumps({"cells": cells, "metadata": {"course": about}}))
    written = diagrams.generate(tmp_path, tmp_path / "out")
    assert {path.relative_to(tmp_path / "out").as_posix() for path in written} == {
        "docs/images/unrolled.svg",
        "source/08_added/images/teacher_forcing.svg",
    }


def test_each_step_is_fed_as_its_letter_says():
    said = words(unrolled_svg("TO", "a", "b"))
    assert said.count("T  the truth") == 1
    assert "target_seq[0]" in said
    assert said.count("O  its own") == 1
    assert "argmax(logits[1])" in said
    assert "x_start" in said


def test_free_running_knows_no_target():
    said = words(unrolled_svg("OO", "a", "b", targets=False))
    assert not any("target" in word for word in said)


def test_own_and_truth_differ_in_dashes_too():
    drawing = unrolled_svg("TO", "a", "b")
    own = [line for line in drawing.splitlines() if 'stroke="#D55E00"' in line]
    truth = [line for line in drawing.splitlines() if 'stroke="#0072B2"' in line]
    assert own
    assert all("stroke-dasharray" in line for line in own)
    assert truth
    assert not any("stroke-dasharray" in line for line in truth)


def test_the_chart_of_own_tokens_shows_an_interval_for_every_case_and_way():
    panel, marks = charts.own_tokens().panel, charts.own_tokens().marks
    low, high = panel.y_range
    shown = [mark for mark in marks if isinstance(mark, Dots)]
    assert [len(mark.y) for mark in shown] == [len(panel.x_names)] * 2
    for mark in shown:
        assert (mark.low > low).all()
        assert (mark.high < high).all()
    assert "symbols to frames -28.2" in charts.own_tokens().alt


def test_the_course_on_one_page_calls_each_lesson_by_its_number_and_name():
    said = words(diagrams.diagrams()["course_on_one_page"])
    named = [line.split("  ") for line in said if line[:1].isdigit() and "  " in line]
    lessons = find_lessons(course_root() / "source")
    assert named
    for (number, name), lesson in zip(named, lessons, strict=False):
        assert lesson.id.startswith(f"{int(number):02}_")
        assert lesson.title.startswith(name)
