"""A person is asked once for an answer: again where it has changed, and never for nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from graded_class import NOTEBOOK, grade, rows
from nbgrader.api import Gradebook
from sqlalchemy import text
from tiny import LESSON_ID, SOLUTION, cell, notebook, solved, submission, tiny_lesson

from course.grading.classes.command import settings, summary
from course.grading.classes.grader import ClassGrader, Tally
from course.grading.classes.temporary import Classroom

#: nbgrader's own mappings, under SQLAlchemy 2.
pytestmark = [
    pytest.mark.slow(seconds=25),
    pytest.mark.filterwarnings("ignore:Object of type <Submitted"),
    pytest.mark.usefixtures("warm_judge"),
]
#: The first ones are enough where a run takes seconds for each.
STUDENTS = ("keeps", "changes", "codes", "elsewhere", "spaces", "empties", "loses", "untouched")


@pytest.fixture(scope="module")
def reflective(tmp_path_factory: pytest.TempPathFactory, tiny_course: Path) -> Path:
    """A course whose lesson also has an answer in words without points, and a task."""
    root = tmp_path_factory.mktemp("reflective") / "course"
    shutil.copytree(tiny_course, root)
    lesson = tiny_lesson()
    task = cell("written", "make_it_nice", "Tidy your cells.", 2)
    marks = {"grade": False, "solution": False, "task": True, "locked": True}
    task["metadata"]["nbgrader"] |= marks
    cells = [*lesson["cells"], cell("written", "how_was_it", "Your words here.", 0), task]
    path = root / "source" / LESSON_ID / f"{NOTEBOOK}.ipynb"
    path.write_text(json.dumps(notebook(cells)), encoding="utf-8")
    return root


def run(room: Classroom, way: str) -> Tally | None:
    if way == "course":
        return grade(room, regrade=True)
    assert room.autograde() == [], room.messages
    return None


def class_of(room: Classroom) -> list[str]:
    there = {path.name for path in (room.folder / "submitted").iterdir()}
    return [student for student in STUDENTS if student in there]


def waits(room: Classroom) -> dict[str, list[str]]:
    """Return what waits for a person, by student."""
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        return {
            student: sorted(one.name for one in found.grades if one.needs_manual_grade)
            for student in class_of(room)
            if (found := book.find_submission_notebook(NOTEBOOK, LESSON_ID, student))
        }


def hand_in(room: Classroom, students: tuple[str, ...], again: bool = False) -> None:
    """Hand in the class's answers, or those that come later."""
    said = {"why": "As I see it.", "how_was_it": "Well."}
    texts = {student: solved(room, **said) for student in STUDENTS}
    texts["untouched"] = submission(room)
    if again:
        texts["changes"] = solved(room, **said | {"why": "As she sees it."})
        texts["spaces"] = solved(room, **said | {"why": "As I see it.  \n\n"})
        texts["codes"] = solved(room, **said, write_double="# quickly\n" + SOLUTION)
        texts["empties"] = solved(room, **said | {"why": " \n"})
        for student in ("loses", "elsewhere"):
            texts[student]["cells"] = [one for one in texts[student]["cells"] if one["id"] != "why"]
        mine = cell("prose", "mine", "As I see it.")
        texts["elsewhere"]["cells"].insert(-1, mine)
    for student in students:
        room.hand_in(student, json.dumps(texts[student]))


def by_hand(room: Classroom) -> None:
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        for student in set(class_of(room)) - {"untouched"}:
            names = NOTEBOOK, LESSON_ID, student
            for name, points in (("why", 2.5), ("the_sum_counts", 1.5), ("make_it_nice", 2)):
                row = book.find_grade(name, *names)
                row.manual_score, row.needs_manual_grade = points, False
            book.find_comment("why", *names).manual_comment = f"Nearly, {student}."
        book.db.commit()


