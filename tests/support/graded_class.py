"""A class of the tiny lesson graded by the class's grader, and what came of it."""

from __future__ import annotations

import atexit
import json
from pathlib import Path
from typing import Any

import programs
import warm
from nbgrader.api import Gradebook
from nbgrader.converters import BaseConverter
from sqlalchemy import text
from tiny import LESSON_ID

from course.grading.classes.command import settings
from course.grading.classes.grader import ClassGrader, Tally
from course.grading.classes.temporary import Classroom
from course.grading.classes.workers.local import LocalPool

NOTEBOOK = "decoder_cells"
#: Workers by how many they are, kept from one test to the next.
_pools: dict[int, LocalPool] = {}
ROWS = {
    "grade": "SELECT c.name, g.auto_score, g.manual_score, g.extra_credit, g.needs_manual_grade, "
    "a.student_id FROM grade g JOIN base_cell c ON c.id = g.cell_id JOIN submitted_notebook n ON "
    "n.id = g.notebook_id JOIN submitted_assignment a ON a.id = n.assignment_id",
    "comment": "SELECT c.name, k.auto_comment, k.manual_comment, a.student_id FROM comment k JOIN "
    "base_cell c ON c.id = k.cell_id JOIN submitted_notebook n ON n.id = k.notebook_id JOIN "
    "submitted_assignment a ON a.id = n.assignment_id",
    "submitted_assignment": "SELECT student_id, timestamp, extension FROM submitted_assignment",
    "submitted_notebook": "SELECT a.student_id, n.flagged, n.late_submission_penalty FROM "
    "submitted_notebook n JOIN submitted_assignment a ON a.id = n.assignment_id",
    "student": "SELECT id, first_name, last_name, email, lms_user_id FROM student",
}


def grade(room: Classroom, workers: int = 2, regrade: bool = False) -> Tally:
    """Grade a class as the command does."""
    config, course = settings(room.folder)
    grader = ClassGrader(course, config, LESSON_ID)
    try:
        pool = kept_pool(grader.lesson.data, workers)
        return grader.run(pool, grader.students(), regrade)
    finally:
        grader.close()


def kept_pool(data: bytes, workers: int) -> LocalPool:
    """Return workers that are taught a lesson: the same ones to every test that asks."""
    if workers not in _pools:
        _pools[workers] = LocalPool(data, workers)
        atexit.register(_pools[workers].close)
    for worker in _pools[workers].workers:
        worker.learn(data)
    return _pools[workers]


def start(room: Classroom, *options: str) -> warm.Started:
    """Start the command on a class."""
    program = programs.text("grade_class")
    return warm.start("-c", program, str(room.folder), LESSON_ID, *options, cwd=Path.cwd())


def take_step(room: Classroom, kind: type[BaseConverter]) -> None:
    """Do what a command of nbgrader's does, without --force."""
    step = kind(coursedir=room._course(), config=room.config)
    step.log = room._log
    step.start()


def rows(room: Classroom) -> dict[str, list[Any]]:
    with Gradebook(room._course().db_url, "teacher_forcing") as book:
        return {
            table: sorted(map(repr, book.db.execute(text(query)).all()))
            for table, query in ROWS.items()
        }


def autograded(room: Classroom) -> dict[str, Any]:
    """Return all files of all graded folders, and their permissions."""
    root = room.folder / "autograded"
    found: dict[str, Any] = {}
    for path in sorted(root.glob("*/**/*")):
        if path.is_file():
            name = path.relative_to(root).as_posix()
            text: Any = path.read_text()
            if path.name.endswith(".diagnosis.json"):
                text = json.loads(text)
                text.pop("graded", None)
            found[name] = text, oct(path.stat().st_mode)
    return found
