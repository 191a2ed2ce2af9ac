"""What these commands share: how they begin, and how they say that something is in the way."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.grading.faults import GradingFault
from course.grading.records.coursefiles import look_at_name, open_course, read_settings
from course.grading.records.csvfiles import TableError
from course.grading.records.opening import opened, remedy
from course.lessons import LessonError, course_root


@dataclass(frozen=True)
class OpenCourse:
    """A course that is open: its settings, its folders, its gradebook."""

    root: Path
    config: Config
    folders: CourseDirectory
    gradebook: Gradebook


@contextmanager
def course_opened() -> Iterator[OpenCourse]:
    """Open the course for as long as the body runs.

    Raises
    ------
    LessonError
        Where there is no course, or no gradebook.
    GradebookTrouble
        Where that cannot be read or written.
    """
    root = course_root()
    look_at_name(root)
    folders = open_course(root)
    with opened(folders) as gradebook:
        yield OpenCourse(root, read_settings(root), folders, gradebook)


def done(work: Callable[[OpenCourse], list[str]]) -> int:
    """Do a command's work, and print what came of it; return the exit status, 0 or 2."""
    try:
        with course_opened() as course:
            lines = work(course)
    except (OSError, ValueError, LessonError, GradingFault, TableError) as error:
        print(remedy(error) if isinstance(error, OSError) else error, file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0
