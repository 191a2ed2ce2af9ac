"""A submission's two processes: one whose cells are shown, and one that tests ask.

What a test passes to a function must not reach a cell whose output is shown: hidden inputs are
among it. So the process that was called runs no more cells that are shown. From then on each of the
student's cells runs in a process that was never called, and once more, unseen, in the one that is,
as far as the functions need it. Neither can reach the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from course.grading.confinement.history import RunCells
from course.grading.confinement.limits import Limits
from course.grading.confinement.student_process import StudentProcess


class Sides:
    """Runs a student's cells and calls their functions, by the methods of `StudentProcess`.

    Parameters
    ----------
    limits : Limits
        What a submission may use; memory, processes and disk each of the two may have.
    files : Path, optional
        A folder of files handed in beside the notebook.
    in_sandbox : bool, optional
        Whether the processes run in bubblewrap; by default where that is possible.
    sources : list of str, optional
        All cells that will be run, in order.
    answers : iterable of str, optional
        Names that tests ask for.
    """

    def __init__(
        self,
        limits: Limits,
        files: Path | None = None,
        in_sandbox: bool | None = None,
        sources: list[str] | None = None,
        answers: Iterable[str] = (),
    ) -> None:
        self._about = limits, files, in_sandbox
        self._history = RunCells(limits, sources, answers)
        self._shown: StudentProcess | None = None
        self._asked: StudentProcess | None = None

    def __enter__(self) -> Sides:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for process in (self._shown, self._asked):
            if process:
                process.__exit__(kind, error, at)

    def judges_seconds(self) -> float:
        """Return the seconds so far in which processes were made ready, no time of theirs."""
        return self._history.judges_s

    def run_cell(self, source: str) -> tuple[list[Any], list[Any]]:
        """Run one cell whose output is shown."""
        return self._to_show().run_cell(source)

    def put_off(self, source: str) -> None:
        """Run a cell that shows nothing when something else is asked for, if ever."""
        self._history.add(source)

    def describe(self, names: list[str]) -> dict[str, Any]:
        """Return what is known of each name."""
        return (self._asked or self._to_show()).describe(names)

    def get(self, name: str) -> Any:
        """Return the value of a name."""
        return (self._asked or self._to_show()).get(name)

    def call(self, name: str, args: Any, kwargs: Any, seconds: float) -> tuple[int, dict[str, Any]]:
        """Call a function."""
        return self._to_ask().call(name, args, kwargs, seconds)

    def call_each(
        self, name: str, values: list[Any], calls: list[tuple[list[int], int]], seconds: float
    ) -> dict[str, Any]:
        """Call a function several times."""
        return self._to_ask().call_each(name, values, calls, seconds)

    def _to_show(self) -> StudentProcess:
        if self._shown is None:
            self._shown = StudentProcess(*self._about, self._history)
        return self._shown

    def _to_ask(self) -> StudentProcess:
        if self._asked is None:
            # The first to be called has run all cells anyway; another is started when one is shown.
            self._asked, self._shown = self._to_show(), None
            self._asked.is_shown = False
        return self._asked
