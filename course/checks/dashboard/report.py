"""What a check found, as data, as text, and as a picture: nothing in it asks where it is shown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.checks.cells.examples import Array

HOLDS, FAILS, WAITS = "✓", "✗", "·"

#: What an exception said, in a finding; and what leads from it to its meaning, in a cause.
_STOPPED = re.compile(r"it stopped with (.+?)(?:, at `|$)", re.MULTILINE)
_MEANS = ". That means: "


@dataclass(frozen=True)
class Failure:
    """The first check that fails.

    Attributes
    ----------
    claim : str
        Its sentence.
    where : str
        Cell types or schedules that it fails for; ``""`` where it is about none.
    finding : str
        What was expected and what came.
    cause : str
        The known mistake that it is, else ``""``.
    hint : str
        Where to look.
    first : str
        Where to go before: to a function that it calls and that is wrong.
    """

    claim: str
    where: str
    finding: str
    cause: str
    hint: str
    first: str = ""


@dataclass(frozen=True)
class Plotted:
    """What is drawn: expected numbers, and the learner's where there are any.

    `row` is what a row is, or the names of the rows; `at` the steps of a curve, `axes` the names
    of its axes.
    """

    target: Array
    own: Array | None
    of: str
    row: str | tuple[str, ...] = "step"
    at: tuple[int, ...] = ()
    axes: tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes
    ----------
    function_name : str
        The exercise.
    columns : tuple of str
        Cell types or schedules; empty where the exercise has none.
    table : tuple of (str, dict)
        For each check its sentence and a mark by column; column ``""`` for all together.
    begin : str
        Where to begin, when nothing is written yet.
    failure : Failure or None
        The first check that fails.
    picture : Plotted or None
        What to draw.
    waits_for : str
        Another function that it calls, and that is not written yet.
    cost : str
        What a right function does more often than it needs to.
    """

    function_name: str
    columns: tuple[str, ...]
    table: tuple[tuple[str, dict[str, str]], ...]
    begin: str = ""
    failure: Failure | None = None
    picture: Plotted | None = None
    waits_for: str = ""
    cost: str = ""

    @property
    def held(self) -> int:
        """How many checks pass in all their columns."""
        return sum(set(marks.values()) == {HOLDS} for _, marks in self.table)


def as_text(report: Report) -> str:
    """Return a report as plain text."""
    lines = [headline(report), ""]
    width = max(len(sentence) for sentence, _ in report.table)
    columns = shown_columns(report)
    if report.columns:
        names = "  ".join(f"{heading:^5}" for _, heading in columns)
        lines.append(f"  {'':{width}}  {names}".rstrip())
    for sentence, marks in report.table:
        row = "  ".join(f"{marks.get(name, ''):^{max(len(head), 5)}}" for name, head in columns)
        lines.append(f"  {sentence:{width}}  {row if report.columns else row.strip()}".rstrip())
    lines += [""] + [f"{label}: {words}" for label, words in advice(report)]
    if report.picture and (report.begin or report.failure):
        lines += [f"Expected for {report.picture.of}:", shown(report.picture.target)]
        if report.picture.own is not None:
            lines += ["Yours:", shown(report.picture.own)]
    return "\n".join(lines).rstrip()


def shown(array: Array) -> str:
    """Return an array as it is shown: two that are shown alike tell nothing."""
    return np.array2string(array, precision=4, suppress_small=True)


def shown_columns(report: Report) -> list[tuple[str, str]]:
    """Return the table's columns and their headings: what is asked of all has one of its own."""
    own = [(column, column) for column in report.columns]
    shared = any("" in marks for _, marks in report.table)
    return [*own, ("", "all" if own else "")] if shared or not own else own


def waits(report: Report) -> bool:
    """Say whether a check was not looked at."""
    return any(WAITS in marks.values() for _, marks in report.table)


def headline(report: Report) -> str:
    """Return the report's first line."""
    if report.waits_for:
        return f"{report.function_name} calls {report.waits_for}, which is not written yet"
    if report.begin:
        return f"{report.function_name} is not written yet"
    total = len(report.table)
    if report.held == total:
        return f"{report.function_name}: all {total} checks pass"
    return f"{report.function_name}: {report.held} of {total} checks pass"


def advice(report: Report) -> list[tuple[str, str]]:
    """Return what is said below the table, each with its label."""
    if report.begin:
        return [("Where to begin", report.begin)]
    failure = report.failure
    if failure is None and report.held < len(report.table):
        return [("Not looked at", "the other checks: the calls so far have taken long")]
    if failure is None:
        price = [("Right, at a price", report.cost)] if report.cost else []
        return [
            *price,
            (
                "Next",
                "run all claims with the cell below: they give the points, and are tried on other "
                "inputs when you are graded; then go on with the section after them",
            ),
        ]
    where = f" ({failure.where})" if failure.where else ""
    said = [("Fix this first", failure.claim + where), ("What came", failure.finding)]
    if waits(report):
        said = [(f"{WAITS} means", "not checked yet; fix the first ✗ first"), *said]
    cause = unsaid(failure.cause, failure.finding)
    if failure.first:
        said.append(("Where to begin", failure.first))
        return [*said, ("Likely cause there", cause)] if cause else said
    return [*said, ("Likely cause", cause) if cause else ("Where to look", failure.hint)]


def unsaid(cause: str, finding: str) -> str:
    """Return what a cause says beyond a finding that stands above it.

    >>> unsaid("it was 2; too many coins", "it was 2")
    'Too many coins'
    >>> unsaid("at `x`, TypeError: no. That means: x is a list", "it stopped with TypeError: no")
    'X is a list'
    """
    first, stopped = finding.partition("\n")[0].rstrip("."), _STOPPED.search(finding)
    if first and cause.startswith(first):
        more = cause.removeprefix(first).lstrip(".:; ")
    elif stopped and stopped[1] in cause and _MEANS in cause:
        more = cause.partition(_MEANS)[2]
    else:
        return cause
    return more[:1].upper() + more[1:]


def picture_of(report: Report) -> tuple[Any, str] | None:
    """Return a figure of the report's picture and its alt text; None where there is none."""
    if report.picture is None:
        return None
    from matplotlib.figure import Figure

    from course.figures.comparison import alt_text, compare_logits, size_of
    from course.figures.curves import compare_curves, curves_alt_text

    picture = report.picture
    if picture.at:
        figure = Figure(figsize=(6.0, 3.0), layout="constrained")
        ax = figure.add_subplot()
        compare_curves(picture.at, picture.target, picture.own, ax, picture.axes)
        return figure, curves_alt_text(picture.target, picture.own, picture.axes)
    figure = Figure(figsize=size_of(picture.target, picture.own), layout="constrained")
    compare_logits(picture.target, picture.own, figure.add_subplot(), picture.row)
    return figure, alt_text(picture.target, picture.own, picture.row)
