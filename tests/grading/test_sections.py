"""Sections: put by command or from a table, and the filter of report, exports and extensions."""

from __future__ import annotations

import csv
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gradebooks import LESSON, NOTEBOOK, fill, open_book
from made_facts import diagnosed, graded, outcome
from nbgrader.api import Grade, Gradebook
from traitlets.config import Config

from course.grading.lms.export import CanvasExport, GradesExport, MoodleExport, QuestionsExport
from course.grading.lms.people import read_people
from course.grading.lms.sections import sections_in
from course.grading.records.csvfiles import CsvTable, TableError
from course.grading.records.due import extensions
from course.grading.records.sections import put, read_sections
from course.grading.report import tables
from course.grading.report.command import place
from course.grading.report.facts import ClassFacts
from course.grading.report.gather import class_facts, exercises_of
from course.grading.report.lessonmarks import LessonMarks, read_gradebook
from course.grading.report.page import page
from course.grading.rules import due, section
from course.lessons import Lesson, LessonError, course_root

ROOT = course_root()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with a class's gradebook and its lessons."""
    (tmp_path / "nbgrader_config.py").write_bytes((ROOT / "nbgrader_config.py").read_bytes())
    (tmp_path / "source").symlink_to(ROOT / "source")
    with open_book(tmp_path) as gradebook:
        fill(gradebook)
    monkeypatch.setenv("COURSE_ROOT", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def book(folder: Path) -> Iterator[Gradebook]:
    with open_book(folder) as gradebook:
        yield gradebook


def table(text: str) -> CsvTable:
    header, *rows = [tuple(line.split(",")) for line in text.strip().splitlines()]
    return CsvTable(header, tuple(rows))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("student,section\nann,A\nnew,B", {"ann": "A", "new": "B"}),
        (
            "Student,ID,SIS User ID,SIS Login ID,Section\nLee Ann,101,,x,A\nGus,9,U9,gus,B",
            {"ann": "A", "gus": "B"},
        ),
        (
            "First name,Last name,Email address,Groups\nAnn,Lee,ann@uni.example,A\n"
            "Bob,O'Neil,bob@uni.example,B",
            {"ann": "A", "bob": "B"},
        ),
        ("Vorname,Anmeldename,Gruppe\nAnn,ann,A", {"ann": "A"}),
        ("name,login_id,sections\nAnn,ann,A", {"ann": "A"}),
    ],
)
def test_a_table_of_ones_own_canvass_or_moodles_is_read(
    book: Gradebook, text: str, expected: dict[str, str]
) -> None:
    found = sections_in(table(text), read_people(book))
    assert (found.of, found.left) == (expected, [])


def test_a_row_that_is_nobody_for_certain_is_told_and_not_guessed(book: Gradebook) -> None:
    text = "student,email,section\nann,bob@uni.example,A\n,who@uni.example,B\nbob,,C"
    found = sections_in(table(text), read_people(book))
    assert found.of == {"bob": "C"}
    assert found.left == [
        "row 2: contradicts itself: student is ann's, Email address is bob's",
        "row 3: not in nbgrader's gradebook",
    ]


@pytest.mark.parametrize(
    ("text", "missing"), [("student,team\nann,A", "section"), ("who,section\nann,A", "student")]
)
def test_a_table_without_a_column_that_it_needs_is_refused(text: str, missing: str) -> None:
    with pytest.raises(TableError, match=f"the table has no column {missing}: it needs one for"):
        sections_in(table(text), [])


def test_students_are_put_into_sections_by_command(
    folder: Path, book: Gradebook, capsys: pytest.CaptureFixture[str]
) -> None:
    assert section.main(["B", "bob", "ann"]) == 0
    assert section.main(["A", "ann", "nobody.yet"]) == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "A: 2 students: ann, nobody.yet",
        "B: 1 student: bob",
        "in no section: 3 students: eve, nil, s3",
    ]
    assert section.main(["b"]) == 0
    assert capsys.readouterr().out == "B: 1 student: bob\n"
    assert section.main(["none", "bob"]) == 0
    assert read_sections(book) == {"ann": "A", "nobody.yet": "A"}


