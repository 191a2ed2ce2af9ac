"""What the judge's process is told, and what it answers: plain data, kept as JSON on the way."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

from course.grading.confinement.limits import Limits

#: The kinds of a fault of the student's process, and what each is.
FAULTS = {
    "time": "a call, a cell or the notebook took longer than it may",
    "memory": "its processes together took more memory than they may",
    "processes": "it started more processes and threads than it may",
    "answer": "it sent an answer larger or more deeply nested than one may be",
    "died": "it ended: by exit, a signal or a crash",
    "garbled": "it sent what is no answer",
}
#: The kind of an exception that stopped a cell of the student's: no fault of the process.
ERROR = "error"
#: The kind of text in a locked cell, which was put back: nothing that happened to the process.
LOCKED = "locked"


@dataclass(frozen=True)
class PlannedCell:
    """One code cell of the submission, and what to do with it.

    Attributes
    ----------
    index : int
        Place in the notebook.
    grade_id : str
        nbgrader's name, ``""`` for a cell of the student's own.
    role : str
        ``setup``, ``lab``, ``answer``, ``test`` or ``other``: see `course.lessons.ROLES`.
    source : str
        The text.
    points : float
        What a test can earn.
    """

    index: int
    grade_id: str
    role: str
    source: str
    points: float = 0.0


@dataclass(frozen=True)
class Plan:
    """All that the judge's process needs to know.

    Attributes
    ----------
    lesson_id : str
        For diagnoses.
    cells : list of PlannedCell
        The submission's code cells in order.
    solution : list of (str, str)
        Name and text of the instructor's setup and solution cells, in order.
    answers : list of str
        Names that the student is to define.
    functions : list of str
        Those of them that the lesson's diagnoses are about.
    files : str
        Folder of files handed in beside the notebook, ``""`` for none.
    limits : Limits
        What the submission may use.
    in_sandbox : bool, optional
        Whether the student's process runs in bubblewrap; by default where that is possible.
    elsewhere : dict of str to str, optional
        Names that the student wrote where they do not count, and what is to be said of each.
    """

    lesson_id: str
    cells: list[PlannedCell]
    solution: list[tuple[str, str]]
    answers: list[str]
    functions: list[str]
    files: str
    limits: Limits
    in_sandbox: bool | None = None
    elsewhere: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the plan as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a plan back from JSON."""
        fields = json.loads(text)
        fields["cells"] = [PlannedCell(**cell) for cell in fields["cells"]]
        fields["solution"] = [(label, source) for label, source in fields["solution"]]
        fields["limits"] = Limits(**fields["limits"])
        return cls(**fields)


@dataclass
class TestResult:
    """How one test ended.

    Attributes
    ----------
    grade_id, claim : str
        The cell's name, and its first sentence.
    points, score : float
        What it can earn, and what it earned.
    message : str
        Why points were lost, ``""`` where none were.
    called : list of str
        The student's functions that it called.
    faults : list of dict
        Faults of the student's process during it: ``kind``, one of `FAULTS`, and ``message``.
    diagnoses : list of dict
        Known mistakes that the called functions match: ``name``, ``sentence``, ``function``, and
        ``where``, the cell types that show it, empty for all that are wrong.
    """

    __test__ = False  # for pytest: this is no test of ours

    grade_id: str
    claim: str
    points: float
    score: float = 0.0
    message: str = ""
    called: list[str] = field(default_factory=list)
    faults: list[dict[str, str]] = field(default_factory=list)
    diagnoses: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Verdict:
    """What the judge found.

    Attributes
    ----------
    outputs : dict of int to list
        Outputs of each cell, by its place in the notebook.
    tests : list of TestResult
        In the notebook's order.
    cell_errors : list of dict
        Cells of the student that did not run to their end: ``grade_id``, ``kind``, one of
        `FAULTS` or `ERROR`, and ``message``.
    problems : list of str
        What went wrong on the instructor's side without keeping the submission from its marks.
    """

    outputs: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    tests: list[TestResult] = field(default_factory=list)
    cell_errors: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """Return the verdict as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """Read a verdict back from JSON."""
        fields = json.loads(text)
        return cls(
            outputs={int(index): outputs for index, outputs in fields["outputs"].items()},
            tests=[TestResult(**test) for test in fields["tests"]],
            cell_errors=fields["cell_errors"],
            problems=fields["problems"],
        )
