"""What a submission's processes have run and may still use: shared by all of them."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from course.grading.confinement.limits import Limits, Patience
from course.grading.confinement.needs import Needs

#: A cell that took longer is run again only as far as others need it.
QUICK_S = 0.5
#: Seconds that a cell gets when it is run again: these, and a multiple of what it took.
_AGAIN_S, _AGAIN_TIMES = 3.0, 4.0


@dataclass
class RanCell:
    """A cell that some process has run, or is to run when it is needed.

    Attributes
    ----------
    source : str
        Its text.
    place : int
        The number of the student's cells up to it, itself included.
    seconds : float
        What it took.
    failures : int
        How often it took its process with it, or did not end.
    """

    source: str
    place: int
    seconds: float = 0.0
    failures: int = 0


class RunCells:
    """The cells that were run, and the time that was used.

    Time that a student's own cells and calls take is theirs, once. Time for running cells again is
    not: the judge has reasons for it that a student need not know.

    Parameters
    ----------
    limits : Limits
        What a submission may use.
    sources : list of str, optional
        All cells that will be run, in order: what is run again is what they need of each other.
    answers : iterable of str, optional
        Names that tests ask for.

    Attributes
    ----------
    cells : list of RanCell
        In the order in which they were run.
    patience : Patience
        With functions that hang.
    number : int
        Of the last request to any process.
    judges_s : float
        Seconds in which processes were started and made ready: no time of the student's.
    """

    def __init__(
        self, limits: Limits, sources: list[str] | None = None, answers: Iterable[str] = ()
    ) -> None:
        self.cells: list[RanCell] = []
        self.patience = Patience(limits.call_s)
        self.number = 0
        self.judges_s = 0.0
        self._limits = limits
        self._sources, self._answers = sources or [], list(answers)
        self._own = self._again = 0.0

    def add(self, source: str, seconds: float = 0.0, failures: int = 0) -> None:
        """Add a cell."""
        place = self.cells[-1].place + 1 if self.cells else 1
        self.cells.append(RanCell(source, place, seconds, failures))

    def text_again(self, cell: RanCell, is_shown: bool) -> str:
        """Return what of a cell a fresh process runs.

        Parameters
        ----------
        cell : RanCell
            The cell.
        is_shown : bool
            Whether the process runs cells that are shown, which may need other names than tests do.
        """
        if cell.failures > 1:
            return ""
        if cell.failures or cell.seconds > QUICK_S:
            if is_shown and self._sources:
                return self._needs.for_later(cell.source, cell.place)
            return self._needs.for_answers(cell.source)
        return cell.source

    @functools.cached_property
    def _needs(self) -> Needs:
        sources = self._sources or [cell.source for cell in self.cells]
        return Needs(sources, self._answers)

    def seconds_again(self, cell: RanCell) -> float:
        """Return how long a cell may take when it is run again."""
        return min(self._limits.cell_s, _AGAIN_S + _AGAIN_TIMES * cell.seconds)

    def own_left(self) -> float:
        """Return the seconds that the submission may still use."""
        return self._limits.notebook_s - self._own

    def again_left(self) -> float:
        """Return the seconds for which its cells may still be run again."""
        return self._limits.notebook_s - self._again

    @contextmanager
    def counted(self, is_own: bool) -> Iterator[None]:
        """Count the time that the body of a ``with`` takes."""
        begin = time.monotonic()
        try:
            yield
        finally:
            seconds = time.monotonic() - begin
            if is_own:
                self._own += seconds
            else:
                self._again += seconds
