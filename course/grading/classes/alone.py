"""One notebook graded as a class's would be: its own grader, no gradebook, and nobody else.

What decides a mark is what decides it in a class: the steps of the course's settings, on the lesson
as it is in ``source/``, in the same processes. A test holds that no result differs.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.grading.classes.autograding import Conversion
from course.grading.classes.lesson_pack import LessonPack, pack_lesson
from course.grading.classes.setting_up import settings
from course.grading.classes.submission import Graded, Submission
from course.grading.classes.workers.handle import can_fork
from course.grading.classes.workers.local import LocalPool
from course.grading.confinement.forking import FOLDERS
from course.grading.cycle.pages import page_of
from course.grading.faults import GradingFault
from course.grading.releasing.generate import generated
from course.grading.steps.execute import ask_judge
from course.lessons import Lesson, LessonError, read_lesson

_SOMEBODY = "you"


@dataclass(frozen=True)
class GradedAlone:
    """What one notebook earned.

    Attributes
    ----------
    lesson : Lesson
        As it is in ``source/``.
    points, max_points : float
        Automatic points, and how many there are.
    by_hand : float
        Points that only a person can give, for what was written in words.
    report : dict
        The judge's diagnoses: see `course.grading.steps.execute.report`.
    page : str
        The feedback page.
    """

    lesson: Lesson
    points: float
    max_points: float
    by_hand: float
    report: dict[str, Any]
    page: str = field(repr=False)


def grade_alone(root: Path, notebook: Path, content: bytes) -> GradedAlone:
    """Grade what somebody wrote in a lesson's notebook.

    Parameters
    ----------
    root : Path
        The course.
    notebook : Path
        The lesson's in ``source/``.
    content : bytes
        What was written.

    Raises
    ------
    LessonError
        Where it cannot be graded, and that is not the writer's doing.
    """
    lesson = read_lesson(notebook)
    config, course = settings(root)
    entries, _ = generated(course, config, lesson.id, notebook)
    pack = pack_lesson(course, config, lesson.id, {lesson.name: entries})
    handed_in = Submission(_SOMEBODY, pack.key, {}, {f"{lesson.name}.ipynb": content})
    try:
        graded = _graded(pack, handed_in)
    except GradingFault as fault:
        raise LessonError(str(fault)) from fault
    marks, report = graded.marks[lesson.name], graded.diagnoses[lesson.name]
    tests = {cell.grade_id: cell.points for cell in lesson.by_role("test")}
    return GradedAlone(
        lesson,
        sum(marks.scores[name] or 0.0 for name in tests),
        sum(tests.values()),
        sum(marks.points[name] for name, score in marks.scores.items() if score is None),
        report,
        page_of(config, lesson, graded.notebooks[lesson.name], marks, report),
    )


def _graded(pack: LessonPack, handed_in: Submission) -> Graded:
    if not can_fork():
        with tempfile.TemporaryDirectory(prefix=f"{FOLDERS}{os.getpid()}-") as folder:
            return Conversion(pack, Path(folder)).grade(handed_in, ask_judge)
    pool = LocalPool(pack.data, 1)
    try:
        outcome = next(one for one in pool.run([handed_in]) if one is not None)
    finally:
        pool.close()
    if outcome.graded is None:
        raise GradingFault(outcome.fault)
    return outcome.graded
