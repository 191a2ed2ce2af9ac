"""Put diagnoses and gradebook together into facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

from course.grading.records.sections import students_of
from course.grading.report.diagnoses import Findings, NamedMistake, Noted, TestOutcome
from course.grading.report.discrimination import discrimination
from course.grading.report.facts import (
    ClaimFacts,
    ClassFacts,
    Fault,
    MistakeFacts,
    Remark,
    Standing,
    Unexplained,
    WrittenFacts,
)
from course.grading.report.lessonmarks import Grade, GradebookRow, LessonMarks
from course.lessons import Lesson, claim_of, defined_names

_Kind = TypeVar("_Kind")

#: What the report calls each kind of fault: see `course.grading.judge.plan.FAULTS`.
FAULT_NAMES = {
    "time": "hang",
    "memory": "too much memory",
    "processes": "too many processes",
    "answer": "answer too large",
    "died": "crash",
    "garbled": "no answer",
    "error": "stopped cell",
    "locked": "text in a locked cell",
}
#: What a message says of a function that is still as it was released.
_NOT_WRITTEN = "not written yet"
#: What a message says where a name is missing: of a cell that stopped, that is no news.
_MISSING = "is not defined"


def class_facts(
    lesson: Lesson,
    diagnoses: Mapping[str, Findings],
    broken: Mapping[str, str],
    book: LessonMarks,
    handed_in: Mapping[str, str],
    section: str = "",
) -> ClassFacts:
    """Put together what is known of a class, or of one of its sections.

    Parameters
    ----------
    lesson : Lesson
        Read from ``source/``.
    diagnoses : mapping of str to Findings
        By student.
    broken : mapping of str to str
        Students whose diagnoses cannot be read, and why.
    book : LessonMarks
        The lesson in the gradebook.
    handed_in : mapping of str to str
        Students with a folder for the lesson in ``submitted/``, and what keeps it from being
        graded, ``""`` where nothing is known to.
    section : str, optional
        Only who is in it.

    Raises
    ------
    LessonError
        Where nobody is.
    """
    if section:
        inside = students_of(book.sections, [section])
        section = book.sections[min(inside)]  # as it is spelled
        diagnoses, broken = _of(diagnoses, inside), _of(broken, inside)
        handed_in = _of(handed_in, inside)
        book = replace(book, names=_of(book.names, inside), rows=_of(book.rows, inside))
    tests = {cell.grade_id: cell.points for cell in lesson.by_role("test")}
    by_hand = {cell.grade_id: cell.points for cell in lesson.cells if cell.by_hand}
    max_points = dict(book.max_points) or {**tests, **by_hand}
    max_points |= {k: v for k, v in tests.items() if k not in max_points}
    standings = tuple(_standings(tests, diagnoses, book))
    seen = {*diagnoses, *broken, *handed_in, *book.rows}
    return ClassFacts(
        lesson.id,
        lesson.title,
        lesson.name,
        sum(max_points[grade_id] for grade_id in tests),
        sum(max_points.values()),
        standings,
        tuple(_claims(lesson, diagnoses, book)),
        tuple(_mistakes(diagnoses)),
        tuple(_faults(diagnoses, broken, book, handed_in)),
        tuple(_unexplained(lesson, diagnoses, book)),
        tuple(_remarks(diagnoses, broken, book)),
        tuple(sorted(set(book.names) - seen)),
        {student: name for student, name in book.names.items() if name},
        {student: row.submission for student, row in book.rows.items() if row.submission},
        tuple(_written(by_hand, book)),
        _points(tests, by_hand, diagnoses, book),
        book.sections,
        exercises_of(lesson),
        section,
    )


def _of(by_student: Mapping[str, _Kind], students: Collection[str]) -> dict[str, _Kind]:
    return {student: what for student, what in by_student.items() if student in students}


def exercises_of(lesson: Lesson) -> dict[str, tuple[str, ...]]:
    """Return the cells that give points by exercise: what is written, and the tests that follow.

    An exercise is called by the lesson's functions that are written in it, else by its cell.
    """
    found: dict[str, list[str]] = {}
    here = ""
    for cell in lesson.cells:
        if cell.role == "answer" and cell.is_code:
            ours = [name for name in defined_names(cell.source) if name in lesson.functions]
            here = ", ".join(ours) or cell.grade_id
        elif cell.role == "test":
            found.setdefault(here or cell.grade_id, []).append(cell.grade_id)
        if cell.by_hand:
            found.setdefault(cell.grade_id, []).append(cell.grade_id)
    return {name: tuple(cells) for name, cells in found.items()}


def is_graded(row: GradebookRow | None) -> bool:
    """Say whether a submission in the gradebook has automatic points."""
    return row is not None and any(grade.automatic is not None for grade in row.grades.values())


def _standings(
    tests: Collection[str], diagnoses: Mapping[str, Findings], book: LessonMarks
) -> Iterator[Standing]:
    for student in sorted({*diagnoses, *book.rows}):
        row, diagnosis = book.rows.get(student), diagnoses.get(student)
        name = book.names.get(student, "")
        if row is not None and is_graded(row):
            grades = row.grades
            points = {grade_id: grade.points for grade_id, grade in grades.items()}
            yield Standing(
                student,
                name,
                sum(points[grade_id] for grade_id in tests if grade_id in points),
                max(0.0, sum(points.values()) - row.late_penalty),
                row.late_penalty,
                any(grade.waits for grade in grades.values()),
            )
        elif diagnosis is not None:
            earned = sum(test.score for test in diagnosis.tests)
            yield Standing(student, name, earned, earned, 0.0, row is not None)


def _written(by_hand: Mapping[str, float], book: LessonMarks) -> Iterator[WrittenFacts]:
    for grade_id, points in by_hand.items():
        grades = [row.grades[grade_id] for row in book.rows.values() if grade_id in row.grades]
        given = tuple(grade.points for grade in grades if _is_given(grade))
        yield WrittenFacts(
            grade_id,
            book.max_points.get(grade_id, points),
            given,
            sum(grade.waits for grade in grades),
        )


def _is_given(grade: Grade) -> bool:
    """Say whether the points that count for a cell are there."""
    return grade.by_hand is not None or (grade.automatic is not None and not grade.waits)


def _points(
    tests: Collection[str],
    by_hand: Collection[str],
    diagnoses: Mapping[str, Findings],
    book: LessonMarks,
) -> dict[str, dict[str, float]]:
    """Return the points of each cell of each graded student, where some are there."""
    found: dict[str, dict[str, float]] = {}
    for student in sorted({*diagnoses, *book.rows}):
        row, diagnosis = book.rows.get(student), diagnoses.get(student)
        if row is not None and is_graded(row):
            grades = {cell: row.grades[cell] for cell in (*tests, *by_hand) if cell in row.grades}
            found[student] = {
                cell: grade.points for cell, grade in grades.items() if _is_given(grade)
            }
        elif diagnosis is not None:
            found[student] = {test.grade_id: test.score for test in diagnosis.tests}
    return found


def _claims(
    lesson: Lesson, diagnoses: Mapping[str, Findings], book: LessonMarks
) -> Iterator[ClaimFacts]:
    readable = [d for d in diagnoses.values() if not d.unreadable]
    totals = {d.student: sum(_counted(book, d.student, test) for test in d.tests) for d in readable}
    results: dict[str, list[tuple[float, float]]] = {}
    of_all: dict[str, list[float]] = {}
    for diagnosis in readable:
        for test in diagnosis.tests:
            earned = _counted(book, diagnosis.student, test)
            results.setdefault(test.grade_id, []).append((earned, test.points))
            of_all.setdefault(test.grade_id, []).append(totals[diagnosis.student])
    # Also of tests that were judged and that the lesson has no more.
    judged = {test.grade_id: test.claim for d in readable for test in d.tests}
    sentences = judged | _sentences(lesson)
    for grade_id in _order(lesson, judged):
        earned_of = results.get(grade_id, [])
        possible = sum(points for _, points in earned_of)
        full = sum(earned >= points for earned, points in earned_of)
        none = sum(earned <= 0 < points for earned, points in earned_of)
        yield ClaimFacts(
            grade_id,
            sentences[grade_id] or grade_id,
            max((points for _, points in earned_of), default=_points_of(lesson, grade_id)),
            full,
            len(earned_of) - full - none,
            none,
            sum(earned for earned, _ in earned_of) / possible if possible else 0.0,
            discrimination([earned for earned, _ in earned_of], of_all.get(grade_id, [])),
        )


def _counted(book: LessonMarks, student: str, test: TestOutcome) -> float:
    """Return the points that count for a test: the gradebook's where it has some."""
    row = book.rows.get(student)
    grade = row.grades.get(test.grade_id) if row else None
    given = grade is not None and (grade.automatic is not None or grade.by_hand is not None)
    return grade.points if grade is not None and given else test.score


