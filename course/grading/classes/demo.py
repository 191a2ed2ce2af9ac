"""`python3 -m course demo`: a class in a minute."""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from course.bootstrap.words import command, count
from course.grading.classes.grader import ClassGrader
from course.grading.classes.made_up import fill_in
from course.grading.classes.setting_up import cores, settings
from course.grading.classes.temporary import Classroom, Mark
from course.grading.classes.workers.local import LocalPool
from course.lessons import LessonError, answers, asked_lesson, course_root, lesson_ids
from course.lessons.misconceptions import Misconception, answers_with, misconceptions

#: Known mistakes that a made-up class has at most, and how they are drawn.
MOST, SEED = 66, 0


def main(argv: list[str] | None = None) -> int:
    """Make a class's submissions, grade them, print the table; return the exit status."""
    parser = argparse.ArgumentParser(
        prog=command("demo"),
        description="Grade a made-up class: solved, unsolved, known mistakes, broken files.",
    )
    parser.add_argument("lesson", nargs="?", help="its number or name; the second if left out")
    parser.add_argument(
        "--all",
        action="store_true",
        help=f"each known mistake, and not {MOST} spread over all kinds where there are more",
    )
    asked = parser.parse_args(argv)
    root = course_root()
    try:
        second = lesson_ids(root / "source")[:2][-1:]
        lesson_id = asked_lesson(asked.lesson or "".join(second), root / "source")
        with tempfile.TemporaryDirectory(prefix="demo-") as folder:
            room = Classroom(root, lesson_id, Path(folder))
            known = misconceptions(room.lesson)
            made = known if asked.all else spread(known)
            students = hand_in_class(room, made)
            some = (
                f" ({len(made)} of {len(known)} known mistakes)" if len(made) < len(known) else ""
            )
            print(
                f"{count(len(students), 'submission')} of {lesson_id}{some}; grading ...",
                flush=True,
            )
            grade(room)
            marks = [room.mark(student) for student in students]
    except (OSError, LessonError) as error:
        print(f"the demonstration could not be run: {error}", file=sys.stderr)
        return 2
    print(table(marks))
    wrong = oddities(made, {mark.student: mark for mark in marks})
    print(*(f"note: {one}" for one in wrong), sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return 2 if not all(mark.graded for mark in marks) else 1 if wrong else 0


def spread(known: Sequence[Misconception], most: int = MOST) -> Sequence[Misconception]:
    """Return the mistakes of a class: one of each of equal parts of the list, always the same.

    The list goes from function to function and from kind to kind, so all kinds have their share.

    >>> spread(range(5)), len(spread(range(200))), [one // 50 for one in spread(range(200), 4)]
    (range(0, 5), 66, [0, 1, 2, 3])
    """
    if len(known) <= most:
        return known
    rng = random.Random(SEED)
    ends = [k * len(known) // most for k in range(most + 1)]
    return [known[rng.randrange(begin, end)] for begin, end in pairwise(ends)]


def hand_in_class(room: Classroom, made: Sequence[Misconception]) -> list[str]:
    """Generate the lesson and hand in a class's submissions; return the students' names."""
    released = room.generate()
    lesson = room.lesson
    solved = answers(lesson)
    exercise = next(c for c in lesson.by_role("answer") if c.is_code).grade_id
    room.hand_in("solved", fill_in(released, solved))
    room.hand_in("unsolved", released.read_bytes())
    broken = solved[exercise].replace("):\n", ")\n", 1)
    room.hand_in("syntax_error", fill_in(released, {**solved, exercise: broken}))
    room.hand_in("empty_file", "")
    students = ["solved", "unsolved", "syntax_error", "empty_file"]
    for misconception in made:
        room.hand_in(misconception.name, fill_in(released, answers_with(lesson, misconception)))
        students.append(misconception.name)
    return students


def grade(room: Classroom) -> None:
    """Grade all that was handed in: with the class's grader, where processes can be forked."""
    if not hasattr(os, "fork"):
        room.autograde()
        return
    config, course = settings(room.folder)
    grader = ClassGrader(course, config, room.lesson_id)
    pool = LocalPool(grader.lesson.data, cores())
    try:
        grader.run(pool, grader.students())
    finally:
        pool.close()
        grader.close()


def table(marks: list[Mark]) -> str:
    """Return the table of students, points and diagnoses."""
    width = max(len(mark.student) for mark in marks)
    lines = [f"{'student':{width}}  points  diagnosis", "-" * (width + 60)]
    for mark in marks:
        points = f"{mark.points:g}/{mark.max_points:g}" if mark.graded else "-"
        lines.append(f"{mark.student:{width}}  {points:>6}  {diagnosis(mark)}")
    return "\n".join(lines)


def oddities(made: Sequence[Misconception], marks: Mapping[str, Mark]) -> list[str]:
    """Say where the lesson is at fault: its solution loses points, or a mistake loses none."""
    found = [
        f"the solution itself loses points of {test['grade_id']}: {test['message']}"
        for test in marks["solved"].report.get("tests", ())
        if test["score"] < test["points"]
    ]
    return found + [
        f"{one.name} earns every point: no test refuses it"
        for one in made
        if marks[one.name].points == marks[one.name].max_points
    ]


def diagnosis(mark: Mark) -> str:
    """Say in a line why a submission lost points, ``""`` where it lost none."""
    if not mark.graded:
        return "could not be graded: see the log"
    if mark.report.get("unreadable"):
        return str(mark.report["unreadable"]).split("**")[1]
    failed = [test for test in mark.report["tests"] if test["score"] < test["points"]]
    names = {d["name"]: d["sentence"] for test in failed for d in test["diagnoses"]}
    if names:
        return "; ".join(f"{name}: {sentence}" for name, sentence in names.items())
    if mark.report["cell_errors"]:
        return str(mark.report["cell_errors"][0]["message"])
    return str(failed[0]["message"]).splitlines()[0] if failed else ""
