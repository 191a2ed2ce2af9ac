"""`python3 -m course due`: when lessons are due, and for whom later."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta

from course.bootstrap.words import command
from course.grading.cycle.announced import announce
from course.grading.cycle.exchange import released_place
from course.grading.records import due as dates
from course.grading.records.lock import graded_alone
from course.grading.records.moments import lasting, length, moment, shown, zone_called
from course.grading.records.penalties import Penalties
from course.grading.records.sections import read_sections, students_of
from course.grading.rules.doing import OpenCourse, done
from course.lessons import asked_lesson

_NONE = ("none", "never", "off")
_HOW = "write it as 2026-12-01 18:00, or none"


def main(argv: list[str] | None = None) -> int:
    """Show or set due dates; return the exit status, 0 or 2."""
    parser = argparse.ArgumentParser(
        prog=command("due"),
        description="Show when lessons are due, or set it. Students see the date in the exchange. "
        "Late points are taken again at once, and nothing is judged anew.",
        epilog="Examples: `due`; `due 2 2026-12-01 18:00 --zone Europe/Berlin`; `due 2 +1 day`; "
        "`due 2 --student ann +48h`; `due 2 --student ann 2026-12-03 18:00`; `due 2 --student ann "
        "none`; `due 2 none`. Exit status: 0, or 2 where nothing was changed.",
    )
    parser.add_argument("lesson", nargs="?", help="a lesson's number or name; all without")
    parser.add_argument(
        "when",
        nargs="*",
        help="a date and a time, +2 days to move what is there, or none; a date alone is the end "
        "of that day",
    )
    parser.add_argument(
        "--student",
        action="append",
        default=[],
        metavar="S",
        help="an extension of this student; may be repeated. The last one given counts, and "
        "moves along with the lesson's date",
    )
    parser.add_argument(
        "--section",
        action="append",
        default=[],
        metavar="S",
        help="the same for all who are in a section now; may be repeated",
    )
    parser.add_argument(
        "--zone",
        metavar="Z",
        help="the time zone of what you write and read, such as Europe/Berlin; kept for the "
        "course. At first it is this machine's",
    )
    asked = parser.parse_intermixed_args(argv)
    said = " ".join(asked.when)
    if (asked.student or asked.section) and not said:
        parser.error("--student and --section need +48h, a date, or none")

    def work(course: OpenCourse) -> list[str]:
        inside = students_of(read_sections(course.gradebook), asked.section)
        students = sorted({*asked.student, *inside})
        return _work(course, asked.lesson, said, students, asked.zone or "")

    return done(work)


def _work(
    course: OpenCourse, lesson: str | None, said: str, students: Sequence[str], zone: str
) -> list[str]:
    gradebook = course.gradebook
    lesson_id = asked_lesson(lesson, course.root / "source") if lesson else ""
    if zone:
        zone_called(zone)
        dates.keep_time_zone(gradebook, zone)
    zone = dates.time_zone(gradebook)
    if not said:
        lessons = [one.name for one in gradebook.assignments if lesson_id in ("", one.name)]
        for one in lessons:  # the date may have been set in Formgrader
            _announce(course, one)
        lines = [line for one in lessons for line in told(course, one)]
        return lines or [f"{lesson_id or 'The gradebook'}: no lesson was generated yet"]

    def wait() -> None:
        print(f"{lesson_id} is being graded by another command; waiting ...", file=sys.stderr)

    with graded_alone(course.folders, lesson_id, wait):
        if students:
            by = _extension(dates.due_of(gradebook, lesson_id), said, zone)
            for student in students:
                dates.extend(gradebook, lesson_id, student, by)
        else:
            new = _date(dates.due_of(gradebook, lesson_id), said, zone)
            dates.set_due(gradebook, lesson_id, new)
        changed = Penalties(course.folders, course.config).take_all(gradebook, lesson_id)
    lines = told(course, lesson_id)
    known = {*read_sections(gradebook), *(student.id for student in gradebook.students)}
    strange = sorted(set(students) - known)
    lines += [f"  note: {one} is nobody in the gradebook yet" for one in strange]
    if changed:
        lines.append(f"  late points are others now: {', '.join(changed)}")
    if not _announce(course, lesson_id) and not students:
        lines.append(
            f"  students see it once it is released: `nbgrader release_assignment {lesson_id}`"
        )
    return lines


def _announce(course: OpenCourse, lesson_id: str) -> bool:
    """Say to students when a lesson is due; return whether it is released."""
    released = released_place(course.folders, course.config, lesson_id)
    if not released.is_dir():
        return False
    announce(course.gradebook, lesson_id, released)
    return True


def told(course: OpenCourse, lesson_id: str) -> list[str]:
    """Return when a lesson is due, and a line for each extension."""
    gradebook, zone = course.gradebook, dates.time_zone(course.gradebook)
    due = dates.due_of(gradebook, lesson_id)
    lines = [f"{lesson_id}: {shown(due, zone) if due else 'no due date'}"]
    for student, by in dates.extensions(gradebook, lesson_id).items():
        until = shown(due + by, zone) if due else "waits for a due date"
        lines.append(f"  {student}: +{lasting(by, most=4)}: {until}")
    return lines


def _date(old: datetime | None, said: str, zone: str) -> datetime | None:
    """Return the date that is meant for all."""
    if said.lower() in _NONE:
        return None
    if said.startswith("+"):
        if old is None:
            raise ValueError(f"there is no due date to move: {_HOW}")
        return old + length(said)
    try:
        return moment(said, zone)
    except ValueError as error:
        raise ValueError(f"{error}: {_HOW}") from None


def _extension(due: datetime | None, said: str, zone: str) -> timedelta | None:
    """Return the extension that is meant, None for none."""
    if said.lower() in _NONE:
        return None
    try:
        return length(said)
    except ValueError:
        pass
    try:
        until = moment(said, zone)
    except ValueError as error:
        raise ValueError(f"{error}: write +48h, a date and a time, or none") from None
    if due is None:
        raise ValueError("the lesson has no due date: set that first, or write +48h")
    if until <= due:
        raise ValueError(f"{said} is not after {shown(due, zone)}, when it is due for all")
    return until - due
