"""Sections as a learning system's table of its users has them, or one of your own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from course.grading.lms.headings import CANVAS_KEYS, HEADINGS, MOODLE_KEYS
from course.grading.lms.people import Person, match
from course.grading.lms.zips.lists import is_canvas
from course.grading.records.csvfiles import CsvTable, TableError

_SECTION = ("section", "sections", "group", "groups", "gruppe", "gruppen", "groupe", "groupes")
#: The columns of a table of one's own, and of Canvas's rosters.
_OWN = (
    ("student", "id"),
    ("student_id", "id"),
    ("login_id", "id"),
    ("canvas_user_id", "lms_user_id"),
)
#: What becomes the id of somebody whom nbgrader does not have yet, as where zips are collected.
_NEW = ("student", "student_id", "login_id", "SIS Login ID", "Username", "ID number")


@dataclass
class Sections:
    """What a table says: the section by nbgrader's ids, and rows that are nobody for certain."""

    of: dict[str, str] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)


def sections_in(table: CsvTable, people: Iterable[Person]) -> Sections:
    """Read a table with a column for the section, or the group, and one that names the student.

    Canvas's gradebook and Moodle's list of participants are read as they are.

    Raises
    ------
    TableError
        Where one of these columns is missing.
    """
    # What Canvas calls Student is a name.
    keys = CANVAS_KEYS if is_canvas(table) else (*_OWN, *MOODLE_KEYS)
    titles = dict.fromkeys(title for title, _ in keys)
    places = {
        title: place
        for title in titles
        if (place := table.column(title, *HEADINGS.get(title, ()))) is not None
    }
    where = table.column(*_SECTION)
    if where is None or not places:
        missing = "section" if where is None else "student"
        raise TableError(
            f"the table has no column {missing}: it needs one for the section (or group), and one "
            f"for the student: student, email, or what Canvas or Moodle call theirs"
        )
    rows = [{title: row[place].strip() for title, place in places.items()} for row in table.rows]
    found, result = match(rows, people, keys), Sections()
    for number, row in enumerate(table.rows):
        section = row[where].strip()
        person = found.person_of.get(number)
        if person is not None:
            result.of[person.id] = section
        elif any(rows[number].values()):
            new = next((rows[number][one] for one in _NEW if rows[number].get(one)), "")
            if new and found.rows_left[number].startswith("not in"):
                result.of[new] = section
            else:
                result.left.append(f"row {number + 2}: {found.rows_left[number]}")
    return result
