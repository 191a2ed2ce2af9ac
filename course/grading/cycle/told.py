"""What a feedback page says before it shows the notebook: points, mistakes, claims."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution, is_task

from course.checks.dashboard.view import code_html
from course.lessons import claim_of

#: What needs a look stands first.
_ORDER = ("none", "some", "waits", "full")


@dataclass(frozen=True)
class FeedbackRow:
    """One line of the table.

    Attributes
    ----------
    name : str
        The cell's.
    claim : str
        What was asked for, in a sentence.
    score : float or None
        What it earned, ``None`` where a person has yet to say it.
    most : float
        What it can earn.
    by_hand : bool
        Whether a person gives the points.
    message : str
        Why points are missing.
    is_named : bool
        Whether the mistake has a name, which stands above.
    comment : str
        A person's, of a task; that of an answer stands below the answer.
    """

    name: str
    claim: str
    score: float | None
    most: float
    by_hand: bool
    message: str = ""
    is_named: bool = False
    comment: str = ""

    @property
    def claim_html(self) -> str:
        """The claim as HTML, with code as code."""
        return code_html(self.claim)

    @property
    def kind(self) -> str:
        """``"full"``, ``"some"``, ``"none"``, or ``"waits"`` for a person."""
        if self.score is None:
            return "waits"
        return "full" if self.score >= self.most else "some" if self.score else "none"

    @property
    def sign(self) -> str:
        """The same as a sign, for whoever does not see the colour."""
        return {"full": "✓", "some": "·", "none": "✗", "waits": "…"}[self.kind]

    @property
    def points(self) -> str:
        """What it earned, of what."""
        return f"{'–' if self.score is None else f'{self.score:.3g}'} / {self.most:g}"


@dataclass(frozen=True)
class Summary:
    """All of that.

    Attributes
    ----------
    title : str
        The lesson's.
    points : str
        The sum.
    split : list of str
        How it is made up.
    notes : list of (str, str)
        Names of mistakes, ``""`` where there is none, and what is said of them.
    rows : list of FeedbackRow
        The claims: those that fail first.
    style : str
        The page's.
    """

    title: str
    points: str
    split: list[str]
    notes: list[tuple[str, str]]
    rows: list[FeedbackRow]
    style: str

    @property
    def failed(self) -> bool:
        """Whether a claim of the tests does not hold."""
        return any(row.kind in ("none", "some") and not row.by_hand for row in self.rows)


def summarized(
    nb: NotebookNode, about: Mapping[str, Any], report: Mapping[str, Any], style: str
) -> Summary:
    """Collect what a page says.

    Parameters
    ----------
    nb : NotebookNode
        The graded notebook, scores and comments in its metadata: see `GivenMarks`.
    about : mapping
        nbgrader's: ``notebook``, ``late_penalty``; ``late``, see `how_late`; ``said``, what else
        stands behind the points.
    report : mapping
        The judge's diagnoses, empty where there are none.
    style : str
        The page's.
    """
    rows = sorted(_rows(nb, report), key=lambda row: _ORDER.index(row.kind))
    title = nb.metadata.get("course", {}).get("title") or about.get("notebook", "")
    lost, late = float(about.get("late_penalty") or 0.0), str(about.get("late") or "")
    points, split = _points(rows, lost, late)
    split += about.get("said", ())
    return Summary(str(title), points, split, _notes(report), rows, style)


def _rows(nb: NotebookNode, report: Mapping[str, Any]) -> Iterator[FeedbackRow]:
    tests = {test["grade_id"]: test for test in report.get("tests", [])}
    for cell in nb.cells:
        if not (is_grade(cell) or is_task(cell)):
            continue
        marks = cell.metadata.nbgrader
        score, most = marks.get("score") or 0.0, float(marks.get("points") or 0.0)
        phrase = marks.grade_id.replace("_", " ")
        if is_task(cell) or is_solution(cell):
            comment = (marks.get("comment") or "") if is_task(cell) else ""
            if most or comment:
                given = None if marks.get("waits") else score
                claim = _read(cell, phrase)
                yield FeedbackRow(marks.grade_id, claim, given, most, by_hand=True, comment=comment)
            continue
        test = tests.get(marks.grade_id, {})
        failed = score < most
        yield FeedbackRow(
            marks.grade_id,
            claim_of(cell.source) or phrase,
            score,
            most,
            by_hand=False,
            message=test.get("message", "") if failed else "",
            is_named=bool(test.get("diagnoses")),
        )


def _read(cell: NotebookNode, phrase: str) -> str:
    """Say what a person reads; of code, the function that is written in it."""
    if is_task(cell):
        return f"Task: {phrase}"
    if cell.cell_type != "code":
        return f"Answer in words: {phrase}"
    function = re.search(r"^def (\w+)\(", cell.source, re.MULTILINE)
    return f"`{function[1]}`, read by a person" if function else f"Code, read by a person: {phrase}"


def _points(rows: list[FeedbackRow], lost: float, late: str) -> tuple[str, list[str]]:
    """Return the sum, and how it is made up: by tests, by a person, and what is taken away."""
    tests = [row for row in rows if not row.by_hand]
    given = [row for row in rows if row.by_hand and row.score is not None]
    waits = sum(row.most for row in rows if row.score is None)
    by_tests = f"{_sum(tests):.4g} of {sum(row.most for row in tests):g} by tests"
    split = [by_tests] if given or lost else []  # else the sum says the same
    if given:
        split.append(f"{_sum(given):.4g} of {sum(row.most for row in given):g} by a person")
    if lost:
        split.append(f"{lost:.4g} less for handing in {late or 'late'}")
    elif late:
        split.append(f"handed in {late}, which takes no points")
    if waits:
        split.append(f"up to {waits:g} points more by a person, not given yet")
    counted = [*tests, *given]
    points = f"{_sum(counted) - lost:.4g} of {sum(row.most for row in counted):g} points"
    return points, split


def _sum(rows: list[FeedbackRow]) -> float:
    return sum(row.score or 0.0 for row in rows)


def _notes(report: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return mistakes by their names, and what else went wrong, each once."""
    notes = [("", report["unreadable"].replace("**", ""))] if report.get("unreadable") else []
    for test in report.get("tests", []):
        for found in test["diagnoses"]:
            where = " and ".join(found["where"])
            said = f"{where}: {found['sentence']}" if where else found["sentence"]
            notes.append((found["name"].replace("_", " "), said))
    for error in report.get("cell_errors", []):
        notes.append(("", f"{error['grade_id'].replace('_', ' ')}: {error['message']}"))
    return list(dict.fromkeys(notes))
