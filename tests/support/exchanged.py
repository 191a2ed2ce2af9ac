"""A class of the tiny lesson whose students hand in through nbgrader's exchange."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import warm
from graded_class import NOTEBOOK
from nbgrader.api import Gradebook
from nbgrader.auth import Authenticator
from tiny import LESSON_ID

from course.grading.classes.command import settings
from course.grading.classes.temporary import Classroom
from course.grading.cycle.exchange import OWN


class Exchanged:
    """A class whose students hand in through nbgrader's exchange."""

    def __init__(self, room: Classroom, students: Path) -> None:
        self.room, self.students, self.said = room, students, ""
        with (room.folder / "nbgrader_config.py").open("a") as file:
            file.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
        (room.folder / "exchange").mkdir()
        self.take_step("release_assignment")

    def take_step(self, name: str, student: str = "*") -> None:
        """Take a step of nbgrader's exchange, in the folder of whoever takes it."""
        config, course = settings(self.room.folder)
        course.assignment_id, course.student_id = LESSON_ID, student
        step = OWN[name](
            coursedir=course, authenticator=Authenticator(config=config), config=config
        )
        step.cache = str(self.students / student / "cache")
        step.log.setLevel("ERROR")
        folder = self.students / student if student != "*" else self.room.folder
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.chdir(folder):
            step.start()

    def hand_in(self, student: str, notebook: dict[str, Any]) -> None:
        """Fetch the lesson where that is still to do, write an answer, and submit it."""
        if not (self.students / student / LESSON_ID).exists():
            self.take_step("fetch_assignment", student)
        path = self.students / student / LESSON_ID / f"{NOTEBOOK}.ipynb"
        path.write_text(json.dumps(notebook), encoding="utf-8")
        self.take_step("submit", student)

    def fetch_feedback(self, student: str) -> list[Path]:
        self.take_step("fetch_feedback", student)
        return list((self.students / student / LESSON_ID / "feedback").rglob("*.html"))

    def grade(self, *options: str) -> str:
        """Run the command as an instructor does; return what it printed."""
        done = warm.run(
            *("-m", "course.grading.classes.command", LESSON_ID, *options),
            cwd=self.room.folder,
            env={**os.environ, "COURSE_ROOT": str(self.room.folder), "PYTHONWARNINGS": "ignore"},
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextlib.contextmanager
    def book(self) -> Iterator[Gradebook]:
        with Gradebook(self.room._course().db_url, "teacher_forcing") as book:
            yield book
            book.db.commit()

    def marks(self) -> dict[str, tuple[float, float]]:
        """Return automatic points and late penalty by student."""
        with self.book() as book:
            found = book.assignment_submissions(LESSON_ID)
            return {
                one.student_id: (
                    sum(grade.auto_score or 0.0 for grade in one.notebooks[0].grades),
                    one.late_submission_penalty or 0.0,
                )
                for one in found
            }
