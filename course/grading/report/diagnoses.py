"""Read the diagnoses that the judge left beside the graded notebooks."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from course.bootstrap.files import parsed
from course.grading.judge.plan import ERROR

_Kind = TypeVar("_Kind")
#: How messages begin in diagnoses of before they gave the kind, one of `plan.FAULTS`.
_BEGINNINGS = {
    "time": re.compile(
        r"`\w+` gave no answer within|this cell did not end|the notebook as a whole took"
        r"|the calls of this test took over|a cell that had run before hung|to run cells again took"
        r"|the value of `\w+` did not come|the process that runs the cells did not answer"
    ),
    "memory": re.compile(r"the process that runs your code was ended: your code may use"),
    "processes": re.compile(r"the process that runs your code was ended: your code may have"),
    "died": re.compile("the process that runs your code ended"),
    "garbled": re.compile("what came back is no answer"),
}


class BrokenDiagnosis(Exception):
    """A file of diagnoses cannot be read, or is not what this version of the judge writes."""


@dataclass(frozen=True)
class NamedMistake:
    """A named wrong answer that a function's outputs match."""

    function: str
    name: str
    sentence: str


@dataclass(frozen=True)
class Noted:
    """What stopped a call or a cell: ``kind``, as a plan has it, and in words."""

    kind: str
    message: str


@dataclass(frozen=True)
class TestOutcome:
    """How one test of one submission ended: see `course.grading.judge.plan.TestResult`."""

    __test__ = False  # for pytest: this is no test of ours

    grade_id: str
    claim: str
    points: float
    score: float
    message: str
    called: tuple[str, ...]
    faults: tuple[Noted, ...]
    mistakes: tuple[NamedMistake, ...]


@dataclass(frozen=True)
class Findings:
    """What the judge found in one submission.

    Attributes
    ----------
    student : str
        Who handed it in.
    unreadable : str
        Why the file is no notebook, ``""`` where it is one.
    tests : tuple of TestOutcome
        In the notebook's order.
    cell_errors : tuple of (str, Noted)
        The student's cells that did not run to their end, by name, and what stopped them.
    """

    student: str
    unreadable: str
    tests: tuple[TestOutcome, ...]
    cell_errors: tuple[tuple[str, Noted], ...]


def read_diagnosis(path: Path, student: str, lesson_id: str) -> Findings:
    """Read one student's diagnoses.

    Parameters
    ----------
    path : Path
        The file.
    student, lesson_id : str
        Whose and of what it must be.

    Raises
    ------
    BrokenDiagnosis
        Where it cannot be read, lacks what this version writes, or is another's.
    """
    try:
        about = parsed(path.read_bytes())
    except OSError as error:
        raise BrokenDiagnosis(f"it cannot be opened ({error.strerror})") from error
    except ValueError as error:
        raise BrokenDiagnosis("it is not JSON: was writing it interrupted?") from error
    try:
        diagnosis = Findings(
            student,
            _field(about, "unreadable", str),
            tuple(_test(test) for test in _field(about, "tests", list)),
            tuple(
                (_field(error, "grade_id", str), _noted(error, "cell_errors"))
                for error in _field(about, "cell_errors", list)
            ),
        )
        named = _field(about, "student", str), _field(about, "lesson", str)
    except KeyError as error:
        raise BrokenDiagnosis(
            f"it has no usable {error.args[0]!r}: it is damaged, or another version wrote it"
        ) from error
    if named != (student, lesson_id):
        raise BrokenDiagnosis(f"it is about {named[1]} of {named[0]}: was it copied?")
    return diagnosis


def _test(raw: Any) -> TestOutcome:
    points, score = _number(raw, "points"), _number(raw, "score")
    return TestOutcome(
        _field(raw, "grade_id", str),
        _field(raw, "claim", str),
        points,
        score,
        _field(raw, "message", str),
        _texts(raw, "called"),
        tuple(_noted(fault, "faults") for fault in _field(raw, "faults", list)),
        tuple(
            NamedMistake(*(_field(one, key, str) for key in ("function", "name", "sentence")))
            for one in _field(raw, "diagnoses", list)
        ),
    )


def _noted(raw: Any, key: str) -> Noted:
    """Read a fault; in older diagnoses it has no kind, or is a text by itself."""
    about = {"message": raw} if isinstance(raw, str) else raw
    message = about.get("message") if isinstance(about, dict) else None
    kind = about.get("kind", "") if isinstance(about, dict) else None
    if not isinstance(message, str) or not isinstance(kind, str):
        raise KeyError(key)
    return Noted(kind or kind_of(message), message)


def kind_of(message: str) -> str:
    """Say what kind of fault a message tells of; ``error`` where it is none of the process's.

    >>> kind_of("`f` gave no answer within 10 s: is there a loop that does not end?")
    'time'
    """
    return next((kind for kind, begins in _BEGINNINGS.items() if begins.match(message)), ERROR)


def _field(raw: Any, key: str, kind: type[_Kind]) -> _Kind:
    """Return a field of a JSON object; `KeyError` where it is missing or of another kind."""
    value = raw.get(key) if isinstance(raw, dict) else None
    if not isinstance(value, kind):
        raise KeyError(key)
    return value


def _number(raw: Any, key: str) -> float:
    value: Any = raw.get(key) if isinstance(raw, dict) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or value < 0:
        raise KeyError(key)
    return float(value)


def _texts(raw: Any, key: str) -> tuple[str, ...]:
    texts = _field(raw, key, list)
    if not all(isinstance(text, str) for text in texts):
        raise KeyError(key)
    return tuple(texts)
