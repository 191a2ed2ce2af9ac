"""Read the diagnoses that the judge left beside the graded notebooks."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

_Kind = TypeVar("_Kind")


class BrokenDiagnosis(Exception):
    """A file of diagnoses cannot be read, or is not what this version of the judge writes."""


@dataclass(frozen=True)
class Mistake:
    """A named wrong answer that a function's outputs match."""

    function: str
    name: str
    sentence: str


@dataclass(frozen=True)
class TestOutcome:
    """How one test of one submission ended: see `course.grading.plan.TestResult`."""

    __test__ = False  # for pytest: this is no test of ours

    grade_id: str
    claim: str
    points: float
    score: float
    message: str
    called: tuple[str, ...]
    faults: tuple[str, ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True)
class Diagnosis:
    """What the judge found in one submission.

    Attributes
    ----------
    student : str
        Who handed it in.
    unreadable : str
        Why the file is no notebook, ``""`` where it is one.
    tests : tuple of TestOutcome
        In the notebook's order.
    cell_errors : tuple of (str, str)
        Name and message of the student's cells that did not run to their end.
    """

    student: str
    unreadable: str
    tests: tuple[TestOutcome, ...]
    cell_errors: tuple[tuple[str, str], ...]


def read_diagnosis(path: Path, student: str, lesson_id: str) -> Diagnosis:
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
        about = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BrokenDiagnosis(f"it cannot be opened ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise BrokenDiagnosis("it is not JSON: was writing it interrupted?") from error
    try:
        diagnosis = Diagnosis(
            student,
            _field(about, "unreadable", str),
            tuple(_test(test) for test in _field(about, "tests", list)),
            tuple(
                (_field(error, "grade_id", str), _field(error, "message", str))
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
        _texts(raw, "faults"),
        tuple(
            Mistake(*(_field(one, key, str) for key in ("function", "name", "sentence")))
            for one in _field(raw, "diagnoses", list)
        ),
    )


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
