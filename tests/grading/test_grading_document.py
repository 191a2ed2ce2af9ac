"""docs/grading.md says what is so: its files exist, and its defaults are the judge's."""

from __future__ import annotations

import re

import pytest

from course.grading.report.tables import ALL
from course.grading.steps.execute import Judge
from course.lessons import course_root

DOCUMENT = (course_root() / "docs" / "grading.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return DOCUMENT.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def test_every_file_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:tests|docs|course|source)/[\w./]*)`", DOCUMENT)
    assert "tests/grading/test_class_report.py" in named
    paths = [path for path in named if "NN_lesson" not in path]
    missing = [path for path in paths if not (course_root() / path).exists()]
    assert not missing


def test_every_limit_is_listed_with_its_default() -> None:
    listed = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", section("Limits"), flags=re.MULTILINE))
    own = set(Judge.class_own_traits(config=True))
    assert set(listed) == own
    for name, default in listed.items():
        assert default == str(getattr(Judge(), name)), name


def test_every_csv_file_of_the_report_is_listed() -> None:
    described = set(re.findall(r"`(\w+)\.csv`", section("The class report")))
    assert len(described) == len(ALL)


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(#([\w-]+)\)", DOCUMENT))))
def test_every_link_inside_it_has_its_heading(link: str) -> None:
    headings = re.findall(r"^#+ (.+)$", DOCUMENT, flags=re.MULTILINE)
    assert link in {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}


def test_every_threat_says_where_it_is_tested_or_that_it_is_not() -> None:
    rows = re.findall(r"^\| (?:a|an|the|chance)\b.*$", section("Threat model"), flags=re.MULTILINE)
    assert len(rows) > 10
    for row in rows:
        stops, tested = row.strip("|").split("|")[2:]
        assert tested.strip() or "**nothing**" in stops, row
