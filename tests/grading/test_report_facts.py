"""How the class report puts marks, diagnoses and faults together."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from made_facts import MISTAKE, diagnosed, facts_of, graded, outcome

from course.grading.confinement.limits import Limits
from course.grading.confinement.usage import too_many, too_much
from course.grading.judge.plan import ERROR, FAULTS, LOCKED, TestResult
from course.grading.report import tables
from course.grading.report.diagnoses import (
    BrokenDiagnosis,
    Findings,
    Noted,
    kind_of,
    read_diagnosis,
)
from course.grading.report.gather import FAULT_NAMES
from course.grading.report.lessonmarks import Grade, GradebookRow, LessonMarks
from course.lessons import Lesson

LESSON_ID = "01_decoder_cells"


# How facts are put together.


def test_what_a_stopped_cell_explains_is_not_to_be_read(lesson: Lesson) -> None:
    missing = outcome(0.0, message="rnn: it stopped with NameError: name 'helper' is not defined")
    wrong = outcome(0.0, grade_id="the_argument_is_left")
    stopped = (("write_double", Noted(ERROR, "ValueError: no")),)
    facts = facts_of(
        lesson,
        diagnosed("ann", missing, wrong, cell_errors=stopped),
        diagnosed("bob", missing),
        book=LessonMarks(problem="none"),
    )
    assert [(one.student, one.grade_id) for one in facts.unexplained] == [
        ("bob", "every_number_is_doubled"),
        ("ann", "the_argument_is_left"),
    ]


def test_marks_without_diagnoses_are_told_of(lesson: Lesson) -> None:
    facts = facts_of(lesson, book=LessonMarks(rows={"ann": graded(2.0)}))
    assert [r.student for r in facts.remarks] == ["ann"]
    assert "marks without diagnoses" in facts.remarks[0].problem
    assert facts.standings[0].test_points == 2


def test_diagnoses_without_marks_are_told_of(lesson: Lesson) -> None:
    facts = facts_of(
        lesson, diagnosed("ann", outcome()), book=LessonMarks(rows={"bob": graded(None)})
    )
    assert [(r.student, r.problem.partition(":")[0]) for r in facts.remarks] == [
        ("ann", "diagnoses without marks")
    ]
    assert [(f.student, f.kind) for f in facts.faults] == [("bob", "not graded")]


@pytest.mark.parametrize(("automatic", "says"), [(1.0, "gradebook 1"), (None, "gradebook none")])
def test_other_points_in_the_gradebook_are_told_of(
    lesson: Lesson, automatic: float | None, says: str
) -> None:
    row = GradebookRow({**graded(automatic).grades, "the_sum_counts": Grade(2.0, None, 0.0, False)})
    facts = facts_of(lesson, diagnosed("ann", outcome()), book=LessonMarks(rows={"ann": row}))
    assert says in facts.remarks[0].problem


def test_a_mistake_counts_each_student_once(lesson: Lesson) -> None:
    twice = [outcome(0.0, mistakes=(MISTAKE,)), outcome(0.0, mistakes=(MISTAKE,))]
    facts = facts_of(
        lesson, diagnosed("bob", *twice), diagnosed("ann", twice[0]), diagnosed("cem", outcome())
    )
    assert [(m.mistake, m.students) for m in facts.mistakes] == [(MISTAKE, ("ann", "bob"))]
    assert facts.unexplained == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"faults": (Noted("time", "`double` gave no answer within 10 s"),)},
        {"mistakes": (MISTAKE,)},
        {"message": "the function is not written yet"},
        {"called": ()},
        {"score": 2.0},
    ],
)
def test_what_is_explained_is_not_to_be_read(lesson: Lesson, fields: dict[str, Any]) -> None:
    assert facts_of(lesson, diagnosed("ann", outcome(0.0))).unexplained
    assert not facts_of(lesson, diagnosed("ann", outcome(**{"score": 0.0, **fields}))).unexplained


def test_messages_that_many_share_come_first(lesson: Lesson) -> None:
    messages = {"ann": "rare", "bob": "common", "cem": "common"}
    facts = facts_of(lesson, *(diagnosed(s, outcome(0.0, message=m)) for s, m in messages.items()))
    assert [one.message for one in facts.unexplained] == ["common", "common", "rare"]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("this cell did not end within 30 s", "time"),
        ("the calls of this test took over 30 s", "time"),
        ("the notebook as a whole took longer than 300 s", "time"),
        ("the process that runs your code ended; it ended with status 3", "died"),
        (f"the process that runs your code was ended: {too_much(Limits())}", "memory"),
        (f"the process that runs your code was ended: {too_many(Limits())}", "processes"),
        ("what came back is no answer: it is too long", "garbled"),
        ("RuntimeError: this cell did not end within 30 s", "error"),
    ],
)
def test_faults_without_a_kind_are_known_by_how_their_message_begins(
    message: str, kind: str
) -> None:
    assert kind_of(message) == kind


def test_each_kind_of_fault_has_a_name_in_the_report() -> None:
    assert set(FAULT_NAMES) == {*FAULTS, ERROR, LOCKED}


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ({"kind": "memory", "message": "any text"}, ("memory", "any text")),
        ({"message": "this cell did not end"}, ("time", "this cell did not end")),
        ("this cell did not end", ("time", "this cell did not end")),
        ("what came back is no answer", ("garbled", "what came back is no answer")),
    ],
)
def test_diagnoses_of_now_and_of_before_kinds_are_read(
    tmp_path: Path, raw: Any, read: tuple[str, str]
) -> None:
    test = asdict(TestResult("every_number_is_doubled", "It doubles.", 2.0, faults=[raw]))
    error = {"grade_id": "a", **(raw if isinstance(raw, dict) else {"message": raw})}
    whole = {"student": "ann", "lesson": LESSON_ID, "unreadable": "", "tests": [test]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(whole | {"cell_errors": [error]}))
    diagnosis = read_diagnosis(path, "ann", LESSON_ID)
    assert diagnosis.tests[0].faults == (Noted(*read),)
    assert diagnosis.cell_errors == (("a", Noted(*read)),)


def test_a_diagnosis_that_cannot_be_opened_is_broken(tmp_path: Path) -> None:
    with pytest.raises(BrokenDiagnosis, match="cannot be opened"):
        read_diagnosis(tmp_path, "ann", LESSON_ID)


@pytest.mark.parametrize("raw", [None, 3, {}, {"message": 3}, {"kind": 3, "message": "a"}, []])
def test_a_fault_that_is_none_is_a_broken_diagnosis(tmp_path: Path, raw: Any) -> None:
    test = asdict(TestResult("every_number_is_doubled", "It doubles.", 2.0, faults=[raw]))
    whole = {"student": "ann", "lesson": LESSON_ID, "unreadable": "", "tests": [test]}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(whole | {"cell_errors": []}))
    with pytest.raises(BrokenDiagnosis, match="no usable 'faults'"):
        read_diagnosis(path, "ann", LESSON_ID)


@pytest.mark.parametrize(
    ("score", "place"), [(0.0, 0), (0.19, 0), (0.2, 1), (1.99, 9), (2.0, 10), (2.5, 10)]
)
def test_only_full_marks_are_in_the_last_bar(score: float, place: int) -> None:
    assert tables.bin_counts([score], 2.0)[place] == 1


# What the tables count.


def test_a_claim_that_the_strong_earn_and_the_weak_do_not_tells_them_apart(lesson: Lesson) -> None:
    def one(student: str, first: float, second: float) -> Findings:
        tests = (
            outcome(first, message=""),
            outcome(second, grade_id="the_argument_is_left", message=""),
        )
        return diagnosed(student, *tests)

    strong = [one(f"s{i}", 2.0, 2.0) for i in range(5)]
    weak = [one(f"w{i}", 0.0, 0.0) for i in range(5)]
    unlike = [one(f"u{i}", 2.0, 0.0) for i in range(5)] + [one(f"v{i}", 0.0, 2.0) for i in range(5)]
    no_book = LessonMarks(problem="none")

    def told(*diagnoses: Findings) -> list[float | None]:
        claims = facts_of(lesson, *diagnoses, book=no_book).claims
        return [claim.discrimination for claim in claims[:2]]

    assert told(*strong, *weak) == pytest.approx([1.0, 1.0])
    assert told(*unlike) == pytest.approx([-1.0, -1.0])
    assert told(*strong, *weak[:4]) == [None, None], "of nine it would say more of chance"
    assert told(*strong, *[one(f"x{i}", 2.0, 2.0) for i in range(5)]) == [None, None]


def test_students_by_claims_has_no_zero_for_points_that_are_still_to_be_given(
    lesson: Lesson,
) -> None:
    rows = {
        "ann": GradebookRow(
            {
                "every_number_is_doubled": Grade(2.0, None, 0.0, False),
                "why": Grade(0.0, None, 0.0, True),
            },
            submission="4711",
        ),
        "bob": GradebookRow(
            {
                "every_number_is_doubled": Grade(0.0, 1.5, 0.25, False),
                "why": Grade(None, 3.0, 0.0, False),
            }
        ),
    }
    book = LessonMarks(
        {"ann": "Ann Lee", "bob": ""}, {"every_number_is_doubled": 2.0, "why": 3.0}, rows
    )
    facts = facts_of(lesson, book=book)
    table = tables.by_claim(facts)
    found = {row[0]: dict(zip(table.columns, row, strict=True)) for row in table.rows}
    assert found["ann"]["name"] == "Ann Lee"
    assert (found["ann"]["every_number_is_doubled"], found["ann"]["why"]) == (2.0, "")
    assert (found["bob"]["every_number_is_doubled"], found["bob"]["why"]) == (1.75, 3.0)
    assert facts.submissions == {"ann": "4711"}
    [answer] = tables.written(facts).rows
    assert answer == ("why", 3.0, 3.0, 1, 1)


def test_an_answer_that_changed_since_points_were_given_by_hand_is_told(lesson: Lesson) -> None:
    rows = {
        "ann": graded(2.0, by_hand=1.5, waits=True),
        "bob": graded(2.0, by_hand=1.5),
        "cem": graded(2.0, waits=True),
    }
    diagnoses = [diagnosed(student, outcome()) for student in rows]
    facts = facts_of(lesson, *diagnoses, book=LessonMarks(rows=rows))
    assert [r.student for r in facts.remarks] == ["ann"]
    assert "has changed since 1.5 points were given" in facts.remarks[0].problem
