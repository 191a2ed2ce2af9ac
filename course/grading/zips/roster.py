"""Who a file's number or name belongs to: nbgrader's students, and lists from the other system."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from course.grading.export.people import Finder, Person, match
from course.grading.export.table import Table, read_table
from course.grading.zips.names import HandedIn

_CANVAS_KEYS = (
    ("ID", "lms_user_id"),
    ("SIS User ID", "id"),
    ("SIS User ID", "lms_user_id"),
    ("SIS Login ID", "id"),
    ("SIS Login ID", "email"),
)
_CANVAS_IDS = ("SIS Login ID", "SIS User ID")
_MOODLE_KEYS = (
    ("Username", "id"),
    ("ID number", "id"),
    ("ID number", "lms_user_id"),
    ("Email address", "email"),
    ("Email address", "id"),
)
_MOODLE_IDS = ("Username", "ID number", "Email address")
#: A student's id becomes a folder's name.
_SAFE = re.compile(r"[\w@+][\w.@+ -]*")


class Unknown(LookupError):
    """A file is nobody's for certain; the message says why."""


class Roster:
    """Finds the student of a file.

    What a list says is believed: a student in it whom nbgrader does not have yet gets the login,
    the number or the e-mail address there as id. Whoever is in no list is found by nbgrader's
    `lms_user_id`, which is Canvas's ID.

    Parameters
    ----------
    people : iterable of Person
        nbgrader's students.
    by_name : bool, optional
        Whether to believe a full name that one student of nbgrader's has, where nothing else
        tells.
    """

    def __init__(self, people: Iterable[Person], by_name: bool = False) -> None:
        self._people = list(people)
        self._by_name = by_name
        self._ids: dict[tuple[str, str], str] = {}
        self._doubts: dict[tuple[str, str], str] = {}
        self._names: dict[str, str] = {}

    def add(self, path: Path) -> bool:
        """Take in a list from Canvas or Moodle; return False where it is neither.

        Raises
        ------
        TableError
            Where the file cannot be read.
        """
        table = read_table(path)
        number = table.column("Identifier")
        if number is not None:
            numbers = [_last_number(row[number]) for row in table.rows]
            self._take("Moodle", table, numbers, _MOODLE_KEYS, _MOODLE_IDS)
        elif table.column("ID") is not None and table.column("Section") is not None:
            column = table.column("ID") or 0
            numbers = [row[column].strip() for row in table.rows]
            self._take("Canvas", table, numbers, _CANVAS_KEYS, _CANVAS_IDS)
            named = table.column("Student")
            if named is not None:
                spelled = [_letters(row[named]) for row in table.rows]
                self._names |= dict(zip(numbers, spelled, strict=True))
        else:
            return False
        return True

    def student_of(self, file: HandedIn) -> str:
        """Return the id of the student that a file belongs to.

        Raises
        ------
        Unknown
            Where it is not certain who that is.
        """
        key = (file.system, file.number)
        if key in self._doubts:
            raise Unknown(self._doubts[key])
        name = self._names.get(file.number, "") if file.system == "Canvas" else ""
        if name and name != _letters(file.name):
            # Somebody's own name may hold a number; or the list is another course's.
            raise Unknown(f"the list knows {file.number} by another name than {file.name}")
        found = self._ids.get(key) or self._in_gradebook(file)
        if found is None:
            raise Unknown(_REMEDY[file.system].format(number=file.number))
        if not _SAFE.fullmatch(found):
            raise Unknown(f"{found!r} cannot be the name of a folder")
        return found

    def _in_gradebook(self, file: HandedIn) -> str | None:
        if file.system == "Canvas":
            person = Finder(self._people).find(file.number, "lms_user_id")
            if person:
                return person.id
        if not self._by_name:
            return None
        name = _letters(file.name)
        found = [p.id for p in self._people if name and name in _spellings(p)]
        return found[0] if len(found) == 1 else None

    def _take(
        self,
        system: str,
        table: Table,
        numbers: Sequence[str],
        keys: Sequence[tuple[str, str]],
        ids: Sequence[str],
    ) -> None:
        rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
        matching = match(rows, self._people, keys)
        for index, (number, row) in enumerate(zip(numbers, rows, strict=True)):
            if not number:
                continue
            person = matching.person_of.get(index)
            why = matching.rows_left.get(index, "")
            listed = next((row[one].strip() for one in ids if row.get(one, "").strip()), "")
            if person:
                self._ids[system, number] = person.id
            elif why.startswith("not in") and listed:
                self._ids[system, number] = listed
            elif not why.startswith("not in"):
                self._doubts[system, number] = f"the row of {number} in the list: {why}"


#: What to do about a file that is nobody's.
_REMEDY = {
    "": "its name is not as Canvas or Moodle make names",
    "Canvas": "nobody has the number {number}: lay the gradebook that Canvas exports beside the "
    "archive folder, or run `nbgrader db student add STUDENT --lms-user-id={number}`",
    "Moodle": "nobody has the number {number}: lay the assignment's grading worksheet from Moodle "
    "beside the archive folder",
}


def _last_number(text: str) -> str:
    """Return the number in `Participant 1234`, in any language."""
    found = re.search(r"(\d+)\s*$", text)
    return found[1] if found else ""


def _letters(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def _spellings(person: Person) -> set[str]:
    """Return a full name as the systems write it: first name first, and last name first."""
    if not (person.first_name and person.last_name):
        return set()
    both = (person.first_name, person.last_name)
    return {_letters("".join(both)), _letters("".join(reversed(both)))}
