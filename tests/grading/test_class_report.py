"""The class report: what it finds, what it shows, and what it never does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from elements import Elements
from nbgrader.api import Gradebook
from nbgrader.server_extensions.formgrader.handlers import default_handlers

from course.grading import report
from course.grading.classes.made_up import fill_in
from course.grading.classes.temporary import Classroom
from course.grading.report import tables
from course.grading.report.command import collect
from course.grading.report.facts import ClassFacts, Fault
from course.grading.report.page import page
from course.grading.report.tables import ReportTable
from course.lessons import LessonError, answers

pytestmark = [pytest.mark.slow(seconds=15), pytest.mark.usefixtures("warm_judge")]

LESSON_ID = "01_decoder_cells"
EVIL = "<script>alert('x')</script>"


def nested(text: str) -> Elements:
    return Elements(text, nested=True)


# What a class that the judge graded looks like.


@pytest.fixture(scope="module")
def graded_class(new_class: Callable[..., Classroom]) -> Classroom:
    """A class with every kind of submission, graded by the real judge."""
    room = new_class("report")
    room.config.Judge.call_timeout = 2.0
    right = answers(room.lesson)
    notebook = room.folder / "release" / LESSON_ID / "decoder_cells.ipynb"
    doubles = {
        "right": right["write_double"],
        "wrong": right["write_double"].replace("2 * x", "3 * x"),
        "hangs": "import time\ndef double(x):\n    time.sleep(99)",
        "dies": "import os\ndef double(x):\n    os._exit(3)",
        "stops": f'raise ValueError("{EVIL}")',
        "=2+5|' <b>": f'def double(x):\n    raise ValueError("{EVIL}")',
    }
    for student, double in doubles.items():
        room.hand_in(student, fill_in(notebook, {**right, "write_double": double}))
    room.hand_in("unsolved", notebook.read_bytes())
    room.hand_in("unreadable", "{" * 30)
    assert room.autograde() == []
    room.hand_in("not graded", notebook.read_bytes())
    with Gradebook(f"sqlite:///{room.folder / 'gradebook.db'}", "teacher_forcing") as gradebook:
        gradebook.add_student("absent", first_name="Ann", last_name=EVIL)
    return room


@pytest.fixture(scope="module")
def facts(graded_class: Classroom) -> ClassFacts:
    return collect(graded_class.folder, "1")


@pytest.fixture
def at_home(graded_class: Classroom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The class's folder as the course that the command works on."""
    monkeypatch.setenv("COURSE_ROOT", str(graded_class.folder))
    yield graded_class.folder
    shutil.rmtree(graded_class.folder / "reports", ignore_errors=True)


def test_marks_are_those_of_the_gradebook(facts: ClassFacts, graded_class: Classroom) -> None:
    assert {s.student: s.test_points for s in facts.standings} == {
        s: sum(graded_class.scores(s).values()) for s in (s.student for s in facts.standings)
    }
    assert {s.student for s in facts.standings if s.test_points == 5} == {"right"}


def test_each_kind_of_fault_is_named(facts: ClassFacts) -> None:
    assert {fault.student: fault.kind for fault in facts.faults} == {
        "hangs": "hang",
        "dies": "crash",
        "stops": "stopped cell",
        "unreadable": "unreadable",
        "not graded": "not graded",
    }


def test_a_fault_is_listed_once_with_all_its_claims(facts: ClassFacts) -> None:
    (hang,) = [fault for fault in facts.faults if fault.kind == "hang"]
    assert hang.where == ("Every number is doubled.", "The argument is left as it was.")


def test_only_what_nothing_explains_is_to_be_read(facts: ClassFacts) -> None:
    unexplained = {(one.student, one.grade_id) for one in facts.unexplained}
    assert unexplained == {
        ("wrong", "every_number_is_doubled"),
        ("=2+5|' <b>", "every_number_is_doubled"),
        ("=2+5|' <b>", "the_argument_is_left"),
    }


def test_the_graded_notebook_of_an_answer_to_read_is_there(
    facts: ClassFacts, graded_class: Classroom
) -> None:
    paths = [row[-1] for row in tables.unexplained(facts).rows]
    assert paths
    assert all((graded_class.folder / str(path)).is_file() for path in paths)


def test_unreadable_submissions_do_not_count_in_claims(facts: ClassFacts) -> None:
    assert [c.full + c.part + c.none for c in facts.claims] == [7, 7, 7]
    assert facts.claims[0].claim == "Every number is doubled."
    assert facts.claims[2].share == pytest.approx(6 / 7)


def test_who_handed_in_nothing_is_listed(facts: ClassFacts) -> None:
    assert facts.absent == ("absent",)


def test_a_gradebook_in_step_gives_no_remarks(facts: ClassFacts) -> None:
    assert facts.remarks == ()


