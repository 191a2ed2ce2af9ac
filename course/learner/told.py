"""What a notebook earned, told: for a terminal, and for a notebook."""

from __future__ import annotations

import html
import os
import textwrap
from pathlib import Path
from typing import Any
from urllib.parse import quote

from course.bootstrap.files import seen_from
from course.checks.dashboard.view import code_html
from course.learner.graded import GradedHere

#: Of the notebook's theme, and by sign and words too.
_COLOURS = {"✓": "success", "·": "warn", "✗": "error"}
#: Of a reason: JupyterLab breaks lines of such text within words, wherever they end.
_REASON = (
    "margin: 0 0 0.6em 2em; white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere"
)


def heading(graded: GradedHere) -> str:
    """Return lesson and points in a line."""
    earned = graded.earned
    points = f"{earned.points:g} of {earned.max_points:g} points"
    return f"{graded.lesson_id}: {earned.lesson.title}   {points}"


def text(graded: GradedHere, root: Path) -> str:
    """Return the claims of a lesson with their points, and what is known of each failure.

    Parameters
    ----------
    graded : GradedHere
        What was graded.
    root : Path
        The course, for names of files.
    """
    earned, lines = graded.earned, [heading(graded)]
    if unreadable := earned.report.get("unreadable"):
        lines += textwrap.wrap(unreadable.replace("**", ""), 96)
    said: list[str] = []
    for test in earned.report.get("tests", []):
        lines.append(f"  {sign(test)} {test['score']:4.3g} / {test['points']:<3g} {test['claim']}")
        if sign(test) != "✓" and why(test) != said:  # what holds for several tests is said once
            said = why(test)
            lines += [f"                {line}" for line in said]
    if earned.by_hand:
        lines.append(_by_hand(earned.by_hand))
    page = os.path.relpath(graded.page, root) if _is_within(graded.notebook, root) else graded.page
    lines.append(f"  Feedback page: {page}")
    lines += [f"  {note}" for note in graded.notes]
    return "\n".join(lines)


def _is_within(path: Path, root: Path) -> bool:
    """Say whether a file or folder lies in the course."""
    return path.resolve().is_relative_to(root.resolve())


def sign(test: dict[str, Any]) -> str:
    """Return a tick where a test has all its points, a dot where some, a cross where none."""
    return "✓" if test["score"] >= test["points"] else ("·" if test["score"] else "✗")


def _by_hand(points: float) -> str:
    return f"  What you wrote in words is read by a person, for up to {points:g} more."


def why(test: dict[str, Any], width: int = 84) -> list[str]:
    """Return what is known of a failed test: its message, and the names of known mistakes."""
    lines: list[str] = []
    for line in test["message"].splitlines():
        lines += textwrap.wrap(line, width)
    for found in test["diagnoses"]:
        where = f" ({' and '.join(found['where'])})" if found["where"] else ""
        lines += textwrap.wrap(f"→ {found['name']}{where}: {found['sentence']}", width)
    return lines


def markup(graded: GradedHere, beside: Path, root: Path) -> str:
    """Return the same as HTML, mistakes on top, what holds folded.

    Parameters
    ----------
    graded : GradedHere
        What was graded.
    beside : Path
        The folder that links start from: that of the notebook.
    root : Path
        The course. From elsewhere no link leads to the page, so that its place is named.
    """
    earned = graded.earned
    points = f"{earned.points:g} of {earned.max_points:g} points"
    link = f'<a href="{quote(seen_from(beside, graded.page))}">Feedback page</a>'
    if not _is_within(beside, root):  # what serves the notebook may not serve the page
        link = f"Feedback page: <code>{html.escape(str(graded.page))}</code>"
    said = [f"<p><b>{points}</b> by the hidden tests. {link}</p>"]
    if unreadable := earned.report.get("unreadable"):
        said.append(f"<p>{html.escape(unreadable.replace('**', ''))}</p>")
    tests = earned.report.get("tests", [])
    said += [f"<p>{_named(*mistake)}</p>" for mistake in mistakes(tests).items()]
    said.append(claims(tests))
    if earned.by_hand:
        said.append(f"<p>{html.escape(_by_hand(earned.by_hand).strip())}</p>")
    said += [f"<p>{html.escape(note)}</p>" for note in graded.notes]
    return "".join(said)


def claims(tests: list[dict[str, Any]], heading: str = "") -> str:
    """Return claims as HTML, those that fail with the reason, those that hold folded.

    Parameters
    ----------
    tests : list of dict
        Each with ``claim``, ``score``, ``points``, ``message`` and ``diagnoses``.
    heading : str, optional
        Stands above.
    """
    said = [f"<p><b>{html.escape(heading)}</b></p>"] if heading else []
    said += [_claim(test) for test in tests if sign(test) != "✓"]
    if held := [_claim(test) for test in tests if sign(test) == "✓"]:
        summary = f"{len(held)} of {len(tests)} claims hold"
        said.append(f"<details><summary>{summary}</summary>{''.join(held)}</details>")
    return "".join(said)


def mistakes(tests: list[dict[str, Any]]) -> dict[str, str]:
    """Return the known mistakes behind failed tests: what to say of each, by its name."""
    found = [one for test in tests for one in test["diagnoses"]]
    return {
        one["name"]: f"{' and '.join(one['where'])}: {one['sentence']}".removeprefix(": ")
        for one in found
    }


def _named(name: str, sentence: str) -> str:
    return f"<b>{html.escape(name.replace('_', ' '))}.</b> {html.escape(sentence)}"


def _claim(test: dict[str, Any]) -> str:
    """Return a claim; why it fails is folded where the mistake has a name, which stands above."""
    mark = sign(test)
    row = (
        f'<span style="color: var(--jp-{_COLOURS[mark]}-color1)">{mark}</span> '
        f"{test['score']:.3g} / {test['points']:g} &nbsp;{code_html(test['claim'])}"
    )
    if mark == "✓":
        return f"<div>{row}</div>"
    unfolded = "" if test["diagnoses"] else " open"
    said = f'<pre style="{_REASON}">{html.escape(test["message"])}</pre>'
    return f"<details{unfolded}><summary>{row}</summary>{said}</details>"
