"""What was handed in, file by file: nothing in it reaches beyond its own marks."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode
from tiny import LESSON_ID, SOLUTION, solved, submission

from course.grading.classes.temporary import Classroom
from course.grading.judge.cells import MAX_OUTPUTS, MAX_SHOWN_CHARS, clean_outputs
from course.grading.steps.reading import Unreadable, read_submission

pytestmark = [pytest.mark.slow(seconds=20), pytest.mark.usefixtures("warm_judge")]

FULL = {"every_number_is_doubled": 2.0, "the_argument_is_left": 1.0, "the_sum_counts": 2.0}
NAME = "decoder_cells.ipynb"
SCRIPTS = "<script>alert(9)</script> <img src=x onerror=alert(9)>"


def with_own(notebook: dict[str, Any], source: str, kind: str = "code") -> dict[str, Any]:
    """Add a cell of the student's own at the end."""
    own: dict[str, Any] = {"cell_type": kind, "id": "own", "metadata": {}, "source": source}
    if kind == "code":
        own |= {"outputs": [], "execution_count": None}
    notebook["cells"].append(own)
    return notebook


def beside(path: Path, **files: str) -> None:
    for name, text in files.items():
        path.with_name(name.replace("_py", ".py").replace("_txt", ".txt")).write_text(text)


HIDDEN_MARKS = "### BEGIN HIDDEN TESTS\nassert False\n### END HIDDEN TESTS\n'the rest is shown'"

#: Each hands in something, and has to earn full marks but for those that are named in `ZERO`.
Make = Callable[[Classroom], None]
STUDENTS: dict[str, Callable[[Classroom, str], object]] = {
    "a_right_one": lambda r, s: r.hand_in(s, text(r)),
    "o'brien": lambda r, s: r.hand_in(s, text(r)),
    "Zoë": lambda r, s: r.hand_in(s, text(r)),
    "-v": lambda r, s: r.hand_in(s, text(r)),
    "$(id);<b>": lambda r, s: r.hand_in(s, text(r)),
    "an_extra_notebook": lambda r, s: beside(r.hand_in(s, text(r)), **{"other.ipynb": text(r)}),
    "a_file_that_shadows": lambda r, s: shadowed(r, s),
    "a_folder_for_diagnoses": lambda r, s: folder_for_diagnoses(r, s),
    "a_link": lambda r, s: linked(r, s),
    "marks_of_hidden_tests": lambda r, s: r.hand_in(
        s, json.dumps(with_own(solved(r), HIDDEN_MARKS))
    ),
    "one_mark_alone": lambda r, s: r.hand_in(
        s, json.dumps(with_own(solved(r), "# ### BEGIN HIDDEN TESTS\n'the rest is shown'"))
    ),
    "markup": lambda r, s: r.hand_in(
        s, json.dumps(with_own(solved(r, why=SCRIPTS), SCRIPTS, "markdown"))
    ),
    "shows_markup": lambda r, s: r.hand_in(s, json.dumps(with_own(solved(r), SHOWS_MARKUP))),
    "nothing_written": lambda r, s: r.hand_in(s, json.dumps(submission(r))),
    "no_notebook": lambda r, s: r.hand_in(s, "").unlink(),
    "another_notebook": lambda r, s: r.hand_in(s, text(r)).rename(
        r.folder / "submitted" / s / LESSON_ID / "other.ipynb"
    ),
    "linked_notebook": lambda r, s: linked_notebook(r, s),
    "folder_for_a_notebook": lambda r, s: folder_for_a_notebook(r, s),
}
ZERO = {"nothing_written", "linked_notebook", "folder_for_a_notebook"}
NOT_GRADED = {"no_notebook", "another_notebook"}

SHOWS_MARKUP = f"""
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display
display(HTML("{SCRIPTS}"), Javascript("alert(9)"), Markdown("{SCRIPTS}"), Latex("{SCRIPTS}"))
print("{SCRIPTS}")
raise ValueError("{SCRIPTS}")
"""


def text(room: Classroom) -> str:
    return json.dumps(solved(room))


