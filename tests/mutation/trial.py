"""Trying wrong answers: a lesson's tests on each, in a forked child with a time limit."""

from __future__ import annotations

import ast
import functools
import gc
import math
import os
import signal
import sys
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from lesson_folder import listed
from mutator import Mutant, mutants_of
from plain_run import LESSONS, PlainRun

from course.lessons import Lesson, LessonCell
from course.lessons.misconceptions import Misconception, answers_with, misconceptions

SURVIVED, REFUSED, TIMED_OUT = "survived", "refused", "timed out"

#: Seconds of a processor for all tests of a mutant, most of which need none of them; a right answer
#: needs half a one.
LIMIT_S = 5
#: How many are tried at once, and how many by one child: to fork it takes longer than most need.
AT_ONCE, IN_A_ROW = 2, 16
#: Seconds that each test takes for a right answer, by lesson and `grade_id`: see `warm`.
COST_S: dict[tuple[str, str], float] = {}


@dataclass(frozen=True)
class Trial:
    """A wrong answer in the solution's place.

    Attributes
    ----------
    lesson_id : str
        Whose tests are run.
    name : str
        What it is called in reports.
    function : str
        The function that is wrong.
    texts : tuple of (str, str)
        Solution cells by ``grade_id``.
    breaks : tuple of str, optional
        Tests that are known to refuse it.
    """

    lesson_id: str
    name: str
    function: str
    texts: tuple[tuple[str, str], ...]
    breaks: tuple[str, ...] = ()

    def refused_by(self) -> LessonCell | None:
        """Run the tests until one refuses it: first those that should, then the quick ones."""
        lesson = LESSONS[self.lesson_id]
        run = PlainRun(lesson, dict(self.texts))

        def late(cell: LessonCell) -> tuple[bool, float]:
            return cell.grade_id not in self.breaks, COST_S.get((lesson.id, cell.grade_id), 0.0)

        tests = sorted(tests_of(lesson, self.function), key=late)
        return next((cell for cell in tests if run.score(cell.grade_id) < cell.points), None)


@functools.cache
def tests_of(lesson: Lesson, function: str) -> tuple[LessonCell, ...]:
    """Return the tests that call a function, by its name or by a helper of the lesson's."""
    callers = {function} | {
        node.name
        for cell in lesson.by_role("setup")
        for node in ast.parse(cell.source).body
        if isinstance(node, ast.FunctionDef) and f"{function}" in ast.unparse(node)
    }
    return tuple(
        cell
        for cell in lesson.by_role("test")
        if "docstring" not in cell.grade_id and any(name in cell.source for name in callers)
    )


def named_mistakes() -> list[Trial]:
    """Return the lessons' named wrong answers."""
    found = [(lesson, mistake) for lesson in LESSONS.values() for mistake in misconceptions(lesson)]
    return [_of_mistake(lesson, mistake) for lesson, mistake in found]


def _of_mistake(lesson: Lesson, mistake: Misconception) -> Trial:
    texts = answers_with(lesson, mistake)
    return Trial(lesson.id, mistake.name, mistake.function, tuple(texts.items()), mistake.breaks)


@functools.cache
def all_mutants() -> tuple[tuple[str, Mutant], ...]:
    """Return all machine-made mutants, each with its lesson."""
    return tuple(
        (lesson.id, mutant)
        for lesson in LESSONS.values()
        for cell in lesson.by_role("answer")
        if cell.is_code
        for function in lesson.functions
        if f"def {function}(" in cell.source
        for mutant in mutants_of(cell.source, function)
    )


def machine_made() -> list[Trial]:
    """Return the machine-made mutants as trials."""
    return [
        Trial(
            lesson_id, str(m), m.function, ((_cell_of(LESSONS[lesson_id], m.function), m.source),)
        )
        for lesson_id, m in all_mutants()
    ]


def _cell_of(lesson: Lesson, function: str) -> str:
    return next(
        c.grade_id for c in lesson.by_role("answer") if c.is_code and f"def {function}(" in c.source
    )


