"""From a wrong function to what its learner reads: who tells of it, and in which order."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace

from course.checks.cells.callees import callees_of
from course.checks.known.answer import Answer
from course.checks.known.bank import known_functions, load_bank
from course.checks.known.features import Function
from course.checks.known.fingerprint import fingerprint
from course.checks.known.telling.cells import of_cells
from course.checks.known.telling.coins import of_coins
from course.checks.known.telling.mistakes import is_kept, of_known_mistakes
from course.checks.known.telling.properties import of_properties
from course.checks.known.telling.schedules import of_schedules
from course.checks.known.told import Finding

#: A function that calls a wrong one is asked nothing about before that is mended. Of one that has
#: no name this is said.
NO_NAME = "fails_its_own_check", "What is wrong there has no name yet."

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
    """Return what explains what was seen, and what more calls tell of the rest.

    Of a function that calls a wrong one of the same notebook nothing can be told but that: what is
    told is what that other one does.
    """
    another = first_wrong_callee(answer)
    if another:
        return _of_another(answer, another)
    told = match(answer)
    # Where something is kept from call to call, nothing else can be measured.
    if not answer.is_unwritten and not is_kept(answer, told):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            told = [*told, *of_properties(answer, told)]
    return told


def spared(tell: Callable[[Answer], list[Finding]], answer: Answer) -> list[Finding]:
    """Return what is told; where telling fails, nothing, so that a learner's check goes on.

    Warns
    -----
    UserWarning
        With the error: it is a fault of the course's own.
    """
    try:
        return tell(answer)
    except Exception as error:
        warnings.warn(
            f"of {answer.function_name} no cause could be looked for, which is a fault of the "
            f"course's own and not yours ({type(error).__name__}: {error}); all else holds",
            stacklevel=2,
        )
        return []


def first_wrong_callee(answer: Answer) -> Answer | None:
    """Return the first exercise, in the lessons' order, that a function calls and that is wrong.

    None where there is none, or where the function is right itself. One that is not written yet
    says so by its own exception.
    """
    if not answer.wrong:
        return None
    callees = callees_of(answer.function)
    for name in known_functions() if callees else ():
        if name == answer.function_name:
            break
        bank = load_bank(name) if name in callees else None
        if bank:
            called = Answer(callees[name], fingerprint(callees[name], name), bank)
            if called.wrong and not called.is_unwritten:
                return called
    return None


def _of_another(answer: Answer, another: Answer) -> list[Finding]:
    told = explain(another) or [Finding(*NO_NAME, another.function_name)]
    return [
        replace(one, where=(), aspects=answer.wrong, caller=answer.function_name) for one in told
    ]
