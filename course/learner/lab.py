"""``python3 -m course lab``: the lessons, opened in JupyterLab."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from course.bootstrap import problems
from course.bootstrap.words import command
from course.learner import page, server
from course.learner.notebooks import own_notebook, rivals
from course.learner.work import Change, update
from course.lessons import Lesson, LessonError, course_root, find_lessons


def main(argv: list[str]) -> int:
    """Prepare ``work/`` and serve JupyterLab until it is stopped; return where that failed."""
    asked = parser().parse_args(argv)
    root = course_root()
    try:
        if asked.instructor:
            from course.grading.records.coursefiles import look_at_name  # takes a second

            look_at_name(root)
            (root / "exchange").mkdir(exist_ok=True)  # nbgrader's; it makes none itself
        else:
            for line in prepare(root, root / "work"):
                print(line)
        server.run(root, asked.port, not asked.no_browser, asked.instructor)
    except LessonError as error:
        print(error, file=sys.stderr)
    except OSError as error:
        print(problems.cannot_write(error, root), file=sys.stderr)
    return 2


def parser() -> argparse.ArgumentParser:
    """Return the command's options."""
    made = argparse.ArgumentParser(
        prog=command("lab"),
        description="Open the lessons in JupyterLab. What you write is kept in work/ and never "
        "written over. Ctrl-C ends it.",
    )
    made.add_argument("--no-browser", action="store_true", help="print the address only")
    made.add_argument(
        "--port",
        type=_port,
        default=8888,
        help="where to listen on this machine (8888); the next free one where it is in use",
    )
    made.add_argument(
        "--instructor",
        action="store_true",
        help="open the whole course, with formgrader and Create Assignment",
    )
    return made


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 1 <= port <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 1 to 65535")
    return port


def prepare(root: Path, work: Path) -> list[str]:
    """Bring ``work/`` and its start page up to date; return what is worth telling.

    Raises
    ------
    LessonError
        Where there is no release to copy.
    """
    lessons = find_lessons(root / "release")
    if not lessons:
        raise LessonError(
            f"{root / 'release'} holds no lessons: restore it with `git restore release`, or make "
            f"it with `{command('build release')}`"
        )
    changes = update(root / "release", work, [lesson.id for lesson in lessons])
    page.write(root, work)
    return [*news(changes), *elsewhere(lessons, work)]


def elsewhere(lessons: Sequence[Lesson], work: Path) -> list[str]:
    """Name notebooks in which the learner may have gone on: renamed ones, and newer copies."""
    return [
        f"work/{rival.path.relative_to(work).as_posix()} is not looked at by START and check, and "
        f"{rival.told(own_notebook(work, lesson.id))}"
        for lesson in lessons
        for rival in rivals(lesson, work)
    ]


def news(changes: Sequence[Change]) -> list[str]:
    """Tell in lines what was done to ``work/``; pictures and the like go without saying."""
    told = {
        "new": "New in work/: {path}",
        "put back": "Put back in work/, as it was missing: {path}",
        "updated": "Updated in work/, as you had written nothing there: {path}",
        "laid beside": "A newer release of work/{path} lies beside yours, which was not changed: "
        "work/{beside}",
    }
    return [
        told[change.action].format(
            path=change.path.as_posix(), beside=change.beside and change.beside.as_posix()
        )
        for change in changes
        if change.path.suffix == ".ipynb"
    ]
