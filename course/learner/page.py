"""The start page, ``work/START.md``: which lessons there are, and how far the learner is."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from course.bootstrap.files import write_whole
from course.bootstrap.words import command
from course.learner import face
from course.learner.notebooks import feedback_page, own_notebook, rivals
from course.learner.progress import Checked, ExercisesWritten, last_check, written
from course.learner.work import laid_beside
from course.lessons import Lesson, find_lessons, lesson_ids, not_lessons

NAME = "START.md"


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
    """Return the start page as Markdown; narrow enough for half a screen."""
    states = [LessonState.of(work, lesson) for lesson in find_lessons(root / "release")]
    steps = [face.Milestone(state.number, state.share) for state in states]
    return "\n".join(
        [
            "# Teacher forcing in sequence models",
            "",
            '<div style="overflow-x: auto">'
            f'<div style="min-width: {face.least_width_px(steps)}px">',
            "",
            f"![{face.told(steps)}][face]",
            "",
            "</div></div>",
            "",
            f"**Next:** {_next(states)}",
            "",
            "## Lessons",
            "",
            *(line for state in states for line in _lesson(state)),
            *_left_out(root),
            "## How a lesson goes",
            "",
            "Open it by its link. Read and predict, run a cell with Shift+Enter, and write each "
            "exercise where it says `YOUR CODE HERE`. The check below an exercise says what is "
            "right and what is not yet. At the end, **Grade** in the notebook's toolbar runs the "
            "hidden tests of a class too, and names known mistakes.",
            "",
            "## Where things are",
            "",
            f"- What you write stays in `{work}`. It is never written over; copy the folder to "
            "keep it elsewhere.",
            "- Notebooks run in the kernel *Python 3 (ipykernel)*, which is the course's own "
            f"environment: `{sys.prefix}`.",
            f"- Commands run in a terminal, in `{root}`:",
            f"  - `{command('check 2')}` grades your lesson 2 as **Grade** does;",
            f"  - `{command('lab')}` opens this page; Ctrl-C in its terminal ends it.",
            "",
            "This page follows what you do, so notes of your own belong in another file.",
            "",
            f"[face]: {face.address(steps)}",
            "",
        ]
    )


@dataclass(frozen=True)
class LessonState:
    """How far a learner is with one lesson.

    Attributes
    ----------
    lesson : Lesson
        As released.
    notebook, feedback : Path
        The learner's, and its feedback page, relative to ``work/``.
    count : ExercisesWritten
        What is written.
    checked : Checked or None
        What the last grading gave.
    is_older : bool
        Whether the notebook says something else by now.
    has_feedback : bool
        Whether the page is there.
    notices : tuple of str
        Other notebooks that the learner may want to know of.
    """

    lesson: Lesson
    notebook: Path
    feedback: Path
    count: ExercisesWritten
    checked: Checked | None
    is_older: bool
    has_feedback: bool
    notices: tuple[str, ...]

    @classmethod
    def of(cls, work: Path, lesson: Lesson) -> LessonState:
        """Look at a lesson in ``work/``."""
        own = own_notebook(work, lesson.id)
        checked = last_check(work, lesson.id)
        graded = work / checked.notebook if checked and checked.notebook else own
        feedback = feedback_page(work, graded).relative_to(work)
        return cls(
            lesson,
            own.relative_to(work),
            feedback,
            max((written(lesson, one) for one in (own, graded)), key=lambda count: count.done),
            checked,
            bool(checked and checked.is_older(work)),
            (work / feedback).is_file(),
            (*_newer(work, lesson), *_elsewhere(work, lesson)),
        )

    @property
    def number(self) -> str:
        """The lesson's number."""
        return self.lesson.id.split("_")[0].lstrip("0")

    @property
    def link(self) -> str:
        """The lesson's notebook, by number and title."""
        return _link(f"{self.number}. {self.lesson.title}", self.notebook)

    @property
    def is_full(self) -> bool:
        """Whether the last grading gave all points."""
        return self.checked is not None and self.checked.points >= self.checked.max_points

    @property
    def share(self) -> float:
        """How much of the lesson is done: points of the last grading, from 0 to 1."""
        if not self.checked or not self.checked.max_points:
            return 0.0
        return self.checked.points / self.checked.max_points


