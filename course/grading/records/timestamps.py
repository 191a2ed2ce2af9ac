"""When something was handed in: reading ``timestamp.txt``, whatever lies there.

nbgrader reads ``2025-03-11 00:30:00 +0100`` a minute and an hour wrong, a byte order mark as part
of the date, and stops at what is no date. A wrong time can cost all points, so nothing is guessed
here: a time is read as it was written, or it is not read, and somebody is told.
"""

from __future__ import annotations

import errno
import functools
import json
import logging
import os
import re
import stat
import zoneinfo
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import NamedTuple

import dateutil.parser

_LOG = logging.getLogger("course")
NAME = "timestamp.txt"
#: A date has some 30 characters; of a file with more than this nothing is read.
_MOST_BYTES = 4096
_MOST_CHARS = 100
#: ``UTC+01:00``, `` +0100``, `` -5``: behind a time of day, at the end.
_OFFSET = re.compile(
    r"(?<=[\d\sZzMmTC])\s*(?:(?:UTC|GMT|Z)\s*)?(?P<sign>[+-])\s*"
    r"(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?::?(?P<seconds>\d{2}))?$",
    re.IGNORECASE,
)
#: With a sign and no colon only where it cannot be a year.
_TIME_OF_DAY = re.compile(
    r"\d{1,2}[:h]\d{2}|(?:T|(?:-\d{2}|\d{8})\s)\d{4,6}(?:[.,]\d+)?\s*(?:UTC|GMT|Z)?\s*[+-]", re.I
)
_UTC = re.compile(r"[\d\s](?:Z|UTC|GMT)$", re.IGNORECASE)
_BRACKETS = re.compile(r"(?<=\S)\s*[(\[](?P<name>[^()\[\]]*)[)\]]$")
_ZONE = re.compile(r"\s(?P<name>[A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+)$")
#: A month's and a day's number with signs between them that do not tell which is which.
_EITHER = re.compile(r"(?<!\d)(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})(?!\d)")
_SHORT_YEAR = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{2}(?![\d:.])")
_DAY_FIRST = re.compile(r"(?<!\d)\d{1,2}\.\s?\d{1,2}\.\s?\d{4}(?!\d)")
_ALIKE = {ord("\u2212"): "-", ord("\u2010"): "-", ord("\u2011"): "-", ord("\u2013"): "-"}
#: Dates that are numbers alone; others may be seconds since 1970, or anything.
_NUMBERS = re.compile(
    r"\d{8}|\d{12}|\d{14}(?:\.\d+)?|\d{1,2}\.\d{1,2}\.\d{4}|\d{4}\.\d{1,2}\.\d{1,2}"
)
_DOTTED_TIME = re.compile(r"(?<=[\sT_])\d{1,2}\.\d{2}(?:\.\d{2})?(?=\s?Z?$)")
#: What is left of these once an offset has been taken off stands between a date and a time.
_DASH = re.compile(r"(?<=\d)-(?=\d{1,2}[:.]\d{2}(?![\d.]))")
_PAIRS = re.compile(r"\d\d")
#: What `dateutil` fills in where a date does not say it: two days that have nothing in common.
_FILLED = (datetime(2000, 1, 1), datetime(2004, 12, 28))


class TimeStamp(NamedTuple):
    """What a folder says of when it was handed in.

    Attributes
    ----------
    time : datetime or None
        In UTC, without a zone, as nbgrader keeps it; None where nothing is known.
    problem : str
        Why what lies there could not be read, ``""`` where it could, or where nothing lies there.
    """

    time: datetime | None
    problem: str = ""


def parse_utc(moment: datetime | str | None) -> datetime | None:
    """Return a moment in UTC, without a zone: what nbgrader's function of this name is meant to do.

    Parameters
    ----------
    moment : datetime, str or None
        A text without a zone or an offset is in UTC.

    Raises
    ------
    ValueError
        Where the text does not say a year, a month and a day, or may be read in two ways.

    Examples
    --------
    >>> parse_utc("2025-03-11 00:30:00 +0100")
    datetime.datetime(2025, 3, 10, 23, 30)
    """
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = read_moment(str(moment))
    try:
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        raise ValueError(f"{moment} is no date") from None
    return moment


