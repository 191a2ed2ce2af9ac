"""The class report of facts that were made up: its tables as files, its page, and its size."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from elements import Elements
from made_facts import diagnosed, facts_of, outcome

from course.grading.report import tables
from course.grading.report.command import write
from course.grading.report.diagnoses import NamedMistake, Noted
from course.grading.report.page import page
from course.grading.report.tables import ReportTable
from course.lessons import Lesson

EVIL = "<script>alert('x')</script>"


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


def test_markup_is_shown_as_text_wherever_facts_have_some(lesson: Lesson) -> None:
    wrong = NamedMistake(EVIL, EVIL, EVIL)
    texts: dict[str, Any] = {"claim": EVIL, "message": EVIL, "faults": (Noted("time", EVIL),)}
    told = facts_of(
        lesson,
        diagnosed(EVIL, outcome(0.0, **texts), cell_errors=((EVIL, Noted("error", EVIL)),)),
        diagnosed("named", outcome(0.0, claim=EVIL, mistakes=(wrong,))),
        diagnosed("to read", outcome(0.0, claim=EVIL, message=EVIL)),
        diagnosed("no notebook", unreadable=EVIL),
        broken={EVIL + EVIL: EVIL},
        handed_in={"not graded": EVIL},
    )
    named = dict.fromkeys(told.points, EVIL)
    made = page(replace(told, title=EVIL, lesson_id=EVIL, names=named, absent=(EVIL,)), EVIL, EVIL)
    assert made.count("alert(") > 30
    assert not {"script", "b", "img"} & {tag for tag, _ in Elements(made, nested=True).seen}


def test_a_page_can_be_made_of_an_ungraded_class(lesson: Lesson, tmp_path: Path) -> None:
    facts = facts_of(lesson, handed_in={"ann": ""})
    assert "Nobody has been graded yet" in write(facts, tmp_path).read_text(encoding="utf-8")


def test_known_mistakes_are_drawn_with_some_of_those_who_made_them(lesson: Lesson) -> None:
    evil = NamedMistake("double", "adds_two", "You wrote $\\frac$; multiply.")
    students = [f"s{i}" for i in range(9)]
    made = page(
        facts_of(lesson, *(diagnosed(s, outcome(0.0, mistakes=(evil,))) for s in students)), ""
    )
    assert "s0, s1, s2, s3, s4 and 4 more" in made
    assert "Commonest: adds_two in double, 9 students." in made
    assert Elements(made, nested=True).named("svg")
