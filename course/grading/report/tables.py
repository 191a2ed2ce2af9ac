"""Facts as tables: what the page shows under its plots, and what goes into CSV files."""

from __future__ import annotations

import csv
import io
import statistics
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from course.grading.report.facts import ClassFacts
from course.grading.report.text import printable

#: What a spreadsheet takes for the beginning of a formula; the last four are full-width forms.
_FORMULA_SIGNS = tuple("=+-@|%\t\r\n\uff1d\uff0b\uff0d\uff20")
N_BINS = 11

Value = str | int | float


@dataclass(frozen=True)
class Table:
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

    def to_csv(self) -> str:
        r"""Return the table as CSV that no spreadsheet runs.

        Text that a spreadsheet would take for a formula gets an apostrophe in front.

        >>> print(Table("t", "", ("who", "n"), (("=1+1", -1),)).to_csv(), end="")
        who,n
        '=1+1,-1
        """
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([_safe(column) for column in self.columns])
        writer.writerows([_safe(value) for value in row] for row in self.rows)
        return out.getvalue()


def _safe(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    text = printable(value)
    risky = text.startswith(_FORMULA_SIGNS) or text.lstrip().startswith(_FORMULA_SIGNS)
    return f"'{text}" if risky else text


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


def distribution(facts: ClassFacts) -> Table:
    """Return how many students have which share of the points."""
    tests = bin_counts((s.test_points for s in facts.standings), facts.max_test_points)
    totals = bin_counts((s.points for s in facts.standings), facts.max_points)
    return Table(
        "distribution",
        "Students by their share of the points",
        ("share of the points", "students, points of the tests", "students, all points"),
        tuple((bin_label(i), tests[i], totals[i]) for i in range(N_BINS)),
    )


def marks(facts: ClassFacts) -> Table:
    """Return every graded student's marks."""
    return Table(
        "marks",
        "Marks of each student",
        (
            "student",
            "name",
            "points of the tests",
            "of",
            "late penalty",
            "all points",
            "of all",
            "waits for points by hand",
        ),
        tuple(
            (
                s.student,
                s.name,
                _round(s.test_points),
                _round(facts.max_test_points),
                _round(s.late_penalty),
                _round(s.points),
                _round(facts.max_points),
                "yes" if s.waits else "no",
            )
            for s in facts.standings
        ),
    )


def claims(facts: ClassFacts) -> Table:
    """Return how each claim fared."""
    return Table(
        "claims",
        "Points earned by claim, in the notebook's order",
        (
            "claim",
            "cell",
            "points",
            "share earned, %",
            "all points",
            "some",
            "none",
            "strong from weak",
        ),
        tuple(
            (
                c.claim,
                c.grade_id,
                c.points,
                round(100 * c.share, 1),
                c.full,
                c.part,
                c.none,
                "" if c.discrimination is None else round(c.discrimination, 2),
            )
            for c in facts.claims
        ),
    )


def written(facts: ClassFacts) -> Table:
    """Return how the answers fared that people give points for."""
    return Table(
        "written",
        "Written answers, in the notebook's order",
        ("answer", "points", "mean", "students with points", "waiting"),
        tuple(
            (
                w.grade_id,
                w.points,
                round(statistics.fmean(w.given), 2) if w.given else "",
                len(w.given),
                w.waiting,
            )
            for w in facts.written
        ),
    )


def by_claim(facts: ClassFacts) -> Table:
    """Return the points of each student in each cell: empty where they are still to be given."""
    cells = [claim.grade_id for claim in facts.claims] + [one.grade_id for one in facts.written]
    return Table(
        "students_by_claim",
        "Points of each student in each test and written answer",
        ("student", "name", *cells),
        tuple(
            (
                student,
                facts.names.get(student, ""),
                *(_round(points[cell]) if cell in points else "" for cell in cells),
            )
            for student, points in facts.points.items()
        ),
    )


def mistakes(facts: ClassFacts, n_examples: int | None = None) -> Table:
    """Return the named wrong answers with who gave them, or some of those."""
    return Table(
        "misconceptions",
        "Known mistakes, the commonest first",
        ("misconception", "function", "students", "what was done, and what to do", "who"),
        tuple(
            (
                m.mistake.name,
                m.mistake.function,
                len(m.students),
                m.mistake.sentence,
                examples(tuple(map(facts.called, m.students)), n_examples),
            )
            for m in facts.mistakes
        ),
    )


def examples(students: tuple[str, ...], most: int | None) -> str:
    """Return some names, and how many more there are.

    >>> examples(("ann", "bob", "cem"), 2)
    'ann, bob and 1 more'
    """
    shown = ", ".join(students[:most])
    more = len(students) - len(students[:most])
    return f"{shown} and {more} more" if more else shown


def faults(facts: ClassFacts) -> Table:
    """Return what went wrong with submissions, other than wrong answers."""
    return Table(
        "faults",
        "Submissions with faults",
        ("student", "name", "fault", "what happened", "where"),
        tuple(
            (f.student, facts.names.get(f.student, ""), f.kind, f.message, "; ".join(f.where))
            for f in facts.faults
        ),
    )


def unexplained(facts: ClassFacts) -> Table:
    """Return the failed tests that a person has to look at."""
    return Table(
        "to_read",
        "Failed answers that nothing explains",
        ("student", "name", "claim", "cell", "points", "of", "message", "graded notebook"),
        tuple(
            (
                u.student,
                facts.names.get(u.student, ""),
                u.claim,
                u.grade_id,
                u.score,
                u.points,
                u.message,
                graded_path(facts, u.student),
            )
            for u in facts.unexplained
        ),
    )


def remarks(facts: ClassFacts) -> Table:
    """Return where gradebook and diagnoses disagree, and who handed in nothing."""
    told = [(r.student, r.problem) for r in facts.remarks]
    told += [(student, "in the gradebook, handed in nothing") for student in facts.absent]
    return Table(
        "out_of_step",
        "Where gradebook and diagnoses disagree, and who handed in nothing",
        ("student", "name", "what"),
        tuple(
            (student or "(the class)", facts.names.get(student, ""), what) for student, what in told
        ),
    )


#: The tables that are written as CSV files.
ALL: tuple[Callable[[ClassFacts], Table], ...] = (
    distribution,
    marks,
    claims,
    written,
    by_claim,
    mistakes,
    faults,
    unexplained,
    remarks,
)


def _round(points: float) -> float:
    """Return points without the dust that adding up fractions leaves."""
    return round(points, 6)
