"""`python3 -m course report`: write the page and the tables of one lesson."""

from __future__ import annotations

import argparse
import contextlib
import re
import sys
from datetime import datetime
from pathlib import Path

from jupyter_server.serverapp import list_running_servers

from course.bootstrap.files import write_whole
from course.bootstrap.words import command, count
from course.grading.faults import GradebookTrouble, GradingFault
from course.grading.records.coursefiles import open_course, read_settings
from course.grading.records.csvfiles import TableError
from course.grading.records.handedin import students_in
from course.grading.records.notgraded import what_is_in_the_way
from course.grading.records.opening import remedy
from course.grading.records.penalties import take_late_points
from course.grading.report import tables
from course.grading.report.diagnoses import BrokenDiagnosis, Findings, read_diagnosis
from course.grading.report.facts import ClassFacts
from course.grading.report.gather import class_facts
from course.grading.report.lessonmarks import read_gradebook
from course.grading.report.page import page
from course.grading.report.text import printable
from course.lessons import (
    Lesson,
    LessonError,
    asked_lesson,
    course_root,
    lesson_name,
    read_lesson,
)

PAGE = "report.html"
#: Where `course lab` listens if nothing else does.
FORMGRADER = "http://127.0.0.1:8888/"


def main(argv: list[str] | None = None) -> int:
    """Report on one lesson; return the exit status, 0 or 2."""
    parser = argparse.ArgumentParser(
        prog=command("report"),
        description="Write a page on a graded class: marks, claims, known mistakes, faults, and "
        "the answers to read by hand; and the same as CSV files.",
        epilog="Exit status: 0 where the page was written, 2 where it could not be.",
    )
    parser.add_argument("lesson", help="a lesson's number or name")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="where to write; by default reports/LESSON"
    )
    parser.add_argument(
        "--section",
        default="",
        metavar="S",
        help="only students of this section (see `course section`), into a folder of its own",
    )
    parser.add_argument(
        "--formgrader",
        metavar="ADDRESS",
        help="the address of the Jupyter server in which Formgrader runs, which students' names "
        "then lead to, such as http://127.0.0.1:8888/; by default that of the server that "
        "`course lab --instructor` has started here, and 'no' for none",
    )
    asked = parser.parse_args(argv)
    if asked.formgrader not in (None, "no") and "://" not in asked.formgrader:
        parser.error(f"--formgrader takes an address such as {FORMGRADER}, or no")
    root = course_root()
    try:
        with contextlib.suppress(LessonError, GradingFault):  # who cannot write reads what is there
            lesson_id = asked_lesson(asked.lesson, root / "source")
            take_late_points(open_course(root), read_settings(root), lesson_id)
        facts = collect(root, asked.lesson, asked.section)
        formgrader = running_server(root) if asked.formgrader is None else asked.formgrader
        written = write(facts, asked.output or place(root, facts), formgrader)
    except (OSError, LessonError, GradebookTrouble, TableError) as error:
        said = remedy(error) if isinstance(error, OSError) else str(error)
        print(printable(said), file=sys.stderr)
        return 2
    print(summary(facts))
    print(f"Page: {printable(str(written))}")
    return 0


def place(root: Path, facts: ClassFacts) -> Path:
    """Return the folder that a report is written to."""
    folder = root / "reports" / facts.lesson_id
    name = re.sub(r"[^\w-]+", "_", facts.section)
    return folder / f"section_{name}" if name else folder


def collect(root: Path, wanted: str, section: str = "") -> ClassFacts:
    """Read all that is known of a class's work on a lesson.

    Parameters
    ----------
    root : Path
        The course.
    wanted : str
        The lesson's id, name, or number.
    section : str, optional
        Only of students in this section.

    Raises
    ------
    LessonError
        Where there is no such lesson, or nobody in the section, or nothing was graded.
    GradebookTrouble
        Where there is a gradebook that cannot be read.
    """
    lesson_id = asked_lesson(wanted, root / "source")
    lesson = read_lesson(root / "source" / lesson_id / f"{lesson_name(lesson_id)}.ipynb")
    course = open_course(root)
    graded = Path(course.format_path(course.autograded_directory, ".", "."))
    if not graded.is_dir():
        raise LessonError(
            f"there is no folder {graded}: nothing was graded yet. Grade the class with "
            f"`nbgrader autograde {lesson.id}`"
        )
    diagnoses, broken = read_class(graded, lesson)
    book = read_gradebook(course.db_url, course.course_id, lesson.id, lesson.name)
    submitted = Path(course.format_path(course.submitted_directory, ".", "."))
    handed_in = what_is_in_the_way(course, lesson.id, set(diagnoses))
    if not (diagnoses or broken or book.rows or handed_in):
        raise LessonError(
            f"no submission of {lesson.id} lies in {graded} or {submitted}: collect them, then "
            f"grade them with `nbgrader autograde {lesson.id}`"
        )
    return class_facts(lesson, diagnoses, broken, book, handed_in, section)


def read_class(graded: Path, lesson: Lesson) -> tuple[dict[str, Findings], dict[str, str]]:
    """Return a lesson's diagnoses by student, and why some cannot be read.

    Parameters
    ----------
    graded : Path
        nbgrader's folder ``autograded``.
    lesson : Lesson
        Which lesson.
    """
    diagnoses: dict[str, Findings] = {}
    broken: dict[str, str] = {}
    for student in students_in(graded, lesson.id):
        path = graded / student / lesson.id / f"{lesson.name}.diagnosis.json"
        try:
            if path.is_file():
                diagnoses[student] = read_diagnosis(path, student, lesson.id)
        except BrokenDiagnosis as error:
            broken[student] = str(error)
    return diagnoses, broken


def running_server(root: Path) -> str:
    """Return the address of a Jupyter server that has the course open; lab's own without one."""
    for server in list_running_servers():
        opened = server.get("root_dir") or ""
        if opened and Path(str(opened)).resolve() == root.resolve():
            return str(server.get("url") or FORMGRADER)
    return FORMGRADER


def write(facts: ClassFacts, folder: Path, formgrader: str = "") -> Path:
    """Write the page and the tables; return the page's place."""
    made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
    for make in tables.ALL:
        make(facts).write(folder)
    write_whole(folder / PAGE, page(facts, made, formgrader).encode())
    return folder / PAGE


def summary(facts: ClassFacts) -> str:
    """Return the report in a few lines."""
    hurt = len({fault.student for fault in facts.faults})
    of = f", section {facts.section}" if facts.section else ""
    lines = [
        f"{facts.lesson_id}{of}: {count(len(facts.standings), 'submission')} graded, "
        f"{hurt} with faults, {count(len(facts.unexplained), 'answer')} to read by hand."
    ]
    lines += [
        f"  {found.mistake.name}: {count(len(found.students), 'student')}"
        for found in facts.mistakes[:3]
    ]
    if facts.remarks:
        lines.append(
            f"  {count(len(facts.remarks), 'remark')} where gradebook and diagnoses disagree: "
            f"see the page's end."
        )
    return "\n".join(lines)
