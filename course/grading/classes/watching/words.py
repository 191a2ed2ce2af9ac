"""What is said of submissions: to their students on a page, and on the terminal in a line."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from course.grading.classes.watching.due import Rule
from course.grading.records.tries import Try


def waits(rule: Rule, one: Try, deadline: datetime | None, now: datetime) -> list[str]:
    """Say to a student that a submission waits for a try, and until when."""
    tries, day = rule.tries_a_day, rule.day(now)
    taken = f"the try of {day} is" if tries == 1 else f"all {tries} tries of {day} are"
    until = f"It is graded on {_clock(rule, rule.next_day(now))}, when the next day begins"
    if deadline and one.arrived <= deadline:
        until += f", or at the deadline, {_clock(rule, deadline)}"
    return [
        f"Kept, and not graded yet: {taken} taken.",
        f"{until}.",
        "If you hand in again before that, the newer one takes its place.",
    ]


def replaced(rule: Rule, newer: Try) -> list[str]:
    """Say to a student that a newer submission came before a try was left for this one."""
    when = _clock(rule, newer.handed_in)
    return [f"Kept, and not graded: the one of {when} came before a try was left."]


def does_not_count(rule: Rule, one: Try, other: Try) -> str:
    """Say to a student that another submission counts.

    >>> one, two = (Try(name, "ann", datetime(2026, 5, day), datetime(2026, 5, day), points=5.0)
    ...             for name, day in (("one", 1), ("two", 2)))
    >>> does_not_count(Rule(counts="best"), two, one)
    'does not count: an earlier one does, with 5 points of the tests'
    """
    said = f"does not count: {'a later' if other.order > one.order else 'an earlier'} one does"
    if rule.counts == "best":
        said += f", with {other.points:g} points of the tests"
    return said


def earned_of(rule: Rule, one: Try, tries: Iterable[Try], most: float, now: datetime) -> str:
    """Say in a line what a submission earned, how long its student waited, and which try it was."""
    said = f"{one.points:g} of {most:g} points, {(now - one.arrived).total_seconds():.1f} s"
    if rule.tries_a_day and one.day:
        taken = sum(other.is_graded and other.day == one.day for other in tries)
        said += f", try {taken} of {rule.tries_a_day} of {one.day}"
    return said if one.counts else f"{said}, does not count"


def _clock(rule: Rule, moment: datetime) -> str:
    return rule.local(moment).strftime("%Y-%m-%d %H:%M %Z")
