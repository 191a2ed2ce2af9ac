"""Right answers, each written another way, and the lesson's tests run on them in this process.

``right_answers/<function>.txt`` in the tests of a lesson holds one entry after another::

    #=== name
    # One sentence.
    code of a cell
    #--- next cell
    code of a further cell
"""

from __future__ import annotations

import contextlib
import functools
import io
import itertools
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from lesson_folder import FOLDER
from plain_run import LESSONS

from course.grading.judge.cells import run_cell, score_of
from course.lessons import Lesson, answer_names, solution_namespace

LESSON_OF = {name: lesson for lesson in LESSONS.values() for name in lesson.functions}


@dataclass(frozen=True)
class RightAnswer:
    """One right answer.

    Attributes
    ----------
    function : str
        The exercise.
    name, sentence : str
        What is peculiar about it.
    cells : tuple of str
        The code, cell by cell; the last one defines the function.
    """

    function: str
    name: str
    sentence: str
    cells: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.function}-{self.name}"


@functools.cache
def answers_of(function: str) -> tuple[RightAnswer, ...]:
    """Return all right answers to an exercise."""
    path = FOLDER / LESSON_OF[function].id / "right_answers" / f"{function}.txt"
    return tuple(_answers_in(path.read_text("utf-8"), function)) if path.is_file() else ()


def _answers_in(text: str, function: str) -> Iterator[RightAnswer]:
    for entry in re.split(r"^#=== ", text, flags=re.MULTILINE)[1:]:
        name, sentence, code = entry.split("\n", 2)
        cells = (cell.strip() for cell in code.split("#--- next cell\n"))
        yield RightAnswer(function, name, sentence.removeprefix("# "), tuple(cells))


def together(lesson: Lesson) -> list[tuple[RightAnswer, ...]]:
    """Return right answers to all exercises of a lesson at a time, until each has been in one."""
    columns = [answers_of(name) for name in lesson.functions]
    longest = max(len(column) for column in columns)
    repeated = (itertools.islice(itertools.cycle(column), longest) for column in columns)
    return list(zip(*repeated, strict=True))


def cell_texts(lesson: Lesson, answers: Iterable[RightAnswer]) -> dict[str, tuple[str, ...]]:
    """Return the cells of an answer by the ``grade_id`` of the cell that asks for it."""
    asking = [cell for cell in lesson.by_role("answer") if cell.is_code]
    return {
        next(cell.grade_id for cell in asking if f"def {answer.function}(" in cell.source): (
            answer.cells
        )
        for answer in answers
    }


class OneProcess:
    """A lesson's tests on some right answers, without a judge: fast.

    The other exercises' answers are the instructor's. As in the judge, the tests have names of
    their own: what an answer calls its helpers is its own affair.
    """

    def __init__(self, lesson: Lesson, answers: Iterable[RightAnswer]) -> None:
        texts = {name: "\n\n".join(cells) for name, cells in cell_texts(lesson, answers).items()}
        self.lesson = lesson
        with quiet():
            self.answers = solution_namespace(lesson, texts)
        self._tests: dict[str, Any] = {"__name__": "__main__"}
        for cell in lesson.by_role("setup"):
            exec(compile(cell.source, f"<{cell.grade_id}>", "exec"), self._tests)
        self._tests |= {name: self.answers[name] for name in answer_names(lesson)}
        self._tests["reference"] = SimpleNamespace(**solution_namespace(lesson))

    def refusals(self) -> dict[str, str]:
        """Return the tests that do not give full marks, and why."""
        found = {}
        for cell in self.lesson.by_role("test"):
            namespace = dict(self._tests)
            with quiet() as printed:
                try:
                    score = score_of(run_cell(cell.source, cell.grade_id, namespace), cell.points)
                except Exception as error:
                    found[cell.grade_id] = f"{type(error).__name__}: {error}"
                    continue
            if score < cell.points:
                found[cell.grade_id] = printed.getvalue()
        return found


@contextlib.contextmanager
def quiet() -> Iterator[io.StringIO]:
    """Keep what is printed, and let warnings be no errors, as in a notebook."""
    printed = io.StringIO()
    with (
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(io.StringIO()),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield printed
