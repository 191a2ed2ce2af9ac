"""`python3 -m course section`: who is in which section."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from course.bootstrap.words import command, count
from course.grading.lms.people import read_people
from course.grading.lms.sections import sections_in
from course.grading.records.csvfiles import read_table
from course.grading.records.sections import put, read_sections
from course.grading.rules.doing import OpenCourse, done


def main(argv: list[str] | None = None) -> int:
    """Show sections, or put students into one; return the exit status, 0 or 2."""
    parser = argparse.ArgumentParser(
        prog=command("section"),
        description="Show which students are in which section, or put them into one. Report, "
        "exports and due dates take `--section`.",
        epilog="Examples: `section`; `section B ann bob`; `section none ann`; `section --from "
        "FILE`, where FILE is Canvas's exported gradebook, Moodle's list of participants, or a CSV "
        "file with the columns student and section. Exit status: 0, or 2 where nothing was "
        "changed.",
    )
    parser.add_argument("section", nargs="?", help="its name, or none")
    parser.add_argument("student", nargs="*", help="who is in it from now on")
    parser.add_argument(
        "--from", dest="file", type=Path, metavar="FILE", help="a table with all sections"
    )
    asked = parser.parse_args(argv)
    if asked.file and asked.section:
        parser.error("give a section with its students, or --from FILE")
    return done(lambda course: _work(course, asked.section or "", asked.student, asked.file))


def _work(
    course: OpenCourse, section: str, students: Sequence[str], file: Path | None
) -> list[str]:
    gradebook, notes = course.gradebook, []
    if file is not None:
        found = sections_in(read_table(file), read_people(gradebook))
        put(gradebook, found.of)
        notes = [f"note: in no section: {why}" for why in found.left]
    elif students:
        put(gradebook, dict.fromkeys(students, "" if section.lower() == "none" else section))
    return [*told(course, "" if students else section), *notes]


def told(course: OpenCourse, only: str = "") -> list[str]:
    """Return a line for each section, and one for whoever is in none."""
    sections = read_sections(course.gradebook)
    known = {student.id for student in course.gradebook.students}
    lines = []
    for name in sorted(set(sections.values())):
        if only.casefold() in ("", name.casefold()):
            inside = [student for student, section in sections.items() if section == name]
            lines.append(f"{name}: {count(len(inside), 'student')}: {', '.join(inside)}")
    without = sorted(known - set(sections))
    if without and not only:
        lines.append(f"in no section: {count(len(without), 'student')}: {', '.join(without)}")
    return lines or [f"nobody is in {f'the section {only}' if only else 'the gradebook'}"]
