"""Text that was written into a locked cell is put back, and all who look are told."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gradebooks import nbgrader
from nbformat import from_dict
from nbformat.v4 import new_code_cell
from nbgrader.utils import compute_checksum
from tiny import LESSON_ID, SECOND, SETUP, SOLUTION, TEST_IN_PLACE, cell, submission

from course.grading.classes.temporary import Classroom
from course.grading.report.command import main as report
from course.grading.steps.putback import note_on

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("warm_judge")]


@pytest.fixture(scope="module")
def room(new_class: Callable[..., Classroom]) -> Classroom:
    """ann and bob answered in the setup cell, cai wrote into a test and a title, dan nowhere."""
    room = new_class("locked")
    answered = f"{SETUP}\n\n{SOLUTION}"
    hand_in = {
        "ann": submission(room, setup=answered, write_double="", write_total=SECOND),
        "bob": submission(room, setup=answered, write_total=SECOND),
        "cai": submission(
            room, write_double=SOLUTION, write_total=SECOND, the_argument_is_left="```\n<b>mine"
        ),
        "dan": submission(room, write_double=SOLUTION, write_total=SECOND),
    }
    for student, notebook in hand_in.items():
        room.hand_in(student, json.dumps(notebook))
    assert room.autograde() == []
    room.generate_feedback()
    return room


def errors(room: Classroom, student: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = room.mark(student).report["cell_errors"]
    return found


def message(room: Classroom, student: str, test: str) -> str:
    tests: list[dict[str, Any]] = room.mark(student).report["tests"]
    return next(str(one["message"]) for one in tests if one["grade_id"] == test)


def test_the_diagnosis_names_the_cell_and_where_the_answer_belongs(room: Classroom) -> None:
    [error] = errors(room, "ann")
    assert (error["grade_id"], error["kind"]) == ("setup", "locked")
    assert "locked cell `setup`" in error["message"]
    assert "defined `double`; that belongs in `write_double`" in error["message"]


def test_the_test_says_so_where_no_cell_defines_the_function(room: Classroom) -> None:
    said = message(room, "ann", "every_number_is_doubled")
    assert "no cell defines it: it was written into the locked cell `setup`" in said
    assert "write it into the cell `write_double`" in said


def test_the_test_says_so_where_the_function_is_as_released(room: Classroom) -> None:
    said = message(room, "bob", "every_number_is_doubled")
    assert said.startswith("double is not written yet: it was written into the locked cell")


def test_a_test_of_another_function_says_nothing_of_it(room: Classroom) -> None:
    assert room.scores("ann")["the_sum_counts"] == 2
    assert message(room, "ann", "the_sum_counts") == ""


def test_graded_copy_and_feedback_keep_what_was_written(room: Classroom) -> None:
    cells = json.loads(room.graded_notebook("ann").read_text("utf-8"))["cells"]
    places = [c["id"] for c in cells]
    note = "".join(cells[places.index("setup") + 1]["source"])
    assert "".join(cells[places.index("setup")]["source"]) == SETUP
    assert note.startswith("**The text of the locked cell `setup`")
    assert "    return 2 * x" in note
    page = room.feedback_page("ann").read_text("utf-8")
    assert "whose text was put back" in page
    assert "These lines were added" in page


def test_text_in_a_locked_test_is_told_and_costs_nothing(room: Classroom) -> None:
    assert room.mark("cai").points == 5
    [error] = errors(room, "cai")
    assert error["grade_id"] == "the_argument_is_left"
    assert "Answers belong in the cells made for them" in error["message"]
    page = room.feedback_page("cai").read_text("utf-8")
    assert "<b>mine" not in page
    assert "mine" in page


def test_whoever_left_locked_cells_alone_hears_nothing(room: Classroom) -> None:
    assert errors(room, "dan") == []
    assert "put back" not in room.graded_notebook("dan").read_text("utf-8")


def test_the_log_says_it(room: Classroom) -> None:
    said = nbgrader("autograde", LESSON_ID, "--student", "ann", "--force", cwd=room.folder)
    assert "ann: the text of the locked cell `setup` was not the course's own" in said


def test_the_class_report_lists_it(
    room: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_ROOT", str(room.folder))
    assert report([LESSON_ID, "--output", str(tmp_path)]) == 0
    lines = (tmp_path / "faults.csv").read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in lines if "text in a locked cell" in line] == [
        "ann",
        "bob",
        "cai",
    ]


@pytest.mark.parametrize("change", [str, "{}\n\n".format, lambda t: t.replace("\n", " \n")])
def test_white_space_is_no_change(change: Any) -> None:
    original = new_code_cell(TEST_IN_PLACE)
    original.metadata = cell("test", "t", TEST_IN_PLACE, 1)["metadata"]
    assert note_on(original, new_code_cell(change(TEST_IN_PLACE)), {}) is None


def test_the_text_of_an_older_release_is_not_the_students_doing(room: Classroom) -> None:
    notebook = submission(room, write_double=SOLUTION, write_total=SECOND)
    older = [one for one in notebook["cells"] if one["metadata"].get("nbgrader", {}).get("locked")]
    for one in older:
        one["source"] = f"# As it was released.\n{''.join(one['source'])}"
        one["metadata"]["nbgrader"]["checksum"] = compute_checksum(from_dict(one))
    older[0]["source"] += "\nscore = 99"
    room.hand_in("eve", json.dumps(notebook))
    assert room.autograde() == []
    assert [error["grade_id"] for error in errors(room, "eve")] == [
        older[0]["metadata"]["nbgrader"]["grade_id"]
    ]
