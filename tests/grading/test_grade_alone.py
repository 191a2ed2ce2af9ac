"""A notebook graded alone has the points, messages and mistakes that it has in a class."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_class import grade
from tiny import LESSON_ID, SECOND, SOLUTION, solved, submission

from course.grading.classes.alone import GradedAlone, grade_alone
from course.grading.classes.made_up import fill_in
from course.grading.classes.temporary import Classroom
from course.lessons import LessonError, answers, course_root
from course.lessons.misconceptions import answers_with, misconceptions

pytestmark = [pytest.mark.slow(seconds=30), pytest.mark.usefixtures("warm_judge")]

ROOT = course_root()
REAL = "02_teacher_forcing"


def written(room: Classroom) -> dict[str, str]:
    """Return notebooks that are right, wrong, unwritten, partly right and odd, as text."""
    lost = solved(room)
    del lost["cells"][4]
    texts: dict[str, Any] = {
        "right": solved(room),
        "wrong": solved(room, write_double=SOLUTION.replace("2 * x", "3 * x")),
        "broken": solved(room, write_double=SOLUTION.replace("return", "retrun")),
        "half": solved(room, write_total=SECOND.replace("start + ", "")),
        "unwritten": submission(room),
        "worded": solved(room, why="Because doubling is adding."),
        "lost_a_test": lost,
    }
    return {name: json.dumps(text) for name, text in texts.items()} | {"nonsense": "no notebook"}


@pytest.fixture(scope="module")
def rooms(new_class: Callable[..., Classroom]) -> dict[str, Classroom]:
    """The same class graded by nbgrader and by the class's grader."""
    made = {name: new_class(name) for name in ("nbgrader", "grader")}
    for room in made.values():
        for student, text in written(room).items():
            room.hand_in(student, text)
    made["nbgrader"].autograde()
    grade(made["grader"])
    return made


def alone(root: Path, lesson_id: str, text: str) -> GradedAlone:
    name = lesson_id.split("_", 1)[1]
    return grade_alone(root, root / "source" / lesson_id / f"{name}.ipynb", text.encode())


@pytest.fixture(scope="module")
def each_alone(rooms: dict[str, Classroom], tiny_course: Path) -> dict[str, GradedAlone]:
    """Each of the class's notebooks, graded by itself."""
    texts = written(rooms["grader"])
    return {student: alone(tiny_course, LESSON_ID, text) for student, text in texts.items()}


def without_name(report: dict[str, Any]) -> dict[str, Any]:
    """Leave out whose it is, and what the class's grader notes for its next run."""
    return {key: value for key, value in report.items() if key not in ("student", "graded")}


@pytest.mark.parametrize("by", ["nbgrader", "grader"])
def test_a_notebook_graded_alone_earns_what_it_earns_in_a_class(
    rooms: dict[str, Classroom], each_alone: dict[str, GradedAlone], by: str
) -> None:
    for student, graded in each_alone.items():
        mark = rooms[by].mark(student)
        assert (graded.points, graded.max_points) == (mark.points, mark.max_points), student
        assert without_name(graded.report) == without_name(mark.report), student
    assert len({graded.points for graded in each_alone.values()}) > 2


def test_a_person_is_promised_for_what_was_written_in_words_alone(
    rooms: dict[str, Classroom], each_alone: dict[str, GradedAlone]
) -> None:
    promised = [each_alone[name].by_hand for name in ("right", "worded", "unwritten")]
    words = sum(cell.points for cell in rooms["grader"].lesson.cells if cell.by_hand)
    assert promised == [0, words, 0]
    assert words > 0


@pytest.fixture(scope="module")
def lesson_2(tmp_path_factory: pytest.TempPathFactory) -> Classroom:
    """Lesson 2, with a right answer, a known mistake and nothing, graded by nbgrader."""
    room = Classroom(ROOT, REAL, tmp_path_factory.mktemp("lesson 2") / "class")
    released = room.generate()
    wrong = misconceptions(room.lesson)[0]
    for student, texts in {
        "right": answers(room.lesson),
        "wrong": answers_with(room.lesson, wrong),
        "unwritten": {},
    }.items():
        room.hand_in(student, fill_in(released, texts))
    room.autograde()
    return room


@pytest.mark.parametrize("student", ["right", "wrong", "unwritten"])
def test_in_lesson_2_too_with_the_names_of_mistakes(lesson_2: Classroom, student: str) -> None:
    mark = lesson_2.mark(student)
    handed_in = lesson_2.folder / "submitted" / student / REAL / "teacher_forcing.ipynb"
    graded = alone(ROOT, REAL, handed_in.read_text(encoding="utf-8"))
    assert graded.points == mark.points
    assert without_name(graded.report) == without_name(mark.report)
    names = {found["name"] for test in graded.report["tests"] for found in test["diagnoses"]}
    assert bool(names) == (student == "wrong")
    assert not (student == "right" and graded.points < graded.max_points)


def test_a_test_that_is_no_python_is_not_the_learners_fault(
    tiny_course: Path, rooms: dict[str, Classroom], tmp_path: Path
) -> None:
    source = tmp_path / "source" / LESSON_ID
    source.mkdir(parents=True)
    notebook = tiny_course / "source" / LESSON_ID / "decoder_cells.ipynb"
    spoilt = notebook.read_text(encoding="utf-8").replace(
        "assert np.array_equal(double", "assert (np.array_equal(double"
    )
    (source / notebook.name).write_text(spoilt, encoding="utf-8")
    (tmp_path / "nbgrader_config.py").write_bytes((tiny_course / "nbgrader_config.py").read_bytes())
    with pytest.raises(LessonError, match="is no Python"):
        alone(tmp_path, LESSON_ID, written(rooms["grader"])["right"])
