"""Facts as one HTML page that needs nothing else: no script, no network."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping
from html import escape
from itertools import groupby
from urllib.parse import quote

from course.grading.report import pictures, tables
from course.grading.report.discrimination import LEAST
from course.grading.report.facts import ClassFacts, Unexplained
from course.grading.report.look import STYLE
from course.grading.report.tables import Table, graded_path
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

#: Nothing is loaded and no script runs, whatever a text on the page may be.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


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
    title = f"{facts.title}: class report"
    links = _links(facts, formgrader)
    sections = [
        ("marks", "Marks", _marks(facts, links)),
        ("claims", "Marks by claim", _claims(facts)),
        ("written", "Written answers", _written(facts)),
        ("mistakes", "Known mistakes", _mistakes(facts)),
        ("to-read", "To read by hand", _unexplained(facts, links)),
        ("faults", "Submissions with faults", _faults(facts, links)),
        ("step", "Gradebook and diagnoses", _remarks(facts, links)),
    ]
    jumps = "".join(f'<li><a href="#{id_}">{heading}</a></li>' for id_, heading, _ in sections)
    body = "".join(
        f'<section aria-labelledby="{id_}"><h2 id="{id_}">{heading}</h2>{content}</section>\n'
        for id_, heading, content in sections
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n'
        f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f'<header><h1>{_text(title)}</h1>\n<p class="quiet">{_text(facts.lesson_id)}, made '
        f"{_text(made)}. It names students: keep it to those who grade.</p>\n"
        f"{_numbers(facts)}\n"
        f'<nav aria-label="Sections"><ul>{jumps}</ul></nav></header>\n<main>\n{body}</main>\n'
        f"</body>\n</html>\n"
    )


def _links(facts: ClassFacts, formgrader: str) -> dict[str, str]:
    """Return where Formgrader shows each student's submission, if it runs there."""
    if not formgrader.startswith(("http://", "https://")):
        return {}
    base = formgrader.rstrip("/")
    return {
        student: f"{base}/formgrader/submissions/{quote(number, safe='')}/"
        for student, number in facts.submissions.items()
    }


def _text(text: str) -> str:
    """Return any text as HTML that shows it."""
    return escape(printable(text), quote=True)


def _isolated(text: str) -> str:
    """Return a student's text as HTML, which may break behind its underscores."""
    shown = _text(shorten(text, MAX_MESSAGE))
    breakable = re.sub("([_/])", r"\1<wbr>", shown)
    return f"<bdi>{breakable}</bdi>"


