"""Validate: how many claims hold by the visible tests, and which do not, in their own words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gradebooks import nbgrader
from tiny import SOLUTION, solved

from course.grading.classes.temporary import Classroom
from course.grading.cycle.validating import ClaimsValidator
from course.learner.validate import answer, main

pytestmark = pytest.mark.slow(seconds=15)

WRONG = {"write_double": SOLUTION.replace("2 * x", "3 * x")}


def placed(room: Classroom, **texts: str) -> Path:
    path = room.folder / "mine.ipynb"
    path.write_text(json.dumps(solved(room, why="Because.", **texts)), encoding="utf-8")
    return path


def shown(room: Classroom, capsys: pytest.CaptureFixture[str], **texts: str) -> dict[str, str]:
    main([str(placed(room, **texts))])
    said: dict[str, str] = json.loads(capsys.readouterr().out)
    return said


def test_a_wrong_notebook_hears_which_claim_fails_and_how_many_hold(
    room: Classroom, capsys: pytest.CaptureFixture[str]
) -> None:
    said = shown(room, capsys, **WRONG)
    assert said["text"].startswith("2 of 3 claims hold, by the tests that you can see.")
    assert "✗ Every number is doubled." in said["text"]
    assert "<b>2 of 3 claims hold, by the tests that you can see.</b>" in said["html"]
    assert "double([0, 1, 2]) is not [0, 2, 4]" in said["html"]


def test_a_right_one_hears_that_all_hold(
    room: Classroom, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(room, capsys)["text"].startswith("3 of 3 claims hold")


def test_nbgraders_own_command_says_it_in_the_claims_words(room: Classroom) -> None:
    placed(room, **WRONG)
    said = nbgrader("validate", "mine.ipynb", cwd=room.folder)
    assert "2 of 3 claims hold" in said
    assert "✗ Every number is doubled." in said
    assert "double([0, 1, 2]) is not [0, 2, 4]" in said
    assert "np.array_equal" not in said


def test_a_locked_cell_that_was_changed_is_named() -> None:
    found: dict[str, Any] = {"changed": [{"source": "# Every number is doubled.\nassert True"}]}
    said = answer(ClaimsValidator(), found)["text"]
    assert "another text; to grade, their own is put back:\n  # Every number is doubled." in said


def test_a_notebook_that_cannot_be_run_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.ipynb"
    path.write_text("no notebook", encoding="utf-8")
    assert main([str(path)]) == 2
    assert "Not run to its end: " in json.loads(capsys.readouterr().out)["text"]
