"""Which submission is graded next, and which counts: told by what is known and the rule alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from traitlets.config import Config

from course.grading.classes.watching.due import Hand, Rule, rule_of
from course.grading.records.tries import Try
from course.lessons import LessonError

MONDAY = datetime(2026, 3, 9, 9)
UTC = ZoneInfo("UTC")
TWO = Rule(tries_a_day=2, zone=UTC)
BEST = Rule(counts="best", zone=UTC)


def handed_in(hours: float, **known: object) -> Try:
    """Return a submission of so many hours after Monday at nine."""
    when = MONDAY + timedelta(hours=hours)
    return replace(Try(f"at {hours:05}", "ann", when, when), **known)


def hand(*tries: Try, deadline: datetime | None = None, there: tuple[str, ...] = ()) -> Hand:
    names = there or tuple(one.name for one in tries)
    return Hand(tries, names, deadline, "v", lambda one: one.points or 0.0)


def graded_in_turn(found: Hand, rule: Rule, now: datetime) -> list[str]:
    """Grade whatever is due, with no points each; return the names in their order."""
    names = []
    while (one := found.due(rule, now)) is not None:
        names.append(one.name)
        done = replace(one, points=0.0, version="v", counts=True)
        tries = [done if known.name == one.name else known for known in found.tries]
        found = replace(found, tries=tries)
    return names


def test_without_a_limit_each_is_graded_the_newest_first() -> None:
    tries = [handed_in(hour) for hour in range(5)]
    names = [one.name for one in reversed(tries)]
    assert graded_in_turn(hand(*tries), Rule(zone=UTC), MONDAY) == names


def test_a_day_has_its_tries_for_those_who_came_first() -> None:
    tries = [handed_in(hour) for hour in range(4)]
    done = graded_in_turn(hand(*tries), TWO, MONDAY + timedelta(hours=5))
    assert sorted(done) == [tries[0].name, tries[1].name]


def test_it_is_the_same_whether_they_are_graded_at_once_or_much_later() -> None:
    tries = [handed_in(hour) for hour in (0, 1, 2, 24, 25)]
    late = graded_in_turn(hand(*tries), TWO, MONDAY + timedelta(days=9))
    assert sorted(late) == [tries[index].name for index in (0, 1, 3, 4)]


def test_the_newest_that_waits_takes_a_try_of_the_next_day() -> None:
    tries = [handed_in(hour) for hour in range(4)]
    done = graded_in_turn(hand(*tries), TWO, MONDAY + timedelta(days=1))
    assert sorted(done) == [tries[index].name for index in (0, 1, 3)]
    due = hand(*(replace(one, points=1.0, day="2026-03-09") for one in tries[:2]), *tries[2:])
    found = due.due(TWO, MONDAY + timedelta(days=1))
    assert found is not None
    assert found.day == "2026-03-10"


def test_what_a_newer_one_replaced_is_told_which() -> None:
    tries = [handed_in(hour) for hour in range(4)]
    assert hand(*tries).replaced_by(tries[2]) == tries[3]
    assert hand(*tries).replaced_by(tries[3]) is None


def test_the_last_one_before_the_deadline_is_graded_without_a_try() -> None:
    tries = [handed_in(hour) for hour in range(4)]
    deadline = MONDAY + timedelta(hours=4)
    before, after = (deadline + timedelta(minutes=minutes) for minutes in (-1, 0))
    found = hand(*tries, deadline=deadline)
    assert tries[3].name not in found.allowed(TWO, before)
    assert found.allowed(TWO, after)[tries[3].name] == ""


def test_after_the_deadline_there_are_no_more_tries_than_before() -> None:
    tries = [handed_in(hour) for hour in range(5)]
    deadline = MONDAY + timedelta(minutes=30)
    done = graded_in_turn(hand(*tries, deadline=deadline), TWO, MONDAY + timedelta(hours=6))
    assert sorted(done) == [tries[0].name, tries[1].name]


def test_late_ones_do_not_keep_the_last_one_in_time_from_being_graded() -> None:
    tries = [handed_in(hour) for hour in range(5)]
    deadline = MONDAY + timedelta(hours=2.5)
    done = graded_in_turn(hand(*tries, deadline=deadline), TWO, MONDAY + timedelta(hours=6))
    assert tries[2].name in done


def test_a_day_is_the_zones() -> None:
    tries = [handed_in(hour) for hour in (0, 1, 14.5)]  # 23:30 in UTC, half past midnight there
    elsewhere = replace(TWO, zone=ZoneInfo("Europe/Berlin"))
    now = MONDAY + timedelta(hours=14.6)
    assert len(graded_in_turn(hand(*tries), TWO, now)) == 2
    assert len(graded_in_turn(hand(*tries), elsewhere, now)) == 3


def test_the_next_day_begins_at_midnight_though_clocks_are_changed_then() -> None:
    berlin = Rule(zone=ZoneInfo("Europe/Berlin"))
    assert berlin.next_day(datetime(2026, 3, 28, 12)) == datetime(2026, 3, 28, 23)
    assert berlin.next_day(datetime(2026, 3, 29, 12)) == datetime(2026, 3, 29, 22)


def test_a_zone_that_is_none_is_said_so() -> None:
    config = Config()
    config.Judge.time_zone = "Berlin"
    with pytest.raises(LessonError, match=r"Judge\.time_zone is 'Berlin', which is none"):
        rule_of(config)


def test_the_best_counts_and_of_equals_the_newest() -> None:
    worse, best, equal = (
        handed_in(hour, points=points) for hour, points in ((0, 3.0), (1, 5.0), (2, 5.0))
    )
    assert hand(worse, best, replace(worse, name="z")).what_counts(BEST) == best
    assert hand(best, worse, equal).what_counts(BEST) == equal


def test_the_best_is_what_is_best_after_late_points() -> None:
    early, late = handed_in(0, points=3.0), handed_in(9, points=5.0)
    found = replace(hand(early, late), net=lambda one: 0.0 if one == late else one.points or 0.0)
    assert found.what_counts(BEST) == early


def test_another_setting_has_what_counts_then_graded_again_and_nothing_else() -> None:
    best = handed_in(0, points=5.0, version="v")
    last = handed_in(1, points=3.0, version="v", counts=True)
    assert hand(best, last).due(Rule(zone=UTC), MONDAY) is None
    assert hand(best, last).due(BEST, MONDAY) == best


def test_a_lesson_that_changed_has_all_tries_graded_again_only_where_the_best_counts() -> None:
    old = [handed_in(hour, points=hour, version="old") for hour in range(3)]
    tries = [*old[:2], replace(old[2], counts=True)]
    assert len(graded_in_turn(hand(*tries), replace(TWO, counts="best"), MONDAY)) >= 3
    assert graded_in_turn(hand(*tries), TWO, MONDAY) == [tries[2].name]


def test_what_lies_in_the_exchange_no_more_is_not_due() -> None:
    gone, kept = handed_in(0), handed_in(1)
    assert graded_in_turn(hand(gone, kept, there=(kept.name,)), TWO, MONDAY) == [kept.name]
