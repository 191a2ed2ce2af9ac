"""Tables that say who is who: of Canvas, of Moodle in any language, of groups, and of choices."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from course.grading.lms.headings import HEADINGS
from course.grading.lms.people import Person
from course.grading.lms.zips.dates import read_date
from course.grading.records.csvfiles import CsvTable

#: What an instructor lays down by hand: which file counts, and whose it is.
CHOSEN = "chosen.csv"
#: What this command itself writes.
COLLECTED = "collected.csv"

_PARTICIPANT = re.compile(r"(?P<word>\D*?)\s*(?P<number>\d+)\s*")
_GROUP = ("group", "group_name", "group name", "gruppe", "groupe", "grupo", "gruppo", "groep")
_MEMBER = ("student", "student_id", "username", "login_id", "user_id", "canvas_user_id", "email")


@dataclass(frozen=True)
class Entry:
    """A row of Moodle's worksheet.

    Attributes
    ----------
    number, word : str
        The participant's number, and the word before it: what Moodle calls somebody nameless.
    cells : dict of str to str
        The columns that identify, by Moodle's English names.
    handed_in, status, group : str
        When, in which state, and with which group, as Moodle writes it.
    """

    number: str
    word: str
    cells: dict[str, str]
    handed_in: str = ""
    status: str = ""
    group: str = ""


def is_canvas(table: CsvTable) -> bool:
    """Say whether a table is the gradebook that Canvas exports."""
    return table.column("ID") is not None and table.column("Section") is not None


def worksheet(table: CsvTable, people: list[Person]) -> list[Entry]:
    """Read Moodle's grading worksheet, in any language; nothing where the table is none.

    Its first column tells: a word and a number, the same word in each row. Which column is the
    e-mail address, the date of submission and so on is told by its heading where that is known,
    else by what is in it.
    """
    found = [_PARTICIPANT.fullmatch(row[0].strip()) for row in table.rows]
    words = {match["word"] for match in found if match}
    headed = table.header[0].casefold() == "identifier"
    if table.header[0].casefold() in _GROUP:
        return []
    if not headed and (None in found or len(words) != 1 or "" in words or len(table.header) < 4):
        return []
    places = {title: table.column(title, *also) for title, also in HEADINGS.items()}
    if places["Full name"] is None:
        places["Full name"] = 1
    if places["Email address"] is None:
        places["Email address"] = _of_addresses(table)
    for title, values in (
        ("Username", {person.id for person in people}),
        ("ID number", {person.lms_user_id for person in people} - {""}),
    ):
        if places[title] is None and (place := _of_values(table, values)) not in places.values():
            places[title] = place
    dated, status = _of_dates(table), table.column("Status", "Estado", "Statut", "Stato")
    group = table.column(*_GROUP)
    entries = []
    for row, match in zip(table.rows, found, strict=True):
        if match is None:
            continue
        cells = {title: row[place].strip() for title, place in places.items() if place is not None}
        entries.append(
            Entry(
                match["number"],
                match["word"],
                cells,
                "" if dated is None else row[dated].strip(),
                "" if status is None else row[status].strip(),
                "" if group is None else row[group].strip(),
            )
        )
    return entries


def groups(table: CsvTable) -> list[tuple[str, dict[str, str]]]:
    """Read a table of groups: the group's name and the cells that name a member, row by row.

    Nothing where it has no column of that kind. Canvas's own (*People*, a group set, *Download
    course roster CSV*) is read as it is.
    """
    group = table.column(*_GROUP)
    members = {name: table.column(name) for name in _MEMBER}
    if group is None or all(place is None for place in members.values()):
        return []
    return [
        (
            row[group].strip(),
            {name: row[place].strip() for name, place in members.items() if place is not None},
        )
        for row in table.rows
        if row[group].strip()
    ]


def _of_addresses(table: CsvTable) -> int | None:
    """Return the column of e-mail addresses."""
    for place in range(1, len(table.header)):
        cells = [row[place].strip() for row in table.rows if row[place].strip()]
        if cells and sum(bool(re.fullmatch(r"\S+@\S+", one)) for one in cells) > len(cells) / 2:
            return place
    return None


def _of_values(table: CsvTable, values: set[str]) -> int | None:
    """Return the column in which some of these values stand, and none twice."""
    for place in range(2, len(table.header)):
        often = Counter(cell for row in table.rows if (cell := row[place].strip()))
        if values & set(often) and max(often.values()) == 1:
            return place
    return None


def _of_dates(table: CsvTable) -> int | None:
    """Return the column that says when a submission was changed last: the first of dates."""
    by_heading = table.column(
        "Last modified (submission)",
        "Zuletzt geändert (Abgabe)",
        "Dernière modification (travail remis)",
        "Última modificación (entrega)",
        "Ultima modifica (consegna)",
    )
    if by_heading is not None:
        return by_heading
    for place in range(2, len(table.header)):
        if any(read_date(row[place]) is not None for row in table.rows[:50]):
            return place
    return None