def test_the_command_writes_a_page_and_tables(
    at_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report.main([LESSON_ID, "--output", str(tmp_path / "new" / "folder")]) == 0
    written = {path.name for path in (tmp_path / "new" / "folder").iterdir()}
    assert written == {"report.html", *(f"{make_name(make)}.csv" for make in tables.ALL)}
    assert "8 submissions graded, 5 with faults" in capsys.readouterr().out


def make_name(make: Callable[[ClassFacts], ReportTable]) -> str:
    empty = ClassFacts("", "", "", 1, 1, (), (), (), (), (), (), ())
    return make(empty).name


def test_the_report_lies_where_no_student_gets_it(at_home: Path) -> None:
    assert report.main(["1"]) == 0
    assert (at_home / "reports" / LESSON_ID / "report.html").is_file()


def test_a_report_changes_nothing_of_the_class(at_home: Path, tmp_path: Path) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in at_home.rglob("*") if path.is_file()}

    before = files()
    assert report.main(["1", "--output", str(tmp_path)]) == 0
    assert files() == before


# What goes wrong, and is said.


@pytest.mark.parametrize("wanted", ["7", "nonsense", ""])
def test_an_unknown_lesson_is_an_error_that_lists_the_lessons(
    at_home: Path, capsys: pytest.CaptureFixture[str], wanted: str
) -> None:
    assert report.main([wanted]) == 2
    assert f"there are: {LESSON_ID}" in capsys.readouterr().err


def test_a_course_without_autograded_is_an_error(
    released: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    shutil.copytree(released, tmp_path / "class")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path / "class"))
    assert report.main(["1"]) == 2
    assert f"nbgrader autograde {LESSON_ID}" in capsys.readouterr().err
    (tmp_path / "class" / "autograded").mkdir()
    with pytest.raises(LessonError, match="no submission of"):
        collect(tmp_path / "class", "1")


