"""Dates as Moodle writes them for people, in the language of whoever downloaded them."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from babel import Locale  # which JupyterLab brings

_TIME = re.compile(r"(?<!\d)(\d{1,2})\s?[:.h]\s?(\d{2})(?:[:.](\d{2}))?(?!\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_KOREAN = re.compile(r"(\d{4})\s*년\s*(\d{1,2})\s*월\s*(\d{1,2})\s*일")
#: What may follow a time and says nothing of the half of the day.
_HOUR_WORDS = ("", "h", "hrs", "uhr", "uur", "ч")
#: Languages that Moodle is used in; more would make the first date slow.
# fmt: off
_LANGUAGES = (
    "af", "ar", "az", "be", "bg", "bn", "bs", "ca", "cs", "cy", "da", "de", "el", "es", "et",
    "eu", "fa", "fi", "fil", "fr", "ga", "gl", "gu", "he", "hi", "hr", "hu", "hy", "id", "is",
    "it", "ja", "ka", "kk", "km", "kn", "ko", "lt", "lv", "mk", "ml", "mn", "mr", "ms", "my",
    "nb", "ne", "nl", "nn", "pa", "pl", "pt", "ro", "ru", "si", "sk", "sl", "sq", "sr", "sv",
    "sw", "ta", "te", "th", "tr", "uk", "ur", "uz", "vi", "zh",
)
# fmt: on
#: Thailand counts years from another beginning.
_BUDDHIST = 543


def read_date(text: str) -> datetime | None:
    """Return the moment that a text tells, None where that is not certain.

    It has a time zone only where the text does. Of a month that has one name in two languages the
    weekday decides; where it does not, nothing is guessed.

    >>> read_date("Thursday, 3 January 2030, 12:05 PM")
    datetime.datetime(2030, 1, 3, 12, 5)
    >>> read_date("Donnerstag, 3. Januar 2030, 14:05"), read_date("jeudi 3 janvier 2030, 14:05")
    (datetime.datetime(2030, 1, 3, 14, 5), datetime.datetime(2030, 1, 3, 14, 5))
    >>> read_date("03/01/2030, 14:05") is None  # the third of January, or the first of March
    True
    """
    plain = _plain(text)
    try:
        return datetime.fromisoformat(plain.upper())
    except ValueError:
        pass
    for shape in (_EAST_ASIAN, _KOREAN):
        if found := shape.search(plain):
            return _east_asian(plain, found)
    english = list(_readings(plain, "en"))
    every = english or [one for language in _LANGUAGES for one in _readings(plain, language)]
    surest = [one for one in every if one.weekday is not None] or every
    if len({one.when for one in surest}) > 1:  # a month's name of two languages
        surest = [one for one in surest if one.when.weekday() == one.weekday]
    moments = {one.when for one in surest}
    return moments.pop() if len(moments) == 1 else None


@dataclass(frozen=True)
class _Reading:
    when: datetime
    weekday: int | None


def _readings(text: str, language: str) -> Iterator[_Reading]:
    """Yield what a text says in one language: nothing or one moment."""
    names = _names(language)
    times = list(_TIME.finditer(text))
    years = re.findall(r"(?<!\d)\d{4}(?!\d)", text)
    if len(times) != 1 or len(years) != 1:
        return
    time = times[0]
    date, after = text[: time.start()], text[time.end() :]
    days = re.findall(r"(?<!\d)\d{1,2}(?!\d)", date)
    words = _words(date)
    months = {names.months[word] for word in words if word in names.months}
    if len(days) != 1 or len(months) != 1:
        return
    hour = _hour(int(time[1]), date, after, names)
    if hour is None:
        return
    weekdays = [names.days[word] for word in words if word in names.days]
    year = int(years[0]) - (_BUDDHIST if int(years[0]) > 2400 else 0)
    try:
        when = datetime(year, months.pop(), int(days[0]), hour, int(time[2]), int(time[3] or 0))
    except ValueError:
        return
    yield _Reading(when, weekdays[0] if weekdays else None)


def _hour(hour: int, before: str, after: str, names: _Names) -> int | None:
    """Return the hour of the day, None where it may be either half's."""
    said = re.sub(r"[\s.\u200f\u200e]", "", after)
    last = re.sub(r"[\s.]", "", before.rpartition(",")[2])
    if said in names.pm or last in names.pm:
        return hour % 12 + 12
    if said in names.am or last in names.am:
        return hour % 12
    return hour if said in _HOUR_WORDS else None


def _east_asian(text: str, found: re.Match[str]) -> datetime | None:
    time = _TIME.search(text, found.end())
    if time is None:
        return None
    between = text[found.end() : time.start()]
    afternoon = any(word in between for word in ("下午", "午後", "오후", "晚上"))
    hour = int(time[1]) % 12 + 12 if afternoon else int(time[1])
    try:
        return datetime(int(found[1]), int(found[2]), int(found[3]), hour, int(time[2]))
    except ValueError:
        return None


@dataclass(frozen=True)
class _Names:
    months: dict[str, int]
    days: dict[str, int]
    am: frozenset[str]
    pm: frozenset[str]


@functools.cache
def _names(language: str) -> _Names:
    """Return what one language calls months, weekdays and halves of the day."""
    locale = Locale.parse(language)
    widths = [(form, width) for form in ("format", "stand-alone") for width in _WIDTHS]
    months = {
        word: int(number)
        for form, width in widths
        for number, name in locale.months[form][width].items()
        for word in _words(_plain(name))[:1]
    }
    days = {
        word: int(number)
        for form, width in widths
        for number, name in locale.days[form][width].items()
        for word in _words(_plain(name))[:1]
    }
    halves = {
        half: frozenset(
            re.sub(r"[\s.]", "", _plain(names[half]))
            for forms in locale.day_periods.values()
            for names in forms.values()
            if half in names
        )
        for half in ("am", "pm")
    }
    return _Names(months, days, halves["am"] | {"am"}, halves["pm"] | {"pm"})


_WIDTHS = ("wide", "abbreviated")


def _words(text: str) -> list[str]:
    """Return a text's words: runs of letters and their marks."""
    spaced = "".join(c if unicodedata.category(c)[0] in "LM" else " " for c in text)
    return spaced.split()


def _plain(text: str) -> str:
    """Return a text in lower case, with the digits 0 to 9 and without marks of direction."""
    shown = unicodedata.normalize("NFKC", text).casefold().strip()
    return "".join(
        str(unicodedata.digit(char)) if char.isdigit() else char
        for char in shown
        if unicodedata.category(char) != "Cf"
    )
