"""`python3 -m course grade`: grade a class, in parallel, and go on where it stopped."""

from __future__ import annotations

import argparse
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from course.bootstrap.live import LiveLine
from course.bootstrap.words import command, count
from course.grading.classes.grader import ClassGrader, Tally
from course.grading.classes.setting_up import HowGraded, interrupted, pool_for, settings
from course.grading.classes.watching.due import rule_of
from course.grading.classes.watching.watch import collect_by_rule
from course.grading.faults import CannotWrite, GradebookTrouble, GradingFault
from course.grading.records.coursefiles import look_at_name
from course.grading.records.lock import graded_alone
from course.grading.records.notgraded import what_is_in_the_way
from course.grading.records.opening import NotGenerated, remedy
from course.lessons import LessonError, asked_lesson, course_root, not_lessons

ALL_GRADED, SOME_LEFT, NOT_POSSIBLE = 0, 1, 2
AGAIN = "Mend that, then run the same command again: it grades only what is missing"
#: Faults that the summary tells one by one.
_TOLD = 20


def main(argv: list[str] | None = None) -> int:
    """Grade a class's submissions of one lesson; return the exit status."""
    parser = argparse.ArgumentParser(
        prog=command("grade"),
        description="Grade what lies in submitted/ for a lesson, as `nbgrader autograde` would, "
        "in parallel. What is graded already and has not changed is left as it is, so an "
        "interrupted run goes on where it stopped.",
        epilog="Exit status: 0 where all is graded; 1 where some submissions could not be, for a "
        "reason that is not their students'; 2 where nothing could be graded.",
    )
    parser.add_argument("lesson", help="a lesson's number or name")
    parser.add_argument(
        "--student", action="append", default=[], metavar="S", help="only this one; may be repeated"
    )
    HowGraded.offer(parser)
    parser.add_argument(
        "--collect", action="store_true", help="run `nbgrader collect --update` first"
    )
    parser.add_argument("--regrade", action="store_true", help="grade what has not changed, too")
    asked = parser.parse_args(argv)
    how = HowGraded.asked(parser, asked)
    if not hasattr(os, "fork"):
        print("This system cannot fork processes: use `nbgrader autograde`", file=sys.stderr)
        return NOT_POSSIBLE
    root = course_root()
    signal.signal(signal.SIGTERM, interrupted)
    try:
        look_at_name(root)
        lesson_id = asked_lesson(asked.lesson, root / "source")
        for other in not_lessons(root / "source"):
            print(f"note: {other}", file=sys.stderr)
        waiting = f"{lesson_id} is being graded by another command; waiting ..."
        with graded_alone(settings(root)[1], lesson_id, lambda: print(waiting, file=sys.stderr)):
            if asked.collect and rule_of(settings(root)[0]).is_set:
                collect_by_rule(root, lesson_id, how)
            elif asked.collect:
                collect(root, lesson_id)
            tally = grade(root, lesson_id, asked.student, how, asked.regrade)
    except GradebookTrouble as error:
        print(f"nothing could be graded: {error}. {AGAIN}", file=sys.stderr)
        return NOT_POSSIBLE
    except NotGenerated as error:
        print(f"nothing could be graded: {error}", file=sys.stderr)
        for line in misplaced(root, lesson_id):
            print(line, file=sys.stderr)
        return NOT_POSSIBLE
    except (LessonError, GradingFault) as error:
        print(f"nothing could be graded: {error}", file=sys.stderr)
        return NOT_POSSIBLE
    except (OSError, SQLAlchemyError) as error:
        print(f"nothing could be graded: {remedy(error)}. {AGAIN}", file=sys.stderr)
        return NOT_POSSIBLE
    return SOME_LEFT if tally.faults or tally.left else ALL_GRADED


def grade(
    root: Path,
    lesson_id: str,
    students: list[str],
    how: HowGraded,
    regrade: bool = False,
) -> Tally:
    """Grade a class in the course's folder, with progress and a summary on the terminal.

    Parameters
    ----------
    root : Path
        The course.
    lesson_id : str
        The lesson.
    students : list of str
        Only these, all where there are none.
    how : HowGraded
        Where, and in what.
    regrade : bool, optional
        Whether to grade what has not changed, too.

    Returns
    -------
    Tally
        What was done.
    """
    config, course = how.settings(root, lesson_id)
    grader = ClassGrader(course, config, lesson_id)
    line = LiveLine()
    for difference in grader.differences:
        print(f"{lesson_id}: {difference}")
    try:
        wanted = grader.students(students)
        if not wanted:
            raise LessonError(
                f"nobody has handed in {lesson_id}: there is nothing in "
                f"{course.format_path(course.submitted_directory, 'STUDENT', lesson_id)}"
            )
        with pool_for(grader.lesson, how, config, len(wanted)) as pool:
            try:
                grader.run(pool, wanted, regrade, lambda tally: line.show("grading:", told(tally)))
            except CannotWrite as error:
                line.say(f"Stopped, as nothing can be written down any more: {error}")
        line.clear()
    finally:
        grader.close()
    print(summary(lesson_id, grader))
    return grader.tally