def _sentences(lesson: Lesson) -> dict[str, str]:
    return {cell.grade_id: claim_of(cell.source) for cell in lesson.by_role("test")}


def _order(lesson: Lesson, more: Iterable[str]) -> list[str]:
    """Return the tests' names as the notebook has them, and then those that it does not have."""
    return list(dict.fromkeys([*_sentences(lesson), *sorted(more)]))


def _points_of(lesson: Lesson, grade_id: str) -> float:
    return next((cell.points for cell in lesson.cells if cell.grade_id == grade_id), 0.0)


def _mistakes(diagnoses: Mapping[str, Findings]) -> list[MistakeFacts]:
    named: dict[tuple[str, str], NamedMistake] = {}
    students: dict[NamedMistake, set[str]] = {}
    for student, diagnosis in diagnoses.items():
        if not diagnosis.unreadable:
            for test in diagnosis.tests:
                for mistake in test.mistakes:
                    # One name is one mistake, though a sentence may have a student's own line.
                    first = named.setdefault((mistake.function, mistake.name), mistake)
                    students.setdefault(first, set()).add(student)
    found = [MistakeFacts(mistake, tuple(sorted(who))) for mistake, who in students.items()]
    return sorted(found, key=lambda f: (-len(f.students), f.mistake.function, f.mistake.name))


