"""A lesson that is changed in mid-term: graded by what ``source/`` says, and nothing is lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_class import NOTEBOOK, grade, rows, take_step
from nbgrader.api import Gradebook
from nbgrader.converters.base import NbGraderException
from sqlalchemy.exc import OperationalError
from tiny import LESSON_ID, SETUP, SOLUTION, TEST_DOUBLE, cell, solved, submission

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader
from course.grading.classes.temporary import Classroom
from course.grading.cycle.converters import Autograding
from course.grading.releasing import generate
from course.lessons import LessonError

Cells = list[dict[str, Any]]
#: Refuses what the lesson's own test of doubling lets through.
STRICT = "# Every number is doubled.\nassert double(np.array([100.0])) == [200], 'not for 100'"
#: Right up to 4, where the lesson's hidden test ends.
SMALL = SOLUTION.replace("return 2 * x", "return np.minimum(2 * x, 8)")


def with_nbgrader(room: Classroom) -> None:
    take_step(room, Autograding)


BOTH = pytest.mark.parametrize("run", [pytest.param(with_nbgrader, marks=pytest.mark.slow), grade])
#: nbgrader's own mappings, under SQLAlchemy 2.
pytestmark = [
    pytest.mark.slow(seconds=20),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
    pytest.mark.usefixtures("warm_judge"),
]


def edit(room: Classroom, change: Callable[[Cells], Any]) -> None:
    """Change the cells of the lesson in ``source/``, and nothing else."""
    path = room.folder / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    lesson = json.loads(path.read_text(encoding="utf-8"))
    change(lesson["cells"])
    path.write_text(json.dumps(lesson), encoding="utf-8")


def place(cells: Cells, name: str) -> int:
    return [one["id"] for one in cells].index(name)


def set_text(name: str, text: str) -> Callable[[Cells], None]:
    return lambda cells: cells[place(cells, name)].update(source=text)


def scores(room: Classroom, student: str = "ann") -> dict[str, Any]:
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        found = book.find_submission_notebook(NOTEBOOK, LESSON_ID, student)
        return {one.name: one.score for one in found.grades}


def give(room: Classroom, cell_name: str, points: float, student: str = "ann") -> None:
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        row = book.find_grade(cell_name, NOTEBOOK, LESSON_ID, student)
        row.manual_score, row.needs_manual_grade = points, False
        book.db.commit()


def totals(room: Classroom, student: str = "ann") -> tuple[float, float]:
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        found = book.find_submission(LESSON_ID, student)
        return found.score, found.max_score


def differences(room: Classroom) -> str:
    config, course = settings(room.folder)
    grader = ClassGrader(course, config, LESSON_ID)
    grader.close()
    return "\n".join(grader.differences)


@pytest.fixture(scope="module")
def graded(new_class: Callable[..., Classroom]) -> Path:
    """A class of one, who doubles small numbers only and gave a reason."""
    room = new_class("ann")
    room.hand_in("ann", json.dumps(solved(room, write_double=SMALL, why="As I see it.")))
    assert room.autograde() == []
    assert scores(room)["every_number_is_doubled"] == 2
    give(room, "why", 2.5)
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        book.find_comment("why", NOTEBOOK, LESSON_ID, "ann").manual_comment = "Nearly."
        book.db.commit()
    return room.folder


@pytest.fixture
def ann(new_class: Callable[..., Classroom], graded: Path) -> Classroom:
    """That class, in a folder of a test's own."""
    return new_class("ann", graded)


@BOTH
def test_a_mended_hidden_test_is_used_and_regrades(ann: Classroom, run: Any) -> None:
    edit(ann, set_text("every_number_is_doubled", STRICT))
    run(ann)
    assert scores(ann)["every_number_is_doubled"] == 0
    assert scores(ann)["why"] == 2.5
    graded = ann.graded_notebook("ann").read_text(encoding="utf-8")
    assert "not for 100" in graded
    assert "secret_input" not in graded


@pytest.mark.slow
@BOTH
def test_a_mended_test_that_is_broken_costs_no_graded_copy(ann: Classroom, run: Any) -> None:
    copies = ann.graded_notebook("ann"), ann.graded_notebook("ann").with_suffix(".diagnosis.json")
    before, had = [path.read_bytes() for path in copies], rows(ann)
    edit(ann, set_text("setup", "import no_such_module"))
    if run is with_nbgrader:
        with pytest.raises(NbGraderException):
            run(ann)
        assert "no_such_module" in "\n".join(ann.messages)
    else:
        assert "no_such_module" in run(ann).faults["ann"]
    assert ([path.read_bytes() for path in copies], rows(ann)) == (before, had)
    assert [path.name for path in copies[0].parent.parent.iterdir()] == [LESSON_ID]
    edit(ann, set_text("setup", SETUP))
    edit(ann, set_text("every_number_is_doubled", STRICT))
    run(ann)
    assert scores(ann)["every_number_is_doubled"] == 0


