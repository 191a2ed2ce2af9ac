"""`nbgrader export` and the exporters for Canvas and Moodle, by the real command and alone."""

from __future__ import annotations

import csv
import logging
import re
import shutil
from pathlib import Path

import pytest
from gradebooks import CLASS, LESSON, NOTEBOOK, OTHER, fill, nbgrader, open_book
from traitlets import import_item
from traitlets.config import Config

from course.grading.lms.export import CanvasExport, MoodleExport
from course.grading.lms.zips import LmsCollector, ZipExtractor
from course.lessons import course_root

#: As Canvas exports it, with what else its gradebooks hold.
CANVAS = '''\
\ufeffStudent,ID,SIS User ID,SIS Login ID,Section,Essay (31),Teacher Forcing (4711),Final Score
,,,,,,Manual Posting,
    Points Possible,,,,,20.00,10.00,(read only)
"Lee, Ann",101,U1,ann.lee,"Tue, 9:00",3.00,,55.10
"O'Neil, Jr., Bob",9102,,BOB@uni.example,A,4.00,1.00,60.00
"Åström, Zoë",9103,s3,zoe,A,,,
"=""=cmd|' /c calc'!A0""",104,U4,evelyn,A,5.00,EX,
"Gone, Gus",109,U9,gus@uni.example,A,1.00,3.00,
"Student, Test",110,,b2c3,A,,,
'''
MOODLE = """\
"First name","Last name","ID number","Email address","Assignment: Week 2 (Real)"
Ann,Lee,ann,Ann.Lee@uni.example,-
Bob,O'Neil,,bob@uni.example,3.00
Zoë,Åström,s3,zoe@uni.example,-
Gus,Gone,n9,gus@uni.example,-
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course folder with a class's gradebook."""
    folder = tmp_path_factory.mktemp("export")
    shutil.copy(course_root() / "nbgrader_config.py", folder)
    with open_book(folder) as gradebook:
        fill(gradebook)
    (folder / "from canvas.csv").write_text(CANVAS, encoding="utf-8")
    (folder / "from moodle.csv").write_text(MOODLE, encoding="utf-8")
    return folder


def run(
    kind: type[CanvasExport | MoodleExport], book: Path, target: Path, **settings: object
) -> list[dict[str, str]]:
    """Export in this process; return the rows that were written."""
    plugin = kind(config=Config({"ExportPlugin": {"to": str(target)}, kind.__name__: settings}))
    plugin.log = logging.getLogger("course.export")
    with open_book(book) as gradebook:
        plugin.export(gradebook)
    return table(target)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def unmatched(target: Path) -> dict[tuple[str, str], str]:
    rows = table(target.with_name(f"{target.stem}.unmatched.csv"))
    return {(row["found in"], row["id"]): row["why"] for row in rows}


def column(rows: list[dict[str, str]], title: str, key: str = "ID") -> dict[str, str]:
    return {row[key]: row[title] for row in rows}