def count(number: int, singular: str, plural: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "student"), count(2, "student")
    ('1 student', '2 students')
    """
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def _numbers(facts: ClassFacts) -> str:
    """Return the few numbers that sum the class up."""
    waiting = sum(standing.waits for standing in facts.standings)
    hurt = len({fault.student for fault in facts.faults})
    shown = [
        (str(len(facts.standings)), "graded"),
        (str(hurt), "with faults"),
        (str(len(facts.absent)), "handed in nothing"),
        (str(waiting), "wait for points by hand"),
        (str(len(facts.unexplained)), "answers to read"),
    ]
    items = "".join(f"<div><dt>{what}</dt><dd>{number}</dd></div>" for number, what in shown)
    return f'<dl class="numbers">{items}</dl>'


def _marks(facts: ClassFacts, links: Mapping[str, str]) -> str:
    if not facts.standings:
        return "<p>Nobody has been graded yet.</p>"
    points = [standing.test_points for standing in facts.standings]
    most = facts.max_test_points
    low, middle, high = _quartiles(points)
    finding = (
        f"Half of the class has {middle:.3g} of {most:g} points of the tests or more; "
        f"the middle half has {low:.3g} to {high:.3g}."
    )
    table = tables.distribution(facts)
    counts = [int(row[1]) for row in table.rows]
    totals = [int(row[2]) for row in table.rows]
    settled = facts.max_points > 0 and not any(standing.waits for standing in facts.standings)
    axes = pictures.draw_marks(counts, totals if settled and totals != counts else None)
    alt = f"Bar chart: students over their share of the points in tenths. {finding}"
    more = (
        "<p>Points of the tests are the judge's, or those that a person put in their place. "
        "All points add those given by hand and take off what lateness cost"
        f"{'' if settled else '; some are still to be given, so they are not drawn'}.</p>"
    )
    drawn = _figure(pictures.svg(axes, "marks", "Distribution of marks", alt), finding, table)
    return drawn + more + _details(tables.marks(facts), links=links)


def _quartiles(points: list[float]) -> tuple[float, float, float]:
    if len(points) == 1:
        return points[0], points[0], points[0]
    low, middle, high = statistics.quantiles(points, n=4, method="inclusive")
    return low, middle, high


def _claims(facts: ClassFacts) -> str:
    tried = [claim for claim in facts.claims if claim.full + claim.part + claim.none]
    if not tried:
        return "<p>No test has been run yet.</p>"
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
    drawn = pictures.svg(axes, "claims", "Marks by claim", alt + finding)
    note = (
        "<p>Submissions that cannot be read are left out here. “Strong from weak” is the "
        "correlation of the claim's points with those of all other claims: near 1 the strong earn "
        "it and the weak do not, near 0 it tells nothing of the rest, below 0 look at the test. It "
        f"is empty for fewer than {LEAST} submissions, and where all have the same points.</p>"
    )
    return _figure(drawn, finding, tables.claims(facts)) + note


def _written(facts: ClassFacts) -> str:
    if not facts.written:
        return "<p>This lesson has no answers that people give points for.</p>"
    waiting = sum(one.waiting for one in facts.written)
    told = f"{count(waiting, 'answer')} {'waits' if waiting == 1 else 'wait'} for points."
    if not waiting:
        told = "No answer waits for points."
    return f"<p>{told}</p>{_table(tables.written(facts), hide_caption=True)}"


def _mistakes(facts: ClassFacts) -> str:
    if not facts.mistakes:
        return "<p>No failed answer matches a known mistake.</p>"
    first = facts.mistakes[0]
    shown = facts.mistakes[:MAX_BARS]
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
    drawn = pictures.svg(axes, "mistakes", "Known mistakes", alt)
    return _figure(drawn, finding, tables.mistakes(facts, N_EXAMPLES), is_open=True)


def _unexplained(facts: ClassFacts, links: Mapping[str, str]) -> str:
    if not facts.unexplained:
        return "<p>Every failed answer is explained, or was marked by hand.</p>"
    intro = (
        "<p>These tests failed after calling the student's function, and no known mistake, fault "
        "or missing answer says why. Messages that many share come first: one that you can name "
        "belongs in the lesson's <code>misconceptions.py</code>. A test that was given points "
        "by hand leaves this list.</p>"
    )
    groups = groupby(facts.unexplained, key=lambda one: one.grade_id)
    is_open = len(facts.unexplained) <= MAX_OPEN
    return intro + "".join(
        _claim_to_read(facts, list(group), is_open, links) for _, group in groups
    )


def _claim_to_read(
    facts: ClassFacts, answers: list[Unexplained], is_open: bool, links: Mapping[str, str]
) -> str:
    rows = tuple(
        (
            one.student,
            facts.names.get(one.student, ""),
            f"{one.score:g} of {one.points:g}",
            one.message,
            graded_path(facts, one.student),
        )
        for one in answers[:MAX_ROWS_A_CLAIM]
    )
    columns = ("student", "name", "points", "message", "graded notebook")
    shown = Table("to_read", answers[0].claim, columns, rows)
    left = len(answers) - len(rows)
    more = f"<p>{count(left, 'more answer')} in <code>to_read.csv</code>.</p>" if left else ""
    summary = f"{_text(answers[0].claim)} ({count(len(answers), 'answer')})"
    return (
        f"<details{' open' if is_open else ''}><summary>{summary}</summary>"
        f"{_table(shown, hide_caption=True, links=links)}{more}</details>"
    )


def _faults(facts: ClassFacts, links: Mapping[str, str]) -> str:
    if not facts.faults:
        return "<p>All submissions could be read, and none hung or crashed.</p>"
    kinds: dict[str, set[str]] = {}
    for fault in facts.faults:
        kinds.setdefault(fault.kind, set()).add(fault.student)
    told = "; ".join(f"{kind}: {count(len(who), 'student')}" for kind, who in sorted(kinds.items()))
    return f"<p>{_text(told)}.</p>{_table(tables.faults(facts), links=links)}"


def _remarks(facts: ClassFacts, links: Mapping[str, str]) -> str:
    table = tables.remarks(facts)
    if not table.rows:
        return "<p>Every submission in the gradebook has diagnoses of the same points.</p>"
    advice = (
        f"<p>Where the two disagree, grade again: <code>nbgrader autograde "
        f"{_text(facts.lesson_id)} --student STUDENT --force</code>. Points given by hand stay.</p>"
    )
    return (advice if facts.remarks else "") + _table(table, links=links)


def _figure(drawn: str, finding: str, table: Table, is_open: bool = False) -> str:
    return (
        f"<figure><figcaption>{_text(finding)}</figcaption>{drawn}</figure>"
        f"{_details(table, is_open)}"
    )


def _details(table: Table, is_open: bool = False, links: Mapping[str, str] | None = None) -> str:
    state = " open" if is_open else ""
    label = f"Table: {_text(table.caption[0].lower() + table.caption[1:])}"
    shown = _table(table, hide_caption=True, links=links)
    return f"<details{state}><summary>{label}</summary>{shown}</details>"


def _table(table: Table, hide_caption: bool = False, links: Mapping[str, str] | None = None) -> str:
    """Return a table that scrolls on a narrow screen, by keyboard too.

    ``links`` says where the first cell of a row leads, by its text.
    """
    shown = table.rows[:MAX_ROWS]
    looks = [_look([row[i] for row in shown]) for i in range(len(table.columns))]
    headings = zip(table.columns, looks, strict=True)
    head = "".join(f'<th scope="col"{look}>{_text(column)}</th>' for column, look in headings)
    rows = "".join(_row(row, looks, (links or {}).get(str(row[0]), "")) for row in shown)
    left = len(table.rows) - len(shown)
    more = f"<p>{count(left, 'more row')} in <code>{table.name}.csv</code>.</p>" if left else ""
    caption_look = ' class="unseen"' if hide_caption else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{_text(table.caption)}">'
        f"<table><caption{caption_look}>{_text(table.caption)}</caption>"
        f"<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table></div>{more}"
    )


def _row(row: tuple[tables.Value, ...], looks: list[str], link: str) -> str:
    cells = [_value(value) for value in row]
    if link:
        cells[0] = f'<a href="{_text(link)}" rel="noreferrer" target="_blank">{cells[0]}</a>'
    others = zip(cells[1:], looks[1:], strict=True)
    data = "".join(f"<td{look}>{cell}</td>" for cell, look in others)
    return f'<tr><th scope="row"{looks[0]}>{cells[0]}</th>{data}</tr>\n'


def _look(values: list[tables.Value]) -> str:
    """Return the class of a column: of numbers, of long texts, or of neither."""
    if all(not isinstance(value, str) for value in values if value != ""):
        return ' class="number"'
    return ' class="wide"' if any(len(str(value)) > 40 for value in values) else ""


def _value(value: tables.Value) -> str:
    return _isolated(value) if isinstance(value, str) else f"{value:g}"