def shadowed(room: Classroom, student: str) -> None:
    path = room.hand_in(student, json.dumps(with_own(solved(room), "import mine\nmine.x")))
    names = [
        "numpy",
        "json",
        "random",
        "nbformat",
        "nbgrader",
        "course",
        "sitecustomize",
        "IPython",
    ]
    beside(path, **{f"{name}_py": "raise SystemExit('shadowed')" for name in names})
    beside(path, mine_py="x = 'imported'", nbgrader_config_py="raise SystemExit('shadowed')")


def folder_for_diagnoses(room: Classroom, student: str) -> None:
    path = room.hand_in(student, text(room)).with_name("decoder_cells.diagnosis.json")
    path.mkdir()
    (path / "a.txt").write_text("a")


def linked(room: Classroom, student: str) -> None:
    spy = "import os\nfor name in os.listdir():\n    print(name, open(name).read())"
    path = room.hand_in(student, json.dumps(with_own(solved(room), spy)))
    beside(path, plain_txt="a plain file")
    path.with_name("linked.txt").symlink_to(room.folder / "source" / LESSON_ID / NAME)


def linked_notebook(room: Classroom, student: str) -> None:
    path = room.hand_in(student, "")
    path.unlink()
    path.symlink_to(room.folder / "source" / LESSON_ID / NAME)


def folder_for_a_notebook(room: Classroom, student: str) -> None:
    path = room.hand_in(student, "")
    path.unlink()
    path.mkdir()


@pytest.fixture(scope="module")
def graded(new_class: Callable[..., Classroom]) -> Classroom:
    """The whole class, graded once, with its feedback."""
    room = new_class("handed in")
    for student, hand_in in STUDENTS.items():
        hand_in(room, student)
    assert set(room.autograde()) == NOT_GRADED
    room.generate_feedback()
    return room


def own_cell(room: Classroom, student: str) -> dict[str, Any]:
    notebook = json.loads(room.graded_notebook(student).read_text(encoding="utf-8"))
    [cell] = [cell for cell in notebook["cells"] if cell["id"] == "own"]
    found: dict[str, Any] = cell
    return found


@pytest.mark.parametrize("student", sorted(STUDENTS.keys() - NOT_GRADED))
def test_each_earns_what_its_answers_earn(graded: Classroom, student: str) -> None:
    expected = dict.fromkeys(FULL, 0.0) if student in ZERO else FULL
    assert graded.scores(student) == expected


def test_feedback_is_there_for_all_that_were_graded(graded: Classroom) -> None:
    missing = [s for s in STUDENTS.keys() - NOT_GRADED if not graded.feedback_page(s).is_file()]
    assert missing == []


def test_no_hidden_test_is_in_any_feedback(graded: Classroom) -> None:
    for student in STUDENTS.keys() - NOT_GRADED:
        page = graded.feedback_page(student).read_text(encoding="utf-8")
        assert "doubled" in page
        assert "secret_input" not in page, student


def test_hidden_tests_and_marking_schemes_stay_with_the_instructor(graded: Classroom) -> None:
    for folder in ("feedback", "release"):
        for path in (graded.folder / folder).rglob("*"):
            if path.is_file():
                assert b"secret_input" not in path.read_bytes(), path
                assert path.name != "misconceptions.py"
                assert not path.name.endswith(".diagnosis.json")


@pytest.mark.parametrize("student", ["marks_of_hidden_tests", "one_mark_alone"])
def test_a_students_own_marks_of_hidden_tests_hide_nothing(graded: Classroom, student: str) -> None:
    assert "the rest is shown" in graded.feedback_page(student).read_text(encoding="utf-8")


@pytest.mark.parametrize("student", ["markup", "shows_markup"])
def test_no_markup_of_a_students_reaches_a_browser(graded: Classroom, student: str) -> None:
    page = graded.feedback_page(student).read_text(encoding="utf-8")
    assert "alert" in page
    assert not re.search(r"<(script|img)[^>]*>?[^<>]*alert", page)


def test_a_file_handed_in_shadows_nothing_and_can_be_imported(graded: Classroom) -> None:
    [output] = own_cell(graded, "a_file_that_shadows")["outputs"]
    assert "imported" in str(output["data"])