def misplaced(root: Path, lesson_id: str) -> list[str]:
    """Return a line for each student whose folder would not be graded, and what to do about it."""
    found = what_is_in_the_way(settings(root)[1], lesson_id)
    return _each("not to be graded either", {who: why for who, why in found.items() if why})


def collect(root: Path, lesson_id: str) -> None:
    """Collect what was submitted through the exchange, newer versions included.

    Raises
    ------
    LessonError
        Where nbgrader could not.
    """
    command = [sys.executable, "-m", "nbgrader", "collect", lesson_id, "--update"]
    status = subprocess.run(command, cwd=root, check=False).returncode
    if status != 0:
        raise LessonError(f"`nbgrader collect {lesson_id} --update` ended with status {status}")


def _points(grader: ClassGrader) -> tuple[float, float]:
    """Return how many points the lesson's tests can give, and how many people give."""
    tests = by_hand = 0.0
    for name in grader.lesson.notebooks:
        for cell in grader.lesson.entries(name).values():
            if cell.kinds == {"GradeCell"}:
                tests += cell.points or 0.0
            else:
                by_hand += cell.points or 0.0
    return tests, by_hand


def told(tally: Tally) -> str:
    """Return the live line: done, left, rate, time left, faults.

    >>> told(Tally(total=3))
    '0 done, 3 left'
    """
    parts = [f"{tally.done} done", f"{tally.left} left"]
    if tally.graded:
        parts.append(f"{60 * tally.rate:.0f} a minute")
        parts.append(f"{duration(tally.left / tally.rate)} to go")
    if tally.faults:
        parts.append(count(len(tally.faults), "fault"))
    return ", ".join(parts)


def duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> duration(42), duration(600), duration(9000)
    ('42 s', '10 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def _printable(student: str) -> str:
    """Return a folder's name, or what stands for one that a terminal would obey."""
    return student if student.isprintable() else ascii(student)


def _each(what: str, whose: dict[str, str]) -> list[str]:
    """Return a line for each of some students, but for those beyond the first of many."""
    told = list(whose.items())[:_TOLD]
    lines = [f"  {what}: {_printable(student)}: {_printable(why)}" for student, why in told]
    return lines + ([f"  ... and {len(whose) - _TOLD} more"] if len(whose) > _TOLD else [])


def summary(lesson_id: str, grader: ClassGrader) -> str:
    """Return what was done, as a table, and the faults one by one."""
    tally = grader.tally
    possible, by_hand = _points(grader)
    rows = [
        ("graded now", len(tally.graded)),
        ("unchanged since they were graded", len(tally.unchanged)),
        ("of these not readable as a notebook", len(tally.unreadable)),
        ("without a notebook of this lesson", len(tally.empty)),
        ("without a time of handing in that can be read", len(tally.untimed)),
        ("not graded, and not the student's fault", len(tally.faults)),
        ("not reached", tally.left),
    ]
    lines = [f"{lesson_id}: {count(tally.total, 'submission')}"]
    lines += [f"  {count:6}  {what}" for what, count in rows if count]
    points = [*tally.graded.values(), *tally.unchanged.values()]
    if points:
        lines.append(
            f"  points of the tests: mean {statistics.mean(points):.3g}, median "
            f"{statistics.median(points):.3g}, of {possible:g}"
        )
        if by_hand:
            lines.append(f"  not counted here: what people give by hand, up to {by_hand:g}")
    lines += _each("no notebook", tally.empty)
    lines += _each("no time, so never late", tally.untimed)
    changed = {student: ", ".join(cells) for student, cells in tally.changed.items()}
    lines += _each("changed since points were given by hand, to look at again", changed)
    lines += _each("fault", tally.faults)
    if tally.faults:
        lines.append(f"  {AGAIN}.")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