def test_a_file_says_who_is_left(
    folder: Path, book: Gradebook, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "s.csv").write_text("student,email,section\nann,,A\nbob,ann@uni.example,B\n")
    assert section.main(["--from", "s.csv"]) == 0
    assert "note: in no section: row 3: contradicts itself" in capsys.readouterr().out
    assert read_sections(book) == {"ann": "A"}
    assert section.main(["--from", "none.csv"]) == 2
    assert "none.csv" in capsys.readouterr().err


def test_a_section_gets_an_extension(book: Gradebook, capsys: pytest.CaptureFixture[str]) -> None:
    put(book, {"ann": "A", "bob": "A", "s3": "B"})
    assert due.main(["2", "--section", "a", "+24h"]) == 0
    assert set(extensions(book, LESSON)) == {"ann", "bob"}
    assert due.main(["2", "--section", "C", "+24h"]) == 2
    assert "nobody is in the section C; there are: A, B" in capsys.readouterr().err


def exported(kind: Any, book: Gradebook, to: Path, **settings: Any) -> list[dict[str, str]]:
    plugin = kind(config=Config({"ExportPlugin": {"to": str(to)}, kind.__name__: settings}))
    plugin.log = logging.getLogger("course.export")
    plugin.export(book)
    with to.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("kind", "column", "expected"),
    [
        (GradesExport, "student_id", {"ann", "s3"}),
        (QuestionsExport, "student_id", {"ann", "s3"}),
        (CanvasExport, "SIS Login ID", {"", "ann", "s3"}),  # of the points possible
        (MoodleExport, "Email address", {"ann@uni.example", "zoe@uni.example"}),
    ],
)
def test_every_exporter_writes_the_sections_that_were_asked_for(
    book: Gradebook, tmp_path: Path, kind: Any, column: str, expected: set[str]
) -> None:
    put(book, {"ann": "A", "bob": "B", "s3": "A"})
    rows = exported(kind, book, tmp_path / "x.csv", sections=["a"], assignment=[LESSON])
    assert {row[column] for row in rows} == expected


