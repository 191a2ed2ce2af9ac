"""Tests that were run, as text and as a table: nothing in it asks where it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from course.checks.dashboard.report import FAILS, HOLDS, Failure
from course.checks.dashboard.view import code_html, mark_html, words_html


@dataclass(frozen=True)
class Ran:
    """One claim as its visible test found it.

    Attributes
    ----------
    claim : str
        Its sentence.
    points, earned : float
        What it is worth, and what it gave.
    why : str
        Why it does not hold, or not for all; ``""`` where it does.
    """

    claim: str
    points: float
    earned: float
    why: str

    @property
    def holds(self) -> bool:
        """Say whether it gave all its points."""
        return self.earned >= self.points


def as_text(ran: Sequence[Ran], following: str, failures: Mapping[str, Failure]) -> str:
    """Return tests that were run as plain text.

    Parameters
    ----------
    ran : sequence of Ran
    following : str
        The heading to go on with.
    failures : mapping of str to Failure
        By function, what its check has to mend first.
    """
    causes = _causes(ran, failures)
    ran = _without(ran, causes)
    shared, width = _shared(ran), max(len(_points(one)) for one in ran)
    lines = [*causes, ""] if causes else []
    for one in ran:
        lines.append(f"{HOLDS if one.holds else FAILS}  {_points(one):>{width}}  {one.claim}")
        if one.why and one.why != shared:
            lines += [f"   {'':{width}}  {line}" for line in one.why.splitlines()]
    said = (_sum(ran), shared, _ending(ran, following, failures))
    return "\n".join([*lines, "", *filter(None, said)])


def as_html(ran: Sequence[Ran], following: str, failures: Mapping[str, Failure]) -> str:
    """Return tests that were run as HTML, in the colours of the page around it: see `as_text`."""
    causes = _causes(ran, failures)
    ran = _without(ran, causes)
    shared = _shared(ran)
    left = ' style="text-align: left"'
    rows = [
        f"<tr><td>{mark_html(HOLDS if one.holds else FAILS)}</td>"
        f"<td{left}>{code_html(one.claim)}{_why_html('' if one.why == shared else one.why)}"
        f'</td><td style="white-space: nowrap">{_points(one)}</td></tr>'
        for one in ran
    ]
    ending = filter(None, (shared, _ending(ran, following, failures)))
    return (
        f"{''.join(map(_paragraph, causes))}"
        '<table style="margin: 0 0 0.8em 0"><thead><tr><td></td>'
        f'<th scope="col"{left}>claim</th><th scope="col">points</th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
        f"<p><strong>{escape(_sum(ran))}</strong></p>{''.join(map(_paragraph, ending))}"
    )


def _paragraph(words: str) -> str:
    return f'<p style="max-width: 46em; margin: 0.3em 0">{code_html(words)}</p>'


def _why_html(why: str) -> str:
    style = "max-width: 46em; opacity: 0.8; overflow-wrap: anywhere"
    return f'<div style="{style}">{words_html(why)}</div>' if why else ""


def _points(one: Ran) -> str:
    return f"{round(one.earned, 2):g} of {one.points:g}"


def _sum(ran: Sequence[Ran]) -> str:
    held, points = sum(one.holds for one in ran), sum(one.points for one in ran)
    earned = round(sum(one.earned for one in ran), 2)
    return f"{earned:g} of {points:g} points: {held} of {len(ran)} claims hold."


def _shared(ran: Sequence[Ran]) -> str:
    """Return the reason that several claims fail for, so that it is said once."""
    said = Counter(one.why for one in ran if one.why).most_common(1)
    return said[0][0] if said and said[0][1] > 1 else ""


def _causes(ran: Sequence[Ran], failures: Mapping[str, Failure]) -> list[str]:
    """Return the known mistakes behind claims that fail, each with its function where several."""
    if all(one.holds for one in ran):
        return []
    causes = {
        name: f"{failure.first} {failure.cause}".strip() for name, failure in failures.items()
    }
    named = {name: cause for name, cause in causes.items() if cause}
    return [
        f"Likely cause: {cause}" if len(named) == 1 else f"Likely cause in {name}: {cause}"
        for name, cause in named.items()
    ]


def _without(ran: Sequence[Ran], causes: Sequence[str]) -> list[Ran]:
    """Take from claims the reasons that stand in the causes above them."""
    said = [one.why.removeprefix("it stopped with ") for one in ran]
    return [
        replace(one, why="") if why and any(why in cause for cause in causes) else one
        for one, why in zip(ran, said, strict=True)
    ]


def _ending(ran: Sequence[Ran], following: str, failures: Mapping[str, Failure]) -> str:
    failing = sum(not one.holds for one in ran)
    if failing:
        several = "Claims below the first ✗ may fail for its reason, whatever they say. " * (
            failing > 1
        )
        mend = "Fix what the check above names first" if failures else "Mend the first ✗"
        return f"{several}{mend}, then run this cell again."
    if failures:
        left = "; ".join(
            f"“{failure.claim}” by `checks.check({name})`" for name, failure in failures.items()
        )
        return (
            f"These claims hold, but a check does not pass yet: {left}. Run that check again, mend "
            "what it names, then run this cell again."
        )
    return f"Done: go on with “{following}”." if following else "Done: that was the last one."
