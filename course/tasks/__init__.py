r"""The sequence tasks: what is predicted from what, made here or shipped with the course.

One file a task, which says it all: `TASK`, a `Task` with the file's name. A new file is a new task;
nothing else lists them.

They differ in what scheduled sampling hangs on: whether the right token at step t is still the
right one after a wrong prefix. Where the context fixes all tokens (`osc`, `ring`, `digits`,
`runs`) it is; where the truth goes on from what was emitted (`ring_process`, `momentum`,
`chain`, `names`) it is not, and to be told otherwise does harm (Huszar 2015).
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from course.tasks.task import Shown, Task, held_out

__all__ = ["TASKS", "Shown", "Task", "find_task", "held_out", "shown"]


def _found() -> dict[str, Task]:
    """Read the task of every file in this folder beside `task.py`."""
    found = {}
    for name in [one.name for one in iter_modules(__path__) if one.name != "task"]:
        task = getattr(import_module(f"{__name__}.{name}"), "TASK", None)
        if not isinstance(task, Task) or task.name != name:
            raise ImportError(
                f"course/tasks/{name}.py must define TASK, a Task called {name!r}: found {task!r}"
            )
        found[name] = task
    return found


TASKS = _found()


def find_task(name: str) -> Task:
    """Return the task of this name.

    Raises
    ------
    ValueError
        Where there is none; the message lists them.
    """
    if name not in TASKS:
        raise ValueError(f"there is no task {name!r}; there are: {', '.join(TASKS)}")
    return TASKS[name]


def shown(name: str) -> Shown:
    """Return how a task is shown, by what its file says, with a short name in any case."""
    title = find_task(name).title
    said: Shown = getattr(import_module(f"{__name__}.{name}"), "SHOWN", Shown())
    return said._replace(short=said.short or title)
