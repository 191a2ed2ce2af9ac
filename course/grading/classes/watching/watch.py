"""The exchange watched: round after round, whatever happens to disk, database or lesson."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime
from pathlib import Path
from typing import Literal

from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

from course.bootstrap.lock import only_one
from course.grading.classes.grader import Pool
from course.grading.classes.setting_up import HowGraded, pool_for, settings
from course.grading.classes.watching.answers import Answers, utc_now
from course.grading.classes.watching.arrivals import ArrivalGrader
from course.grading.classes.watching.due import Rule, rule_of
from course.grading.cycle.collecting import Collect
from course.grading.cycle.exchange import site_settings
from course.grading.faults import GradingFault
from course.grading.records.lock import graded_alone
from course.grading.records.opening import remedy
from course.lessons import LessonError

#: Seconds between two looks at the exchange.
PAUSE_S = 0.2
#: Seconds before a disk or a database that failed is asked again.
TROUBLE_S = 5.0
#: A folder that changed less than so many seconds ago may have changed again within one tick.
_TICK_S = 2.0


class Watch:
    """Grades what arrives in the exchange for one lesson.

    Parameters
    ----------
    root : Path
        The course.
    lesson_id : str
        The lesson.
    until : datetime, "deadline" or None
        When pages are given out, in UTC, without a zone; None for at once.
    say : callable
        Told a line of whatever happens.
    how : HowGraded
        Where it is graded, and in what.
    """

    def __init__(
        self,
        root: Path,
        lesson_id: str,
        until: datetime | Literal["deadline"] | None,
        say: Callable[[str], None],
        how: HowGraded,
    ) -> None:
        self._root, self._lesson_id, self._until, self._say = root, lesson_id, until, say
        self._how = how
        self._parts = ExitStack()
        self._grader: ArrivalGrader | None = None
        self._pool: Pool | None = None
        self._answers: Answers | None = None
        self._course: CourseDirectory = settings(root)[1]
        self._collect = self._exchange()
        self._made_of: object = None
        self._seen = -1
        self._trouble = ""
        self._moment: datetime | None = None
        logging.getLogger("course.watch").setLevel(logging.ERROR)

    def _exchange(self) -> Collect:
        course = settings(self._root)[1]
        course.assignment_id = self._lesson_id
        collect = Collect(coursedir=course, config=site_settings(self._root))
        collect.log = logging.getLogger("course.watch")
        return collect

    @property
    def rule(self) -> Rule:
        """How many tries there are, and which counts."""
        return rule_of(settings(self._root)[0])

    @property
    def is_left(self) -> bool:
        """Whether something could not be graded, for a reason that is not its student's."""
        return self._grader is None or self._grader.is_left

    @property
    def inbound(self) -> Path:
        """Where students hand in."""
        return Path(self._collect.root, self._course.course_id, "inbound")

    def begin(self) -> None:
        """Get ready: after this an arrival has to wait for no start.

        Raises
        ------
        LessonError, GradingFault
            Where nothing could be graded.
        """
        if not self.inbound.is_dir():
            raise LessonError(
                f"there is no {self.inbound}, where students hand in: run `nbgrader "
                f"release_assignment {self._lesson_id}` first"
            )
        with self._alone():
            grader, _, answers = self._prepare()
            self._ask_when(grader, answers)

    def run(self) -> None:
        """Watch until somebody stops it."""
        while True:
            if not self.catch_up():
                time.sleep(TROUBLE_S)
            while not self._has_news():
                time.sleep(PAUSE_S)

    def catch_up(self) -> bool:
        """Grade until nothing is due; say what is in the way, and return whether nothing was."""
        try:
            while self.round():
                time.sleep(PAUSE_S)  # another command's chance
        except (LessonError, GradingFault, OSError, SQLAlchemyError) as error:
            why = remedy(error) if isinstance(error, OSError | SQLAlchemyError) else str(error)
            if why != self._trouble:
                self._say(f"{self._lesson_id}: {why}. Nothing is lost: going on when it is mended")
            self._trouble = why
            self.close()
            return False
        self._trouble = ""
        return True

    def round(self) -> bool:
        """Grade one submission of each student who has one that is due; say if there were any."""
        with self._alone():
            return self.round_alone()

    def round_alone(self) -> bool:
        """Do the same where this process holds the lesson's lock already."""
        grader, pool, answers = self._prepare()
        changed_ns = self.inbound.stat().st_mtime_ns
        is_whole = grader.look()
        is_still = abs(time.time() - changed_ns / 1e9) > _TICK_S
        self._seen = changed_ns if is_whole and is_still else -1
        self._ask_when(grader, answers)
        any_due = grader.grade(pool)
        grader.tell()
        if given := answers.give_out_held():
            self._say(f"{self._lesson_id}: {given} pages were held, and are given out now")
        self._moment = grader.next_moment()
        if answers.moment and (self._moment is None or answers.moment < self._moment):
            self._moment = answers.moment
        return any_due

    def _ask_when(self, grader: ArrivalGrader, answers: Answers) -> None:
        """Have pages held until the deadline, as it is now, where that was asked for."""
        if self._until == "deadline":
            answers.until = grader.deadlines.usual
            if answers.until is None:
                raise LessonError(
                    f"{self._lesson_id} has no deadline that feedback could wait for: set one in "
                    f"Formgrader, or run `nbgrader db assignment add {self._lesson_id} "
                    f"--duedate=...`"
                )

    def _alone(self) -> AbstractContextManager[None]:
        waiting = f"{self._lesson_id} is being graded by another command; waiting ..."
        return graded_alone(self._course, self._lesson_id, lambda: self._say(waiting))

    def _has_news(self) -> bool:
        if self._grader is None or self._grader.is_put_off():
            return True
        if self._moment is not None and utc_now() >= self._moment:
            return True
        return self.inbound.stat().st_mtime_ns != self._seen or self._files() != self._made_of

    def _prepare(self) -> tuple[ArrivalGrader, Pool, Answers]:
        """Make grader and workers, anew where the lesson or the settings have changed."""
        files = self._files()
        if self._grader is None or files != self._made_of:
            self.close()
            config, course = self._how.settings(self._root, self._lesson_id)
            self._collect = self._exchange()
            until = self._until if isinstance(self._until, datetime) else None
            answers = Answers(course, config, self._collect.config, self._lesson_id, until)
            grader = ArrivalGrader(
                course, config, self._lesson_id, self._collect, rule_of(config), answers, self._say
            )
            self._parts.callback(grader.close)
            for difference in grader.differences:
                self._say(f"{self._lesson_id}: {difference}")
            pool = pool_for(grader.lesson, self._how, config)
            self._pool = self._parts.enter_context(pool)
            self._grader, self._answers, self._made_of = grader, answers, files
        assert self._pool is not None
        assert self._answers is not None
        return self._grader, self._pool, self._answers

    def _files(self) -> object:
        """Return what tells lesson and settings from what they were."""
        source = Path(self._course.format_path(self._course.source_directory, ".", self._lesson_id))
        places = [self._root / "nbgrader_config.py", *sorted(source.rglob("*"))]
        found = []
        for path in places:
            with contextlib.suppress(OSError):
                about = path.stat()
                found.append((str(path), about.st_mtime_ns, about.st_size))
        return found

    def close(self) -> None:
        """End workers, and let go of the gradebook."""
        self._parts.close()
        self._grader = self._pool = self._answers = None


@contextlib.contextmanager
def watched_alone(root: Path, lesson_id: str) -> Iterator[None]:
    """Be the one who watches a lesson.

    Raises
    ------
    LessonError
        Where another process does.
    """

    def refuse() -> None:
        raise LessonError(
            f"{lesson_id} is being watched already by another `course watch` in this folder: end "
            f"that one first"
        )

    course = settings(root)[1]
    path = Path(course.root, course.autograded_directory, f".{lesson_id}.watched.lock")
    path.parent.mkdir(exist_ok=True)
    with only_one(path, refuse):
        yield


def collect_by_rule(root: Path, lesson_id: str, how: HowGraded) -> None:
    """Take what counts from the exchange, for a command that holds the lesson's lock.

    Pages are held: another command decides when students get them.

    Raises
    ------
    LessonError, GradingFault, OSError, SQLAlchemyError
        Where that is not possible.
    """
    watch = Watch(root, lesson_id, datetime.max, print, how)
    try:
        while watch.round_alone():
            pass
    finally:
        watch.close()
