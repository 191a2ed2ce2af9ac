"""The class report's tables as files, and its size for a large class."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from made_facts import diagnosed, facts_of, outcome

from course.grading.report import tables
from course.grading.report.command import write
from course.grading.report.diagnoses import Noted
from course.grading.report.tables import ReportTable
from course.lessons import Lesson, read_lesson

EVIL = "<script>alert('x')</script>"


@pytest.fixture
def lesson(tiny_course: Path) -> Lesson:
    return read_lesson(tiny_course / "source" / "01_decoder_cells" / "decoder_cells.ipynb")


def read_csv(table: ReportTable, folder: Path) -> list[list[str]]:
    table.write(folder)
    with (folder / f"{table.name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\uff1d1+1", "|x", "%0A=1", "\n=1"],
)
def test_no_cell_of_a_csv_file_is_a_formula(text: str, tmp_path: Path) -> None:
    ((_,), (cell,)) = read_csv(ReportTable("t", "", ("heading",), ((text,),)), tmp_path)
    assert cell[0] in "'\\", "an apostrophe, or the code of a control character"


def test_csv_files_give_back_what_went_in(tmp_path: Path) -> None:
    row = ('a "quoted", text', "two\nlines", "Zoë", 1.5, -2)
    table = ReportTable("t", "", ("a", "b", "c", "d", "e"), (row,))
    assert read_csv(table, tmp_path)[1] == [*map(str, row)]


def test_names_that_are_no_utf_8_can_be_written(lesson: Lesson, tmp_path: Path) -> None:
    facts = facts_of(lesson, diagnosed("caf\udce9", outcome(0.0, message="\x1b[31mred")))
    write(facts, tmp_path)
    assert "caf\\udce9" in (tmp_path / "marks.csv").read_text(encoding="utf-8-sig")
    assert "\\x1b[31mred" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_the_report_of_a_class_of_a_thousand_is_small(lesson: Lesson, tmp_path: Path) -> None:
    message = "row {} differs " + "<&> " * 100
    facts = facts_of(
        lesson,
        *(
            diagnosed(
                f"s{i}",
                outcome(i % 3, message=message.format(i)),
                cell_errors=(("", Noted("error", EVIL)),),
            )
            for i in range(1000)
        ),
    )
    made = write(facts, tmp_path)
    assert made.stat().st_size < 2_000_000
    rows = read_csv(tables.unexplained(facts), tmp_path)
    assert len(rows) - 1 == len(facts.unexplained) > 600
