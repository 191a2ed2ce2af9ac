"""Who in another system's table is who in the gradebook: by number, login or e-mail address."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nbgrader.api import Gradebook

from course.grading.records.sections import read_sections


@dataclass(frozen=True)
class Person:
    """A student in nbgrader's gradebook; texts that are not there are empty."""

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms_user_id: str = ""
    section: str = ""

    @property
    def sortable_name(self) -> str:
        """The name as lists sort it.

        >>> Person("ann", "Ann", "Lee").sortable_name, Person("bob").sortable_name
        ('Lee, Ann', 'bob')
        """
        names = [name for name in (self.last_name, self.first_name) if name]
        return ", ".join(names) or self.id


@dataclass
class Matching:
    """Rows of a table and the students that they are.

    Attributes
    ----------
    person_of : dict of int to Person
        By the row's number.
    rows_left : dict of int to str
        Rows that are nobody for certain, each with the reason.
    people_left : list of Person
        Students that no row is.
    """

    person_of: dict[int, Person] = field(default_factory=dict)
    rows_left: dict[int, str] = field(default_factory=dict)
    people_left: list[Person] = field(default_factory=list)


def read_people(gradebook: Gradebook, only: Sequence[str] = ()) -> list[Person]:
    """Return the gradebook's students, in the order of their names.

    Parameters
    ----------
    gradebook : Gradebook
        Open.
    only : sequence of str, optional
        Ids; everybody where it is empty.
    """
    sections = read_sections(gradebook)
    found = [
        Person(
            id=student.id,
            first_name=_one_line(student.first_name),
            last_name=_one_line(student.last_name),
            email=_one_line(student.email),
            lms_user_id=_one_line(student.lms_user_id),
            section=sections.get(student.id, ""),
        )
        for student in gradebook.students
        if not only or student.id in only
    ]
    return sorted(found, key=lambda one: (one.sortable_name.casefold(), one.id))


class Finder:
    """Finds students by one of their texts; as it is written, or else in any case of letters.

    Parameters
    ----------
    people : iterable of Person
        Among whom.
    """

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = list(people)
        self._indexes: dict[tuple[str, bool], dict[str, Person]] = {}

    def find(self, text: str, attribute: str) -> Person | None:
        """Return the one student with this text, None where there is none or more than one."""
        text = text.strip()
        if not text:
            return None
        exact = self._index(attribute, False).get(text)
        return exact or self._index(attribute, True).get(text.casefold())

    def _index(self, attribute: str, folded: bool) -> dict[str, Person]:
        if (attribute, folded) not in self._indexes:
            texts = [(_text(person, attribute, folded), person) for person in self.people]
            often = Counter(text for text, _ in texts)
            self._indexes[attribute, folded] = {
                text: person for text, person in texts if text and often[text] == 1
            }
        return self._indexes[attribute, folded]


def match(
    rows: Sequence[Mapping[str, str]], people: Iterable[Person], keys: Sequence[tuple[str, str]]
) -> Matching:
    """Find the student of each row.

    A row is matched where what it says leads to one student, and no other row leads there.
    A guess would give somebody another's marks, so a contradiction is nobody.

    Parameters
    ----------
    rows : sequence of mapping
        The cells by the names of the columns.
    people : iterable of Person
        The students.
    keys : sequence of (str, str)
        Which column names students by which attribute of `Person`.
    """
    finder = Finder(people)
    result = Matching()
    for index, row in enumerate(rows):
        found = {
            column: person
            for column, attribute in keys
            if (person := finder.find(row.get(column, ""), attribute))
        }
        who = {person.id: person for person in found.values()}
        if len(who) == 1:
            result.person_of[index] = next(iter(who.values()))
        elif not who:
            result.rows_left[index] = "not in nbgrader's gradebook"
        else:
            says = ", ".join(f"{column} is {person.id}'s" for column, person in found.items())
            result.rows_left[index] = f"contradicts itself: {says}"
    often = Counter(person.id for person in result.person_of.values())
    for index, person in list(result.person_of.items()):
        if often[person.id] > 1:
            del result.person_of[index]
            result.rows_left[index] = f"one of {often[person.id]} rows for {person.id}"
    matched = {person.id for person in result.person_of.values()}
    result.people_left = [person for person in finder.people if person.id not in matched]
    return result


def _one_line(text: str | None) -> str:
    """Return a name without line breaks and runs of spaces; ``""`` for None."""
    return " ".join((text or "").split())


def _text(person: Person, attribute: str, folded: bool) -> str:
    text = str(getattr(person, attribute)).strip()
    return text.casefold() if folded else text