def _faults(
    diagnoses: Mapping[str, Findings],
    broken: Mapping[str, str],
    book: LessonMarks,
    handed_in: Mapping[str, str],
) -> Iterator[Fault]:
    for student in sorted({*diagnoses, *handed_in, *book.rows}):
        diagnosis = diagnoses.get(student)
        if diagnosis is None:
            if student not in broken and not is_graded(book.rows.get(student)):
                why = handed_in.get(student) or "handed in, and without marks or diagnoses"
                yield Fault(student, "not graded", why)
        elif diagnosis.unreadable:
            yield Fault(student, "unreadable", diagnosis.unreadable.replace("**", ""))
        else:
            where: dict[Noted, list[str]] = {}
            for test in diagnosis.tests:
                for fault in test.faults:
                    where.setdefault(fault, []).append(test.claim)
            for cell, fault in diagnosis.cell_errors:
                where.setdefault(fault, []).append(f"the cell {cell}")
            for fault, cells in where.items():
                name = FAULT_NAMES.get(fault.kind, "fault")
                yield Fault(student, name, fault.message, tuple(dict.fromkeys(cells)))


def _unexplained(
    lesson: Lesson, diagnoses: Mapping[str, Findings], book: LessonMarks
) -> list[Unexplained]:
    found = []
    for student, diagnosis in sorted(diagnoses.items()):
        row = book.rows.get(student)
        for test in () if diagnosis.unreadable else diagnosis.tests:
            grade = row.grades.get(test.grade_id) if row else None
            stopped = bool(diagnosis.cell_errors) and _MISSING in test.message
            if _needs_reading(test) and not stopped and (grade is None or grade.by_hand is None):
                found.append(
                    Unexplained(
                        student, test.grade_id, test.claim, test.points, test.score, test.message
                    )
                )
    order = _order(lesson, {one.grade_id for one in found})
    same: dict[tuple[str, str], int] = {}
    for one in found:
        same[one.grade_id, one.message] = same.get((one.grade_id, one.message), 0) + 1

    def place(one: Unexplained) -> tuple[int, int, str]:
        return order.index(one.grade_id), -same[one.grade_id, one.message], one.message

    return sorted(found, key=place)


def _needs_reading(test: TestOutcome) -> bool:
    """Say whether a test failed after a call, and no mistake, fault or gap says why."""
    explained = test.mistakes or test.faults or _NOT_WRITTEN in test.message
    return test.score < test.points and bool(test.called) and not explained


def _remarks(
    diagnoses: Mapping[str, Findings], broken: Mapping[str, str], book: LessonMarks
) -> Iterator[Remark]:
    if book.problem:
        yield Remark("", book.problem)
    for student in sorted({*diagnoses, *broken, *book.rows}):
        row, diagnosis = book.rows.get(student), diagnoses.get(student)
        for cell, grade in row.grades.items() if row else ():
            if grade.waits and grade.by_hand is not None:
                points = f"{grade.by_hand:g} points were given for it by hand"
                yield Remark(student, f"{cell}: has changed since {points}; look at it again")
        if student in broken:
            yield Remark(student, f"the file of diagnoses is of no use: {broken[student]}")
        elif diagnosis is None:
            if is_graded(row):
                yield Remark(
                    student,
                    "marks without diagnoses: graded by another tool, handed in without the "
                    "notebook, or the last try to grade it failed",
                )
        elif not book.problem:
            yield from (Remark(student, problem) for problem in _differences(diagnosis, row))


def _differences(diagnosis: Findings, row: GradebookRow | None) -> Iterator[str]:
    """Say where a submission's diagnoses and its marks in the gradebook are of different times."""
    if row is None:
        yield "diagnoses without marks: the gradebook has no such submission"
        return
    for test in diagnosis.tests:
        grade = row.grades.get(test.grade_id)
        if grade is None:
            yield f"the gradebook has no cell {test.grade_id}: was the lesson changed since?"
        elif grade.automatic is None or abs(grade.automatic - test.score) > 1e-6:
            kept = "none" if grade.automatic is None else f"{grade.automatic:g}"
            yield (
                f"{test.grade_id}: the diagnosis says {test.score:g} points, the gradebook {kept}"
            )