def read_moment(text: str) -> datetime:
    """Return a moment as it was written: with a zone where the text has one.

    Raises
    ------
    ValueError
        As `parse_utc`.
    """
    said = " ".join(text.translate(_ALIKE).replace("\ufeff", "").split())
    if not said or len(said) > _MOST_CHARS:
        raise ValueError("an empty text is no date" if not said else "a long text is no date")
    said, zone = _without_zone(_without_brackets(said))
    said = _DOTTED_TIME.sub(lambda time: time[0].replace(".", ":"), _DASH.sub(" ", said))
    either = _EITHER.search(said)
    if _SHORT_YEAR.match(said) or (either and _is_ambiguous(*either.groups())):
        raise ValueError(f"{said!r} does not tell the month from the day: write 2025-03-11")
    if re.fullmatch(r"[\d.]+", said) and not _NUMBERS.fullmatch(said):
        raise ValueError(f"{said!r} is no date")
    try:
        found = datetime.fromisoformat(said)  # weeks of the year, which dateutil has not
    except ValueError:
        found = _by_dateutil(said)
    else:
        if found.utcoffset():
            raise ValueError(f"{text!r} has an offset that is not behind a time of day")
    if zone is not None:
        if found.tzinfo is not None:
            raise ValueError(f"{text!r} has two time zones")
        found = found.replace(tzinfo=zone)
    return found


def _is_ambiguous(one: str, two: str, year: str) -> bool:
    return len(year) == 2 or (int(one) != int(two) and max(int(one), int(two)) <= 12)


def _without_brackets(said: str) -> str:
    """Take off a zone's long name, as ``(Central European Time)``; open up ``(UTC+01:00)``.

    Where nothing else tells the zone, the name has to.
    """
    unnamed = re.sub(r"(?<=\d)\s+[A-Z]{1,5}$", "", said)
    said = unnamed if _offset(unnamed) else said  # +0100 CET
    named = _BRACKETS.search(said)
    if named is None:
        return said
    date = said[: named.start()]
    has_zone = _offset(date) or (_TIME_OF_DAY.search(date) and _UTC.search(date))
    return date if has_zone else f"{date} {named['name']}"


def _by_dateutil(said: str) -> datetime:
    """Read a date in any form that `dateutil` knows, as long as it says the whole date."""
    day_first = bool(_DAY_FIRST.search(said))
    one: datetime
    other: datetime
    try:
        one, other = (
            dateutil.parser.parse(said, default=day, dayfirst=day_first, tzinfos=_zone_called)
            for day in (datetime(d.year, d.month, d.day) for d in _FILLED)
        )
    except Exception as error:  # it raises whatever an odd text makes it stumble over
        raise ValueError(f"{said!r} is no date") from error
    if one != other:
        raise ValueError(f"{said!r} does not say a whole date")
    if one.tzinfo is None and re.search(r"[A-Z]{3,5}$", said):
        raise ValueError(f"{said!r} has a zone's name that was not understood")
    if not _accounts_for(one, said):
        raise ValueError(f"{said!r} has a number that is no part of a date")
    return one


def _accounts_for(found: datetime, said: str) -> bool:
    """Say whether every number of a text is in the date that was found: `dateutil` drops some."""
    parts = [found.year, found.month, found.day, found.minute, found.second]
    hours = {found.hour, found.hour % 12 or 12}
    numbers: list[int] = []
    for run in re.findall(r"\d+", re.sub(r"(?<=:\d{2})[.,]\d+", "", said)):
        year = run[:4] if len(run) in (8, 12, 14) or int(run) == found.year else ""
        pairs = len(run) in (4, 6) or year
        split = [year, *_PAIRS.findall(run[len(year) :])] if pairs else [run]
        numbers += map(int, filter(None, split))
    left = Counter(numbers) - Counter(parts)
    return left.total() <= 1 and set(left) <= hours


