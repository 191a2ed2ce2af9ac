"""A test as a process of nbgrader's, in which its code is mended; put back afterwards."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbgrader.apps
from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.apps.exportapp import ExportApp
from nbgrader.coursedir import CourseDirectory

from course.grading.cycle.mended import mend


@contextmanager
def mended(root: Path) -> Iterator[None]:
    """Mend nbgrader for a course in this folder while the body runs."""
    modules = [one for name, one in sys.modules.items() if name.split(".")[0] == "nbgrader"]
    places: list[Any] = [*modules, nbgrader.apps.NbGraderAPI, NbGrader, ExportApp, CourseDirectory]
    places.append(Gradebook)
    before = [dict(vars(place)) for place in places]
    mend(root)
    try:
        yield
    finally:
        for place, known in zip(places, before, strict=True):
            for name, value in known.items():
                if vars(place)[name] is not value:
                    setattr(place, name, value)
