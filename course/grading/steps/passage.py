"""What goes with a submission from step to step, as values: in ``resources["course"]``.

nbgrader's own steps read in the notebook what an earlier one wrote there. Ours do not: what a
step finds is here for the next, and whoever writes gradebook and diagnosis takes it from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from course.grading.judge.plan import Plan, Verdict
from course.grading.records.entry import CellEntry
from course.grading.records.marks import Marks
from course.grading.steps.written import AnswerDigests


@dataclass
class Passage:
    """One notebook's way.

    Attributes
    ----------
    entries : mapping of str to CellEntry
        The lesson's cells as they are to be, by name: as it was generated from ``source/``.
    ask : callable, optional
        Has a plan judged; by default in a process of its own.
    written : AnswerDigests
        Of what was handed in.
    marks : Marks
        What it earned.
    diagnosis : dict
        Each test with its points, why, and the known mistakes.
    """

    entries: Mapping[str, CellEntry]
    ask: Callable[[Plan], Verdict] | None = None
    written: AnswerDigests = field(default_factory=lambda: AnswerDigests([], ()))
    marks: Marks = field(default_factory=Marks)
    diagnosis: dict[str, Any] = field(default_factory=dict)

    def __deepcopy__(self, _memo: Any) -> Passage:
        """Stay the same where nbconvert copies a notebook's resources."""
        return self
