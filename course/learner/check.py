"""`python3 -m course check`: grade the notebooks in ``work/`` as a class's would be."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from course.bootstrap.problems import cannot_write
from course.bootstrap.words import command
from course.grading.records.folders import what_lies_in
from course.learner import page, told
from course.learner.graded import GradedHere, grade, no_hidden_tests
from course.learner.notebooks import lesson_of, other_notebooks, own_notebook
from course.lessons import (
    LessonError,
    asked_lesson,
    course_root,
    find_lessons,
    lesson_ids,
    not_lessons,
)

FULL_MARKS, BELOW, NOT_GRADED = 0, 1, 2


def main(argv: list[str] | None = None) -> int:
    """Check one lesson, or all in ``work/``; return the exit status."""
    parser = argparse.ArgumentParser(
        prog=command("check"),
        description="Grade your notebooks in work/ with the hidden tests that a class gets.",
        epilog="Exit status: 0 at full marks, 1 below, 2 where something could not be graded.",
    )
    parser.add_argument(
        "lesson",
        nargs="?",
        help="a lesson's number or name, or a notebook's file; all in work/ if left out",
    )
    parser.add_argument("--json", action="store_true", help="what a notebook shows, as JSON")
    asked = parser.parse_args(argv)
    root = course_root()
    try:
        chosen = _chosen(root, asked.lesson)
    except LessonError as error:
        return _not_graded(str(error), asked.json)
    statuses = [_check(root, lesson_id, path, asked.json) for lesson_id, path in chosen]
    try:
        page.write(root, root / "work")
    except OSError as error:  # what was graded has been said
        print(f"The start page is not up to date. {cannot_write(error, root)}", file=sys.stderr)
    return max(statuses)


def _chosen(root: Path, wanted: str | None) -> list[tuple[str, Path]]:
    """Return what to check: the notebook that is wanted, or all in ``work/``."""
    if wanted and wanted.endswith(".ipynb") and Path(wanted).is_file():
        path, lessons = Path(wanted).resolve(), find_lessons(root / "source")
        if not lessons:
            raise no_hidden_tests(root / "source")
        return [(lesson_of(path, lessons).id, path)]
    if wanted:
        lesson_id = asked_lesson(wanted, root / "source")
        return [(lesson_id, own_notebook(root / "work", lesson_id))]
    for other in not_lessons(root / "source"):
        print(f"note: {other}", file=sys.stderr)
    own = {
        lesson_id: own_notebook(root / "work", lesson_id)
        for lesson_id in lesson_ids(root / "source")
    }
    there = [
        (lesson_id, path)
        for lesson_id, path in own.items()
        if path.is_file() or other_notebooks(root / "work", lesson_id)
    ]
    if not there:
        raise LessonError(
            f"there is no notebook of a lesson in {root / 'work'}: "
            f"`{command('lab')}` puts them there"
        )
    return there


def _look_for(root: Path, lesson_id: str, path: Path) -> None:
    """Raise `LessonError` where there is no notebook; say what lies there and what to do."""
    if path.is_file():
        return
    puts = f"`{command('lab')}` puts the lesson there"
    if not path.parent.is_dir():
        raise LessonError(f"there is no folder {path.parent}: {puts}")
    if not other_notebooks(root / "work", lesson_id):
        raise LessonError(f"there is no {path}: {puts}")
    raise LessonError(what_lies_in(path.parent, [path.name]))


def _check(root: Path, lesson_id: str, path: Path, as_json: bool) -> int:
    try:
        _look_for(root, lesson_id, path)
        graded = grade(root, lesson_id, path)
    except (OSError, LessonError) as error:
        said = cannot_write(error, root) if isinstance(error, OSError) else error
        return _not_graded(f"{lesson_id} could not be graded: {said}", as_json)
    said = told.text(graded, root)
    if as_json:
        print(json.dumps({"text": said, "html": told.markup(graded, path.parent, root)}))
    else:
        print(f"{said}\n")
    return _status(graded)


def _not_graded(why: str, as_json: bool) -> int:
    if as_json:
        print(json.dumps({"text": why}))
    else:
        print(why, file=sys.stderr)
    return NOT_GRADED


def _status(graded: GradedHere) -> int:
    if graded.earned.report.get("unreadable"):
        return NOT_GRADED
    return FULL_MARKS if graded.earned.points == graded.earned.max_points else BELOW


if __name__ == "__main__":  # as `course.learner.asking` runs it
    sys.exit(main())