def test_a_folder_that_is_no_course_is_an_error(
    tiny_course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    shutil.copytree(tiny_course / "source", tmp_path / "source")
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    assert report.main(["1"]) == 2
    assert "is this the course's folder?" in capsys.readouterr().err


def copy_of(room: Classroom, tmp_path: Path) -> Path:
    shutil.copytree(room.folder, tmp_path / "copy")
    return tmp_path / "copy"


def test_without_a_gradebook_marks_are_the_judges(graded_class: Classroom, tmp_path: Path) -> None:
    root = copy_of(graded_class, tmp_path)
    (root / "gradebook.db").unlink()
    facts = collect(root, "1")
    assert max(standing.points for standing in facts.standings) == 5
    assert "no gradebook" in facts.remarks[0].problem
    assert not (root / "gradebook.db").exists(), "reading made an empty gradebook"


def test_a_file_that_is_no_gradebook_is_an_error(
    graded_class: Classroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    root = copy_of(graded_class, tmp_path)
    (root / "gradebook.db").write_bytes(b"no gradebook " * 1000)
    monkeypatch.setenv("COURSE_ROOT", str(root))
    assert report.main(["1"]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_points_by_hand_and_lateness_count(graded_class: Classroom, tmp_path: Path) -> None:
    root = copy_of(graded_class, tmp_path)
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}", "teacher_forcing") as gradebook:
        found = gradebook.find_submission_notebook("decoder_cells", LESSON_ID, "wrong")
        found.late_submission_penalty = 1.5
        grade = gradebook.find_grade("every_number_is_doubled", "decoder_cells", LESSON_ID, "wrong")
        grade.manual_score = 1.0
        by_hand = gradebook.find_grade("why", "decoder_cells", LESSON_ID, "wrong")
        by_hand.manual_score = 3.0
        gradebook.db.commit()
    facts = collect(root, "1")
    (standing,) = [s for s in facts.standings if s.student == "wrong"]
    assert (standing.test_points, standing.points, standing.late_penalty) == (4.0, 5.5, 1.5)
    assert not [one for one in facts.unexplained if one.student == "wrong"]


def test_broken_and_old_files_are_told_of_and_the_rest_is_shown(
    graded_class: Classroom, tmp_path: Path
) -> None:
    root = copy_of(graded_class, tmp_path)

    def spoil(student: str, change: Callable[[str], str]) -> None:
        path = root / "autograded" / student / LESSON_ID / "decoder_cells.diagnosis.json"
        path.write_text(change(path.read_text()))

    spoil("right", lambda text: text[:100])
    spoil("wrong", lambda text: text.replace('"cell_errors"', '"errors"'))
    spoil("hangs", lambda text: text.replace('"hangs"', '"right"'))
    spoil("dies", lambda text: text.replace('"score": 2.0', '"score": NaN'))
    spoil("stops", lambda _: "[" * 200_000)
    spoil("unsolved", lambda _: "[]")
    facts = collect(root, "1")
    told = {remark.student: remark.problem for remark in facts.remarks}
    assert "is not JSON" in told["right"]
    assert "'cell_errors'" in told["wrong"]
    assert "was it copied?" in told["hangs"]
    assert "'score'" in told["dies"]
    assert set(told) == {"right", "wrong", "hangs", "dies", "stops", "unsolved"}
    assert len(facts.standings) == 8
    assert {fault.student for fault in facts.faults} == {"unreadable", "not graded"}


# How they are shown.


@pytest.fixture(scope="module")
def shown(facts: ClassFacts) -> str:
    hostile = Fault(f"{EVIL}\ud800", "crash", f"{EVIL}\x00\u202e", (EVIL,))
    return page(
        replace(facts, title=f"Doubling {EVIL} $\\frac$", faults=(*facts.faults, hostile)), "today"
    )


def test_no_text_of_a_students_becomes_markup(shown: str) -> None:
    assert "alert(" in shown
    assert "<script" not in shown
    assert "<b>" not in shown
    assert not {"script", "img", "iframe", "object", "form"} & {
        tag for tag, _ in nested(shown).seen
    }


def test_the_page_loads_nothing_and_runs_nothing(shown: str) -> None:
    tags = nested(shown)
    policy = [meta["content"] for meta in tags.named("meta") if "http-equiv" in meta]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]
    for _, attributes in tags.seen:
        assert not any(name.startswith("on") for name in attributes)
        links = [attributes.get(name) or "#" for name in ("href", "src", "xlink:href")]
        assert all(link.startswith("#") for link in links), links
    assert "@import" not in shown
    assert re.search(r"url\((?!#)", shown) is None


def test_students_lead_into_formgrader_where_its_address_is_known(
    facts: ClassFacts, graded_class: Classroom
) -> None:
    linked = page(facts, "today", "http://localhost:8888/base/")
    links = [a["href"] for a in nested(linked).named("a") if not a["href"].startswith("#")]
    known = set(facts.submissions.values())
    assert len(known) == 8, "all but who is not graded and who handed in nothing"
    assert {link.split("/")[-2] for link in links} == known
    with Gradebook(f"sqlite:///{graded_class.folder / 'gradebook.db'}") as gradebook:
        for link in links:
            path = link.removeprefix("http://localhost:8888/base")
            assert any(re.fullmatch(pattern, path) for pattern, *_ in default_handlers), path
            assert gradebook.find_submission_notebook_by_id(link.split("/")[-2])


@pytest.mark.parametrize("address", ["", "no", "javascript:alert(1)//http://"])
def test_without_an_address_nobody_is_linked(facts: ClassFacts, address: str) -> None:
    made = page(facts, "today", address)
    assert all(a["href"].startswith("#") for a in nested(made).named("a"))


def test_the_command_finds_the_server_that_has_the_course_open(
    at_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = [
        {"url": "http://localhost:9999/", "root_dir": str(tmp_path)},
        {"url": "http://localhost:8890/", "root_dir": str(at_home)},
    ]
    monkeypatch.setattr("course.grading.report.command.list_running_servers", lambda: servers)
    assert report.main(["1", "--output", str(tmp_path)]) == 0
    assert "http://localhost:8890/formgrader/" in (tmp_path / "report.html").read_text("utf-8")
    assert report.main(["1", "--output", str(tmp_path), "--formgrader", "no"]) == 0
    assert "/formgrader/" not in (tmp_path / "report.html").read_text("utf-8")


def test_an_address_that_is_none_is_refused(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        report.main(["1", "--formgrader", "localhost"])
    assert "an address such as http://127.0.0.1:8888/" in capsys.readouterr().err


def test_tables_name_students_beside_their_ids(facts: ClassFacts) -> None:
    called = {"=2+5|' <b>": EVIL, "hangs": "Hanna Ng"}
    told = replace(facts, names=called)
    for make in (tables.faults, tables.unexplained, tables.remarks, tables.by_claim):
        table = make(told)
        assert table.columns[:2] == ("student", "name")
        for row in table.rows:
            assert row[1] == called.get(str(row[0]), "")
    shown = page(told, "today")
    assert "Hanna Ng" in shown
    assert "<script" not in shown


def test_every_picture_has_an_alternative_text_and_a_table(shown: str) -> None:
    tags = nested(shown)
    pictures = tags.named("svg")
    assert len(pictures) == 2, "marks and claims; there is no known mistake in the tiny lesson"
    for picture in pictures:
        assert picture["role"] == "img"
        for id_ in str(picture["aria-labelledby"]).split():
            assert re.search(rf'id="{id_}">[^<]+<', shown)
    assert len(re.findall(r"</figure><details[^>]*><summary>Table: ", shown)) == 2


def test_no_id_is_there_twice_and_every_link_has_its_end(shown: str) -> None:
    ids = [attributes["id"] for _, attributes in nested(shown).seen if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = re.findall(r'(?:href="|url\()#([^")]+)', shown)
    assert wanted
    assert set(wanted) <= set(ids)


def test_pictures_take_the_texts_colour_in_light_and_dark(shown: str) -> None:
    assert "currentColor" in shown
    assert "#010203" not in shown
    assert "prefers-color-scheme: dark" in shown


def test_tables_scroll_by_keyboard(shown: str) -> None:
    scrolls = [a for tag, a in nested(shown).seen if tag == "div" and a.get("class") == "scroll"]
    assert scrolls
    assert all(a["tabindex"] == "0" and a["role"] == "region" and a["aria-label"] for a in scrolls)
