"""What every command that grades begins with: settings, cores, workers, and how it is stopped."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from course.grading.classes.grader import Pool
from course.grading.classes.lesson_pack import LessonPack
from course.grading.classes.workers.handle import sweep_up
from course.grading.classes.workers.local import LocalPool
from course.grading.records.coursefiles import CourseFolders, read_settings
from course.grading.steps.execute import look_for_sandbox


def settings(root: Path) -> tuple[Config, CourseDirectory]:
    """Return the course's settings for nbgrader, and its folders."""
    config = read_settings(root)
    return config, CourseFolders(config=config)


@contextmanager
def pool_for(lesson: LessonPack, workers: int, scheduler: str, config: Config) -> Iterator[Pool]:
    """Start workers, here or on a Dask cluster, and end them when the body has run.

    Parameters
    ----------
    lesson : LessonPack
        What they are to grade.
    workers : int
        How many, here.
    scheduler : str
        Address of a Dask scheduler, ``""`` for workers here.
    config : Config
        The course's settings: whether there has to be a sandbox.
    """
    pool: Pool
    if scheduler:
        from course.grading.classes.workers.cluster import ClusterPool

        pool = ClusterPool(lesson.data, scheduler)
    else:
        look_for_sandbox(config)
        sweep_up()
        pool = LocalPool(lesson.data, workers)
    try:
        yield pool
    finally:
        pool.close()


def cores() -> int:
    """Return how many processes can run at once here."""
    with contextlib.suppress(AttributeError):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def interrupted(_number: int, _frame: FrameType | None) -> None:
    """Take a signal for Ctrl-C."""
    raise KeyboardInterrupt