@pytest.mark.slow
class TestTheRealCommand:
    def test_plain_export_has_a_row_for_everybody_and_every_lesson(self, book: Path) -> None:
        nbgrader("export", "--to=grades.csv", cwd=book)
        rows = table(book / "grades.csv")
        assert len(rows) == len(CLASS) * 2
        scores = {(r["assignment"], r["student_id"]): float(r["score"]) for r in rows if r["score"]}
        assert scores[LESSON, "ann"] == 6.5
        assert scores[OTHER, "s3"] == 5.0
        assert scores[OTHER, "nil"] == 0.0
        names = {row["student_id"]: row["last_name"] for row in rows}
        assert names["bob"] == "O'Neil, Jr."
        assert names["eve"] == '\'=HYPERLINK("http://x","y")'
        [late] = [row for row in rows if (row["assignment"], row["student_id"]) == (LESSON, "ann")]
        assert (late["raw_score"], late["late_submission_penalty"]) == ("7.0", "0.5")

    def test_plain_export_has_a_right_table_whatever_the_names_hold(
        self, book: Path, tmp_path: Path
    ) -> None:
        shutil.copy(book / "nbgrader_config.py", tmp_path)
        odd = {"a": 'Lee, "Ann"', "b": "Ray\nBob", "c": "x\r\ny", "d": "Zoë;Å\t", "e": "'\"'"}
        with open_book(tmp_path) as gradebook:
            gradebook.add_assignment(LESSON)
            for student, name in odd.items():
                gradebook.add_student(student, last_name=name)
        nbgrader("export", cwd=tmp_path)
        rows = table(tmp_path / "grades.csv")
        assert {row["student_id"]: row["last_name"] for row in rows} == odd
        assert {row["max_score"] for row in rows} == {"0.0"}
        nbgrader("export", '--student=["a"]', f'--assignment=["{LESSON}"]', cwd=tmp_path)
        assert [row["student_id"] for row in table(tmp_path / "grades.csv")] == ["a"]

    def test_canvas_exporter_takes_its_settings_from_the_command_line(self, book: Path) -> None:
        said = nbgrader(
            "export",
            "--exporter=course.grading.lms.export.CanvasExport",
            "--to=canvas.csv",
            "--CanvasExport.gradebook=from canvas.csv",
            f'--assignment=["{LESSON}"]',
            cwd=book,
        )
        assert column(table(book / "canvas.csv"), "Teacher Forcing (4711)")["101"] == "6.5"
        assert "canvas.unmatched.csv" in said
        assert "4 of Canvas's 6 students" in said
        assert "answers in 1 submission wait to be graded by hand" in said

    def test_moodle_exporter_takes_its_settings_from_the_configuration(self, book: Path) -> None:
        with (book / "nbgrader_config.py").open("a") as config:
            config.write(f"\nc.MoodleExport.items = {{{LESSON!r}: 'Assignment: Week 2'}}\n")
        nbgrader(
            "export",
            "--exporter=course.grading.lms.export.MoodleExport",
            "--to=moodle.csv",
            f'--assignment=["{LESSON}"]',
            cwd=book,
        )
        scores = column(table(book / "moodle.csv"), "Assignment: Week 2 (Real)", "Email address")
        assert scores["ann@uni.example"] == "6.5"


