"""``learner.model_answer()``: shown once something was written, where the instructor's side is."""

from __future__ import annotations

import json
import re
import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from plain_run import LESSONS

from course.learner import here, model_answer
from course.lessons import Lesson, course_root

LESSON = LESSONS["02_teacher_forcing"]
ASKED = "Write your own answer into the cell above"


def write(path: Path, grade_id: str, text: str) -> None:
    nb = json.loads(path.read_text(encoding="utf-8"))
    for cell in nb["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            cell["source"] = text
    path.write_text(json.dumps(nb), encoding="utf-8")


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's notebook, as released, in a course that has this lesson."""
    for side in ("source", "release"):
        shutil.copytree(course_root() / side / LESSON.id, tmp_path / side / LESSON.id)
    path = tmp_path / "work" / LESSON.id / f"{LESSON.name}.ipynb"
    path.parent.mkdir(parents=True)
    shutil.copy(tmp_path / "release" / LESSON.id / path.name, path)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    monkeypatch.setenv("JPY_SESSION_NAME", f"{LESSON.id}/{path.name}")
    monkeypatch.setattr(here, "_shell", lambda: None)
    return path


@pytest.mark.parametrize("text", [None, "", "  \n", "YOUR ANSWER HERE"])
def test_before_anything_is_written_it_asks_for_that(notebook: Path, text: str | None) -> None:
    if text is not None:
        write(notebook, "your_own_words", text)
    assert repr(model_answer()).startswith(ASKED)


def test_after_something_is_written_it_shows_the_answer_and_the_scheme(notebook: Path) -> None:
    write(notebook, "your_own_words", "It copies its input.")
    said = model_answer()._repr_markdown_()
    assert LESSON.cell("your_own_words").source in said
    assert "**Marking scheme.**" in said
    assert "MARK SCHEME ===" not in said


def test_a_class_has_no_model_answer(notebook: Path) -> None:
    write(notebook, "your_own_words", "It copies its input.")
    shutil.rmtree(notebook.parents[2] / "source")
    assert repr(model_answer()) == (
        "The model answer is your instructor's: it comes with the feedback."
    )


def test_another_notebook_is_told_to_be_none(
    notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook.write_text('{"cells": []}')
    assert "is no lesson's notebook" in repr(model_answer())
    monkeypatch.delenv("JPY_SESSION_NAME")
    monkeypatch.chdir(notebook.parents[2])
    assert "cannot be told here" in repr(model_answer())


def test_it_shows_nothing_where_the_notebook_is_validated(
    notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert "Not shown here" in repr(model_answer())


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_each_question_in_words_has_an_answer_a_scheme_and_a_cell_that_shows_them(
    lesson: Lesson,
) -> None:
    asked = [cell for cell in lesson.by_role("answer") if not cell.is_code]
    assert asked
    for cell in asked:
        assert "MARK SCHEME" in lesson.cells[cell.index - 1].source
        after = [one.source for one in lesson.cells[cell.index :] if one.role == "lab"]
        assert "learner.model_answer()" in after[0]


def plain(text: str) -> str:
    """Return letters and digits alone: neither wrapping nor quotes hide a sentence."""
    return "".join(filter(str.isalnum, text)).lower()


def sentences(lesson: Lesson) -> list[str]:
    """List what the lesson's answers in words say, plain; short sentences may be anybody's."""
    words = " ".join(cell.source for cell in lesson.by_role("answer") if not cell.is_code)
    return [said for one in re.split(r"[.:;?!]\s", words) if len(said := plain(one)) > 30]


def strings(value: Any) -> Iterator[str]:
    """Yield the texts in a value read from JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


def travelling(package: Path) -> str:
    """Return all that is to be read in a package's files, plain."""
    texts: list[str] = []
    for path in sorted(package.rglob("*")):
        if path.suffix == ".json":
            texts += strings(json.loads(path.read_text(encoding="utf-8")))
        elif path.is_file() and path.suffix not in (".npz", ".pyc"):
            texts.append(path.read_text(encoding="utf-8"))
    return plain("".join(texts))


@pytest.fixture(scope="module")
def package() -> str:
    return travelling(course_root() / "course")


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_no_answer_that_counts_travels_with_the_package(lesson: Lesson, package: str) -> None:
    assert sentences(lesson)
    assert [said for said in sentences(lesson) if said in package] == []


@pytest.mark.parametrize("name", ["tests.json", "claims.py"])
def test_an_answer_that_travels_is_found(tmp_path: Path, name: str) -> None:
    [answer] = [cell.source for cell in LESSON.by_role("answer") if not cell.is_code]
    lines = "\n# ".join(textwrap.wrap(f'"{answer}" — “so”', 40))
    (tmp_path / name).write_text(json.dumps([{"hint": [lines]}]) if name[-1] == "n" else lines)
    assert all(said in travelling(tmp_path) for said in sentences(LESSON))
