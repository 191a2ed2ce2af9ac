"""Known wrong answers: what to change in the right one, and what a learner should read.

The files ``misconceptions*.py`` of a lesson list them in `MISCONCEPTIONS`. They serve the visible
checks, which name the mistake; the grader, which explains a lost point by one; and the test of the
grader itself, which must refuse every one. Some list whole wrong functions in `SLIPS`, many at a
time, which are known by their numbers alone. A file takes what it shares with another by `beside`.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

from course.lessons import Lesson, LessonError, answers, defined_names

#: What in a lesson's folder of ``source/`` is the instructor's alone, beside the solved notebook:
#: files of these names are never released, and never taken from a student.
INSTRUCTORS = "misconceptions*.py"


@dataclass(frozen=True)
class Misconception:
    """One way to get a function wrong.

    Attributes
    ----------
    name : str
        Short and in words, ``"feeds_the_current_token"``; the class report counts by it.
    function : str
        The function that is wrong.
    sentence : str
        What the learner reads: what was done, and what to do instead.
    changes : mapping of str to str
        Old text to new text in the instructor's solution; each old text occurs exactly once.
    breaks : tuple of str
        `grade_id` of the claims that must refuse it.
    """

    name: str
    function: str
    sentence: str
    changes: Mapping[str, str]
    breaks: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise ValueError(f"a misconception's name is words_with_underscores, not {self.name!r}")
        for need in ("sentence", "changes", "breaks"):
            if not getattr(self, need):
                raise ValueError(f"misconception {self.name} has no {need}")

    def apply(self, source: str) -> str:
        """Return the wrong answer's source.

        Parameters
        ----------
        source : str
            The instructor's solution cell.

        Returns
        -------
        str
            The source with all changes made at once.

        Raises
        ------
        ValueError
            Where an old text does not occur exactly once, or two of them overlap.

        Examples
        --------
        >>> wrong = Misconception("adds", "f", "Multiply.", {"a * b": "a + b"}, ("multiplies",))
        >>> wrong.apply("return a * b")
        'return a + b'
        """
        places = []
        for old, new in self.changes.items():
            if source.count(old) != 1:
                raise ValueError(
                    f"misconception {self.name}: {old!r} occurs {source.count(old)} times in the "
                    f"solution of {self.function}; it must occur exactly once"
                )
            places.append((source.index(old), old, new))
        changed, end = "", 0
        for start, old, new in sorted(places):
            if start < end:
                raise ValueError(f"misconception {self.name}: {old!r} overlaps another change")
            changed += source[end:start] + new
            end = start + len(old)
        return changed + source[end:]


class Slip(NamedTuple):
    """A whole wrong function.

    Attributes
    ----------
    function : str
        The function that is wrong. One of a cell, ``"rnn_cell_step"``, is put into the decoders of
        all lessons, whose learners write cells of their own.
    name, sentence : str
        As a `Misconception` has them.
    step : callable
        The wrong function.
    """

    function: str
    name: str
    sentence: str
    step: Callable[..., Any]


def misconceptions(lesson: Lesson) -> tuple[Misconception, ...]:
    """Return a lesson's named wrong answers, file by file; none where it has no such file.

    Raises
    ------
    LessonError
        Where a file does not run, or lists nothing.
    """
    return tuple(_listed(lesson, "MISCONCEPTIONS"))


def slips(lesson: Lesson) -> list[Slip]:
    """Return a lesson's whole wrong functions, file by file."""
    return list(_listed(lesson, "SLIPS"))


def _listed(lesson: Lesson, name: str) -> Iterator[Any]:
    for path in sorted(lesson.path.parent.glob(INSTRUCTORS)):
        lists = re.findall(rb"^(MISCONCEPTIONS|SLIPS)\b", path.read_bytes(), re.MULTILINE)
        if not lists:
            raise LessonError(f"{path} lists no MISCONCEPTIONS, and no SLIPS")
        if name.encode() in lists:
            yield from _run(path)[name]


def beside(file: str, name: str) -> SimpleNamespace:
    """Return what another of a lesson's files of misconceptions defines.

    A lesson's folder begins with a digit, so its files cannot import each other.

    Parameters
    ----------
    file : str
        ``__file__`` of the one that asks.
    name : str
        The other, without ``.py``.
    """
    return SimpleNamespace(**_run(Path(file).with_name(f"{name}.py")))


def _run(path: Path) -> dict[str, Any]:
    try:
        return runpy.run_path(str(path))
    except Exception as error:
        raise LessonError(f"{path} does not run: {type(error).__name__}: {error}") from error


def answers_with(lesson: Lesson, misconception: Misconception) -> dict[str, str]:
    """Return the instructor's answers by ``grade_id``, one of them made wrong in a known way.

    Raises
    ------
    LessonError
        Where no cell of the lesson defines the function, or the changes do not fit its text.
    """
    texts = answers(lesson)
    for cell in lesson.by_role("answer"):
        if cell.is_code and misconception.function in defined_names(cell.source):
            try:
                return texts | {cell.grade_id: misconception.apply(cell.source)}
            except ValueError as error:
                raise LessonError(f"{lesson.id}: {error}") from error
    raise LessonError(
        f"misconception {misconception.name}: {lesson.id} has no cell that defines "
        f"{misconception.function}"
    )
