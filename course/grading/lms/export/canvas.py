"""Canvas: fills in the gradebook that was downloaded from there, or writes one.

The format is Canvas's own export: the student's columns `Student, ID, SIS User ID, SIS Login ID,
Section`, a column `Name (id)` for each assignment, perhaps a row `Manual Posting`, the row
`Points Possible`, and a row for each student. Its import finds students by ID, then by SIS User
ID, SIS Login ID and name, and compares every column that the file has with what it knows.
"""

from __future__ import annotations

import re
from pathlib import Path

from nbgrader.api import Gradebook
from traitlets import Bool, Dict, Enum, Unicode

from course.bootstrap.words import count
from course.grading.lms.export.plugin import GradebookExport, left_person, number
from course.grading.lms.headings import CANVAS_KEYS
from course.grading.lms.people import Matching, Person, match
from course.grading.records.csvfiles import (
    CsvTable,
    TableError,
    harmless,
    is_formula,
    read_table,
    write_table,
)
from course.grading.records.scores import LessonScores

#: Columns that name a student, first the ones that Canvas's import requires.
_STUDENT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_ALSO_STUDENT = ("LastName", "FirstName", "Integration ID", "Root Account")
_POINTS = "    Points Possible"
#: Canvas shows two digits and compares on two.
_DIGITS = 2


class CanvasExport(GradebookExport):
    """Writes a gradebook that Canvas imports.

    In Canvas, *Grades, Export, Export Entire Gradebook*, give the file in `gradebook`, and import
    what comes of it with *Grades, Import*. Without `gradebook` a complete file is made of
    nbgrader's own table of students.
    """

    system = "Canvas"
    default_file = "canvas.csv"

    gradebook = Unicode(
        "",
        help="The gradebook as Canvas exported it: a CSV file. Its students are looked up by ID "
        "(nbgrader's lms_user_id), SIS User ID and SIS Login ID (nbgrader's id or e-mail).",
    ).tag(config=True)

    columns = Dict(
        help="Which column of Canvas's a lesson fills in: {'02_teacher_forcing': 'Week 2 (4711)'}. "
        "The name, the number in parentheses or both will do. A lesson that is not named goes to "
        "the column that is called like it.",
    ).tag(config=True)

    other_columns = Bool(
        False,
        help="Keep the columns of other assignments in the file. Canvas would then take back "
        "what was changed there since the download.",
    ).tag(config=True)

    student_id = Enum(
        ["SIS Login ID", "SIS User ID"],
        default_value="SIS Login ID",
        help="Without `gradebook`: which column holds the id that nbgrader has of a student.",
    ).tag(config=True)

    section = Unicode(
        "",
        help="Without `gradebook`: what the column Section says of students who are in no section; "
        "Canvas does not read it.",
    ).tag(config=True)

    def write(
        self,
        target: Path,
        gradebook: Gradebook,
        lessons: list[LessonScores],
        people: list[Person],
    ) -> None:
        """Write the file."""
        if self.gradebook:
            self._fill_in(target, lessons, people)
        else:
            self._write_new(target, lessons, people)
        self.warn_of_what_is_open(lessons, people)

    def _fill_in(self, target: Path, lessons: list[LessonScores], people: list[Person]) -> None:
        source = Path(self.gradebook)
        table = read_table(source)
        if target.exists() and target.resolve() == source.resolve():
            raise TableError(f"{target} is the file that Canvas gave: choose another with --to")
        last = table.column("Section")
        if table.column("ID") is None or last is None:
            raise TableError(f"{source} has no columns ID and Section: is it Canvas's gradebook?")
        filled = self._columns_of(table, lessons)
        cells = [list(row) for row in table.rows]
        students = [index for index, row in enumerate(table.rows) if _is_student(row)]
        named = [dict(zip(table.header, table.rows[index], strict=True)) for index in students]
        matching = match(named, people, (*CANVAS_KEYS, ("Integration ID", "id")))
        for place, person in matching.person_of.items():
            row = cells[students[place]]
            for lesson, column in filled:
                score = self.score(lesson, person, _DIGITS)
                if score is not None and self._may_fill(row[column], lesson, person):
                    row[column] = score
        name_columns = [n for t in ("Student", "LastName", "FirstName") if (n := table.column(t))]
        for index in students:
            for column in {0, *name_columns}:
                cells[index][column] = harmless(cells[index][column])
        self._compare_points(table, filled)
        shown = list(range(len(table.header)))
        if not self.other_columns:
            ours = {column for _, column in filled}
            shown = [column for column in shown if column <= last or column in ours]
        write_table(
            target,
            [table.header[column] for column in shown],
            [[row[column] for column in shown] for row in cells],
            table.delimiter,
        )
        self.log.info(
            "%s: %d of Canvas's %d students have what nbgrader says of them",
            target,
            len(matching.person_of),
            len(students),
        )
        self.write_unmatched(target, _unmatched(matching, named, lessons))

    def _columns_of(
        self, table: CsvTable, lessons: list[LessonScores]
    ) -> list[tuple[LessonScores, int]]:
        """Return the column of each lesson that has one."""
        first = (table.column("Section") or 0) + 1
        found, without = [], []
        for lesson in lessons:
            named = str(self.columns.get(lesson.lesson_id, ""))
            places = [
                place
                for place in range(first, len(table.header))
                if is_column(table.header[place], named or lesson.lesson_id, exact=bool(named))
            ]
            if len(places) == 1:
                found.append((lesson, places[0]))
            elif named or places:
                what = "no column is" if not places else "more than one column is"
                raise TableError(
                    f"{what} called {named or lesson.lesson_id!r} in {self.gradebook}: set "
                    f"CanvasExport.columns to one of {', '.join(table.header[first:])}"
                )
            else:
                without.append(lesson.lesson_id)
        if not found:
            raise TableError(
                f"no column of {self.gradebook} is called like {', '.join(without)}. Make the "
                f"assignment in Canvas and export again, or set CanvasExport.columns to one of "
                f"{', '.join(table.header[first:])}"
            )
        for lesson_id in without:
            self.log.warning("%s has no column in %s; left out", lesson_id, self.gradebook)
        return found

    def _may_fill(self, cell: str, lesson: LessonScores, person: Person) -> bool:
        """Say whether a cell takes a score: not where Canvas has excused or not assigned it."""
        if cell.strip().upper() not in ("EX", "N/A"):
            return True
        state = "excused" if cell.strip().upper() == "EX" else "not assigned the lesson"
        self.log.warning("%s: %s is %s in Canvas; left so", lesson.lesson_id, person.id, state)
        return False

    def _compare_points(self, table: CsvTable, filled: list[tuple[LessonScores, int]]) -> None:
        """Warn where Canvas counts other points: it is changed there, never from here."""
        row = next((row for row in table.rows if "Points Possible" in row[0]), None)
        for lesson, column in filled:
            text = row[column].strip().replace(",", ".") if row else ""
            if re.fullmatch(r"\d+(\.\d+)?", text) and float(text) != lesson.max_score:
                self.log.warning(
                    "%s has %s points, and %s in Canvas; scores are written as they are",
                    lesson.lesson_id,
                    number(lesson.max_score, _DIGITS),
                    text,
                )

    def _write_new(self, target: Path, lessons: list[LessonScores], people: list[Person]) -> None:
        titles = [str(self.columns.get(lesson.lesson_id, lesson.lesson_id)) for lesson in lessons]
        points = [number(lesson.max_score, _DIGITS) for lesson in lessons]
        rows = [[_POINTS, *[""] * (len(_STUDENT) - 1), *points]]
        unwritten = []
        for person in people:
            if is_formula(person.id) or is_formula(person.lms_user_id):
                unwritten.append(left_person(person, "a spreadsheet would run its id"))
                continue
            ids = {"ID": person.lms_user_id, self.student_id: person.id}
            ids["Student"] = harmless(person.sortable_name)
            ids["Section"] = harmless(person.section or self.section)
            scores = [self.score(lesson, person, _DIGITS) or "" for lesson in lessons]
            rows.append([*(ids.get(column, "") for column in _STUDENT), *scores])
        write_table(target, [*_STUDENT, *titles], rows)
        self.log.info("%s: %s", target, count(len(rows) - 1, "student"))
        self.write_unmatched(target, unwritten)


