"""Who a file's number or name belongs to: nbgrader's students, and lists from the other system."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course.grading.lms.headings import CANVAS_KEYS, MOODLE_IDS, MOODLE_KEYS
from course.grading.lms.people import Finder, Person, match
from course.grading.lms.zips import lists
from course.grading.lms.zips.givennames import HandedIn, letters
from course.grading.records.csvfiles import CsvTable, read_table

_CANVAS_IDS = ("SIS Login ID", "SIS User ID")
#: What stands in place of a name where marking is blind, in the language of whoever downloads.
_NAMELESS = (
    "Participant|Teilnehmer/in|Teilnehmer|Participante|Partecipante|Deelnemer|Uczestnik|Deltagare|"
    "Deltaker|Deltager|Osallistuja|Katılımcı|Участник|参与者|參與者|参加者"
)


class Unknown(LookupError):
    """A file is nobody's for certain; the message says why, and what to do."""


@dataclass(frozen=True)
class Owners:
    """Whose a file is.

    Attributes
    ----------
    students : tuple of str
        One, or the members of a group.
    note : str
        What an instructor should know of it.
    doubtful : bool
        Whether it should be looked at.
    """

    students: tuple[str, ...]
    note: str = ""
    doubtful: bool = False


class Roster:
    """Finds the students of a file.

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
        self._names: dict[tuple[str, str], str] = {}
        self._nameless = {letters(word) for word in _NAMELESS.split("|")}
        #: What the lists call their students besides the number, and whom that means.
        self._aliases: dict[str, str] = {}
        self._groups: dict[str, list[dict[str, str]]] = {}
        #: When Moodle says that a student has handed in, and in which state; by nbgrader's id.
        self.handed_in: dict[str, str] = {}
        self.status: dict[str, str] = {}

    def add(self, path: Path) -> bool:
        """Take in a list from Canvas or Moodle, or one of groups; return False for any other.

        Raises
        ------
        TableError
            Where the file cannot be read.
        """
        table = read_table(path)
        if lists.is_canvas(table):
            self._take_canvas(table)
        elif entries := lists.worksheet(table, self._people):
            self._take_moodle(entries)
        elif members := lists.groups(table):
            for group, cells in members:
                self._groups.setdefault(letters(group), []).append(cells)
        else:
            return False
        return True

    def owners(self, readings: Sequence[HandedIn]) -> tuple[HandedIn, Owners]:
        """Return whose a file is, and the reading of its place that says so.

        Raises
        ------
        Unknown
            Where it is not certain who that is.
        """
        known: dict[str, HandedIn] = {}
        for one in readings:
            if (one.system, one.number) in self._ids:
                known.setdefault(one.number, one)
        told = [one for one in known.values() if self._is_the_name(one)]
        named = [one for one in readings if letters(one.name) in self._groups]
        if named and not any(self._names.get((one.system, one.number)) for one in told):
            return named[0], self._group(named[0])
        if len(told) == 1:
            return told[0], Owners((self._safe(self._ids[told[0].system, told[0].number]),))
        if not known:
            return readings[0], Owners((self._safe(self._elsewhere(readings)),))
        if len(known) > 1:
            raise Unknown(f"it may be of {' or '.join(known)}, and no name tells: {_CHOOSE}")
        [file] = known.values()
        return file, self._by_number(file)

    def _by_number(self, file: HandedIn) -> Owners:
        """Return who has a number that came with another name: a group's, as Canvas writes it."""
        student = self._safe(self._ids[file.system, file.number])
        listed = self._names[file.system, file.number]
        if file.system == "Moodle":
            # There a group has a number of its own, which may be somebody's.
            raise Unknown(
                f"the list knows {file.number} as {listed!r}, not as {file.name!r}: {_GROUPS}; "
                f"else {_CHOOSE}"
            )
        return Owners(
            (student,),
            f"handed in as {file.name}, which is not how the list calls {file.number}: taken for "
            f"{student} alone; {_GROUPS}",
            doubtful=True,
        )

    def _group(self, file: HandedIn) -> Owners:
        members = [self._member(cells) for cells in self._groups[letters(file.name)]]
        found = [self._safe(member) for member in members if member]
        submitter = self._ids.get((file.system, file.number)) if file.system == "Canvas" else None
        everybody = tuple(dict.fromkeys([*([submitter] if submitter else []), *found]))
        if not everybody:
            raise Unknown(f"none of the group {file.name} is known: check the list of groups")
        lost = len(members) - len(found)
        note = f"of the group {file.name}: {', '.join(everybody)}"
        if lost:
            note += f"; {lost} of its members are not known: correct the list of groups"
        return Owners(everybody, note, doubtful=lost > 0)

    def _member(self, cells: Mapping[str, str]) -> str | None:
        """Return the student that a row of a list of groups names, None where nobody has that."""
        if listed := self._ids.get(("Canvas", cells.get("canvas_user_id", ""))):
            return listed
        finder = Finder(self._people)
        for value in filter(None, cells.values()):
            for attribute in ("id", "lms_user_id", "email"):
                if person := finder.find(value, attribute):
                    return person.id
            if listed := self._aliases.get(value.casefold()):
                return listed
            if value in self._ids.values():
                return value
        known = self._people or self._ids
        return None if known else cells.get("student") or cells.get("student_id")

    def _is_the_name(self, file: HandedIn) -> bool:
        """Say whether a file carries the name that the list has for its number."""
        listed = letters(self._names.get((file.system, file.number), ""))
        given = letters(file.name)
        if file.system == "Moodle":
            # A group may stand before the name, and a word in place of one where marking is blind.
            return not listed or listed in given or given in self._nameless
        return not listed or listed == given or given == "anon"

    def _elsewhere(self, readings: Sequence[HandedIn]) -> str:
        """Return the student of a number or name that is in no list."""
        for file in readings:
            key = (file.system, file.number)
            if key in self._doubts:
                raise Unknown(f"{self._doubts[key]}: correct the list, or {_CHOOSE}")
        finder = Finder(self._people)
        numbers = {one.number for one in readings if one.system == "Canvas"}
        persons = [who for number in sorted(numbers) if (who := finder.find(number, "lms_user_id"))]
        if len(persons) == 1:
            return persons[0].id
        if persons:
            names = " or ".join(who.id for who in persons)
            raise Unknown(
                f"it may be of {names}: lay the gradebook that Canvas exports beside the archive "
                f"folder, or {_CHOOSE}"
            )
        file = readings[0]
        if self._by_name:
            name = letters(file.name)
            found = [p.id for p in self._people if name and name in _spellings(p)]
            if len(found) == 1:
                return found[0]
        if file.system == "Canvas" and file.name == "anon":
            raise Unknown(_ANONYMOUS)
        if file.system == "Moodle" and not file.number:
            raise Unknown(f"{file.name!r} has no participant's number: {_GROUPS}")
        raise Unknown(_REMEDY[file.system].format(number=file.number))

    def _safe(self, student: str) -> str:
        if not is_folder_name(student):
            raise Unknown(
                f"{student!r} cannot be the name of a folder: give the student another id with "
                f"`nbgrader db student add`, and the number in the list as --lms-user-id"
            )
        return student

    def _take_canvas(self, table: CsvTable) -> None:
        column = table.column("ID") or 0
        numbers = [row[column].strip() for row in table.rows]
        rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
        self._take("Canvas", numbers, rows, CANVAS_KEYS, _CANVAS_IDS)
        named = table.column("Student")
        if named is not None:
            spelled = [row[named] for row in table.rows]
            self._names |= {("Canvas", n): s for n, s in zip(numbers, spelled, strict=True)}

    def _take_moodle(self, entries: Sequence[lists.Entry]) -> None:
        numbers = [entry.number for entry in entries]
        cells = [entry.cells for entry in entries]
        self._take("Moodle", numbers, cells, MOODLE_KEYS, MOODLE_IDS)
        for entry in entries:
            self._nameless.add(letters(entry.word))
            self._names["Moodle", entry.number] = entry.cells.get("Full name", "")
            if student := self._ids.get(("Moodle", entry.number)):
                self.handed_in[student] = entry.handed_in
                self.status[student] = entry.status
                if entry.group:
                    member = {"student": student}
                    self._groups.setdefault(letters(entry.group), []).append(member)

    def _take(
        self,
        system: str,
        numbers: Sequence[str],
        rows: Sequence[Mapping[str, str]],
        keys: Sequence[tuple[str, str]],
        ids: Sequence[str],
    ) -> None:
        matching = match(rows, self._people, keys)
        columns = {column for column, _ in keys}
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
            if student := self._ids.get((system, number)):
                said = {row.get(column, "").strip().casefold() for column in columns}
                self._aliases |= dict.fromkeys(said - {""}, student)


