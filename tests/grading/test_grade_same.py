"""A class graded by `course grade` has what `nbgrader autograde` gives it, cell by cell."""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from graded_class import NOTEBOOK, autograded, grade, rows
from nbgrader.api import Gradebook
from tiny import LESSON_ID, SECOND, SOLUTION, solved, submission

from course.grading.classes.temporary import Classroom

pytestmark = [pytest.mark.slow(seconds=20), pytest.mark.usefixtures("warm_judge")]


def hand_in_class(room: Classroom) -> list[str]:
    """Hand in an honest, a wrong, a broken, a late and an odd submission of each kind."""
    wrong = SOLUTION.replace("2 * x", "3 * x")
    texts: dict[str, Any] = {
        "honest": solved(room),
        "wrong": solved(room, write_double=wrong),
        "broken": solved(room, write_double=SOLUTION.replace("return", "retrun")),
        "late": solved(room),
        "later": solved(room),
        "unsolved": submission(room),
        "prints": solved(room, write_double="print('hello')\n" + SOLUTION),
        "wrote": solved(room, why="Because doubling is adding."),
        "half": solved(room, write_total=SECOND.replace("start + ", "")),
    }
    without_a_test = solved(room)
    del without_a_test["cells"][4]
    texts["lost_a_test"] = without_a_test
    texts["own_cells"] = solved(room)
    texts["own_cells"]["cells"].insert(
        4,
        {"cell_type": "code", "id": "mine", "metadata": {}, "source": "double(np.ones(2))"}
        | {"outputs": [], "execution_count": None},
    )
    for student, notebook in texts.items():
        room.hand_in(student, json.dumps(notebook))
    room.hand_in("empty", "")
    room.hand_in("nonsense", b"\x00\xff not a notebook")
    beside = room.hand_in("files", json.dumps(solved(room))).parent
    (beside / "notes").mkdir()
    (beside / "notes" / "data.txt").write_text("1 2 3")
    (beside / "loose").symlink_to("/etc/hostname")
    stamps = {"late": "2026-01-02 00:00:00 UTC", "later": "2026-01-03 00:00:00 UTC"}
    stamps["honest"] = "2025-12-31 00:00:00 UTC"
    for student, stamp in stamps.items():
        folder = room.folder / "submitted" / student / LESSON_ID
        (folder / "timestamp.txt").write_text(stamp)
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        book.update_or_create_assignment(LESSON_ID, duedate=datetime(2026, 1, 1))
    return [*texts, "empty", "nonsense", "files"]


def marked_by_hand(room: Classroom) -> None:
    """Give points and a comment, as somebody in formgrader would."""
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        grade = book.find_grade("why", NOTEBOOK, LESSON_ID, "wrote")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        book.find_comment("why", NOTEBOOK, LESSON_ID, "wrote").manual_comment = "Nearly."
        late = book.find_grade("every_number_is_doubled", NOTEBOOK, LESSON_ID, "late")
        late.manual_score, late.extra_credit = 1.0, 0.5
        book.db.commit()


@pytest.fixture(scope="module")
def both(
    tiny_course: Path, released: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Classroom, Classroom]:
    """The same class graded by nbgrader and by the class's grader, with late penalties."""
    root = tmp_path_factory.mktemp("penalised") / "course"
    shutil.copytree(tiny_course, root)
    with (root / "nbgrader_config.py").open("a") as file:
        file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    rooms = []
    for name in ("stock", "ours"):
        folder = tmp_path_factory.mktemp(name) / "class"
        room = Classroom(root, LESSON_ID, folder)
        shutil.copytree(
            released, folder, dirs_exist_ok=True, ignore=lambda *_: {"nbgrader_config.py"}
        )
        hand_in_class(room)
        rooms.append(room)
    stock, ours = rooms
    stock.autograde()
    grade(ours)
    return stock, ours


def test_the_same_files_come_of_it(both: tuple[Classroom, Classroom]) -> None:
    stock, ours = (autograded(room) for room in both)
    assert sorted(ours) == sorted(stock)
    for name in stock:
        assert ours[name] == stock[name], name


def test_the_same_rows_come_of_it(both: tuple[Classroom, Classroom]) -> None:
    stock, ours = (rows(room) for room in both)
    assert ours == stock
    assert any("'late'" in row and "5.0" in row for row in stock["submitted_notebook"])


def test_grading_again_keeps_what_a_person_gave_as_nbgrader_does(
    both: tuple[Classroom, Classroom],
) -> None:
    stock, ours = both
    for room in both:
        marked_by_hand(room)
    stock.autograde()
    assert len(grade(ours, regrade=True).graded) == 14
    assert rows(ours) == rows(stock)
    assert any("Nearly." in row for row in rows(ours)["comment"])
    assert any("2.5" in row for row in rows(ours)["grade"])


def test_nbgraders_own_commands_work_on_it(both: tuple[Classroom, Classroom]) -> None:
    _, ours = both
    before = rows(ours)
    ours.generate_feedback("honest")
    assert "Every number is doubled" in ours.feedback_page("honest").read_text()
    ours.autograde("honest")
    assert rows(ours) == before
    assert ours.mark("honest").graded
