"""Diagnoses, rows of a gradebook and facts of a class, made up for the report's tests."""

from __future__ import annotations

from typing import Any

from course.grading.report.diagnoses import (
    Findings,
    NamedMistake,
    TestOutcome,
)
from course.grading.report.facts import ClassFacts
from course.grading.report.gather import class_facts
from course.grading.report.lessonmarks import Grade, GradebookRow, LessonMarks
from course.lessons import Lesson

MISTAKE = NamedMistake("double", "adds_two", "You added two; multiply by it.")


def outcome(score: float = 2.0, **fields: Any) -> TestOutcome:
    whole: dict[str, Any] = {
        "grade_id": "every_number_is_doubled",
        "claim": "Every number is doubled.",
        "points": 2.0,
        "message": "" if score == 2 else "double([0, 1, 2]) is not [0, 2, 4]",
        "called": ("double",),
        "faults": (),
        "mistakes": (),
    }
    return TestOutcome(score=score, **{**whole, **fields})


def diagnosed(student: str, *tests: TestOutcome, **fields: Any) -> Findings:
    return Findings(student, fields.get("unreadable", ""), tests, fields.get("cell_errors", ()))


def graded(
    automatic: float | None, by_hand: float | None = None, waits: bool = False
) -> GradebookRow:
    return GradebookRow({"every_number_is_doubled": Grade(automatic, by_hand, 0.0, waits)})


def facts_of(lesson: Lesson, *diagnoses: Findings, **fields: Any) -> ClassFacts:
    """Put diagnoses together with a gradebook that agrees with them, unless one is given."""
    rows = {d.student: graded(d.tests[0].score if d.tests else 0.0) for d in diagnoses}
    return class_facts(
        lesson,
        {d.student: d for d in diagnoses},
        fields.get("broken", {}),
        fields.get("book", LessonMarks(rows=rows)),
        fields.get("handed_in", {}),
    )
