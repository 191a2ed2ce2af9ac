"""The notebooks of the lessons, run in this process: fast, and without a judge."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from course.grading.judge.cells import run_cell, score_of
from course.lessons import Lesson, course_root, find_lessons, solution_namespace

LESSONS = {lesson.id: lesson for lesson in find_lessons(course_root() / "source")}


class PlainRun:
    """A lesson with some answers, whose tests can be run one by one.

    `changes` are other texts of solution cells, by ``grade_id``.
    """

    def __init__(self, lesson: Lesson, changes: Mapping[str, str] | None = None) -> None:
        self._lesson = lesson
        self._namespace: dict[str, Any] = solution_namespace(lesson, changes)
        self._namespace["reference"] = SimpleNamespace(**solution_namespace(lesson))

    def score(self, grade_id: str) -> float:
        """Return what a test gives, 0 where it fails."""
        cell = self._lesson.cell(grade_id)
        namespace = dict(self._namespace)
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                return score_of(run_cell(cell.source, grade_id, namespace), cell.points)
            except Exception:
                return 0.0

    def scores(self) -> dict[str, float]:
        """Return what every test gives."""
        return {cell.grade_id: self.score(cell.grade_id) for cell in self._lesson.by_role("test")}
