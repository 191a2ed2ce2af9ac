"""A small class's gradebook, made by nbgrader's own methods, and nbgrader's commands."""

from __future__ import annotations

import os
import sys
import warnings
from datetime import datetime
from pathlib import Path

import warm
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from course.grading.records.opening import begin_gradebook

LESSON, NOTEBOOK = "02_teacher_forcing", "teacher_forcing"
OTHER = "03_scheduled_sampling"

#: id, first name, last name, e-mail, number in the other system; points by lesson.
CLASS: dict[str, tuple[tuple[str, str, str, str], dict[str, float]]] = {
    "ann": (("Ann", "Lee", "ann@uni.example", "101"), {LESSON: 7.0, OTHER: 2.5}),
    "bob": (("Bob", "O'Neil, Jr.", "Bob@Uni.example", "102"), {LESSON: 4.25}),
    "s3": (("Zoë", "Åström", "zoe@uni.example", ""), {LESSON: 10.0, OTHER: 5.0}),
    "eve": (("Eve", '=HYPERLINK("http://x","y")', "eve@uni.example", "104"), {LESSON: 1.0}),
    "nil": (("Nil", "Null", "", "105"), {}),
}


def open_book(folder: Path) -> Gradebook:
    """Open the gradebook of a course folder, with that folder's settings."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(folder)).load_config()
    url = CourseDirectory(config=config).db_url
    begin_gradebook(url)
    return Gradebook(url, config.CourseDirectory.course_id)


def fill(gradebook: Gradebook) -> None:
    """Enter two lessons, the class and its points: ann is late, bob waits for manual points."""
    with warnings.catch_warnings():
        # nbgrader's own mappings, under SQLAlchemy 2.
        warnings.filterwarnings("ignore", message="Object of type <Submitted")
        _fill(gradebook)


def _fill(gradebook: Gradebook) -> None:
    for lesson in (LESSON, OTHER):
        gradebook.add_assignment(lesson, duedate=datetime(2026, 1, 1))
        gradebook.add_notebook(NOTEBOOK, lesson)
        test = {"max_score": 10.0, "cell_type": "code"}
        gradebook.add_grade_cell("test", NOTEBOOK, lesson, **test)
        gradebook.add_solution_cell("answer", NOTEBOOK, lesson)
    for student, (about, points) in CLASS.items():
        names = ("first_name", "last_name", "email", "lms_user_id")
        gradebook.add_student(student, **dict(zip(names, about, strict=True)))
        for lesson, score in points.items():
            gradebook.add_submission(lesson, student)
            grade = gradebook.find_grade("test", NOTEBOOK, lesson, student)
            grade.auto_score, grade.needs_manual_grade = score, False
    late = gradebook.find_submission_notebook(NOTEBOOK, LESSON, "ann")
    late.late_submission_penalty = 0.5
    gradebook.find_grade("test", NOTEBOOK, LESSON, "bob").needs_manual_grade = True
    comment = gradebook.find_comment("answer", NOTEBOOK, LESSON, "ann")
    comment.auto_comment, comment.manual_comment = "No response.", '=Good, but "slow"\nSee page 3.'
    gradebook.db.commit()


def nbgrader(*arguments: str, cwd: Path, status: int = 0, env: dict[str, str] | None = None) -> str:
    """Run a command of nbgrader's; return all that it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "HOME": str(cwd), "PATH": path, **(env or {})}
    done = warm.run("-m", "nbgrader", *arguments, cwd=cwd, env=environment)
    said = done.stdout + done.stderr
    assert done.returncode == status, f"nbgrader {' '.join(arguments)}:\n{said[-3000:]}"
    return said
