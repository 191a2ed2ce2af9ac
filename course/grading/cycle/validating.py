"""nbgrader's Validate here: how many claims hold, and which do not, in their own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nbconvert.filters import strip_ansi
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import determine_grade, is_grade, is_solution
from nbgrader.validator import Validator

from course.lessons import claim_of


@dataclass(frozen=True)
class Held:
    """One graded cell as it ran.

    Attributes
    ----------
    claim : str
        What is asked for.
    score, points : float
        What it earned, by what a learner can see, and what it can earn.
    message : str
        Why it earned less.
    """

    claim: str
    score: float
    points: float
    message: str = ""


class ClaimsValidator(Validator):
    """Runs a notebook as nbgrader's does, and tells of claims in place of cells.

    Attributes
    ----------
    held : list of Held
        Every graded cell, in order, once `validate` has run them.
    """

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.held: list[Held] = []

    def validate(self, filename: str) -> dict[str, list[dict[str, str]]]:
        """Run a notebook; return what nbgrader's returns, in the claims' words."""
        self.held = []
        results: dict[str, list[dict[str, str]]] = super().validate(filename)
        if "failed" in results:
            missing = [one for one in self.held if one.score < one.points]
            count = self.summary()
            results["failed"] = [
                {"source": one.claim, "error": one.message, "raw_error": one.message}
                for one in [Held(count, 0, 0, "By the tests that you can see."), *missing]
            ]
        return results

    def summary(self) -> str:
        """Say how many claims hold."""
        full = sum(one.score >= one.points for one in self.held)
        return f"{full} of {len(self.held)} claims hold"

    def _get_failed_cells(self, nb: NotebookNode) -> list[NotebookNode]:
        self.held = [_held(cell, self.log) for cell in nb.cells if _is_asked(cell, self.log)]
        failed: list[NotebookNode] = super()._get_failed_cells(nb)
        return failed

    def _print_num_failed(self, num_failed: int) -> None:
        self.stream.write(f"{self.summary()}, by the tests that you can see.\n")

    def _print_error(self, source: str, error: str) -> None:
        if source != self.summary():
            self.stream.write(f"\n✗ {source}\n{self._indent(error)}\n")


def _is_asked(cell: NotebookNode, log: Any) -> bool:
    """Say whether running a cell can tell what it earns: what a person reads, it cannot."""
    return bool(is_grade(cell)) and determine_grade(cell, log)[0] is not None


def _held(cell: NotebookNode, log: Any) -> Held:
    score, points = determine_grade(cell, log)
    phrase = cell.metadata.nbgrader.grade_id.replace("_", " ")
    if is_solution(cell):
        return Held(f"{phrase} is written", score, points, "it is as it was released")
    said = ""
    if score < points:
        errors = [one for one in cell.outputs if one.output_type == "error"]
        printed = [one.text for one in cell.outputs if one.output_type == "stream"]
        said = str(errors[0].evalue or errors[0].ename) if errors else "".join(printed).strip()
    return Held(claim_of(cell.source) or phrase, score, points, strip_ansi(said))
