"""One class with every kind of broken submission: each is reported, none stops the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tiny import SECOND, SOLUTION, solved, submission

from course.grading.classes.temporary import Classroom

pytestmark = [pytest.mark.slow(seconds=20), pytest.mark.usefixtures("warm_judge")]

FULL = {"every_number_is_doubled": 2.0, "the_argument_is_left": 1.0, "the_sum_counts": 2.0}
NOTHING = dict.fromkeys(FULL, 0.0)


def cells_of(notebook: dict[str, Any], *names: str) -> list[dict[str, Any]]:
    return [cell for cell in notebook["cells"] if cell["id"] in names]


def without(notebook: dict[str, Any], *names: str) -> dict[str, Any]:
    notebook["cells"] = [cell for cell in notebook["cells"] if cell["id"] not in names]
    return notebook


def twice(notebook: dict[str, Any], name: str, **changes: Any) -> dict[str, Any]:
    [cell] = cells_of(notebook, name)
    double = {**json.loads(json.dumps(cell)), "id": "a-double", **changes}
    notebook["cells"].insert(notebook["cells"].index(cell) + 1, double)
    return notebook


def marked(notebook: dict[str, Any], name: str, **marks: Any) -> dict[str, Any]:
    [cell] = cells_of(notebook, name)
    cell["metadata"]["nbgrader"] |= marks
    return notebook


def with_kernel(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    notebook["metadata"]["kernelspec"] = {"name": name, "display_name": name, "language": "R"}
    return notebook


def in_old_schema(notebook: dict[str, Any]) -> dict[str, Any]:
    for cell in notebook["cells"]:
        marks = cell["metadata"].get("nbgrader")
        if marks:
            marks.pop("task", None)
            marks["schema_version"] = 1
    return notebook


def in_format_4_0(notebook: dict[str, Any]) -> dict[str, Any]:
    notebook["nbformat_minor"] = 0
    for cell in notebook["cells"]:
        cell.pop("id")
    return notebook


def moved_to_the_front(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    [cell] = cells_of(notebook, name)
    notebook["cells"].remove(cell)
    notebook["cells"].insert(0, cell)
    return notebook


def emptied(notebook: dict[str, Any]) -> dict[str, Any]:
    for cell in cells_of(notebook, *FULL):
        cell["source"] = "pass"
    return notebook


def written_elsewhere(room: Classroom) -> dict[str, Any]:
    notebook = without(submission(room, write_total=SECOND), "write_double")
    own = {"cell_type": "code", "id": "own", "metadata": {}, "source": SOLUTION}
    notebook["cells"].insert(2, own | {"outputs": [], "execution_count": None})
    return notebook


def with_garbage_metadata(notebook: dict[str, Any]) -> dict[str, Any]:
    notebook["metadata"] = {"nbgrader": 3, "course": "mine", "kernelspec": None}
    notebook["cells"][0]["metadata"] = {"nbgrader": {"grade_id": 7, "points": "many"}}
    notebook["cells"].append({"cell_type": "poem", "id": "??", "metadata": {}, "source": "x"})
    return notebook


def hand_in_all(room: Classroom) -> dict[str, dict[str, float]]:
    """Hand in one submission of each kind; return what each has to earn."""
    right = lambda **texts: solved(room, **texts)  # noqa: E731
    notebooks: dict[str, tuple[Any, dict[str, float]]] = {
        "a_right_one": (right(), FULL),
        "deleted_tests": (without(right(), *FULL), FULL),
        "deleted_tests_and_wrong": (without(submission(room), *FULL), NOTHING),
        "deleted_setup": (without(right(), "setup"), FULL),
        "double_test": (twice(right(), "every_number_is_doubled"), FULL),
        "double_test_of_more_points": (
            twice(submission(room), "every_number_is_doubled", source="1000"),
            NOTHING,
        ),
        "double_answer": (twice(submission(room, write_total=SECOND), "write_double"), {}),
        "answer_in_another_cell": (written_elsewhere(room), FULL),
        "emptied_tests": (emptied(submission(room)), NOTHING),
        "more_points": (marked(right(), "every_number_is_doubled", points=1000), FULL),
        "test_made_an_answer": (
            marked(submission(room), "every_number_is_doubled", solution=True, locked=False),
            NOTHING,
        ),
        "renamed_test": (marked(right(), "every_number_is_doubled", grade_id="mine"), FULL),
        "moved_test": (moved_to_the_front(right(), "the_sum_counts"), FULL),
        "other_kernel": (with_kernel(right(), "ir"), FULL),
        "old_schema": (in_old_schema(right()), FULL),
        "old_format": (in_format_4_0(right()), FULL),
        "garbage_metadata": (with_garbage_metadata(right()), FULL),
        "other_setup": (right(setup="np = None\ndef half(x): return x"), FULL),
        "lab_tag_on_a_test": (right(), FULL),
    }
    [test] = cells_of(notebooks["lab_tag_on_a_test"][0], "every_number_is_doubled")
    test["metadata"]["tags"] = ["lab"]
    expected = {}
    for student, (notebook, scores) in notebooks.items():
        room.hand_in(student, json.dumps(notebook))
        expected[student] = scores
    for student, content in {
        "empty_file": b"",
        "no_json": b"I could not open it",
        "half_a_file": json.dumps(right()).encode()[:-400],
        "json_but_no_notebook": b'{"answer": 42}',
        "json_list": b"[]",
        "binary": bytes(range(256)) * 9,
    }.items():
        room.hand_in(student, content)
        expected[student] = NOTHING
    return expected


@pytest.fixture(scope="module")
def graded(new_class: Callable[..., Classroom]) -> tuple[Classroom, dict[str, dict[str, float]]]:
    """The whole class, graded once."""
    room = new_class("broken")
    expected = hand_in_all(room)
    room.autograde()
    return room, expected


Graded = tuple[Classroom, dict[str, dict[str, float]]]


def test_every_submission_is_graded(graded: Graded) -> None:
    room, expected = graded
    assert [name for name in expected if not room.mark(name).graded] == []


def test_each_earns_what_its_answers_earn(graded: Graded) -> None:
    room, expected = graded
    found = {name: room.scores(name) for name, scores in expected.items() if scores}
    assert found == {name: scores for name, scores in expected.items() if scores}


def test_of_two_answers_the_last_counts_as_in_the_students_own_notebook(graded: Graded) -> None:
    room, _ = graded
    assert room.scores("double_answer")["the_sum_counts"] == 2.0


@pytest.mark.parametrize(
    ("student", "said"),
    [
        ("empty_file", "the file is empty"),
        ("no_json", "is not JSON"),
        ("half_a_file", "the file is damaged"),
        ("json_but_no_notebook", "the file is damaged"),
    ],
)
def test_what_cannot_be_read_is_reported_as_such(graded: Graded, student: str, said: str) -> None:
    room, _ = graded
    assert said in room.mark(student).report["unreadable"]


def test_feedback_is_made_for_everybody(graded: Graded) -> None:
    room, expected = graded
    room.generate_feedback()
    assert [name for name in expected if not room.feedback_page(name).is_file()] == []


def test_a_restored_test_is_the_instructors(graded: Graded) -> None:
    room, _ = graded
    notebook = json.loads(room.graded_notebook("emptied_tests").read_text(encoding="utf-8"))
    [cell] = cells_of(notebook, "every_number_is_doubled")
    assert "".join(cell["source"]).startswith("# Every number is doubled.")


def test_cells_come_back_in_the_instructors_order(graded: Graded) -> None:
    room, _ = graded
    notebook = json.loads(room.graded_notebook("moved_test").read_text(encoding="utf-8"))
    names = [cell["id"] for cell in notebook["cells"]]
    assert names.index("the_sum_counts") > names.index("write_total")