def test_a_section_of_nobody_is_an_error_and_not_everybody(
    book: Gradebook, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(book, {"ann": "A", "bob": "B"})
    with pytest.raises(SystemExit, match="1"):
        exported(GradesExport, book, tmp_path / "x.csv", sections=["C"])
    assert "nobody is in the section C; there are: A, B" in caplog.text
    with pytest.raises(SystemExit, match="1"):
        exported(GradesExport, book, tmp_path / "x.csv", sections=["A"], student=["bob"])
    assert "nobody of bob is in A" in caplog.text


def test_tables_name_the_section_where_there_are_some(book: Gradebook, tmp_path: Path) -> None:
    assert "section" not in exported(GradesExport, book, tmp_path / "x.csv")[0]
    put(book, {"ann": "=A"})
    rows = {row["student_id"]: row for row in exported(GradesExport, book, tmp_path / "x.csv")}
    assert (rows["ann"]["section"], rows["bob"]["section"]) == ("'=A", "")
    rows = {row["SIS Login ID"]: row for row in exported(CanvasExport, book, tmp_path / "c.csv")}
    assert rows["ann"]["Section"] == "'=A"


def test_marks_by_question_have_a_row_for_each_student_and_question(
    book: Gradebook, tmp_path: Path
) -> None:
    put(book, {"ann": "A"})
    about = {"max_score": 3.0, "cell_type": "markdown"}
    cell = book.add_grade_cell("answer", NOTEBOOK, LESSON, **about)
    for submitted in book.notebook_submissions(NOTEBOOK, LESSON):
        book.db.add(Grade(cell=cell, notebook=submitted))
    book.db.commit()
    given = book.find_grade("answer", NOTEBOOK, LESSON, "ann")
    given.manual_score, given.needs_manual_grade = 2.5, False
    book.db.commit()
    rows = exported(QuestionsExport, book, tmp_path / "q.csv", assignment=[LESSON])
    found = {(row["student_id"], row["question"]): row for row in rows}
    assert len(found) == len(rows) == 8
    ann, bob = found["ann", "answer"], found["bob", "answer"]
    assert (ann["score"], ann["max_score"], ann["waits"]) == ("2.5", "3", "no")
    assert (ann["graded_by"], ann["section"], ann["last_name"]) == ("a person", "A", "Lee")
    assert ann["comment"] == '\'=Good, but "slow"\nSee page 3.'
    assert (bob["score"], bob["waits"], bob["section"]) == ("", "yes", "")
    assert (found["ann", "test"]["graded_by"], found["ann", "test"]["score"]) == ("a test", "7")


@pytest.fixture
def class_of(lesson: Lesson) -> Callable[..., ClassFacts]:
    """Makes facts of three students, of whom two are in a section; one of them is to be read."""
    wrong = outcome(0.0)
    diagnoses = {
        "ann": diagnosed("ann", outcome()),
        "bob": diagnosed("bob", wrong),
        "cem": diagnosed("cem", wrong),
    }
    rows = {who: graded(one.tests[0].score) for who, one in diagnoses.items()}
    names = {"ann": "Ann Lee", "bob": "", "cem": "", "dee": "", "eve": ""}
    sections = {"ann": "A", "bob": "A", "dee": "A"}
    book = LessonMarks(names=names, rows=rows, sections=sections)
    return lambda section="": class_facts(lesson, diagnoses, {}, book, {}, section)


def test_a_report_of_a_section_is_about_its_students_alone(
    class_of: Callable[..., ClassFacts],
) -> None:
    facts = class_of("a")
    assert [one.student for one in facts.standings] == ["ann", "bob"]
    assert [one.student for one in facts.unexplained] == ["bob"]
    assert (facts.absent, facts.section) == (("dee",), "A")
    assert set(facts.points) == {"ann", "bob"}
    assert "class report, section A</h1>" in page(facts, "now")
    assert place(Path("x"), replace(facts, section="Tue, 9:00")).name == "section_Tue_9_00"
    with pytest.raises(LessonError, match="nobody is in the section B; there are: A"):
        class_of("B")


def test_the_report_of_a_class_names_sections(class_of: Callable[..., ClassFacts]) -> None:
    facts = class_of()
    for make in (tables.marks, tables.by_claim, tables.by_exercise, tables.unexplained):
        made = make(facts)
        assert made.columns[:3] == ("student", "name", "section")
        sections = {row[0]: row[2] for row in made.rows}
        assert sections["bob"] == "A"
        assert sections["cem"] == ""
    assert "section" not in tables.marks(class_of("A")).columns
    assert "section" not in tables.marks(replace(facts, sections={})).columns


def test_the_report_knows_sections_from_the_gradebook(folder: Path, book: Gradebook) -> None:
    put(book, {"ann": "A"})
    read = read_gradebook(f"sqlite:///{folder}/gradebook.db", "x", LESSON, NOTEBOOK)
    assert read.sections == {"ann": "A"}


def test_an_exercise_is_what_is_written_and_the_tests_that_follow(lesson: Lesson) -> None:
    assert exercises_of(lesson) == {
        "double": ("every_number_is_doubled", "the_argument_is_left"),
        "total": ("the_sum_counts",),
        "why": ("why",),
    }


def test_points_by_exercise_are_sums_and_empty_where_some_are_missing(
    class_of: Callable[..., ClassFacts],
) -> None:
    points = {
        "ann": {"every_number_is_doubled": 2.0, "the_argument_is_left": 0.5, "the_sum_counts": 1},
        "bob": {"every_number_is_doubled": 2.0},
    }
    made = tables.by_exercise(replace(class_of(), points=points, sections={}))
    assert made.columns == ("student", "name", "double", "total", "why")
    assert made.rows == (("ann", "Ann Lee", 2.5, 1, ""), ("bob", "", "", "", ""))
