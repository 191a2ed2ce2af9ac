"""Facts as tables: what the page shows under its plots, and what goes into CSV files."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from course.grading.records.csvfiles import harmless, write_table
from course.grading.report.facts import (
    ClaimFacts,
    ClassFacts,
    Fault,
    MistakeFacts,
    Standing,
    Unexplained,
    WrittenFacts,
)
from course.grading.report.text import printable

N_BINS = 11

Value = str | int | float


@dataclass(frozen=True)
class ReportTable:
    """A table.

    Attributes
    ----------
    name : str
        Of the CSV file, without its ending.
    caption : str
        What it shows.
    columns : tuple of str
        Their headings.
    rows : tuple of tuple
        Text and numbers.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]

    def write(self, folder: Path) -> None:
        """Write the table as a CSV file that no spreadsheet runs."""
        rows = [[_safe(value) for value in row] for row in self.rows]
        columns = [_safe(column) for column in self.columns]
        write_table(folder / f"{self.name}.csv", columns, rows, marked=True)


def _safe(value: Value) -> Value:
    return harmless(printable(value)) if isinstance(value, str) else value


def _table(
    name: str, caption: str, things: Iterable[Any], columns: Mapping[str, Callable[[Any], Value]]
) -> ReportTable:
    """Return a table with a row for each thing; a column is a heading, and what stands below it."""
    rows = tuple(tuple(cell(one) for cell in columns.values()) for one in things)
    return ReportTable(name, caption, tuple(columns), rows)


def _with_section(table: ReportTable, facts: ClassFacts) -> ReportTable:
    """Return a table of students with a column for their sections, where there are some."""
    if not facts.sections or facts.section:
        return table

    def widened(row: tuple[Value, ...], value: Value) -> tuple[Value, ...]:
        return (*row[:2], value, *row[2:])

    columns = (*table.columns[:2], "section", *table.columns[2:])
    rows = tuple(widened(row, facts.sections.get(str(row[0]), "")) for row in table.rows)
    return replace(table, columns=columns, rows=rows)


def graded_path(facts: ClassFacts, student: str) -> str:
    """Return where a student's graded notebook lies in the course's folder."""
    return f"autograded/{student}/{facts.lesson_id}/{facts.notebook}.ipynb"


def bin_counts(values: Iterable[float], most: float) -> list[int]:
    """Count values by tenths of the most there is; full ones are the last of `N_BINS` counts.

    >>> bin_counts([0, 4.9, 5, 10], 10)
    [1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1]
    """
    counts = Counter(min(int(10 * v / most + 1e-9), 10) if most > 0 else 10 for v in values)
    return [counts[place] for place in range(N_BINS)]


def bin_label(place: int) -> str:
    """Return which marks a count of `bin_counts` is of, in percent."""
    return "100 %" if place == N_BINS - 1 else f"{10 * place} to below {10 * place + 10} %"


def distribution(facts: ClassFacts) -> ReportTable:
    """Return how many students have which share of the points."""
    tests = bin_counts((s.test_points for s in facts.standings), facts.max_test_points)
    totals = bin_counts((s.points for s in facts.standings), facts.max_points)
    columns: dict[str, Callable[[int], Value]] = {
        "share of the points": bin_label,
        "students, points of the tests": tests.__getitem__,
        "students, all points": totals.__getitem__,
    }
    return _table("distribution", "Students by their share of the points", range(N_BINS), columns)


def marks(facts: ClassFacts) -> ReportTable:
    """Return every graded student's marks."""
    columns: dict[str, Callable[[Standing], Value]] = {
        "student": lambda s: s.student,
        "name": lambda s: s.name,
        "points of the tests": lambda s: _round(s.test_points),
        "of": lambda _: _round(facts.max_test_points),
        "late penalty": lambda s: _round(s.late_penalty),
        "all points": lambda s: _round(s.points),
        "of all": lambda _: _round(facts.max_points),
        "waits for points by hand": lambda s: "yes" if s.waits else "no",
    }
    table = _table("marks", "Marks of each student", facts.standings, columns)
    return _with_section(table, facts)


def claims(facts: ClassFacts) -> ReportTable:
    """Return how each claim fared."""
    columns: dict[str, Callable[[ClaimFacts], Value]] = {
        "claim": lambda c: c.claim,
        "cell": lambda c: c.grade_id,
        "points": lambda c: c.points,
        "share earned, %": lambda c: round(100 * c.share, 1),
        "all points": lambda c: c.full,
        "some": lambda c: c.part,
        "none": lambda c: c.none,
        "strong from weak": lambda c: (
            "" if c.discrimination is None else round(c.discrimination, 2)
        ),
    }
    caption = "Points earned by claim, in the notebook's order"
    return _table("claims", caption, facts.claims, columns)


def written(facts: ClassFacts) -> ReportTable:
    """Return how the answers fared that people give points for."""
    columns: dict[str, Callable[[WrittenFacts], Value]] = {
        "answer": lambda w: w.grade_id,
        "points": lambda w: w.points,
        "mean": lambda w: round(statistics.fmean(w.given), 2) if w.given else "",
        "students with points": lambda w: len(w.given),
        "waiting": lambda w: w.waiting,
    }
    return _table("written", "Written answers, in the notebook's order", facts.written, columns)


