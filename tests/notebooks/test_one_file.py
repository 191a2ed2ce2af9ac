"""A lesson's notebook alone, without the course: what works, and what says what it needs."""

from __future__ import annotations

import ast
import base64
import contextlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import nbformat
import pytest
from plain_run import LESSONS
from tiny import tiny_lesson

from course.grading.steps.released import claim_line, claims_in, embed, taken_back, with_claims
from course.lessons import Lesson, course_root, role_of


def every_lesson(function: object) -> object:
    return pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)(function)


def released(lesson: Lesson) -> Any:
    path = course_root() / "release" / lesson.id / f"{lesson.name}.ipynb"
    return nbformat.read(path, as_version=4)


def setup_of(lesson: Lesson) -> str:
    return next(cell.source for cell in released(lesson).cells if cell.id == "setup")


#: No course at all, and what `pip install course` brings.
ABSENT = {"absent": None, "a stranger's": ModuleType("course")}


@pytest.fixture(params=ABSENT.values(), ids=list(ABSENT))
def alone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder without the course, for a Python without it."""
    for name in [name for name in sys.modules if name.startswith("course.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "course", request.param)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@every_lesson
def test_given_functions_are_defined_before_anything_is_imported(lesson: Lesson) -> None:
    kinds = [type(node) for node in ast.parse(setup_of(lesson)).body]
    functions = [k for k, kind in enumerate(kinds) if kind is ast.FunctionDef]
    others = [k for k, kind in enumerate(kinds) if kind in (ast.Import, ast.ImportFrom, ast.Try)]
    assert functions
    assert max(functions) < min(others)


@every_lesson
def test_without_the_course_it_says_the_command_and_warns_and_the_functions_are_there(
    lesson: Lesson, alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names: dict[str, Any] = {}
    exec(setup_of(lesson), names)
    said = capsys.readouterr().out
    assert f'"{sys.executable}" -m pip install "FOLDER OF THE COURSE"' in said
    assert "Not `pip install course`: the package of that name" in said
    given = [one for one in ast.parse(setup_of(lesson)).body if isinstance(one, ast.FunctionDef)]
    assert given
    assert all(callable(names[one.name]) for one in given)
    for use in ("checks.check(print)", "from course import labs", "from course import learner"):
        with pytest.raises(ImportError, match="Checks and labs need the course"):
            exec(use, names)
    with pytest.raises(ImportError, match="Checks and labs need the course"):
        exec("from course.figures import style", names)


@every_lesson
def test_without_the_course_no_cell_of_ours_shows_a_traceback(lesson: Lesson, alone: Path) -> None:
    mpl.use("Agg")
    names: dict[str, Any] = {}
    told = 0
    for cell in released(lesson).cells:
        if cell.cell_type == "code":
            with contextlib.suppress(NotImplementedError):  # what the learner has not written yet
                try:
                    exec(cell.source, names)
                except ImportError as absent:
                    [said] = absent._render_traceback_()  # type: ignore[attr-defined]
                    if "checks" in names:
                        assert f'"{sys.executable}" -m pip install "FOLDER OF THE COURSE"' in said
                        assert "Not `pip install course`: the package of that name" in said
                    else:
                        assert "run the setup cell below, which shows how to install it" in said
                    told += 1
    plt.close("all")
    assert told


def test_inside_the_courses_folder_the_command_names_it(
    alone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (alone / "course" / "checks").mkdir(parents=True)
    exec(setup_of(next(iter(LESSONS.values()))), {})
    assert f'-m pip install "{alone}"' in capsys.readouterr().out


@every_lesson
def test_every_picture_is_in_the_file(lesson: Lesson) -> None:
    shown = 0
    for cell in released(lesson).cells:
        if cell.cell_type == "markdown":
            assert "](images/" not in cell.source
            for name, bundle in cell.get("attachments", {}).items():
                assert f"](attachment:{name})" in cell.source
                [(kind, data)] = bundle.items()
                assert kind == "image/png"
                picture = lesson.path.parent / "images" / name
                assert base64.b64decode(data) == picture.read_bytes()
                shown += 1
    assert shown


def test_a_picture_that_was_not_drawn_is_named_with_the_command_that_draws_it(
    tmp_path: Path,
) -> None:
    cell = nbformat.v4.new_markdown_cell("![A cell.](images/cell.svg)")
    with pytest.raises(FileNotFoundError, match=r"cell\.png: run `.* build pictures`"):
        embed(nbformat.v4.new_notebook(cells=[cell]), tmp_path)


@every_lesson
def test_no_link_leads_out_of_the_lessons(lesson: Lesson) -> None:
    for cell in released(lesson).cells:
        if cell.cell_type == "markdown":
            assert "](../../" not in cell.source


@every_lesson
def test_a_submissions_prose_is_the_instructors_again(lesson: Lesson) -> None:
    own = nbformat.read(lesson.path, as_version=4)
    theirs = nbformat.read(lesson.path, as_version=4)
    embed(theirs, lesson.path.parent)
    theirs.cells[-1].source += "\n\nmine ![x](attachment:mine.png)"
    theirs.cells[-1]["attachments"] = {"mine.png": {"image/png": "AAAA"}}
    handed_in = with_claims(theirs.cells)
    [*rest, mine] = taken_back(handed_in, own.cells, claims_in(handed_in))
    assert [cell.source for cell in rest] == [cell.source for cell in own.cells[:-1]]
    assert not any("attachments" in cell for cell in rest)
    assert mine["attachments"] == {"mine.png": {"image/png": "AAAA"}}


def test_what_somebody_wrote_beside_a_claim_is_kept() -> None:
    [title, test] = (
        tiny_lesson()["cells"][0],
        next(cell for cell in tiny_lesson()["cells"] if role_of(cell) == "test"),
    )
    own = [nbformat.from_dict(title), nbformat.from_dict(test)]
    claim = claim_line(own[1].source, 1)
    texts = [claim, f"{claim}\n", f"{claim} And what I think of it.", f"{claim}\n\nMine."]
    cells = [nbformat.v4.new_markdown_cell(text) for text in texts]
    assert [cell.source for cell in taken_back(cells, own, claims_in(own))] == texts[2:]


@every_lesson
def test_it_ends_in_a_cell_that_grades_and_that_no_judge_runs(lesson: Lesson) -> None:
    [cell] = [one for one in released(lesson).cells if one.id == "grade_here"]
    assert cell.source == "from course import learner\n\nlearner.grade()"
    assert role_of(cell) == "lab"
    assert "raises-exception" in cell.metadata.tags