def _without_zone(said: str) -> tuple[str, tzinfo | None]:
    """Take a zone's name with a slash, or an offset, from the end of a date."""
    if named := _ZONE.search(said):
        return said[: named.start()], _zone(named["name"])
    offset = _offset(said)
    if offset is None:
        return said, None
    hours, minutes, seconds = (int(offset[part] or 0) for part in ("hours", "minutes", "seconds"))
    if hours > 14 or minutes > 59 or seconds > 59:
        raise ValueError(f"{said!r} has an offset that no place has")
    shift = timedelta(hours=hours, minutes=minutes, seconds=seconds)
    rest = said[: offset.start()].rstrip()
    return rest, timezone(-shift if offset["sign"] == "-" else shift)


def _offset(said: str) -> re.Match[str] | None:
    """Find an offset, which is one only behind a time of day: `` - 13:15`` may be that itself."""
    found = _OFFSET.search(said)
    return found if found and _TIME_OF_DAY.search(said, 0, found.end("sign")) else None


def _zone_called(name: str | None, offset: int | None) -> tzinfo | None:
    """Return what a zone's short name stands for; `dateutil` takes one it does not know for UTC."""
    if offset is not None and (name is None or offset):
        raise ValueError("an offset that is not behind the time of day")
    return None if name is None else _zone(name)


def _zone(name: str) -> tzinfo:
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise ValueError(f"there is no time zone {name!r}") from None


def read_stamp(folder: str | Path) -> TimeStamp:
    """Read when a submission was handed in, from ``timestamp.txt`` in its folder.

    Never raises, and never waits for a pipe: what cannot be read is told in `TimeStamp.problem`.
    """
    path = Path(folder) / NAME
    try:
        data = _read(path)
    except FileNotFoundError:
        return TimeStamp(None)
    except ValueError as why:
        return TimeStamp(None, f"{path} {why}")
    except OSError as error:
        return TimeStamp(None, f"{path} could not be opened ({error.strerror or error})")
    text = _decoded(data)
    if not text.strip():
        return TimeStamp(None, f"{path} is empty")
    try:
        return TimeStamp(parse_utc(text))
    except ValueError:
        said = " ".join(text.split())
        short = said if len(said) <= 60 else f"{said[:57]}..."
        return TimeStamp(None, f"{path} holds no date and time that can be read: {short!a}")


@functools.cache
def _warn_once(message: str) -> None:
    _LOG.warning(message)


def told_stamp(folder: str | Path) -> TimeStamp:
    """Read a submission's time; say once where that cannot be done, and what it counts as."""
    stamp = read_stamp(folder)
    if stamp.problem:
        _warn_once(f"{stamp.problem}; it counts as handed in without a time, and is never late")
    return stamp


def _read(path: Path) -> bytes:
    """Read a small plain file.

    Raises
    ------
    ValueError
        Where it is another thing; the message continues "PATH ...".
    """
    try:
        about = path.lstat()
        if stat.S_ISLNK(about.st_mode):
            raise ValueError("is a link, and links are not followed")
        if not stat.S_ISREG(about.st_mode):
            raise ValueError("is no file")
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(path, flags | getattr(os, "O_BINARY", 0)), "rb") as file:  # noqa: PTH123
            data = file.read(_MOST_BYTES + 1)
    except NotADirectoryError as error:
        raise FileNotFoundError(errno.ENOENT, "no such file", str(path)) from error
    if len(data) > _MOST_BYTES:
        raise ValueError(f"has {about.st_size} bytes, more than a date")
    return data


def _decoded(data: bytes) -> str:
    """Return text in any encoding that a file of one date can have."""
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeError:
        return data.decode("latin-1")