def by_claim(facts: ClassFacts) -> ReportTable:
    """Return the points of each student in each cell: empty where they are still to be given."""
    cells = [claim.grade_id for claim in facts.claims] + [one.grade_id for one in facts.written]
    caption = "Points of each student in each test and written answer"
    return _sums("students_by_claim", caption, facts, {cell: (cell,) for cell in cells})


def by_exercise(facts: ClassFacts) -> ReportTable:
    """Return the points of each student in each exercise: empty where some are not there yet."""
    caption = "Points of each student in each exercise"
    return _sums("students_by_exercise", caption, facts, facts.exercises)


def _sums(
    name: str, caption: str, facts: ClassFacts, cells_of: Mapping[str, Sequence[str]]
) -> ReportTable:
    """Return each student's points in groups of cells: empty where some are not there."""
    rows = tuple(
        (
            student,
            facts.names.get(student, ""),
            *(
                _round(sum(points[cell] for cell in cells)) if set(cells) <= set(points) else ""
                for cells in cells_of.values()
            ),
        )
        for student, points in facts.points.items()
    )
    return _with_section(ReportTable(name, caption, ("student", "name", *cells_of), rows), facts)


def mistakes(facts: ClassFacts, n_examples: int | None = None) -> ReportTable:
    """Return the named wrong answers with who gave them, or some of those."""
    columns: dict[str, Callable[[MistakeFacts], Value]] = {
        "misconception": lambda m: m.mistake.name,
        "function": lambda m: m.mistake.function,
        "students": lambda m: len(m.students),
        "what was done, and what to do": lambda m: m.mistake.sentence,
        "who": lambda m: examples(tuple(map(facts.called, m.students)), n_examples),
    }
    return _table("misconceptions", "Known mistakes, the commonest first", facts.mistakes, columns)


def examples(students: tuple[str, ...], most: int | None) -> str:
    """Return some names, and how many more there are.

    >>> examples(("ann", "bob", "cem"), 2)
    'ann, bob and 1 more'
    """
    shown = ", ".join(students[:most])
    more = len(students) - len(students[:most])
    return f"{shown} and {more} more" if more else shown


def faults(facts: ClassFacts) -> ReportTable:
    """Return what went wrong with submissions, other than wrong answers."""
    columns: dict[str, Callable[[Fault], Value]] = {
        "student": lambda f: f.student,
        "name": lambda f: facts.names.get(f.student, ""),
        "fault": lambda f: f.kind,
        "what happened": lambda f: f.message,
        "where": lambda f: "; ".join(f.where),
    }
    return _with_section(_table("faults", "Submissions with faults", facts.faults, columns), facts)


def unexplained(facts: ClassFacts) -> ReportTable:
    """Return the failed tests that a person has to look at."""
    columns: dict[str, Callable[[Unexplained], Value]] = {
        "student": lambda u: u.student,
        "name": lambda u: facts.names.get(u.student, ""),
        "claim": lambda u: u.claim,
        "cell": lambda u: u.grade_id,
        "points": lambda u: u.score,
        "of": lambda u: u.points,
        "message": lambda u: u.message,
        "graded notebook": lambda u: graded_path(facts, u.student),
    }
    caption = "Failed answers that nothing explains"
    return _with_section(_table("to_read", caption, facts.unexplained, columns), facts)


def to_read(facts: ClassFacts, answers: Sequence[Unexplained]) -> ReportTable:
    """Return some of the failed tests of one claim, as the page shows them."""
    columns: dict[str, Callable[[Unexplained], Value]] = {
        "student": lambda u: u.student,
        "name": lambda u: facts.names.get(u.student, ""),
        "points": lambda u: f"{u.score:g} of {u.points:g}",
        "message": lambda u: u.message,
        "graded notebook": lambda u: graded_path(facts, u.student),
    }
    return _with_section(_table("to_read", answers[0].claim, answers, columns), facts)


def remarks(facts: ClassFacts) -> ReportTable:
    """Return where gradebook and diagnoses disagree, and who handed in nothing."""
    told = [(r.student, r.problem) for r in facts.remarks]
    told += [(student, "in the gradebook, handed in nothing") for student in facts.absent]
    columns: dict[str, Callable[[tuple[str, str]], Value]] = {
        "student": lambda one: one[0] or "(the class)",
        "name": lambda one: facts.names.get(one[0], ""),
        "what": lambda one: one[1],
    }
    caption = "Where gradebook and diagnoses disagree, and who handed in nothing"
    return _with_section(_table("out_of_step", caption, told, columns), facts)


#: The tables that are written as CSV files.
ALL: tuple[Callable[[ClassFacts], ReportTable], ...] = (
    distribution,
    marks,
    claims,
    written,
    by_claim,
    by_exercise,
    mistakes,
    faults,
    unexplained,
    remarks,
)


def _round(points: float) -> float:
    """Return points without the dust that adding up fractions leaves."""
    return round(points, 6)
