"""What lateness costs, as an instructor says it in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from course.grading.records.latepolicy import EXAMPLES, LatePolicy, parse_policy
from course.grading.records.moments import UNITS, lasting, length, moment, shown

DAY = 86400
times = some.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("policy", "days", "cost"),
    [
        ("10 % a day", 0.01, 1.0),
        ("10 % a day", 1.0, 1.0),
        ("10 % a day", 1.01, 2.0),
        ("10 % a day", 30, 10.0),
        ("10 % a day, 3 days grace", 3.0, 0.0),
        ("10 % a day, 3 days grace", 3.01, 1.0),
        ("10 % a day, 3 days grace", 4.01, 2.0),
        ("10 % a day, at most 25 %", 9, 2.5),
        ("2,5 % per hour", 0.1, 0.75),
        ("20 %, 15 minutes grace", 0.01, 0.0),
        ("20 %, 15 minutes grace", 5, 2.0),
        ("5 % a day, no points after 2 days", 2.0, 1.0),
        ("5 % a day, no points after 2 days", 2.01, 10.0),
        ("no points after 2 days", 2.0, 0.0),
        ("no points", 0.001, 10.0),
        ("none", 100, 0.0),
    ],
)
def test_lateness_costs_what_the_words_say(policy: str, days: float, cost: float) -> None:
    assert parse_policy(policy).cost(10.0, days * DAY) == cost


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_can_be_read(text: str) -> None:
    assert parse_policy(str(parse_policy(text))) == parse_policy(text)


@given(
    some.builds(
        LatePolicy,
        some.integers(1, 99).map(lambda percent: percent / 100),
        some.sampled_from([None, *UNITS.values()]),
        times | some.just(timedelta()),
        some.integers(1, 100).map(lambda percent: percent / 100),
        some.none() | times,
    )
)
def test_what_is_kept_is_read_as_the_same(policy: LatePolicy) -> None:
    assert parse_policy(str(policy)) == policy


@given(some.floats(0, 100), some.floats(0.001, 1e7), some.sampled_from(EXAMPLES))
def test_no_more_is_taken_than_was_earned_and_no_less_later(
    points: float, seconds: float, text: str
) -> None:
    policy = parse_policy(text)
    cost = policy.cost(points, seconds)
    assert 0 <= cost <= points + 1e-6
    assert policy.cost(points, 2 * seconds) >= cost


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("10", "'10' is not understood. Write for instance: 10 % a day; "),
        ("10 % a day, 20 % a day", "says the same thing twice"),
        ("120 % a day", "more than 100 % cannot be taken"),
        ("3 days grace", "does not say what is taken"),
        ("10 % a fortnight", "is not understood"),
        ("", "is not understood"),
    ],
)
def test_what_is_no_policy_is_refused(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_policy(text)


@given(times)
def test_a_length_of_time_in_words_is_read_as_the_same(time: timedelta) -> None:
    assert length(lasting(time, most=len(UNITS))) == time


@pytest.mark.parametrize("text", ["48", "two days", "+", "-2 days", "2 fortnights"])
def test_what_is_no_length_of_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no length of time: write 48h"):
        length(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-12-01 18:00", "Tuesday 1 December 2026, 18:00 CET"),
        ("2026-07-01 18:00", "Wednesday 1 July 2026, 18:00 CEST"),
        ("2026-12-01", "Tuesday 1 December 2026, 23:59 CET"),
        ("2026-12-01 00:00", "Tuesday 1 December 2026, 00:00 CET"),
        ("1 December 2026 6pm", "Tuesday 1 December 2026, 18:00 CET"),
        ("2026-12-01 17:00 UTC", "Tuesday 1 December 2026, 18:00 CET"),
        ("2026-10-25 02:30", "Sunday 25 October 2026, 02:30 CET"),  # is there twice
    ],
)
def test_a_date_is_of_the_zone_that_is_named(text: str, told: str) -> None:
    assert shown(moment(text, "Europe/Berlin"), "Europe/Berlin") == told


@pytest.mark.parametrize(
    ("text", "zone", "message"),
    [
        ("tomorrow", "UTC", "is no date"),
        ("12/01/2026", "UTC", "does not tell the month from the day"),
        ("2026-03-29 02:30", "Europe/Berlin", "there is no 02:30 on that day: clocks go forward"),
        ("2026-12-01", "Europe/Nowhere", "no time zone 'Europe/Nowhere': they are called as"),
    ],
)
def test_a_date_that_is_not_certain_is_refused(text: str, zone: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        moment(text, zone)
