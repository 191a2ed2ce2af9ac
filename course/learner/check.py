"""`python3 -m course check`: grade the notebooks in ``work/`` as a class's would be."""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from course.bootstrap.words import told
from course.grading.classes.temporary import Classroom, Mark
from course.grading.records.folders import what_lies_in
from course.learner import page, progress
from course.lessons import (
    LessonError,
    asked_lesson,
    course_root,
    lesson_ids,
    lesson_name,
    not_lessons,
    read_lesson,
)

FULL_MARKS, BELOW, NOT_GRADED = 0, 1, 2
_YOU = "you"


def main(argv: list[str] | None = None) -> int:
    """Check one lesson, or all in ``work/``; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python3 -m course check",
        description="Grade your notebooks in work/ with the hidden tests that a class gets.",
        epilog="Exit status: 0 at full marks, 1 below, 2 where something could not be graded.",
    )
    parser.add_argument("lesson", nargs="?", help="a lesson's number or name; all if left out")
    asked = parser.parse_args(argv)
    root = course_root()
    try:
        chosen = _lesson_ids(root, asked.lesson)
    except LessonError as error:
        print(error, file=sys.stderr)
        return NOT_GRADED
    statuses = [_check(root, lesson_id) for lesson_id in chosen]
    page.write(root, root / "work")
    return max(statuses)


def _lesson_ids(root: Path, wanted: str | None) -> list[str]:
    """Return the lessons to check: the one that is wanted, or all that lie in ``work/``."""
    if wanted:
        return [asked_lesson(wanted, root / "source")]
    for other in not_lessons(root / "source"):
        print(f"note: {other}", file=sys.stderr)
    known = lesson_ids(root / "source")
    there = [
        lesson_id
        for lesson_id in known
        if _notebook(root, lesson_id).is_file() or _others(root, lesson_id)
    ]
    if not there:
        raise LessonError(
            f"there is no notebook of a lesson in {root / 'work'}: "
            f"`python3 -m course lab` puts them there"
        )
    return there


def _notebook(root: Path, lesson_id: str) -> Path:
    return root / "work" / lesson_id / f"{lesson_name(lesson_id)}.ipynb"


def _others(root: Path, lesson_id: str) -> list[Path]:
    """List the notebooks in a lesson's folder of ``work/`` that are not the lesson's own."""
    folder, own = root / "work" / lesson_id, _notebook(root, lesson_id)
    found = sorted(path for path in folder.rglob("*.ipynb") if path.is_file() and path != own)
    return [path for path in found if not any(part[0] == "." for part in path.parts[-3:])]


def _content(root: Path, lesson_id: str) -> bytes:
    """Read the learner's notebook; where there is none, say what lies there and what to do."""
    path = _notebook(root, lesson_id)
    if not path.is_file():
        puts = "`python3 -m course lab` puts the lesson there"
        if not path.parent.is_dir():
            raise LessonError(f"there is no folder {path.parent}: {puts}")
        if not _others(root, lesson_id):
            raise LessonError(f"there is no {path}: {puts}")
        raise LessonError(what_lies_in(path.parent, [path.name]))
    try:
        return path.read_bytes()
    except OSError as error:
        raise LessonError(f"{path} could not be read: {error.strerror}") from error


def _beside(root: Path, lesson_id: str) -> list[str]:
    """Name the notebooks beside the one that was checked in which more is written."""
    released = read_lesson(root / "release" / lesson_id / f"{lesson_name(lesson_id)}.ipynb")
    own = _notebook(root, lesson_id)
    here = progress.written(released, own).done
    others = [(path, progress.written(released, path).done) for path in _others(root, lesson_id)]
    return [
        f"  {path.relative_to(root)} was not checked, and more is written there ({done} exercises; "
        f"{here} in {own.name}): if it is yours, move it to {own.relative_to(root)}"
        for path, done in others
        if done > here
    ]


def _check(root: Path, lesson_id: str) -> int:
    try:
        content = _content(root, lesson_id)
        with tempfile.TemporaryDirectory(prefix="check-") as folder:
            room = Classroom(root, lesson_id, Path(folder))
            room.generate()
            room.hand_in(_YOU, content)
            room.autograde()
            mark = room.mark(_YOU)
            if not mark.graded:
                raise LessonError("\n".join(room.messages[-1:]) or "the judge gave no verdict")
            room.generate_feedback()
            kept = root / "work" / "feedback" / lesson_id / room.feedback_page(_YOU).name
            # With the pictures that lie beside it.
            shutil.copytree(room.feedback_page(_YOU).parent, kept.parent, dirs_exist_ok=True)
    except (OSError, LessonError) as error:
        said = error if isinstance(error, LessonError) else told(error)
        print(f"{lesson_id} could not be graded: {said}", file=sys.stderr)
        return NOT_GRADED
    unreadable = mark.report.get("unreadable")
    print(table(f"{lesson_id}: {room.lesson.title}", mark))
    by_hand = sum(cell.points for cell in room.lesson.cells if cell.by_hand)
    if by_hand:
        print(f"  What you wrote in words is read by a person, for up to {by_hand:g} more.")
    print(f"  Feedback page: {kept.relative_to(root)}")
    with contextlib.suppress(LessonError):  # without a release nothing can be compared
        for line in _beside(root, lesson_id):
            print(line)
    print()
    if unreadable:
        return NOT_GRADED
    progress.record(root / "work", lesson_id, mark.points, mark.max_points)
    return FULL_MARKS if mark.points == mark.max_points else BELOW


def table(title: str, mark: Mark) -> str:
    """Return the claims of a lesson with their points, and what is known of each failure.

    Parameters
    ----------
    title : str
        Stands above.
    mark : Mark
        As the classroom gives it.
    """
    lines = [f"{title}   {mark.points:g} of {mark.max_points:g} points"]
    if mark.report.get("unreadable"):
        lines += textwrap.wrap(mark.report["unreadable"].replace("**", ""), 96)
    said: list[str] = []
    for test in mark.report.get("tests", []):
        full = test["score"] >= test["points"]
        sign = "✓" if full else ("·" if test["score"] else "✗")
        lines.append(f"  {sign} {test['score']:4.3g} / {test['points']:<3g} {test['claim']}")
        if not full and why(test) != said:  # what holds for several tests is said once
            said = why(test)
            lines += [f"                {line}" for line in said]
    return "\n".join(lines)


def why(test: dict[str, Any], width: int = 84) -> list[str]:
    """Return what is known of a failed test: its message, and the names of known mistakes."""
    text: list[str] = []
    for line in test["message"].splitlines():
        text += textwrap.wrap(line, width)
    for found in test["diagnoses"]:
        where = f" ({' and '.join(found['where'])})" if found["where"] else ""
        text += textwrap.wrap(f"→ {found['name']}{where}: {found['sentence']}", width)
    return text