_CHOOSE = (
    f"lay {lists.CHOSEN} beside the archive folder, with the columns file (as in "
    f"{lists.COLLECTED}) and student"
)
_GROUPS = (
    "of a group, name the members in a CSV file with the columns group and student beside the "
    "archive folder"
)
_ANONYMOUS = (
    f"Canvas hides the names while it grades anonymously: end that there and download again, or "
    f"{_CHOOSE}"
)
#: What to do about a file that is nobody's.
_REMEDY = {
    "": f"its name is not as Canvas or Moodle make names: {_CHOOSE}",
    "Canvas": "nobody has the number {number}: lay the gradebook that Canvas exports beside the "
    "archive folder, or run `nbgrader db student add STUDENT --lms-user-id={number}`",
    "Moodle": "nobody has the number {number}: lay the assignment's grading worksheet from Moodle "
    f"beside the archive folder; {_GROUPS}",
}


def is_folder_name(student: str) -> bool:
    """Say whether a student's id can be a folder's name, in any script.

    >>> [is_folder_name(name) for name in ("ann", "py anna", "u@x.org", "../x", ".x", "a/b")]
    [True, True, True, False, False, False]
    """
    plain = "".join(c if unicodedata.category(c)[0] != "M" else "x" for c in student)
    return re.fullmatch(r"[\w@+][\w.@+ -]*", plain) is not None


def _spellings(person: Person) -> set[str]:
    """Return a full name as the systems write it: first name first, and last name first."""
    if not (person.first_name and person.last_name):
        return set()
    both = (person.first_name, person.last_name)
    return {letters("".join(both)), letters("".join(reversed(both)))}