@pytest.mark.slow
@BOTH
def test_prose_that_was_changed_regrades_nobody_by_nbgrader_and_changes_no_mark(
    ann: Classroom, run: Any
) -> None:
    run(ann)
    before, had = ann.graded_notebook("ann").stat().st_mtime_ns, rows(ann)
    edit(ann, set_text("title", "# Doubling, again"))
    run(ann)
    assert rows(ann) == had
    if run is with_nbgrader:
        assert ann.graded_notebook("ann").stat().st_mtime_ns == before


@pytest.mark.slow
def test_a_file_that_tests_may_read_regrades_and_a_picture_does_not(ann: Classroom) -> None:
    folder = ann.folder / "source" / LESSON_ID
    (folder / "data.csv").write_text("1,2")
    with_nbgrader(ann)
    before = ann.graded_notebook("ann").stat().st_mtime_ns
    (folder / "curve.svg").write_text("<svg/>")
    with_nbgrader(ann)
    assert ann.graded_notebook("ann").stat().st_mtime_ns == before
    (folder / "data.csv").write_text("1,3")
    with_nbgrader(ann)
    assert ann.graded_notebook("ann").stat().st_mtime_ns != before


@pytest.mark.slow
@BOTH
def test_tests_added_renamed_and_removed_leave_sums_that_agree(ann: Classroom, run: Any) -> None:
    give(ann, "the_sum_counts", 0.5)

    def change(cells: Cells) -> None:
        cells[place(cells, "the_sum_counts")]["metadata"]["nbgrader"]["grade_id"] = "sums"
        new = cell("test", "a_hundred_is_doubled", STRICT, 4)
        cells[place(cells, "the_argument_is_left")] = new
        cells.insert(2, cells.pop(place(cells, "why")))
        cells.append(cell("written", "and_now", "Say more.", 2))

    def rename_answers(cells: Cells) -> None:
        for old, new in (("why", "what_for"), ("write_total", "write_sum")):
            cells[place(cells, old)]["metadata"]["nbgrader"]["grade_id"] = new

    edit(ann, change)
    edit(ann, rename_answers)
    run(ann)
    marks = {"a_hundred_is_doubled": 0, "every_number_is_doubled": 2, "sums": 0.5}
    assert scores(ann) == marks | {"what_for": 2.5, "and_now": 0}
    assert totals(ann) == (5, 13)
    with Gradebook(ann._course().db_url, "teacher_forcing") as book:
        new = book.find_grade("and_now", NOTEBOOK, LESSON_ID, "ann")
        assert (new.auto_score, new.needs_manual_grade) == (0, False), "nobody could answer it"
        comment = book.find_comment("what_for", NOTEBOOK, LESSON_ID, "ann").comment
        assert comment == "Nearly."
        assert not book.find_submission(LESSON_ID, "ann").needs_manual_grade
    assert "As I see it." in ann.graded_notebook("ann").read_text(encoding="utf-8")


def test_a_test_that_is_added_has_no_mark_before_it_has_run_and_waits_for_nobody(
    ann: Classroom,
) -> None:
    new = cell("test", "a_hundred_is_doubled", STRICT, 4)
    edit(ann, lambda cells: cells.insert(-1, new))
    assert "a_hundred_is_doubled is new" in differences(ann)
    assert totals(ann) == (7.5, 12)
    with Gradebook(ann._course().db_url, "teacher_forcing") as book:
        row = book.find_grade("a_hundred_is_doubled", NOTEBOOK, LESSON_ID, "ann")
        assert (row.auto_score, row.needs_manual_grade) == (None, False)


def test_a_removed_cell_counts_no_more_and_comes_back_with_what_people_gave(
    ann: Classroom,
) -> None:
    kept: Cells = []
    edit(ann, lambda cells: kept.append(cells.pop(place(cells, "why"))))
    said = differences(ann)
    assert "the cell why is gone (1 student; what was given by hand for it is kept" in said
    assert totals(ann) == (5, 5)
    edit(ann, lambda cells: cells.append(kept[0]))
    assert "the cell why is new" in differences(ann)
    assert totals(ann) == (7.5, 8)
    with Gradebook(ann._course().db_url, "teacher_forcing") as book:
        assert book.find_comment("why", NOTEBOOK, LESSON_ID, "ann").comment == "Nearly."
        assert book.find_grade("why", NOTEBOOK, LESSON_ID, "ann").needs_manual_grade


def test_a_renamed_cell_keeps_its_points(ann: Classroom) -> None:
    give(ann, "the_sum_counts", 0.5)

    def rename(cells: Cells) -> None:
        cells[place(cells, "the_sum_counts")]["metadata"]["nbgrader"]["grade_id"] = "sums"

    edit(ann, rename)
    assert "the cell the_sum_counts is called sums now" in differences(ann)
    assert scores(ann)["sums"] == 0.5
    assert "the_sum_counts" not in scores(ann)
    assert totals(ann) == (6, 8)


