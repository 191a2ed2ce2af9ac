"""The page of measurements says how many of its intervals are wrong by chance."""

from __future__ import annotations

import re

from course.lessons import course_root

PAGE = course_root() / "docs" / "exposure_bias.md"


def test_as_many_intervals_are_said_to_miss_as_one_in_twenty_does() -> None:
    text = PAGE.read_text(encoding="utf-8")
    said = re.search(r"This page has (\d+) of them, so about (\d+) are", text)
    intervals = re.findall(r"± [\d.]+(?: %)?<!--result", text)
    assert said
    assert [int(number) for number in said.groups()] == [len(intervals), round(len(intervals) / 20)]
