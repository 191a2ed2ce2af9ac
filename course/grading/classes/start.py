"""Commands that grade, begun: what can start beside the long imports is started before."""

from __future__ import annotations

import gc
import importlib
from types import ModuleType

from course.grading.confinement.forking import close_nursery, start_nursery

#: Commands that take seconds to import.
GRADE = "course.grading.classes.command"


def main(argv: list[str] | None = None, module: str = GRADE) -> int:
    """Grade a class: see `course.grading.classes.command`."""
    needs_none = any(argument.startswith(("-h", "--h", "--sc")) for argument in argv or ())
    try:
        return int(begin(not needs_none, module).main(argv))
    finally:
        close_nursery()


def begin(with_nursery: bool = True, module: str = GRADE) -> ModuleType:
    """Import a command, and have a nursery start meanwhile on another core."""
    if with_nursery:
        start_nursery()
    gc.disable()  # imports leave nothing to collect, and to look takes a tenth of their time
    try:
        return importlib.import_module(module)
    finally:
        gc.freeze()  # nor is there at the end, where looking takes a fifth
        gc.enable()
