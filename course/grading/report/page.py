"""Facts as one HTML page that needs nothing else: no script, no network."""

from __future__ import annotations

import functools
import re
import statistics
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup, escape

from course.bootstrap.words import count
from course.grading.report import pictures, tables
from course.grading.report.discrimination import LEAST
from course.grading.report.facts import ClaimFacts, ClassFacts
from course.grading.report.templating import safe_templates
from course.grading.report.text import printable, shorten

#: Rows of a table that are shown, students that stand for a mistake, and bars of a plot.
MAX_ROWS = 1000
MAX_ROWS_A_CLAIM = 40
#: Answers to read by hand up to which all are shown at once.
MAX_OPEN = 60
N_EXAMPLES = 5
MAX_BARS = 15
#: Characters of one message that are shown; the CSV files have all.
MAX_MESSAGE = 1500


@dataclass(frozen=True)
class Plot:
    """A plot as SVG, and what it finds in words."""

    drawn: Markup
    finding: str


def page(facts: ClassFacts, made: str, formgrader: str = "") -> str:
    """Return the page.

    Parameters
    ----------
    facts : ClassFacts
        What is shown.
    made : str
        When, in words.
    formgrader : str, optional
        The address of the Jupyter server that Formgrader runs in; without one, nobody is linked.
    """
    answers = groupby(facts.unexplained, key=lambda one: one.grade_id)
    tried = [claim for claim in facts.claims if claim.full + claim.part + claim.none]
    return (
        _templates()
        .get_template("report.html")
        .render(
            facts=facts,
            made=made,
            links=_links(facts, formgrader),
            settled=_is_settled(facts),
            marks=_marks(facts) if facts.standings else None,
            claims=_claims(tried) if tried else None,
            mistakes=_mistakes(facts) if facts.mistakes else None,
            to_read=[list(group) for _, group in answers],
        )
    )


@functools.cache
def _templates() -> Environment:
    """Return the page's templates."""
    environment = safe_templates()
    environment.filters["breakable"] = _breakable
    environment.globals |= {
        "tables": tables,
        "looks_of": _looks,
        "least": LEAST,
        "max_rows": MAX_ROWS,
        "max_rows_a_claim": MAX_ROWS_A_CLAIM,
        "max_open": MAX_OPEN,
        "n_examples": N_EXAMPLES,
    }
    return environment


def _breakable(text: str) -> Markup:
    """Return a student's text as HTML, which may break behind its underscores."""
    shown = str(escape(printable(shorten(text, MAX_MESSAGE))))
    return Markup(re.sub("([_/])", r"\1<wbr>", shown))


def _looks(table: tables.ReportTable, rows: tuple[Any, ...]) -> list[dict[str, str]]:
    """Return the class of each column: of numbers, of long texts, or of neither."""
    looks: list[dict[str, str]] = []
    for place in range(len(table.columns)):
        values = [row[place] for row in rows if row[place] != ""]
        if not any(isinstance(value, str) for value in values):
            looks.append({"class": "number"})
        else:
            is_wide = any(len(str(value)) > 40 for value in values)
            looks.append({"class": "wide"} if is_wide else {})
    return looks


def _links(facts: ClassFacts, formgrader: str) -> dict[str, str]:
    """Return where Formgrader shows each student's submission, if it runs there."""
    if not formgrader.startswith(("http://", "https://")):
        return {}
    base = formgrader.rstrip("/")
    return {
        student: f"{base}/formgrader/submissions/{quote(number, safe='')}/"
        for student, number in facts.submissions.items()
    }


def _is_settled(facts: ClassFacts) -> bool:
    """Say whether all points have been given."""
    return facts.max_points > 0 and not any(standing.waits for standing in facts.standings)


def _marks(facts: ClassFacts) -> Plot:
    low, middle, high = _quartiles([standing.test_points for standing in facts.standings])
    finding = (
        f"Half of the class has {middle:.3g} of {facts.max_test_points:g} points of the tests or "
        f"more; the middle half has {low:.3g} to {high:.3g}."
    )
    table = tables.distribution(facts)
    counts = [int(row[1]) for row in table.rows]
    totals = [int(row[2]) for row in table.rows]
    axes = pictures.draw_marks(counts, totals if _is_settled(facts) and totals != counts else None)
    alt = f"Bar chart: students over their share of the points in tenths. {finding}"
    return Plot(pictures.svg(axes, "marks", "Distribution of marks", alt), finding)


def _quartiles(points: list[float]) -> tuple[float, float, float]:
    if len(points) == 1:
        return points[0], points[0], points[0]
    low, middle, high = statistics.quantiles(points, n=4, method="inclusive")
    return low, middle, high


def _claims(tried: list[ClaimFacts]) -> Plot:
    hardest = min(tried, key=lambda claim: claim.share)
    share = f"{100 * hardest.share:.0f} %"
    finding = f"Hardest: “{shorten(hardest.claim, 120)}”, with {share} of its points earned."
    if hardest.share == 1:
        finding = "Every claim was earned in full by everybody."
    axes = pictures.draw_bars(
        [claim.claim for claim in tried],
        [100 * claim.share for claim in tried],
        [f"{100 * claim.share:.0f} %" for claim in tried],
        100,
    )
    alt = f"Bar chart: share of the points earned, in percent, for {count(len(tried), 'claim')}. "
    return Plot(pictures.svg(axes, "claims", "Marks by claim", alt + finding), finding)


def _mistakes(facts: ClassFacts) -> Plot:
    first, shown = facts.mistakes[0], facts.mistakes[:MAX_BARS]
    finding = (
        f"Commonest: {first.mistake.name} in {first.mistake.function}, "
        f"{count(len(first.students), 'student')}."
    )
    axes = pictures.draw_bars(
        [found.mistake.name.replace("_", " ") for found in shown],
        [len(found.students) for found in shown],
        [str(len(found.students)) for found in shown],
        len(first.students),
    )
    alt = f"Bar chart: students for each of {count(len(shown), 'known mistake')}. {finding}"
    return Plot(pictures.svg(axes, "mistakes", "Known mistakes", alt), finding)