def test_points_by_hand_out_of_another_maximum_are_looked_at_again(ann: Classroom) -> None:
    def change(cells: Cells) -> None:
        for name, points in (("why", 5), ("the_argument_is_left", 3)):
            cells[place(cells, name)]["metadata"]["nbgrader"]["points"] = points

    edit(ann, change)
    said = differences(ann)
    assert "why has 5 points in place of 3; look again at points by hand of 1 student" in said
    assert totals(ann) == (7.5, 12)
    with Gradebook(ann._course().db_url, "teacher_forcing") as book:
        assert book.find_grade("why", NOTEBOOK, LESSON_ID, "ann").needs_manual_grade


def test_a_test_that_becomes_an_answer_is_graded_by_hand(ann: Classroom) -> None:
    def change(cells: Cells) -> None:
        marks = cells[place(cells, "the_argument_is_left")]["metadata"]["nbgrader"]
        marks |= {"solution": True, "locked": False}

    edit(ann, change)
    assert "the_argument_is_left is graded in another way" in differences(ann)
    assert totals(ann) == (7.5, 8)


def test_a_notebook_that_somebody_left_in_the_lessons_folder_is_told_and_not_entered(
    ann: Classroom,
) -> None:
    path = ann.folder / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    shutil.copy(path, path.with_name("Untitled.ipynb"))
    assert "Untitled.ipynb is not in the gradebook, and not graded" in differences(ann)
    assert totals(ann) == (7.5, 8)
    path.unlink()
    with pytest.raises(LessonError, match=rf"by {NOTEBOOK}\.ipynb in .*, which is not there"):
        differences(ann)


def test_it_is_said_where_students_have_another_release(ann: Classroom) -> None:
    assert differences(ann) == ""
    visible = TEST_DOUBLE.replace("is not [0, 2, 4]", "is another")
    edit(ann, set_text("every_number_is_doubled", visible))
    said = differences(ann)
    assert "the cell every_number_is_doubled has another text" in said
    assert "release/ differs from source/ in every_number_is_doubled: students have" in said
    ann.generate()
    assert differences(ann) == ""


def test_a_lesson_is_generated_anew_though_somebody_has_handed_in(ann: Classroom) -> None:
    edit(ann, lambda cells: cells.pop(place(cells, "the_sum_counts")))
    ann.generate()
    assert totals(ann) == (5.5, 6)
    assert "the_sum_counts" not in json.dumps(submission(ann))


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("write_double", "def double(x:\n    return 2 * x", "never closed"),
        ("write_double", "### BEGIN SOLUTION\n2", "no end solution statement"),
        ("every_number_is_doubled", "### BEGIN HIDDEN TESTS\n2", "No end hidden tests"),
    ],
)
def test_a_lesson_that_cannot_be_generated_names_the_cell_and_leaves_the_release(
    ann: Classroom, name: str, text: str, why: str
) -> None:
    before, had = json.dumps(submission(ann)), rows(ann)
    edit(ann, set_text(name, text))
    for use in (ann.generate, lambda: differences(ann)):
        with pytest.raises(LessonError, match=f"the cell {name}: .*{why}"):
            use()
    with pytest.raises(NbGraderException, match=f"the cell {name}: "):
        with_nbgrader(ann)
    assert json.dumps(submission(ann)) == before
    assert rows(ann) == had


def test_two_cells_of_one_name_are_named(ann: Classroom) -> None:
    edit(ann, lambda cells: cells.append({**cells[place(cells, "why")], "id": "twice"}))
    with pytest.raises(LessonError, match="two cells are called why"):
        differences(ann)


def test_a_release_is_brought_back_where_the_gradebook_cannot_be_written(
    ann: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = json.dumps(submission(ann))

    def locked(*_: Any) -> None:
        raise OperationalError("x", {}, Exception("database is locked"))

    monkeypatch.setattr(generate, "enter", locked)
    with pytest.raises(LessonError, match="GenerateAssignment failed"):
        ann.generate()
    assert "another program is writing it" in "\n".join(ann.messages)
    assert json.dumps(submission(ann)) == before
    assert [path.name for path in (ann.folder / "release").iterdir()] == [LESSON_ID]


def test_a_release_that_a_killed_run_left_half_made_is_brought_back(
    ann: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = ann.folder / "release"
    (release / LESSON_ID).rename(release / f".{LESSON_ID}.kept")
    (release / LESSON_ID).mkdir()
    monkeypatch.setattr(generate, "enter", lambda *_: 1 / 0)
    with pytest.raises(LessonError, match="GenerateAssignment failed"):
        ann.generate()
    assert submission(ann)["cells"]
