"""What the report knows of a class: facts, and nothing of how they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from course.grading.report.diagnoses import NamedMistake


@dataclass(frozen=True)
class Standing:
    """One student's marks.

    Attributes
    ----------
    student, name : str
        Id, and first and last name where the gradebook knows them.
    test_points : float
        From the tests; where a person changed them, what the person gave.
    points : float
        All points, those by hand included, less what lateness cost.
    late_penalty : float
        What lateness cost.
    waits : bool
        Whether a person still has to give points.
    """

    student: str
    name: str
    test_points: float
    points: float
    late_penalty: float
    waits: bool


@dataclass(frozen=True)
class ClaimFacts:
    """How one claim fared.

    Attributes
    ----------
    grade_id, claim : str
        The test cell's name, and its sentence.
    points : float
        What it can earn.
    full, part, none : int
        Submissions that earned all, some, nothing; unreadable ones are not counted.
    share : float
        Points earned of those that could be, 0 to 1.
    discrimination : float or None
        How it goes with the points of the other claims: see
        `course.grading.report.discrimination`.
    """

    grade_id: str
    claim: str
    points: float
    full: int
    part: int
    none: int
    share: float
    discrimination: float | None = None


@dataclass(frozen=True)
class WrittenFacts:
    """How one answer fared that people give points for.

    Attributes
    ----------
    grade_id : str
        The cell's name.
    points : float
        What it can earn.
    given : tuple of float
        The points that were given, one for each student who has some.
    waiting : int
        How many wait for points.
    """

    grade_id: str
    points: float
    given: tuple[float, ...]
    waiting: int


@dataclass(frozen=True)
class MistakeFacts:
    """A named wrong answer, and who gave it."""

    mistake: NamedMistake
    students: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """Something that went wrong with a submission, other than a wrong answer.

    Attributes
    ----------
    student, kind, message : str
        Who, what (``hang``, ``crash``, ``stopped cell``, ``unreadable``, ...), and in words.
    where : tuple of str
        The cells it happened in.
    """

    student: str
    kind: str
    message: str
    where: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unexplained:
    """A failed test that called the student's function, and that nothing explains."""

    student: str
    grade_id: str
    claim: str
    points: float
    score: float
    message: str


@dataclass(frozen=True)
class Remark:
    """Where gradebook and diagnoses do not agree, and what to do about it."""

    student: str
    problem: str


@dataclass(frozen=True)
class ClassFacts:
    """All that the report shows.

    Attributes
    ----------
    lesson_id, title, notebook : str
        The lesson, and its notebook's name.
    max_test_points, max_points : float
        What the tests can give, and all cells together.
    standings : tuple of Standing
        Of all that were graded, by student.
    claims : tuple of ClaimFacts
        In the notebook's order.
    mistakes : tuple of MistakeFacts
        The commonest first.
    faults : tuple of Fault
        By student.
    unexplained : tuple of Unexplained
        By claim, those with the commonest message first; without what a person gave points for.
    remarks : tuple of Remark
        By student; ``""`` is the whole class.
    absent : tuple of str
        Students of the gradebook who handed in nothing.
    names : mapping of str to str
        First and last names by student, where the gradebook knows them.
    submissions : mapping of str to str
        The gradebook's number of each student's notebook.
    written : tuple of WrittenFacts
        In the notebook's order.
    points : mapping of str to mapping of str to float
        By student and cell: the points that count, without those that are still to be given.
    sections : mapping of str to str
        By student, of those who are in one.
    exercises : mapping of str to tuple of str
        The cells that give points by exercise: its tests, or the answer in words.
    section : str
        The one that all of this is about, ``""`` where it is the whole class.
    """

    lesson_id: str
    title: str
    notebook: str
    max_test_points: float
    max_points: float
    standings: tuple[Standing, ...]
    claims: tuple[ClaimFacts, ...]
    mistakes: tuple[MistakeFacts, ...]
    faults: tuple[Fault, ...]
    unexplained: tuple[Unexplained, ...]
    remarks: tuple[Remark, ...]
    absent: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)
    submissions: Mapping[str, str] = field(default_factory=dict)
    written: tuple[WrittenFacts, ...] = ()
    points: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    exercises: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    section: str = ""

    def called(self, student: str) -> str:
        """Return a student's id, with the name where there is one."""
        name = self.names.get(student, "")
        return f"{student} ({name})" if name else student
