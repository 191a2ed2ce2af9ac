"""The badges that open lessons in Colab from somebody's copy of the course on GitHub."""

from __future__ import annotations

import re

import pytest

from course.lessons import course_root, find_lessons
from course.maintain.badges import badges, main

LESSONS = find_lessons(course_root() / "release")


def test_each_lesson_has_a_badge_that_leads_to_its_file() -> None:
    made = badges(course_root(), "someone/a-copy", "term-2")
    assert len(made) == len(LESSONS)
    for line, lesson in zip(made, LESSONS, strict=True):
        found = re.search(r"\]\(https://colab\S+/github/someone/a-copy/blob/term-2/(\S+)\)", line)
        assert found is not None
        assert course_root() / found[1] == lesson.path
        assert f"![{lesson.title}, in Colab]" in line


@pytest.mark.parametrize("name", ["", "a-copy", "https://github.com/someone/a-copy", "a/b/c"])
def test_what_is_no_repository_is_refused(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="expected OWNER/REPOSITORY"):
        badges(course_root(), name)
    assert main([name]) == 2
    assert "expected OWNER/REPOSITORY" in capsys.readouterr().out


def test_the_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: python3 -m course.maintain.badges" in capsys.readouterr().out
