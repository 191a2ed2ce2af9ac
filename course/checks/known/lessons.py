"""What of each lesson travels with the package: a folder ``course/lessons/NN_name/``.

Folders are found by looking, so that a lesson comes with its folder and nothing else. In each may
be ``probes.py`` and ``claims.py``, written by hand, and ``golden.json`` and ``golden.npz``, which
`course.maintain.golden` makes. Their names are those of the folders in ``source/``. As these begin
with a number, which no import statement takes, their modules are imported here alone.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[2] / "lessons"


def lesson_folders() -> list[Path]:
    """List the lessons' folders in the package, in order."""
    return sorted(path for path in FOLDER.iterdir() if path.name[0].isdigit() and path.is_dir())


@lru_cache
def table(module: str, name: str) -> dict[str, Any]:
    """Return what modules of all lessons list by the name of the learner's function.

    Parameters
    ----------
    module : str
        ``"probes"`` or ``"claims"``; a lesson without it lists nothing.
    name : str
        The dictionary in it, ``"PROBES"``; a module without it lists nothing.

    Raises
    ------
    ValueError
        Where two lessons list a function of the same name.
    """
    found: dict[str, Any] = {}
    owners: dict[str, str] = {}
    for folder in lesson_folders():
        if not (folder / f"{module}.py").is_file():
            continue
        listed = getattr(import_module(f"course.lessons.{folder.name}.{module}"), name, {})
        for function in listed:
            if function in owners:
                raise ValueError(
                    f"{name} of {owners[function]} and of {folder.name} both have {function}: "
                    "checks know an exercise by its function's name, so give it another"
                )
            owners[function] = folder.name
        found |= listed
    return found