@pytest.fixture(scope="module", params=[pytest.param("nbgrader", marks=pytest.mark.slow), "course"])
def steps(
    request: pytest.FixtureRequest, reflective: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """What waits for a person after each step of a term, both ways of grading."""
    room = Classroom(reflective, LESSON_ID, tmp_path_factory.mktemp("asked") / "class")
    room.generate()
    way = request.param
    students = STUDENTS if way == "course" else STUDENTS[:4]
    hand_in(room, students)
    run(room, way)
    found: dict[str, Any] = {"way": way, "room": room, "first": waits(room)}
    by_hand(room)
    with (room.folder / "nbgrader_config.py").open("a") as file:
        file.write("\nc.Judge.call_timeout = 9\n")
    run(room, way)
    found["same"] = waits(room)
    hand_in(room, students, again=True)
    found["tally"] = run(room, way)
    found["changed"], found["rows"] = waits(room), rows(room)
    return found


def test_each_answer_waits_once_and_none_without_points(steps: dict[str, Any]) -> None:
    expected = {student: ["make_it_nice", "why"] for student in STUDENTS[:-1]}
    expected["untouched"] = ["make_it_nice"]
    assert steps["first"] == {student: expected[student] for student in class_of(steps["room"])}


def test_nothing_waits_again_that_has_not_changed(steps: dict[str, Any]) -> None:
    expected = {student: [] for student in STUDENTS[:-1]} | {"untouched": ["make_it_nice"]}
    assert steps["same"] == {student: expected[student] for student in steps["same"]}


def test_what_has_changed_waits_again(steps: dict[str, Any]) -> None:
    words = ("changes", "empties", "loses", "elsewhere")
    expected = {student: ["make_it_nice", "why"] for student in words}
    expected |= {"codes": ["make_it_nice", "the_sum_counts"], "untouched": ["make_it_nice"]}
    expected |= {"keeps": [], "spaces": []}
    assert steps["changed"] == {student: expected[student] for student in steps["changed"]}


def test_points_and_comments_stay_with_each(steps: dict[str, Any]) -> None:
    given = [row for row in steps["rows"]["grade"] if row.startswith("('why'")]
    students = set(class_of(steps["room"])) - {"untouched"}
    assert sum(", 2.5, " in row for row in given) == len(students)
    for student in students:
        assert any(f"'Nearly, {student}.'" in row for row in steps["rows"]["comment"])


def test_an_answer_that_is_empty_or_missing_earns_nothing_and_one_elsewhere_is_read(
    steps: dict[str, Any],
) -> None:
    students = class_of(steps["room"])
    with Gradebook(steps["room"]._course().db_url, "teacher_forcing") as book:
        names = NOTEBOOK, LESSON_ID
        automatic = {s: book.find_grade("why", *names, s).auto_score for s in students}
        said = {s: book.find_comment("why", *names, s).auto_comment for s in students}
    left_out = {"empties", "loses", "untouched"}
    assert automatic == {one: 0 if one in left_out else None for one in students}
    assert said == {one: "No response." if one in left_out else None for one in students}


def test_the_summary_tells_changed_answers_from_new_ones(steps: dict[str, Any]) -> None:
    if steps["way"] == "nbgrader":
        pytest.skip("the command's own")
    tally = steps["tally"]
    assert sorted(tally.changed["changes"]) == ["make_it_nice", "why"]
    config, course = settings(steps["room"].folder)
    grader = ClassGrader(course, config, LESSON_ID)
    grader.close()
    grader.tally = tally
    said = summary(LESSON_ID, grader)
    assert (
        "changed since points were given by hand, to look at again: codes: the_sum_counts" in said
    )
    assert "keeps" not in said


def test_a_gradebook_of_an_older_version_asks_for_nothing_again(steps: dict[str, Any]) -> None:
    room = steps["room"]
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        book.db.execute(text("DROP TABLE course_digest"))
        book.db.execute(text("DROP TABLE course_removed"))
        book.db.commit()
    run(room, steps["way"])
    assert waits(room) == steps["changed"], "what was to be looked at still is"
