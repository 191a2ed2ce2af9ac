"""Which trained decoders a lab offers, and the controls by which one is chosen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from course import trained
from course.engine import Parameters
from course.labs.page.controls import chooser
from course.labs.page.view import LabView
from course.tasks import find_task, shown


@dataclass(frozen=True)
class Models:
    """What a lab's decoder may be.

    Attributes
    ----------
    tasks : tuple of str
    cells : callable
        From a task's name to the cell types that there are, the main one first.
    load : callable
        From a task's name and a cell type to a model that was trained by teacher forcing alone.
    """

    tasks: tuple[str, ...]
    cells: Callable[[str], tuple[str, ...]] = trained.cells
    load: Callable[[str, str], Parameters] = trained.load

    def first(self) -> tuple[str, str]:
        """Return the task and the cell type that a lab opens with."""
        return self.tasks[0], self.cells(self.tasks[0])[0]

    def choosers(self, task: str, cell: str) -> dict[str, Any]:
        """Return the two controls by which every lab chooses what its decoder is."""
        tasks = [(shown(name).short, name) for name in self.tasks]
        return {
            "task": chooser("task", tasks, task),
            "cell": chooser("cell", _options(self.cells(task)), cell),
        }


def shipped(*others: str) -> Models:
    """Return those that come with the course, where the right token is known whatever was emitted.

    Parameters
    ----------
    *others : str
        Tasks that are offered, too, though there it is not.
    """
    return Models(
        tuple(
            task for task in trained.tasks() if task in others or not find_task(task).prefix_matters
        )
    )


def heading(task: str, cell: str) -> str:
    """Return what a still picture calls a decoder.

    >>> heading("osc", "gru")
    'Damped oscillation, GRU'
    """
    return f"{shown(task).short.capitalize()}, {cell.upper()}"


def _options(cells: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(name.upper(), name) for name in cells]


class TaskView(LabView):
    """A lab with the controls ``task`` and ``cell``, where not every task has every cell.

    Parameters
    ----------
    models : Models
        What there is.
    """

    def __init__(self, models: Models, *given: Any, **named: Any) -> None:
        self._models = models
        super().__init__(*given, **named)

    def _changed(self, name: str, value: Any) -> None:
        if name == "task":
            self.guarded(lambda: self._another(value))
        else:
            super()._changed(name, value)

    def _another(self, task: str) -> None:
        """Go to another task, and to another cell where it does not have the present one."""
        there, control = self._models.cells(task), self.controls["cell"]
        cell = control.value if control.value in there else there[0]
        self._news = True
        self.set(task=task, cell=cell)
        if [value for _, value in control.options] != list(there):
            control.options = _options(there)
            control.description = "cell" if len(there) > 1 else "cell (this task has one)"
        control.value = cell
