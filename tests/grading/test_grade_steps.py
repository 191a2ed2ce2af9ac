"""What decides a mark, and what a submission's way changes of others' code: nothing."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import programs
import pytest
from tiny import LESSON_ID, solved

import course
from course.grading.classes.temporary import Classroom
from course.grading.records import coursefiles
from course.grading.steps.versions import FOLDERS, judge_version, what_changed

PACKAGE = Path(course.__file__).parent
MARKS = {"grade": True, "solution": False, "locked": True, "grade_id": "a_test", "points": 1}
#: What the folders that decide a mark import beside each other: none of it decides one.
BESIDE = ("bootstrap", "grading/faults", "grading/records")


def graded_as(room: Classroom, *more: str) -> dict[str, Any]:
    room.hand_in("ada", json.dumps(solved(room)))
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "ignore",
            programs.place("unpatched"),
            room.folder,
            LESSON_ID,
            *more,
        ],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.slow
def test_nothing_of_nbgrader_or_nbformat_is_another_after_a_class_was_graded(
    room: Classroom,
) -> None:
    found = graded_as(room)
    assert found == {"points": [5.0], "here": [5.0], "changed": []}


@pytest.mark.slow
def test_what_is_mended_for_nbgraders_commands_would_be_seen(room: Classroom) -> None:
    changed = graded_as(room, "mended")["changed"]
    assert {
        "nbgrader.utils.parse_utc",
        "nbgrader.apps.api.Autograde",
        "nbgrader.coursedir.CourseDirectory.get_existing_timestamp",
    } <= set(changed)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A copy of the package, to change things in."""
    copy = tmp_path / "course"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.npz", "data"))
    return copy


def test_words_of_a_page_or_of_a_commands_help_grade_nobody_again(package: Path) -> None:
    before = judge_version(package)
    for folder in ("cycle", "classes", "report", "lms", "releasing"):
        for path in sorted((package / "grading" / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            path.write_text(f"{text}\n# Other words.\n", encoding="utf-8")
    assert judge_version(package) == before


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_change_of_what_decides_a_mark_grades_everybody_again(package: Path, folder: str) -> None:
    before = judge_version(package)
    new = package / folder / "of_any_kind.txt"
    new.write_text("new")
    assert judge_version(package) != before, "whatever a file is called"
    new.unlink()
    assert judge_version(package) == before
    changed = sorted((package / folder).rglob("*.py"))[-1]
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert judge_version(package) != before


def test_what_decides_a_mark_lies_in_the_folders_that_are_listed() -> None:
    outside = set()
    for path in (path for folder in FOLDERS for path in (PACKAGE / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("course."):
                place = "/".join(str(node.module).split(".")[1:])
                if not f"{place}/".startswith(tuple(f"{one}/" for one in (*FOLDERS, *BESIDE))):
                    outside.add((path.name, place))
    assert outside == set()


def test_it_is_told_whether_the_lesson_or_the_course_has_changed() -> None:
    assert what_changed("lesson:code", "lesson:code") == ""
    assert what_changed("lesson:code", "lesson:other") == "the course"
    assert what_changed("lesson:code", "other:code") == "the lesson"
    assert what_changed(None, "lesson:code") == "the course"


def test_a_step_may_change_the_instructors_notebook_that_it_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell("1", metadata={"nbgrader": MARKS, "tags": ["a"]})]
    )
    (tmp_path / "lesson.ipynb").write_text(nbformat.writes(notebook), encoding="utf-8")
    monkeypatch.setattr(coursefiles, "source_path", lambda *_: tmp_path / "lesson.ipynb")
    first = coursefiles.source_notebook(SimpleNamespace(), "a", "lesson")
    as_read = json.dumps(first)
    first.cells[0].metadata.nbgrader["points"] = 9
    first.cells[0].metadata.tags.append("b")
    first.metadata["new"] = True
    first.cells.pop()
    again = coursefiles.source_notebook(SimpleNamespace(), "a", "lesson")
    assert json.dumps(again) == as_read
    assert type(again.cells[0].metadata.nbgrader) is type(first)
