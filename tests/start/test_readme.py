"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course import __main__ as commands
from course.bootstrap import problems
from course.bootstrap.problems import CAUSES
from course.lessons import LessonError, find_lessons
from course.maintain.readme import BEGIN, END, with_table

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_lessons_agrees_with_the_notebooks() -> None:
    lessons = find_lessons(ROOT / "source")
    assert all(f"(release/{lesson.id}/{lesson.name}.ipynb)" in README for lesson in lessons)
    assert with_table(README, lessons) == README, "python3 -m course build readme"


def test_a_new_lesson_comes_into_the_table_and_the_rest_stays() -> None:
    (first, *_) = find_lessons(ROOT / "source")
    table = with_table("above\n" + BEGIN + "old" + END + "\nbelow", [first])
    above, _, rest = table.partition(BEGIN)
    rows, _, below = rest.partition(END)
    assert (above, below) == ("above\n", "\nbelow")
    assert f"](release/{first.id}/{first.name}.ipynb) | {first.minutes} | " in rows


def test_a_readme_without_marks_is_not_written_over() -> None:
    with pytest.raises(LessonError, match=r"must have <!-- lessons.* and then <!-- /lessons -->"):
        with_table("no marks", [])


def test_every_link_and_picture_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", README)
    assert not [
        link for link in links if not link.startswith("http") and not (ROOT / link).is_file()
    ]


def test_every_command_is_one() -> None:
    used = set(re.findall(r"python3 -m course ([\w-]+)", README))
    assert used <= {command.name for command in commands.COMMANDS}


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: command.name)
def test_every_command_is_told_of(command: commands.Command) -> None:
    assert f"python3 -m course {command.name}" in README


@pytest.mark.parametrize("cause", sorted({cause for _, cause in CAUSES} | {"no_venv"}))
def test_every_message_is_told_of(cause: str, tmp_path: Path) -> None:
    output = {"no_venv": "ensurepip is not available"}.get(cause)
    if output is None:
        pattern = next(pattern for pattern, of in CAUSES if of == cause)
        output = pattern.split("|")[0].replace("\\b", "")
    message = str(problems.from_output(output, tmp_path, tmp_path / "log"))
    told = [line.split("|")[1].strip() for line in README.splitlines() if line.startswith("| ")]
    assert any(
        re.search(re.escape(text).replace(r"\.\.\.", ".*"), message) for text in told if text
    )


def test_no_address_waits_to_be_filled_in() -> None:
    assert not re.search(r"\b(OWNER|REPOSITORY|TODO|example\.com)\b", README)