def is_column(title: str, wanted: str, exact: bool = False) -> bool:
    """Say whether a column's title, `Name (id)`, is the one that is wanted.

    >>> is_column("Week 2 (4711)", "4711", exact=True), is_column("Week 2 (4711)", "Week 2", True)
    (True, True)
    >>> is_column("Teacher Forcing (4711)", "02_teacher_forcing")
    True
    >>> is_column("Teacher Forcing 2 (4712)", "02_teacher_forcing")
    False
    """
    parts = re.fullmatch(r"(?P<name>.*?)\s*\((?P<id>\d+)\)", title)
    name = parts["name"] if parts else title
    if exact:
        return wanted.strip() in {title, name, parts["id"] if parts else title}
    return _plain(name) == _plain(wanted)


def _plain(name: str) -> str:
    """Return a title's letters and digits, without a number in front."""
    return re.sub(r"\W|_", "", re.sub(r"^\W*\d+[\W_]+", "", name)).casefold()


def _is_student(row: tuple[str, ...]) -> bool:
    """Say whether a row is a student's: as Canvas's own import does."""
    rest = [cell for cell in row if cell.strip()]
    return "Points Possible" not in row[0] and not all(
        re.fullmatch(r"\s*(Muted|Manual Posting.*)\s*", cell, re.IGNORECASE) for cell in rest
    )


def _unmatched(
    matching: Matching, rows: list[dict[str, str]], lessons: list[LessonScores]
) -> list[tuple[str, ...]]:
    """Return both sides of who was not matched; of nbgrader's only who has handed in anything."""
    left: list[tuple[str, ...]] = []
    for index, why in sorted(matching.rows_left.items()):
        row = rows[index]
        name = row.get("Student") or ", ".join(filter(None, map(row.get, _ALSO_STUDENT[:2])))
        login = row.get("SIS Login ID") or row.get("SIS User ID") or row.get("ID", "")
        left.append(("Canvas", name, login, login if "@" in login else "", why))
    for person in matching.people_left:
        handed_in = any(person.id in lesson.earned for lesson in lessons)
        why = "not in Canvas's file" + ("" if handed_in else "; has handed in nothing")
        left.append(left_person(person, why))
    return left
