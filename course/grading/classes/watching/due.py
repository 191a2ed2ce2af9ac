"""Which of a student's submissions is graded, and when: by what is known of them, and the rule.

A try is one submission graded. A submission takes a try of the day that it arrived on, where one is
left. Where none is, it waits: the newest that a student has takes a try of a later day, and the
last one that arrived before the deadline is graded after it without a try. Which day it is, the
server's clock says, and no student's.
"""

from __future__ import annotations

import zoneinfo
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from traitlets.config import Config

from course.grading.records.tries import NOTHING, Try
from course.grading.steps.execute import Judge
from course.lessons import LessonError


@dataclass(frozen=True)
class Rule:
    """How often a student may ask for hidden tests, and which submission counts.

    Attributes
    ----------
    tries_a_day : int
        0 for any number.
    counts : str
        ``"last"`` or ``"best"``.
    zone : tzinfo or None
        Whose days are meant; None for this machine's.
    """

    tries_a_day: int = 0
    counts: str = "last"
    zone: tzinfo | None = None

    @property
    def is_set(self) -> bool:
        """Whether something else counts than whatever came last."""
        return bool(self.tries_a_day) or self.counts != "last"

    def local(self, moment: datetime) -> datetime:
        """Return a moment, which is in UTC and without a zone, by the zone's clock."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone)

    def day(self, moment: datetime) -> str:
        """Return the day of a moment.

        >>> Rule(zone=zoneinfo.ZoneInfo("Asia/Tokyo")).day(datetime(2026, 5, 1, 20))
        '2026-05-02'
        """
        return self.local(moment).date().isoformat()

    def next_day(self, moment: datetime) -> datetime:
        """Return when the day after a moment's begins, in UTC, without a zone."""
        tomorrow = self.local(moment).date() + timedelta(days=1)
        midnight = datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=self.zone)
        return midnight.astimezone(UTC).replace(tzinfo=None)


def rule_of(config: Config) -> Rule:
    """Return what the settings say.

    Raises
    ------
    LessonError
        Where they name no time zone.
    """
    judge = Judge(config=config)
    try:
        zone = None if judge.time_zone == "local" else zoneinfo.ZoneInfo(judge.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise LessonError(
            f"Judge.time_zone is {judge.time_zone!r}, which is none: write one such as "
            f"'Europe/Berlin'"
        ) from error
    return Rule(judge.tries_a_day, judge.counts, zone)


@dataclass(frozen=True)
class Hand:
    """All that one student has handed in, and what is looked at to decide on it.

    Attributes
    ----------
    tries : sequence of Try
        The student's.
    there : collection of str
        Names of submissions that still lie in the exchange.
    deadline : datetime or None
        When the lesson is due for the student.
    version : str
        What is graded by now.
    net : callable
        Says of a graded submission what it earned, after late penalties.
    """

    tries: Sequence[Try]
    there: Collection[str]
    deadline: datetime | None
    version: str
    net: Callable[[Try], float]

    @property
    def _known(self) -> list[Try]:
        return [one for one in self.tries if one.told != NOTHING]

    def due(self, rule: Rule, now: datetime) -> Try | None:
        """Return what is to be graded next, with the day whose try it takes; None for nothing."""
        allowed = self.allowed(rule, now)
        new = [one for one in self._known if one.name in allowed and one.name in self.there]
        if new:
            newest = max(new, key=lambda one: one.order)
            return replace(newest, day=allowed[newest.name])
        wanted = self.what_counts(rule)
        if wanted is None:
            return None
        others = [one for one in self._known if one.is_graded] if rule.counts == "best" else []
        stale = [
            one
            for one in (wanted, *others)
            if one.version != self.version and one.name in self.there
        ]
        if stale:
            return stale[0]
        return None if wanted.counts or wanted.name not in self.there else wanted

    def allowed(self, rule: Rule, now: datetime) -> dict[str, str]:
        """Return what may be graded that was not yet, and of which day it takes a try."""
        used = Counter(one.day for one in self._known if one.is_graded and one.day)
        new = [one for one in self._known if not one.is_graded]
        found: dict[str, str] = {}

        def take(one: Try, day: str) -> bool:
            if rule.tries_a_day and used[day] >= rule.tries_a_day:
                return False
            used[day] += 1
            found[one.name] = day
            return True

        left = [
            one
            for one in sorted(new, key=lambda one: (one.arrived, one.name))
            if not take(one, rule.day(one.arrived))
        ]
        for one in left:
            if one == self._newest() and take(one, rule.day(now)):
                continue
            if self.deadline and self.deadline <= now and one == self._newest(self.deadline):
                found[one.name] = ""
        return found

    def replaced_by(self, one: Try) -> Try | None:
        """Return a newer submission, where there is one that keeps a waiting one from its turn."""
        newest = self._newest()
        if one == newest or (self.deadline and one == self._newest(self.deadline)):
            return None
        return newest

    def what_counts(self, rule: Rule) -> Try | None:
        """Return the graded submission whose marks are to be in the gradebook."""
        graded = [
            one for one in self._known if one.is_graded and (one.counts or one.name in self.there)
        ]
        if rule.counts == "best":
            return max(graded, key=lambda one: (self.net(one), one.order), default=None)
        return max(graded, key=lambda one: one.order, default=None)

    def _newest(self, until: datetime | None = None) -> Try | None:
        known = [one for one in self._known if until is None or one.arrived <= until]
        return max(known, key=lambda one: one.order, default=None)
