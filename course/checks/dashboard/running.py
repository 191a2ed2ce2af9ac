"""All visible tests of an exercise, run at once: which claims hold, and for how many points.

The tests are those of the notebook, to the letter: `build release` writes them down for each
lesson, in ``course/lessons/NN_name/tests.json``, so that they are at hand wherever the package is.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from course.checks.dashboard.checking import examine, limited
from course.checks.dashboard.failing import sections
from course.checks.dashboard.ran import Ran, as_html, as_text
from course.checks.dashboard.report import Failure
from course.checks.dashboard.trying import tried
from course.checks.dashboard.view import show_both
from course.checks.known.features import Function


@dataclass(frozen=True)
class Section:
    """The visible tests that one cell runs: `claims` as in the file, and the heading after them."""

    claims: tuple[dict[str, Any], ...]
    next: str


def run_claims(*functions: Function) -> None:
    """Run the visible tests of an exercise: each claim, its points, and why one does not hold.

    A mistake that the check knows by its outputs stands above them. Where all of them hold, what
    the check alone finds wrong is told.

    Nothing is graded and nothing is kept: call it as often as you like. When your notebook is
    graded, the same claims are held against further inputs.

    Parameters
    ----------
    *functions : callable
        What you wrote: those that the tests of a section call.
    """
    names = [getattr(function, "__name__", str(function)) for function in functions]
    section = section_of(names)
    if section is None:
        print(f"No section tests {', '.join(names)} alone: pass what the lesson's own cell passes.")
        return
    named = {name: limited(function) for name, function in zip(names, functions, strict=True)}
    ran = run(section, named, sys._getframe(1).f_globals)
    failures = failures_of(named)
    show_both(as_text(ran, section.next, failures), as_html(ran, section.next, failures))


def failures_of(functions: dict[str, Function]) -> dict[str, Failure]:
    """Return what the check of each function has to mend first, of those that fail one."""
    reports = {name: examine(function, name) for name, function in functions.items()}
    return {name: one.failure for name, one in reports.items() if one and one.failure}


def section_of(names: list[str]) -> Section | None:
    """Return the visible tests of these functions together, None where no section has any."""
    for section in sections():
        if section["functions"] == names:
            return Section(tuple(section["claims"]), section["next"])
    return None


def run(section: Section, functions: dict[str, Function], names: dict[str, Any]) -> list[Ran]:
    """Run tests on functions, with a notebook's other names, which stay what they are."""
    ended = {name: limited(function) for name, function in functions.items()}
    found = [(claim, *tried(claim, ended, names)) for claim in section.claims]
    return [Ran(claim["claim"], claim["points"], earned, said) for claim, earned, said in found]
