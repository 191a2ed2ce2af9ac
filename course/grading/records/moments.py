"""Moments and lengths of time, as people type and read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from course.grading.records.timestamps import read_moment

_END_OF_DAY = "23:59"
#: The longest first; what is read is the beginning of a name.
UNITS = {
    "week": timedelta(weeks=1),
    "day": timedelta(days=1),
    "hour": timedelta(hours=1),
    "minute": timedelta(minutes=1),
    "second": timedelta(seconds=1),
}
UNIT = "w(?:ee)?ks?|w|d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?"
LENGTH = rf"(?:\d+(?:\.\d+)?\s*(?:{UNIT})(?![a-z])[\s,]*(?:and\s+)?)+"
_PART = re.compile(rf"(\d+(?:\.\d+)?)\s*({UNIT})(?![a-z])", re.IGNORECASE)


def moment(text: str, zone: str = "") -> datetime:
    """Return a moment in UTC, without a zone, as nbgrader keeps it.

    Parameters
    ----------
    text : str
        A date and a time in any form that tells them; a date alone is the end of that day.
    zone : str, optional
        The name of the time zone where the text has none, such as ``Europe/Berlin``; this
        machine's where there is none here either.

    Raises
    ------
    ValueError
        Where the text cannot be read for certain, or that hour is skipped when clocks go forward.

    Examples
    --------
    >>> moment("2026-12-01 18:00", "Europe/Berlin")
    datetime.datetime(2026, 12, 1, 17, 0)
    >>> moment("1 December 2026", "UTC")
    datetime.datetime(2026, 12, 1, 23, 59)
    """
    try:
        said = read_moment(f"{text} {_END_OF_DAY}")
    except ValueError:
        said = read_moment(text)
    if said.tzinfo is None:
        # Of an hour that there is twice the later one is meant: it is the kinder.
        said = said.replace(fold=1)
        there = said.replace(tzinfo=zone_called(zone)) if zone else said.astimezone()
        back = there.astimezone(UTC).astimezone(there.tzinfo if zone else None)
        if back.replace(tzinfo=None, fold=0) != said.replace(fold=0):
            raise ValueError(f"there is no {said:%H:%M} on that day: clocks go forward then")
        said = there
    return said.astimezone(UTC).replace(tzinfo=None)


def shown(when: datetime, zone: str = "") -> str:
    """Return a moment as people read it, where they are.

    >>> shown(datetime(2026, 12, 1, 17), "Europe/Berlin")
    'Tuesday 1 December 2026, 18:00 CET'
    """
    there = when.replace(tzinfo=UTC).astimezone(zone_called(zone) if zone else None)
    clock = "%H:%M:%S" if there.second else "%H:%M"
    return f"{there:%A} {there.day} {there:%B %Y}, {there.strftime(clock)} {there:%Z}"


def zone_called(name: str) -> ZoneInfo:
    """Return a time zone by its name.

    Raises
    ------
    ValueError
        Where there is none.
    """
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(
            f"there is no time zone {name!r}: they are called as Europe/Berlin or UTC"
        ) from None


def length(text: str) -> timedelta:
    """Return a length of time.

    Raises
    ------
    ValueError
        Where the text is none.

    Examples
    --------
    >>> length("+48h"), length("1 day 12 hours"), length("90 min")
    (datetime.timedelta(days=2), datetime.timedelta(days=1, seconds=43200), \
datetime.timedelta(seconds=5400))
    """
    said = text.strip().removeprefix("+").strip()
    if not re.fullmatch(LENGTH, said, re.IGNORECASE):
        raise ValueError(f"{text!r} is no length of time: write 48h, 2 days or 1 day 12 hours")
    parts = (float(number) * unit_called(unit) for number, unit in _PART.findall(said))
    return timedelta(seconds=round(sum(parts, timedelta()).total_seconds()))


def unit_called(name: str) -> timedelta:
    """Return how long a unit is, by its name or the beginning of it.

    >>> unit_called("hours"), unit_called("d")
    (datetime.timedelta(seconds=3600), datetime.timedelta(days=1))
    """
    return next(long for unit, long in UNITS.items() if unit[0] == name[0].lower())


def lasting(time: timedelta, most: int = 2) -> str:
    """Return a length of time in words, by its `most` longest units.

    >>> lasting(timedelta(hours=49.5)), lasting(timedelta(0))
    ('2 days 1 hour', '0 seconds')
    """
    left, words = round(time.total_seconds()), []
    for unit, long in UNITS.items():
        seconds = round(long.total_seconds())
        if unit != "week" and left >= seconds:
            number, left = divmod(left, seconds)
            words.append(f"{number} {unit}{'' if number == 1 else 's'}")
    return " ".join(words[:most]) or "0 seconds"
