"""Moodle: a file for *Grades, Import, CSV file*.

Moodle's import is told which column names the user (e-mail address, ID number or username, each
compared letter by letter) and which columns are grades or feedback of which item. It gives up at
the first row whose user it does not find, and a row without one would go to the user before it.
So only students who can be named are in the file. Scores are points with a decimal point.
"""

from __future__ import annotations

from pathlib import Path

from nbgrader.api import Gradebook
from traitlets import Bool, Dict, Enum, Unicode

from course.bootstrap.words import count
from course.grading.lms.export.plugin import GradebookExport, left_person, number
from course.grading.lms.headings import HEADINGS, MOODLE_IDS, MOODLE_KEYS
from course.grading.lms.people import Person, match
from course.grading.records.csvfiles import (
    TableError,
    harmless,
    is_formula,
    read_table,
    write_table,
)
from course.grading.records.scores import LessonScores, read_comments

_NAMES = ("First name", "Last name")
#: Moodle keeps five digits.
_DIGITS = 5
#: Moodle's gradebook takes no more, unless the site allows unlimited grades.
_MOST = 100


class MoodleExport(GradebookExport):
    """Writes a file that Moodle's gradebook imports.

    In Moodle's preview choose *Map from* the column of `key` and *Map to* the field of that name,
    and map each item's columns to the item and to its feedback.
    """

    system = "Moodle"
    default_file = "moodle.csv"

    key = Enum(
        list(MOODLE_IDS),
        default_value="Email address",
        help="Which column tells Moodle who a row is. Without `participants`, 'Username' holds "
        "nbgrader's id and 'ID number' its lms_user_id.",
    ).tag(config=True)

    participants = Unicode(
        "",
        help="A CSV file from Moodle that lists the users: an export of its grades, an "
        "assignment's grading worksheet or the list of participants. Users are looked "
        "up by username and ID number (nbgrader's id or lms_user_id) and e-mail address, and "
        "written as Moodle spells them. Without it nbgrader's own table is written.",
    ).tag(config=True)

    items = Dict(
        help="What an item is called in Moodle: {'02_teacher_forcing': 'Assignment: Week 2'}; the "
        "lesson's id where it is not named."
    ).tag(config=True)

    feedback = Bool(
        True,
        help="Write a feedback column for each item, with what people have commented. Moodle "
        "overwrites grade and feedback together: map both.",
    ).tag(config=True)

    def write(
        self,
        target: Path,
        gradebook: Gradebook,
        lessons: list[LessonScores],
        people: list[Person],
    ) -> None:
        """Write the file."""
        users, left = self._users(people)
        comments = [read_comments(gradebook, lesson.lesson_id) for lesson in lessons]
        rows, with_gaps = [], 0
        for user, person in users:
            scores = [self.score(lesson, person, _DIGITS) for lesson in lessons]
            if all(score is None for score in scores):
                continue  # an empty cell would take away what Moodle has
            with_gaps += None in scores
            row = list(user)
            for score, said in zip(scores, comments, strict=True):
                row.append("-" if score is None else score)
                if self.feedback:
                    row.append(harmless(said.get(person.id, "")))
            rows.append(row)
        write_table(target, [*_NAMES, self.key, *self._titles(lessons)], rows)
        self.log.info("%s: %s", target, count(len(rows), "student"))
        if with_gaps:
            self.log.warning(
                "No score in some of the lessons: %s. Importing that column takes away what "
                "Moodle has there. Export one lesson at a time with --assignment",
                count(with_gaps, "student"),
            )
        for lesson in lessons:
            if lesson.max_score > _MOST:
                self.log.warning(
                    "%s has %s points: Moodle takes no grade above %d unless its site allows "
                    "unlimited grades",
                    lesson.lesson_id,
                    number(lesson.max_score, 2),
                    _MOST,
                )
        self.write_unmatched(target, left)
        self.warn_of_what_is_open(lessons, people)

    def _titles(self, lessons: list[LessonScores]) -> list[str]:
        titles = []
        for lesson in lessons:
            name = str(self.items.get(lesson.lesson_id, lesson.lesson_id))
            titles += [f"{name} (Real)", f"{name} (Feedback)"][: 2 if self.feedback else 1]
        return titles

    def _users(
        self, people: list[Person]
    ) -> tuple[list[tuple[list[str], Person]], list[tuple[str, ...]]]:
        """Return the rows' first cells with their students, and who cannot be in the file."""
        users: list[tuple[list[str], Person]] = []
        left: list[tuple[str, ...]] = []
        if self.participants:
            found, left = self._from_moodle(Path(self.participants), people)
        else:
            found = [(_identity(person), person) for person in people]
        for cells, person in found:
            who = cells[self.key]
            if not who:
                left.append(left_person(person, f"has no {self.key}"))
            elif is_formula(who):
                left.append(left_person(person, "a spreadsheet would run its id"))
            else:
                users.append(([*(harmless(cells[title]) for title in _NAMES), who], person))
        return users, left

    def _from_moodle(
        self, path: Path, people: list[Person]
    ) -> tuple[list[tuple[dict[str, str], Person]], list[tuple[str, ...]]]:
        table = read_table(path)
        titles = (*MOODLE_IDS, *_NAMES)
        places = {title: table.column(title, *HEADINGS[title]) for title in titles}
        if places[self.key] is None:
            raise TableError(
                f"{path} has no column {self.key}: let Moodle show that column before you download "
                f"the file, switch it to English if it has the column, or set MoodleExport.key to "
                f"another"
            )
        rows = [
            {title: "" if place is None else row[place].strip() for title, place in places.items()}
            for row in table.rows
        ]
        matching = match(rows, people, MOODLE_KEYS)
        left: list[tuple[str, ...]] = []
        for index, why in sorted(matching.rows_left.items()):
            row = rows[index]
            name = ", ".join(filter(None, (row["Last name"], row["First name"])))
            who = row["ID number"] or row["Username"]
            left.append(("Moodle", name, who, row["Email address"], why))
        left += [left_person(person, "not in Moodle's file") for person in matching.people_left]
        return [(rows[index], who) for index, who in sorted(matching.person_of.items())], left


def _identity(person: Person) -> dict[str, str]:
    """Return what nbgrader knows of a student under Moodle's titles."""
    email = person.email or (person.id if "@" in person.id else "")
    return {
        "First name": person.first_name,
        "Last name": person.last_name,
        "Username": person.id,
        "ID number": person.lms_user_id,
        "Email address": email,
    }