def _next(states: Sequence[LessonState]) -> str:
    """Say the next thing to do: finish what was begun, else begin the next lesson."""
    left = [state for state in states if not state.is_full or state.is_older]
    begun = [state for state in left if state.count.done or state.checked]
    if not left:
        return "nothing is left: every lesson has all its points."
    state = next(iter([*begun, *left]))
    if not begun:
        return f"begin {state.link}, {state.lesson.minutes} minutes."
    if state.checked and not state.is_older:
        page = _link("feedback page", state.feedback) if state.has_feedback else "feedback page"
        points = f"{state.checked.points:g} of {state.checked.max_points:g} points"
        return f"{state.link} has {points}; its {page} says what is missing."
    if state.count.done < state.count.total:
        left_over = state.count.total - state.count.done
        return f"go on with {state.link}: {left_over} of {state.count.total} exercises to write."
    return f"open {state.link}, and press **Grade** in its toolbar."


def _lesson(state: LessonState) -> Iterator[str]:
    """Yield what the page says of one lesson."""
    lesson = state.lesson
    about = f"{lesson.minutes} minutes · {_plain(lesson.difficulty)} · {_written(state.count)}"
    yield f"### {state.link}"
    yield ""
    yield f"{_plain(lesson.summary)}<br>{about}{_checked(state)}"
    yield ""
    for notice in state.notices:
        yield f"> {notice}"
        yield ""


def _left_out(root: Path) -> Iterator[str]:
    """Yield a paragraph for each folder that is no lesson, or no release yet."""
    released = lesson_ids(root / "release")
    unmade = [name for name in lesson_ids(root / "source") if name not in released]
    others = [*not_lessons(root / "source"), *not_lessons(root / "release")]
    for name in unmade:
        others.append(
            f"source/{name} is not in release/ yet: `{command('build release')}` makes it"
        )
    for other in others:
        yield f"> **Left out:** {_plain(other)}."
        yield ""


def _newer(work: Path, lesson: Lesson) -> Iterator[str]:
    """Yield what is to be said of newer releases beside a lesson's files."""
    if files := laid_beside(work, lesson.id):
        yield (
            f"**A newer release of lesson {lesson.id} is here:** "
            f"{', '.join(_link(file.name, file) for file in files)}. Yours was not changed. Copy "
            "your functions into the newer one, or delete it to stay with yours."
        )


def _elsewhere(work: Path, lesson: Lesson) -> Iterator[str]:
    """Yield what is to be said of notebooks in which the learner may have gone on."""
    own = own_notebook(work, lesson.id)
    for rival in rivals(lesson, work):
        file, why = rival.path.relative_to(work), _first_large(rival.told(own))
        yield f"**Do you work in {_link(file.name, file)}?** {_plain(why)}."


def _written(count: ExercisesWritten) -> str:
    if count.done == 0:
        return "not begun"
    if count.done == count.total:
        return "✓ all exercises"
    return f"{count.done} of {count.total} exercises"


def _checked(state: LessonState) -> str:
    """Return what the last grading gave, with its page, and whether it still holds."""
    page = f" ({_link('feedback', state.feedback)})" if state.has_feedback else ""
    checked = state.checked
    if checked is None:
        return page
    tick = "✓ " if state.is_full and not state.is_older else ""
    points = f"{tick}{checked.points:g} of {checked.max_points:g} points"
    said = f" · {points}, {checked.when:%Y-%m-%d %H:%M}"
    if checked.notebook and Path(checked.notebook) != state.notebook:
        said += f", of {_plain(checked.notebook)}"
    return said + page + ("; **older than your notebook**" if state.is_older else "")


def _first_large(words: str) -> str:
    return words[:1].upper() + words[1:]


def _link(label: str, file: Path) -> str:
    return f"[{_plain(label)}]({quote(file.as_posix())})"


def _plain(words: str) -> str:
    """Keep signs that would end a table's cell or a link from doing so."""
    for sign in "\\|[]":
        words = words.replace(sign, f"\\{sign}")
    return words
