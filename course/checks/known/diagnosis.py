"""From a wrong function to what its learner reads: who tells of it, and in which order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable

from course.checks.known.answer import Answer
from course.checks.known.bank import load_bank
from course.checks.known.features import Function
from course.checks.known.fingerprint import fingerprint
from course.checks.known.telling.cells import of_cells
from course.checks.known.telling.coins import of_coins
from course.checks.known.telling.mistakes import is_kept, of_known_mistakes
from course.checks.known.telling.properties import of_properties
from course.checks.known.telling.schedules import of_schedules
from course.checks.known.told import Finding

#: Yields what it has to tell of an answer beside what is told already.
Teller = Callable[[Answer, list[Finding]], Iterable[Finding]]

#: Those that compare what was seen with what is known, and need no further call.
OF_WHAT_WAS_SEEN: tuple[Teller, ...] = (of_known_mistakes, of_cells, of_coins, of_schedules)


def diagnose(function: Function, function_name: str, lesson_id: str | None = None) -> list[Finding]:
    """Return the mistakes that a function makes: the known ones, then what is told of the rest.

    Parameters
    ----------
    function : callable
        The learner's function, or a stand-in for it.
    function_name : str
        Which exercise it answers.
    lesson_id : str, optional
        The lesson, ``"02_teacher_forcing"``.

    Returns
    -------
    list of Finding
        Empty where the function is right, or not written.
    """
    bank = load_bank(function_name, lesson_id)
    return explain(Answer(function, fingerprint(function, function_name), bank)) if bank else []


def match(answer: Answer) -> list[Finding]:
    """Return what explains what was seen, without another call of the function."""
    told: list[Finding] = []
    if not answer.is_unwritten and not answer.gives_nothing:
        for teller in OF_WHAT_WAS_SEEN:
            told = [*told, *teller(answer, told)]
    return told


def explain(answer: Answer) -> list[Finding]:
    """Return what explains what was seen, and what more calls tell of the rest."""
    told = match(answer)
    # Where something is kept from call to call, nothing else can be measured.
    if not answer.is_unwritten and not is_kept(answer, told):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told = [*told, *of_properties(answer, told)]
    return told