class TestCanvas:
    @pytest.fixture
    def filled(self, book: Path, tmp_path: Path) -> Path:
        run(CanvasExport, book, tmp_path / "c.csv", gradebook=str(book / "from canvas.csv"))
        return tmp_path / "c.csv"

    def test_students_are_found_by_id_number_login_or_email(self, filled: Path) -> None:
        scores = column(table(filled), "Teacher Forcing (4711)")
        assert (scores["101"], scores["9102"], scores["9103"]) == ("6.5", "4.25", "10")

    def test_excused_and_unmatched_cells_stay_as_canvas_has_them(self, filled: Path) -> None:
        scores = column(table(filled), "Teacher Forcing (4711)")
        assert (scores["104"], scores["109"], scores["110"]) == ("EX", "3.00", "")

    def test_rows_and_columns_that_canvas_needs_are_kept_as_they_were(self, filled: Path) -> None:
        lines = filled.read_text(encoding="utf-8").splitlines()
        assert lines[0] == "Student,ID,SIS User ID,SIS Login ID,Section,Teacher Forcing (4711)"
        assert lines[1:3] == [",,,,,Manual Posting", "    Points Possible,,,,,10.00"]
        assert lines[3] == '"Lee, Ann",101,U1,ann.lee,"Tue, 9:00",6.5'

    def test_other_columns_are_kept_only_on_request(self, book: Path, tmp_path: Path) -> None:
        source = str(book / "from canvas.csv")
        rows = run(CanvasExport, book, tmp_path / "o.csv", gradebook=source, other_columns=True)
        assert column(rows, "Essay (31)")["104"] == "5.00"
        assert column(rows, "Teacher Forcing (4711)")["101"] == "6.5"

    def test_both_sides_of_the_unmatched_are_listed(self, filled: Path) -> None:
        left = unmatched(filled)
        assert left["Canvas", "gus@uni.example"] == "not in nbgrader's gradebook"
        assert ("nbgrader", "nil") in left
        assert len(left) == 3

    def test_a_name_is_no_formula_in_the_file_or_in_the_list(
        self, book: Path, filled: Path, tmp_path: Path
    ) -> None:
        assert all(row["Student"][:1] not in "=+-@" or not row["Student"] for row in table(filled))
        new = run(CanvasExport, book, tmp_path / "new.csv")
        assert column(new, "Student")["104"] == """'=HYPERLINK("http://x","y"), Eve"""

    def test_a_row_that_contradicts_itself_is_nobody(self, book: Path, tmp_path: Path) -> None:
        source = tmp_path / "both.csv"
        source.write_text(CANVAS.replace("101,U1,ann.lee", "101,s3,ann.lee"), encoding="utf-8")
        rows = run(CanvasExport, book, tmp_path / "b.csv", gradebook=str(source))
        assert column(rows, "Teacher Forcing (4711)")["101"] == ""
        assert unmatched(tmp_path / "b.csv")["Canvas", "ann.lee"].startswith("contradicts itself")

    def test_two_rows_for_one_student_get_nothing(self, book: Path, tmp_path: Path) -> None:
        source = tmp_path / "twice.csv"
        source.write_text(CANVAS + "Ann again,555,,ann,A,,,\n", encoding="utf-8")
        rows = run(CanvasExport, book, tmp_path / "t.csv", gradebook=str(source))
        scores = column(rows, "Teacher Forcing (4711)")
        assert (scores["101"], scores["555"]) == ("", "")

    def test_semicolons_and_decimal_commas_are_understood(
        self, book: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        source, target = tmp_path / "de.csv", tmp_path / "out.csv"
        text = CANVAS.replace('"Tue, 9:00"', "Tue").replace(",", ";").replace("10.00", "20,00")
        source.write_text(text, encoding="utf-8")
        run(CanvasExport, book, target, gradebook=str(source))
        assert '"Lee; Ann";101;U1;ann.lee;Tue;6.5' in target.read_text(encoding="utf-8")
        assert f"{LESSON} has 10 points, and 20.00 in Canvas" in caplog.text

    def test_an_assignment_that_canvas_does_not_have_is_an_error(
        self, book: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        source = str(book / "from canvas.csv")
        with pytest.raises(SystemExit, match="1"):
            run(CanvasExport, book, tmp_path / "x.csv", gradebook=source, columns={LESSON: "77"})
        assert "no column is called '77'" in caplog.text
        assert "Essay (31), Teacher Forcing (4711)" in caplog.text

    def test_the_downloaded_file_is_never_written_over(
        self, tmp_path: Path, book: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        source = tmp_path / "mine.csv"
        source.write_text(CANVAS, encoding="utf-8")
        with pytest.raises(SystemExit, match="1"):
            run(CanvasExport, book, source, gradebook=str(source))
        assert source.read_text(encoding="utf-8") == CANVAS

    def test_without_canvass_file_a_whole_one_is_written(self, book: Path, tmp_path: Path) -> None:
        columns = {LESSON: "Week 2 (4711)"}
        run(CanvasExport, book, tmp_path / "n.csv", columns=columns, missing="zero")
        lines = (tmp_path / "n.csv").read_text(encoding="utf-8").splitlines()
        head = "Student,ID,SIS User ID,SIS Login ID,Section"
        assert lines[0] == f"{head},Week 2 (4711),{OTHER}"
        assert lines[1] == "    Points Possible,,,,,10,10"
        assert '"Lee, Ann",101,,ann,,6.5,2.5' in lines
        assert '"Null, Nil",105,,nil,,0,0' in lines


class TestMoodle:
    def test_only_students_with_a_key_and_a_score_are_in_it(
        self, book: Path, tmp_path: Path
    ) -> None:
        rows = run(MoodleExport, book, tmp_path / "m.csv", assignment=[LESSON])
        assert [row["Email address"] for row in rows] == [
            "eve@uni.example",
            "ann@uni.example",
            "Bob@Uni.example",
            "zoe@uni.example",
        ]
        assert unmatched(tmp_path / "m.csv") == {("nbgrader", "nil"): "has no Email address"}

    def test_feedback_is_what_a_person_wrote_and_no_formula(
        self, book: Path, tmp_path: Path
    ) -> None:
        rows = run(MoodleExport, book, tmp_path / "m.csv", assignment=[LESSON])
        said = column(rows, f"{LESSON} (Feedback)", "Email address")
        assert said["ann@uni.example"] == '\'=Good, but "slow"\nSee page 3.'
        assert said["zoe@uni.example"] == ""

    def test_users_are_written_as_moodle_spells_them(self, book: Path, tmp_path: Path) -> None:
        target, source = tmp_path / "m.csv", str(book / "from moodle.csv")
        rows = run(MoodleExport, book, target, participants=source, assignment=[LESSON])
        scores = column(rows, f"{LESSON} (Real)", "Email address")
        found = {"Ann.Lee@uni.example": "6.5", "bob@uni.example": "4.25", "zoe@uni.example": "10"}
        assert scores == found
        left = unmatched(target)
        assert left["Moodle", "n9"] == "not in nbgrader's gradebook"
        assert left["nbgrader", "eve"] == "not in Moodle's file"

    def test_users_are_found_in_a_list_from_a_german_moodle(
        self, book: Path, tmp_path: Path
    ) -> None:
        source = tmp_path / "users.csv"
        headings = "Vorname,Nachname,ID-Nummer,E-Mail-Adresse,Status"
        source.write_text("\n".join([headings, *MOODLE.splitlines()[1:]]), encoding="utf-8")
        target = tmp_path / "m.csv"
        rows = run(MoodleExport, book, target, participants=str(source), assignment=[LESSON])
        assert set(column(rows, f"{LESSON} (Real)", "Email address")) == {
            "Ann.Lee@uni.example",
            "bob@uni.example",
            "zoe@uni.example",
        }

    def test_a_gap_between_lessons_is_a_dash_and_warned_of(
        self, book: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        rows = run(MoodleExport, book, tmp_path / "m.csv", feedback=False, key="Username")
        assert column(rows, f"{OTHER} (Real)", "Username") == {
            "ann": "2.5",
            "bob": "-",
            "eve": "-",
            "s3": "5",
        }
        assert "No score in some of the lessons: 2 students" in caplog.text


def test_a_submission_that_was_never_graded_is_no_zero(
    book: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("gradebook.db", "nbgrader_config.py"):
        shutil.copy(book / name, copy)
    with open_book(copy) as gradebook:
        gradebook.find_grade("test", NOTEBOOK, LESSON, "ann").auto_score = None
        gradebook.db.commit()
    rows = run(CanvasExport, copy, tmp_path / "c.csv", assignment=[LESSON])
    assert column(rows, LESSON)["101"] == ""
    assert "no score was written for ann: not graded" in caplog.text


def test_the_list_of_the_unmatched_goes_when_all_are_matched(book: Path, tmp_path: Path) -> None:
    target = tmp_path / "m.csv"
    (tmp_path / "m.unmatched.csv").write_text("old")
    run(MoodleExport, book, target, student=["ann"])
    assert not (tmp_path / "m.unmatched.csv").exists()


def test_what_cannot_be_exported_ends_the_command_with_a_message(
    book: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit, match="1"):
        run(CanvasExport, book, tmp_path / "none.csv", gradebook=str(tmp_path / "missing.csv"))
    assert "missing.csv cannot be read" in caplog.text
    assert not (tmp_path / "none.csv").exists()


@pytest.mark.parametrize("name", ["CanvasExport", "GradesExport", "MoodleExport"])
def test_an_exporters_former_path_leads_to_it_and_says_the_new_one(name: str) -> None:
    new = f"course.grading.lms.export.{name}"
    with pytest.warns(DeprecationWarning, match=f"is now {new}"):
        assert import_item(f"course.grading.export.{name}") is import_item(new)


def test_every_setting_in_the_document_is_one_and_every_one_is_explained() -> None:
    text = (course_root() / "docs" / "scale.md").read_text(encoding="utf-8")
    for kind in (CanvasExport, MoodleExport, LmsCollector, ZipExtractor):
        traits = kind.class_traits(config=True)
        for name in re.findall(rf"{kind.__name__}\.(\w+)", text):
            assert name in traits, f"{kind.__name__}.{name}"
        assert all(trait.help for trait in traits.values())
    own = set(CanvasExport.class_own_traits(config=True))
    own |= set(MoodleExport.class_own_traits(config=True))
    assert [name for name in own if name not in text] == []
