"""What the exporters share: where they write, what they say, and who was not matched."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.plugins import ExportPlugin
from traitlets import Enum, List, Unicode

from course.bootstrap.words import count
from course.grading.lms.people import Person, read_people
from course.grading.records.csvfiles import TableError, harmless, write_table
from course.grading.records.scores import LessonScores, read_scores
from course.grading.records.sections import read_sections, students_of
from course.lessons import LessonError

UNMATCHED = ("found in", "name", "id", "email", "why")


class OfSections(ExportPlugin):
    """Base of all exporters: whose rows they write."""

    sections = List(
        Unicode(),
        help="Only students of these sections, which `python3 -m course section` shows.",
    ).tag(config=True)

    def wanted(self, gradebook: Gradebook) -> list[str]:
        """Return the ids of those who were asked for, none where that is everybody.

        Raises
        ------
        TableError
            Where that is nobody.
        """
        named = [str(name) for name in self.student]
        if not self.sections:
            return named
        try:
            inside = students_of(read_sections(gradebook), self.sections)
        except LessonError as error:
            raise TableError(str(error)) from None
        found = sorted(inside & set(named) if named else inside)
        if not found:
            raise TableError(f"nobody of {', '.join(named)} is in {', '.join(self.sections)}")
        return found


class GradebookExport(OfSections):
    """Base of the exporters; a subclass says what the system is called and writes its file."""

    #: As the messages name it.
    system = ""
    default_file = ""

    missing = Enum(
        ["keep", "zero"],
        default_value="keep",
        help="What somebody gets who has not handed in: 'keep' leaves it to the other system, "
        "which has rules for missing work; 'zero' writes 0.",
    ).tag(config=True)

    def export(self, gradebook: Gradebook) -> None:
        """Write the file, and a list of whoever was not matched beside it.

        Ends the command with status 1 where nothing can be written, as nbgrader's own do.
        """
        target = Path(self.to or self.default_file)
        try:
            lessons = read_scores(gradebook, [str(name) for name in self.assignment])
            if not lessons:
                raise TableError("the gradebook has none of the lessons that were asked for")
            people = read_people(gradebook, self.wanted(gradebook))
            self.write(target, gradebook, lessons, people)
        except TableError as error:
            self.log.error("Nothing was exported: %s", error)
            sys.exit(1)

    def write(
        self,
        target: Path,
        gradebook: Gradebook,
        lessons: list[LessonScores],
        people: list[Person],
    ) -> None:
        """Write the system's file; a subclass does it."""
        raise NotImplementedError

    def score(self, lesson: LessonScores, person: Person, digits: int) -> str | None:
        """Return what to write for a student, None where nothing is to be said."""
        earned = lesson.earned.get(person.id)
        if earned is None:
            return "0" if self.missing == "zero" else None
        return number(earned.score, digits) if earned.graded else None

    def warn_of_what_is_open(self, lessons: Iterable[LessonScores], people: list[Person]) -> None:
        """Say which scores are not the last word."""
        known = {person.id for person in people}
        for lesson in lessons:
            mine = {who: one for who, one in lesson.earned.items() if who in known}
            ungraded = sorted(who for who, one in mine.items() if not one.graded)
            if ungraded:
                self.log.warning(
                    "%s: no score was written for %s: not graded. Run `nbgrader autograde %s`",
                    lesson.lesson_id,
                    ", ".join(ungraded),
                    lesson.lesson_id,
                )
            waiting = sum(one.by_hand_left for one in mine.values())
            if waiting:
                self.log.warning(
                    "%s: answers in %s wait to be graded by hand, which will change the score",
                    lesson.lesson_id,
                    count(waiting, "submission"),
                )

    def write_unmatched(self, target: Path, rows: Sequence[tuple[str, ...]]) -> None:
        """Write the list of whoever was not matched, or remove an old one that is void."""
        path = target.with_name(f"{target.stem}.unmatched.csv")
        if not rows:
            path.unlink(missing_ok=True)
            return
        write_table(path, UNMATCHED, [tuple(map(harmless, row)) for row in rows])
        self.log.warning("Not matched: %s; listed in %s", count(len(rows), "student"), path)
        for where, name, who, *_, why in rows[:20]:
            self.log.warning("  only in %s: %s %s: %s", where, name, who, why)


def left_person(person: Person, why: str) -> tuple[str, str, str, str, str]:
    """Return a student of nbgrader's for the list of the unmatched."""
    return "nbgrader", person.sortable_name, person.id, person.email, why


def number(value: float, digits: int) -> str:
    """Write a number with a point, rounded, without trailing zeros.

    >>> number(7.0, 2), number(2 / 3, 2), number(-0.001, 2), number(123456.785, 1)
    ('7', '0.67', '0', '123456.8')
    """
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
