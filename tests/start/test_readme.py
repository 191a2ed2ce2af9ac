"""The README says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from course import __main__ as commands
from course.bootstrap import problems
from course.bootstrap.problems import CAUSES
from course.lessons import Lesson, find_lessons

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def row(lesson: Lesson) -> str:
    number = int(lesson.id.split("_")[0])
    link = f"[{number}. {lesson.title}](release/{lesson.id}/{lesson.name}.ipynb)"
    functions = ", ".join(f"`{function}`" for function in lesson.functions)
    return f"| {link} | {lesson.minutes} | {lesson.difficulty} | {functions} |"


def test_the_table_of_lessons_agrees_with_the_notebooks() -> None:
    told = [line for line in README.splitlines() if line.startswith("| [")]
    assert told == [row(lesson) for lesson in find_lessons(ROOT / "source")]


def test_every_link_and_picture_is_there() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert not [
        link for link in links if not link.startswith("http") and not (ROOT / link).is_file()
    ]


def test_every_command_is_one() -> None:
    used = set(re.findall(r"python3 -m course (\w+)", README))
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
