"""What every command that grades begins with: settings, cores, workers, and how it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
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


@dataclass(frozen=True)
class HowGraded:
    """Where a command grades, and in what.

    Attributes
    ----------
    workers : int, optional
        How many processes grade on this machine; one a core where it is 0.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers then grade.
    require_sandbox : bool, optional
        Whether to grade nothing where there is no sandbox.
    """

    workers: int = 0
    scheduler: str = ""
    require_sandbox: bool = False

    @classmethod
    def asked(cls, parser: argparse.ArgumentParser, asked: argparse.Namespace) -> HowGraded:
        """Return what was asked for by the options of `offer`; refuse no workers."""
        if asked.workers is not None and asked.workers < 1:
            parser.error("--workers has to be at least 1")
        return cls(asked.workers or 0, asked.scheduler or "", asked.require_sandbox)

    @staticmethod
    def offer(parser: argparse.ArgumentParser) -> None:
        """Add the options of a command that grades."""
        parser.add_argument(
            "--workers", type=int, metavar="N", help="processes that grade; one a core if left out"
        )
        parser.add_argument(
            "--scheduler", metavar="ADDRESS", help="grade on the Dask cluster of this scheduler"
        )
        parser.add_argument(
            "--require-sandbox",
            action="store_true",
            help="grade nothing where there is no bubblewrap: Judge.require_sandbox for this run",
        )

    def settings(self, root: Path, lesson_id: str) -> tuple[Config, CourseDirectory]:
        """Return the course's settings for nbgrader, and its folders, to grade a lesson."""
        config, course = settings(root)
        course.assignment_id = lesson_id
        if self.require_sandbox:
            config.Judge.require_sandbox = True
        return config, course


def settings(root: Path) -> tuple[Config, CourseDirectory]:
    """Return the course's settings for nbgrader, and its folders."""
    config = read_settings(root)
    return config, CourseFolders(config=config)


@contextmanager
def pool_for(
    lesson: LessonPack, how: HowGraded, config: Config, most: int | None = None
) -> Iterator[Pool]:
    """Start workers, here or on a Dask cluster, and end them when the body has run.

    Parameters
    ----------
    lesson : LessonPack
        What they are to grade.
    how : HowGraded
        Where.
    config : Config
        The course's settings: whether there has to be a sandbox.
    most : int, optional
        How many workers have something to do here.
    """
    pool: Pool
    if how.scheduler:
        from course.grading.classes.workers.cluster import ClusterPool

        pool = ClusterPool(lesson.data, how.scheduler)
    else:
        look_for_sandbox(config)
        sweep_up()
        workers = how.workers or cores()
        pool = LocalPool(lesson.data, workers if most is None else min(workers, most))
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
