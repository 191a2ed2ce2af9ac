"""`python3 -m course alike`: write the page of one lesson."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

from course.bootstrap.files import write_whole
from course.bootstrap.words import command, count, told
from course.grading.alike.page import page
from course.grading.alike.pairs import Compared, compare, groups
from course.grading.alike.pieces import Piece, given_by, pieces_in
from course.grading.faults import CannotRead
from course.grading.records.coursefiles import open_course
from course.grading.records.handedin import students_in
from course.grading.records.opening import remedy
from course.grading.report.text import printable
from course.grading.steps.reading import Unreadable
from course.lessons import (
    Lesson,
    LessonError,
    asked_lesson,
    course_root,
    lesson_name,
    read_lesson,
)

PAGE = "alike.html"
#: Its owner reads and writes it, and nobody else.
OWNER_ONLY = 0o600


@dataclass(frozen=True)
class Class:
    """What a class handed in.

    Attributes
    ----------
    pieces : dict of str to list of Piece
        What each student wrote.
    left_out : dict of str to str
        Whose submission cannot be compared, and why.
    same_files : tuple of tuple of str
        Pairs whose files are the same, byte for byte.
    compared : Compared
        What of it is alike.
    """

    pieces: dict[str, list[Piece]]
    left_out: dict[str, str]
    same_files: tuple[tuple[str, str], ...]
    compared: Compared


def main(argv: list[str] | None = None) -> int:
    """Compare the submissions of one lesson; return the exit status, 0 or 2."""
    parser = argparse.ArgumentParser(
        prog=command("alike"),
        description="Write a page on submissions that are alike after names and layout are taken "
        "away, with what the lesson gives left out. It says nothing of why, and changes no mark. "
        "Only you can read it.",
        epilog="Exit status: 0 where the page was written, 2 where it could not be.",
    )
    parser.add_argument("lesson", help="a lesson's number or name")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FOLDER",
        help="where to write; by default reports/LESSON",
    )
    asked = parser.parse_args(argv)
    root = course_root()
    try:
        lesson_id = asked_lesson(asked.lesson, root / "source")
        lesson = read_lesson(root / "source" / lesson_id / f"{lesson_name(lesson_id)}.ipynb")
        found = look_at(root, lesson)
        made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M")
        text = page(lesson, found.compared, found.pieces, found.left_out, found.same_files, made)
        written = (asked.output or root / "reports" / lesson_id) / PAGE
        write_whole(written, text.encode(), OWNER_ONLY)
    except (OSError, LessonError) as error:
        said = remedy(error) if isinstance(error, OSError) else str(error)
        print(printable(said), file=sys.stderr)
        return 2
    print(summary(lesson_id, found))
    print(f"Page, which only you can read: {printable(str(written))}")
    return 0


def look_at(root: Path, lesson: Lesson) -> Class:
    """Read and compare what a class handed in.

    Parameters
    ----------
    root : Path
        The course.
    lesson : Lesson
        Read from ``source/``.

    Raises
    ------
    LessonError
        Where nothing was handed in.
    """
    course = open_course(root)
    submitted = Path(course.format_path(course.submitted_directory, ".", "."))
    release = Path(course.format_path(course.release_directory, ".", lesson.id))
    given = given_by(lesson, release / lesson.path.name)
    pieces: dict[str, list[Piece]] = {}
    left_out: dict[str, str] = {}
    files: dict[bytes, list[str]] = defaultdict(list)
    for student, problem in students_in(submitted, lesson.id).items():
        path = submitted / student / lesson.id / lesson.path.name
        if problem:
            left_out[student] = problem
            continue
        try:
            pieces[student] = pieces_in(path, given)
            files[hashlib.sha256(path.read_bytes()).digest()].append(student)
        except Unreadable as why:
            left_out[student] = str(why)
        except (CannotRead, OSError) as error:
            left_out[student] = remedy(error) if isinstance(error, OSError) else str(error)
        except Exception as error:  # whatever a notebook holds must not cost the class its page
            left_out[student] = f"it could not be compared ({told(error, 200)})"
    if not (pieces or left_out):
        raise LessonError(
            f"no submission of {lesson.id} lies in {submitted}: collect them with "
            f"`nbgrader collect {lesson.id}`"
        )
    same = [pair for students in files.values() for pair in combinations(sorted(students), 2)]
    return Class(pieces, left_out, tuple(same), compare(pieces))


def summary(lesson_id: str, found: Class) -> str:
    """Return the page in a few lines."""
    pairs = found.compared.pairs
    said = (
        f"{lesson_id}: {count(len(found.pieces), 'submission')} compared, "
        f"{count(len(pairs), 'pair')} that {'is' if len(pairs) == 1 else 'are'} alike"
    )
    if pairs:
        said += f" in {count(len(groups(pairs)), 'group')}"
    if found.left_out:
        said += f"; {len(found.left_out)} could not be compared, and the page says why"
    return f"{said}."
