"""One name for one thing, in words that a native speaker uses: lessons, guides and messages."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from plain_run import LESSONS

from course.checks.dashboard.ran import Ran
from course.checks.dashboard.ran import as_html as ran_as_html
from course.checks.dashboard.ran import as_text as ran_as_text
from course.checks.dashboard.report import FAILS, HOLDS, WAITS, Failure, Report, headline
from course.checks.dashboard.view import as_html
from course.lessons import Lesson, course_root

#: What is not said, and what is said instead.
SAID_OTHERWISE = {
    r"\bgold[ -]prefix": "true prefix",
    r"\bfind(s|ing)? back\b|\bfound back\b": "recover",
    r"\boftener\b": "more often",
    r"\bnats an? (token|step|letter)": "nats per token",
    r"\b(throw|threw|throwing|thrown|throws)( \w+){0,3} coins?\b": "toss",
    r"\b(throw|throws|throwing)( \w+){0,2} (one|ones|anew)\b": "toss",
    r"\bcoins?( \w+){0,4} thrown\b": "tossed",
    r"\brenew(s|ed)? the (state|memory)": "update",
    r"\bbelong(s|ed)? into\b": "belong in",
    r"\bdo(es)? not tell it from\b": "cannot be told apart",
    # A claim is a test that gives points; a check is a row of `checks.check`.
    r"\bchecks? (does not |do not |that )?holds?\b": "a check passes",
    r"\bclaims? (that )?pass(es)?\b": "a claim holds",
}
#: What is told as "19 %"; 100% is a width on a page.
PERCENTAGE = re.compile(r"\b(?!100%)\d+(?:%| per ?cent)")
FENCED = re.compile(r"^```.*?^```$", re.M | re.S)
GUIDES = [course_root() / "README.md", *sorted((course_root() / "docs").glob("*.md"))]
ROOMS = ("labs", "learner", "figures", "checks", "lessons", "study")
MISCONCEPTIONS = sorted((course_root() / "source").glob("*/misconceptions*.py"))


def said_otherwise(text: str) -> list[str]:
    """Return what of a text is said in other words than the course's, with the right ones."""
    flat = " ".join(text.split())
    return [
        f"{found[0]!r}: say {instead!r}"
        for pattern, instead in SAID_OTHERWISE.items()
        for found in re.finditer(pattern, flat, re.IGNORECASE)
    ]


def messages(source: str) -> list[str]:
    """Return the strings of a module, those that document it left out."""
    tree = ast.parse(source)
    documented = {
        id(statement.value) for statement in ast.walk(tree) if isinstance(statement, ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documented
    ]


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_lesson_keeps_to_the_words_of_the_course(lesson: Lesson) -> None:
    assert said_otherwise(lesson.summary) == []
    seen = {cell.index: cell.source.partition("### BEGIN HIDDEN")[0] for cell in lesson.cells}
    assert {index: said for index, text in seen.items() if (said := said_otherwise(text))} == {}


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_a_guide_keeps_to_the_words_of_the_course(path: Path) -> None:
    assert said_otherwise(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_a_percentage_in_a_lesson_has_one_form(lesson: Lesson) -> None:
    assert {
        cell.index: PERCENTAGE.findall(cell.source)
        for cell in lesson.cells
        if PERCENTAGE.search(cell.source)
    } == {}


@pytest.mark.parametrize("path", GUIDES, ids=lambda path: path.name)
def test_a_percentage_in_a_guide_has_one_form(path: Path) -> None:
    assert PERCENTAGE.findall(FENCED.sub("", path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("room", ["checks", "labs", "learner", "figures", "lessons", "study"])
def test_a_percentage_in_a_message_has_one_form(room: str) -> None:
    files = sorted((course_root() / "course" / room).rglob("*.py"))
    texts = [text for file in files for text in messages(file.read_text(encoding="utf-8"))]
    assert [text for text in texts if PERCENTAGE.search(text)] == []


def test_another_form_of_a_percentage_is_noticed() -> None:
    said = "It is 19% here, 29 % there, 5 per cent elsewhere."
    assert PERCENTAGE.findall(said) == ["19%", "5 per cent"]
    assert PERCENTAGE.findall("width: 100%") == []
    assert [text for text in messages('f"{share:.0%}"') if PERCENTAGE.search(text)] == [".0%"]


@pytest.mark.parametrize("room", ROOMS)
def test_messages_keep_to_the_words_of_the_course(room: str) -> None:
    files = sorted((course_root() / "course" / room).rglob("*.py"))
    assert files
    assert _said_in(files) == {}


def test_what_is_told_of_a_mistake_keeps_to_the_words_of_the_course() -> None:
    assert MISCONCEPTIONS
    assert _said_in(MISCONCEPTIONS) == {}


def _said_in(files: list[Path]) -> dict[str, list[str]]:
    return {
        f"{file.name}: {text}": words
        for file in files
        for text in messages(file.read_text(encoding="utf-8"))
        if (words := said_otherwise(text))
    }


def test_other_words_are_noticed_across_lines() -> None:
    assert said_otherwise("Each step throws\na new coin.") == ["'throws a new coin': say 'toss'"]
    assert said_otherwise("throw a new one at every step") == ["'throw a new one': say 'toss'"]
    assert said_otherwise("It tosses a coin, and throws an error.") == []


@pytest.mark.parametrize("mark", [HOLDS, FAILS, WAITS])
def test_what_the_check_says_of_its_rows_is_said_of_checks(mark: str) -> None:
    failure = Failure("it adds", "", "row 0 differs", "", "look there") if mark == FAILS else None
    report = Report("f", (), (("it adds", {"": mark}),), failure=failure)
    rows = f"{headline(report)} {as_html(report)}".partition("Next:")[0]
    assert "check" in rows
    assert "claim" not in rows


def test_what_is_run_for_points_is_said_of_claims() -> None:
    missed, held = Ran("It adds.", 1, 0, "no"), Ran("It adds.", 1, 1, "")
    said = ran_as_text([missed], "", {}) + ran_as_html([held], "", {})
    assert "0 of 1 claims hold" in said
    assert "1 of 1 claims hold" in said
    assert not re.search(r"checks? (pass|hold)", said)


def test_a_message_is_a_string_that_documents_nothing() -> None:
    assert messages('"""Doc."""\ndef f():\n    """Doc."""\n    return f"{f} said"') == [" said"]
