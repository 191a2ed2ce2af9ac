"""One grader at a time for a lesson, whichever command it is: two would grade everything twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from course.bootstrap.lock import only_one


@contextmanager
def graded_alone(
    course: CourseDirectory, lesson_id: str, on_wait: Callable[[], None]
) -> Iterator[None]:
    """Hold a lesson's lock.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    lesson_id : str
        The lesson.
    on_wait : callable
        Called once, when there is somebody to wait for.
    """
    path = Path(course.root, course.autograded_directory, f".{lesson_id}.lock")
    path.parent.mkdir(exist_ok=True)
    with only_one(path, on_wait):
        yield