def equivalents() -> dict[str, str]:
    """Return the mutants that are right answers, each with the proof."""
    return {
        f"{entry['function']}: `{entry['before']}` -> `{after}`": entry["because"]
        for lesson_id in LESSONS
        for entry in listed(lesson_id, "equivalent.toml").get("equivalent", ())
        for after in entry["after"]
    }


@functools.cache
def warm() -> None:
    """Import, compile and draw here what every child would by itself: most of a trial's time."""
    for lesson in LESSONS.values():
        run = PlainRun(lesson)
        run.scores()
        for cell in lesson.by_role("test"):
            began = time.process_time()
            run.score(cell.grade_id)
            COST_S[lesson.id, cell.grade_id] = time.process_time() - began
        for function in lesson.functions:
            tests_of(lesson, function)
    gc.collect()
    gc.freeze()


def outcomes_of(trials: Iterable[Trial]) -> Iterator[tuple[Trial, str]]:
    """Try all, some at once; yield each with its outcome as it ends."""
    warm()
    waiting = deque(_rows(trials))
    running: dict[int, tuple[list[Trial], int]] = {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            row = waiting.popleft()
            child, reached = _fork(row)
            running[child] = row, reached
        child, status = os.wait()
        row, reached = running.pop(child)
        with os.fdopen(reached, "rb") as said:
            begun = len(said.read())
        over = os.waitstatus_to_exitcode(status)
        if over == -signal.SIGXCPU and 0 < begun <= len(row):
            yield row[begun - 1], TIMED_OUT
            waiting.extendleft(part for part in (row[begun:], row[: begun - 1]) if part)
        elif len(row) == 1:
            yield row[0], REFUSED if over else SURVIVED
        elif over == 0:
            yield from ((trial, REFUSED) for trial in row)
        else:
            waiting.extendleft([trial] for trial in row)


def _rows(trials: Iterable[Trial]) -> Iterator[list[Trial]]:
    """Yield what one child tries: some of one lesson, or one that is believed to survive."""
    right = equivalents()
    for (_, alone), some in groupby(trials, lambda one: (one.lesson_id, one.name in right)):
        while row := list(islice(some, 1 if alone else IN_A_ROW)):
            yield row


def are_refused(row: list[Trial], begin: Callable[[], object] = lambda: None) -> bool:
    """Say whether all are refused, and not for what one has left of another in this process.

    `begin` is called before each is tried, and before a right answer is.
    """
    refusing = []
    for trial in row:
        begin()
        refusing.append(trial.refused_by())
    begin()
    right = PlainRun(LESSONS[row[0].lesson_id])
    return all(cell and right.score(cell.grade_id) == cell.points for cell in set(refusing))


def _fork(row: list[Trial]) -> tuple[int, int]:
    """Start a child; return it, and from where to read a byte for each trial that it has begun.

    It exits with 0 where its one trial survives, or all of several are refused; is ended by SIGXCPU
    where the last that it began takes too long. Each of several that is not refused is tried again
    by itself.
    """
    sys.stdout.flush()
    reached, reach = os.pipe()
    child = os.fork()
    if child:
        os.close(reach)
        return child, reached
    code = 1
    try:
        warnings.simplefilter("ignore")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        begin = functools.partial(_begin, reach)
        if len(row) > 1:
            code = 0 if are_refused(row, begin) else 1
        else:
            begin()
            code = 0 if row[0].refused_by() is None else 1
    finally:
        os._exit(code)


def _begin(reach: int) -> None:
    """Say that one more trial begins, and give it time and memory of its own."""
    import resource  # there is none on Windows

    os.write(reach, b".")
    resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
    limit_s = math.ceil(time.process_time()) + LIMIT_S
    resource.setrlimit(resource.RLIMIT_CPU, (limit_s, resource.getrlimit(resource.RLIMIT_CPU)[1]))
