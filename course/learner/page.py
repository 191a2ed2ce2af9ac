"""The start page, ``work/START.md``: which lessons there are, and how far the learner is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from course.bootstrap.files import write_whole
from course.learner.progress import Checked, ExercisesWritten, last_check, written
from course.learner.work import laid_beside
from course.lessons import Lesson, find_lessons, lesson_ids, not_lessons

NAME = "START.md"

_PYTHON = "py" if sys.platform == "win32" else "python3"


def write(root: Path, work: Path) -> Path:
    """Write the start page anew.

    Parameters
    ----------
    root : Path
        The course's folder.
    work : Path
        The learner's folder, usually ``root / "work"``.

    Returns
    -------
    Path
        The page.
    """
    refresh(root, work)
    return work / NAME


def refresh(root: Path, work: Path) -> str:
    """Write the start page where it would say something else by now; return what it says."""
    page, now = work / NAME, text(root, work)
    try:
        before = page.read_text(encoding="utf-8")
    except (OSError, ValueError):
        before = ""
    if now != before:
        write_whole(page, now.encode())
    return now


def text(root: Path, work: Path) -> str:
    """Return the start page as Markdown."""
    lessons = find_lessons(root / "release")
    newer = [line for lesson in lessons for line in _newer(work, lesson)]
    return "\n".join(
        [
            "# Teacher forcing in sequence models",
            "",
            "| Lesson | Minutes | Difficulty | Written | Last check |",
            "| --- | --- | --- | --- | --- |",
            *(_row(work, lesson) for lesson in lessons),
            "",
            *newer,
            *_left_out(root),
            "## How a lesson goes",
            "",
            "Open it by its link. Read and predict, run a cell with Shift+Enter, and write each "
            "exercise where it says `YOUR CODE HERE`. The check below an exercise says what is "
            "right and what is not yet. At the end, **Validate** in the notebook's toolbar runs "
            "all checks that you can see.",
            "",
            "## Where things are",
            "",
            f"- What you write stays in `{work}`. It is never written over; copy the folder to "
            "keep it elsewhere.",
            "- Notebooks run in the kernel *Python 3 (ipykernel)*, which is the course's own "
            f"environment: `{sys.prefix}`.",
            f"- Commands run in a terminal, in `{root}`:",
            f"  - `{_PYTHON} -m course check 2` grades your lesson 2 with the hidden tests too, "
            "names known mistakes, and brings this page up to date (reload it to see);",
            f"  - `{_PYTHON} -m course lab` opens this page; Ctrl-C in its terminal ends it.",
            "",
            "This page is made anew at every start and after every check, so notes of your own "
            "belong into another file.",
            "",
        ]
    )


def _left_out(root: Path) -> Iterator[str]:
    """Yield a paragraph for each folder that is no lesson, or no release yet."""
    released = lesson_ids(root / "release")
    unmade = [name for name in lesson_ids(root / "source") if name not in released]
    others = [*not_lessons(root / "source"), *not_lessons(root / "release")]
    for name in unmade:
        others.append(
            f"source/{name} is not in release/ yet: `{_PYTHON} -m course build release` makes it"
        )
    for other in others:
        yield f"> **Left out:** {_plain(other)}."
        yield ""


def _row(work: Path, lesson: Lesson) -> str:
    """Return a lesson's row of the table."""
    number = lesson.id.split("_")[0].lstrip("0")
    notebook = Path(lesson.id) / f"{lesson.name}.ipynb"
    feedback = Path("feedback") / lesson.id / f"{lesson.name}.html"
    checked = _checked(last_check(work, lesson.id))
    if (work / feedback).is_file():
        checked += f"<br>{_link('feedback', feedback)}"
    cells = (
        f"**{_link(f'{number}. {lesson.title}', notebook)}**<br>{_plain(lesson.summary)}",
        str(lesson.minutes),
        _plain(lesson.difficulty),
        _written(written(lesson, work / notebook)),
        checked,
    )
    return f"| {' | '.join(cells)} |"


def _newer(work: Path, lesson: Lesson) -> Iterator[str]:
    """Yield the paragraph that tells of newer releases beside a lesson's files."""
    if files := laid_beside(work, lesson.id):
        yield (
            f"> **A newer release of lesson {lesson.id} is here:** "
            f"{', '.join(_link(file.name, file) for file in files)}. Yours was not changed. Copy "
            "your functions into the newer one, or delete it to stay with yours."
        )
        yield ""


def _written(count: ExercisesWritten) -> str:
    if count.done == 0:
        return "not begun"
    if count.done == count.total:
        return "✓ all exercises"
    return f"{count.done} of {count.total} exercises"


def _checked(checked: Checked | None) -> str:
    if checked is None:
        return "–"
    full = "✓ " if checked.points >= checked.max_points else ""
    return (
        f"{full}{checked.points:g} of {checked.max_points:g} points, {checked.when:%Y-%m-%d %H:%M}"
    )


def _link(label: str, file: Path) -> str:
    return f"[{_plain(label)}]({quote(file.as_posix())})"


def _plain(words: str) -> str:
    """Keep signs that would end a table's cell or a link from doing so."""
    for sign in "\\|[]":
        words = words.replace(sign, f"\\{sign}")
    return words
