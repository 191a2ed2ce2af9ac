"""`python3 -m course grade`, begun: what can start beside the long imports is started before."""

from __future__ import annotations

import gc
import importlib
from types import ModuleType

from course.grading.confinement.forking import close_nursery, start_nursery


def main(argv: list[str] | None = None) -> int:
    """Grade a class: see `course.grading.classes.command`, which takes seconds to import."""
    needs_none = any(argument.startswith(("-h", "--h", "--sc")) for argument in argv or ())
    try:
        return int(begin(not needs_none).main(argv))
    finally:
        close_nursery()


def begin(with_nursery: bool = True) -> ModuleType:
    """Import the command, and have a nursery start meanwhile on another core."""
    if with_nursery:
        start_nursery()
    gc.disable()  # imports leave nothing to collect, and to look takes a tenth of their time
    try:
        return importlib.import_module("course.grading.classes.command")
    finally:
        gc.freeze()  # nor is there at the end, where looking takes a fifth
        gc.enable()