def test_what_a_link_leads_to_is_not_handed_to_the_students_code(graded: Classroom) -> None:
    [output] = own_cell(graded, "a_link")["outputs"]
    assert "plain.txt a plain file" in "".join(output["text"])
    assert "linked.txt" not in "".join(output["text"])
    kept = graded.graded_notebook("a_link").parent
    assert sorted(path.name for path in kept.iterdir() if path.suffix == ".txt") == ["plain.txt"]


def test_only_what_was_not_handed_in_goes_ungraded(graded: Classroom) -> None:
    assert {name for name in STUDENTS if not graded.mark(name).graded} == NOT_GRADED


# Reading a file.


def write(tmp_path: Path, content: bytes | str) -> Path:
    path = tmp_path / NAME
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def minimal(**changes: Any) -> dict[str, Any]:
    cell = {"cell_type": "code", "metadata": {}, "source": SOLUTION, "outputs": []}
    cell["execution_count"] = None
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 0, **changes}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_a_notebook_in_any_encoding_of_json_is_read(tmp_path: Path, encoding: str) -> None:
    source = json.dumps(minimal(metadata={"author": "Zoë"}), ensure_ascii=False)
    assert read_submission(write(tmp_path, source.encode(encoding))).cells[0].source == SOLUTION


@pytest.mark.parametrize(
    ("before", "behind"), [("\ufeff\ufeff", ""), ("", "\x1a"), ("", "\0" * 512)]
)
def test_what_editors_and_disks_leave_around_a_notebook_costs_nothing(
    tmp_path: Path, before: str, behind: str
) -> None:
    read = read_submission(write(tmp_path, before + json.dumps(minimal()) + behind))
    assert read.cells[0].source == SOLUTION


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_lines_end_as_the_course_ends_them_whatever_the_editor(tmp_path: Path, end: str) -> None:
    [cell] = minimal()["cells"]
    whole = minimal(cells=[cell | {"source": SOLUTION.replace("\n", end)}])
    assert read_submission(write(tmp_path, json.dumps(whole))).cells[0].source == SOLUTION


def test_of_a_merge_in_git_the_remedy_is_told(tmp_path: Path) -> None:
    merged = json.dumps(minimal(), indent=1).replace(' "cells"', '<<<<<<< HEAD\n "cells"', 1)
    with pytest.raises(Unreadable, match="marks of a merge") as failed:
        read_submission(write(tmp_path, merged))
    assert "git checkout --ours" in failed.value.remedy


def test_a_notebook_of_format_3_is_read(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = nbformat.from_dict(minimal())
        whole.cells[0].metadata = {"nbgrader": {"grade_id": "write_double"}}
        old = nbformat.writes(whole, version=3)
    cell = read_submission(write(tmp_path, old)).cells[0]
    assert (cell.source, cell.metadata.nbgrader.grade_id) == (SOLUTION, "write_double")


@pytest.mark.parametrize("version", [5, 3, 0, "4", "5", None, 4.5, True, [4], "x" * 999])
def test_cells_are_read_whatever_version_the_file_says_it_has_and_that_is_told(
    tmp_path: Path, version: Any
) -> None:
    said: list[str] = []
    path = write(tmp_path, json.dumps(minimal(nbformat=version)))
    [cell] = read_submission(path, said.append).cells
    assert cell.source == SOLUTION
    [told] = said
    assert told.startswith(f"its version of notebooks is {version!r:.40}, expected 4")


def test_of_a_notebook_of_version_4_nothing_is_told(tmp_path: Path) -> None:
    said: list[str] = []
    for version in (4, 4.0):
        path = write(tmp_path, json.dumps(minimal(nbformat=version)))
        assert len(read_submission(path, said.append).cells) == 1
    assert said == []


def test_cells_of_one_id_get_different_ones(tmp_path: Path) -> None:
    cell = {**minimal()["cells"][0], "id": "same"}
    read = read_submission(write(tmp_path, json.dumps(minimal(cells=[cell, cell, cell]))))
    assert len({cell.id for cell in read.cells}) == 3


@pytest.mark.parametrize(
    "cell",
    [
        {},
        {"cell_type": "code"},
        {"cell_type": "poem", "source": None, "metadata": None},
        {"cell_type": "code", "source": ["a", 3, None], "outputs": "none"},
        {"cell_type": "code", "source": "x", "metadata": {"nbgrader": [], "tags": 3, "\ud800": 1}},
        {"cell_type": "code", "source": "'\ud800'", "id": "\ud800"},
        {"cell_type": "markdown", "source": "x", "attachments": {"a": 3, "\ud800": {"a": 1}}},
        {"cell_type": "markdown", "source": "x", "id": "x" * 65},
        {"cell_type": "raw", "source": {}},
        "a text",
        None,
    ],
)
def test_a_notebook_with_an_odd_cell_is_read_and_can_be_written(tmp_path: Path, cell: Any) -> None:
    whole = minimal(cells=[cell, minimal()["cells"][0]])
    read = read_submission(write(tmp_path, json.dumps(whole)))
    assert isinstance(read, NotebookNode)
    assert read.cells[-1].source == SOLUTION
    nbformat.writes(read).encode()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"null", "it is not JSON"),
        (b"\xff\xfe\x00\xd8", "it is not JSON"),
        (bytes(range(256)), "it is not JSON"),
        (b"%PDF-1.4", "it is not JSON"),
        (b"{" * 100_000, "damaged"),
        (b'{"cells": ' + b"[" * 100_000, "damaged"),
        (b"{}", "does not say which version"),
        (b'{"cells": [], "nbformat": true}', "does not say which version"),
        (b'{"cells": 3, "nbformat": 4, "nbformat_minor": 5}', "damaged"),
        (b'{"cells": [], "nbformat": 5, "nbformat_minor": 0}', "damaged"),
        (b'{"cells": [], "nbformat": "4", "nbformat_minor": 0}', "damaged"),
        (b'{"cells": [], "nbformat": 4, "nbformat_minor": ' + b"1" * 5000 + b"}", "damaged"),
        (b'{"worksheets": [], "nbformat": 3, "nbformat_minor": 0, "metadata": 3}', "damaged"),
    ],
    ids=lambda value: repr(value[:30]),
)
def test_what_is_no_notebook_is_said_to_be_none(tmp_path: Path, content: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read_submission(write(tmp_path, content))


def test_a_file_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("course.grading.steps.reading.MAX_NOTEBOOK_MIB", 1)
    with pytest.raises(Unreadable, match="the file has 2 MiB; 1 are the most"):
        read_submission(write(tmp_path, json.dumps(minimal()) + " " * 2**21))


def test_a_link_a_folder_and_a_missing_file_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(write(tmp_path, json.dumps(minimal())))
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder", "nothing"):
        with pytest.raises(Unreadable, match="in the place of the file"):
            read_submission(tmp_path / name)


# What a student's process says a cell has shown.


@pytest.mark.parametrize(
    "output",
    [
        None,
        3,
        {},
        {"output_type": "poem"},
        {"output_type": "display_data"},
        {"output_type": "display_data", "data": {"text/html": "<b>", "image/svg+xml": "<svg>"}},
        {"output_type": "display_data", "data": {"image/png": "no base64!", 3: "x"}},
        {"output_type": "execute_result", "data": {"text/plain": ["a list"]}},
    ],
    ids=str,
)
def test_what_is_no_output_is_left_out(output: Any) -> None:
    assert clean_outputs([output]) == []


@pytest.mark.parametrize(
    "output",
    [
        {"output_type": "stream"},
        {"output_type": "stream", "name": ["x"], "text": 3, "evil": 1},
        {"output_type": "error"},
        {"output_type": "error", "ename": 1, "evalue": None, "traceback": [1, [2]]},
        {"output_type": "error", "traceback": "no list"},
        {"output_type": "execute_result", "data": {"text/plain": "x"}, "execution_count": "9"},
        {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {"a": "b"}},
    ],
    ids=str,
)
def test_whatever_is_shown_is_a_valid_output(output: Any) -> None:
    shown = clean_outputs([output])
    cell = nbformat.v4.new_code_cell(outputs=[nbformat.from_dict(one) for one in shown])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    assert len(shown) == 1


def test_outputs_without_end_are_cut() -> None:
    line = {"output_type": "stream", "text": "x"}
    assert len(clean_outputs([line] * 99_999)) == MAX_OUTPUTS
    long = {"output_type": "stream", "text": "x" * (MAX_SHOWN_CHARS // 2)}
    assert len(clean_outputs([long, long, long])) == 1
