"""A class whose exchange is watched, and what became of what was handed in."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from exchanged import Exchanged
from graded_class import NOTEBOOK, kept_pool
from tiny import LESSON_ID, SOLUTION, solved

from course.grading.classes.lesson_pack import LessonPack
from course.grading.classes.setting_up import HowGraded
from course.grading.classes.temporary import Classroom
from course.grading.classes.watching import answers, arrivals, watch
from course.grading.classes.watching.watch import Watch
from course.grading.records.tries import Try, read_tries

#: Of the five points of the tests it earns three.
WRONG = SOLUTION.replace("2 * x", "3 * x")


class Watched(Exchanged):
    """A class with an exchange, and somebody who may watch it.

    Attributes
    ----------
    lines : list of str
        What was said of submissions.
    """

    def __init__(self, room: Classroom) -> None:
        super().__init__(room, room.folder.with_name("students"))
        self.lines: list[str] = []

    def copied(self, room: Classroom) -> Watched:
        """Return this class in a copy of its folder; students have nothing of their own there."""
        twin = copy.copy(self)
        twin.room, twin.students, twin.lines = room, room.folder.with_name("students"), []
        return twin

    def set(self, **settings: Any) -> None:
        """Write settings of the judge into the course's."""
        with (self.room.folder / "nbgrader_config.py").open("a") as file:
            file.writelines(f"c.Judge.{name} = {value!r}\n" for name, value in settings.items())

    @contextmanager
    def watching(self, until: datetime | Literal["deadline"] | None = None) -> Iterator[Watch]:
        """Begin to watch; what the body hands in is graded when it says `catch_up`."""
        watching = Watch(self.room.folder, LESSON_ID, until, self.lines.append, HowGraded(2))
        try:
            yield watching
        finally:
            watching.close()

    def catch_up(self, until: datetime | Literal["deadline"] | None = None) -> bool:
        """Watch until nothing is due."""
        with self.watching(until) as watching:
            return watching.catch_up()

    def write(self, student: str, right: bool = True, **texts: str) -> None:
        """Hand in a solution, or one that earns less."""
        wrong = {} if right else {"write_double": WRONG}
        self.hand_in(student, solved(self.room, **wrong, **texts))

    def points(self) -> dict[str, float]:
        """Return what the gradebook has of the tests, by student."""
        return {student: points for student, (points, _) in self.marks().items()}

    def tries(self, student: str) -> list[Try]:
        """Return what is known of a student's submissions, in the order of handing in."""
        with self.book() as book:
            found = read_tries(book.db, LESSON_ID)[student]
        return sorted(found, key=lambda one: one.order)

    def pages(self, student: str) -> list[str]:
        """Fetch a student's feedback; return the pages in the order of handing in."""
        found = self.fetch_feedback(student)
        return [path.read_text(encoding="utf-8") for path in sorted(found)]

    def inbound(self) -> list[Path]:
        """Return what lies in the exchange, in the order of handing in."""
        folder = self.room.folder / "exchange" / "teacher_forcing" / "inbound"
        return sorted(folder.iterdir(), key=lambda path: path.name.split("+")[2])

    def submitted(self, student: str) -> Path:
        """Return a student's notebook in ``submitted/``."""
        return self.room.folder / "submitted" / student / LESSON_ID / f"{NOTEBOOK}.ipynb"


def headline(page: str) -> str:
    """Return what a page says first."""
    found = re.search(r"<p.*?>(.*?)</p>", page)
    assert found is not None
    return re.sub("<.*?>", "", found[1])


def noon() -> str:
    """Return a time zone in which it is about noon, so that no day ends while a test runs."""
    ahead = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"  # these names have the sign turned round


class Clock:
    """The watch's clock."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._ahead, real = timedelta(), arrivals.utc_now
        for module in (arrivals, watch, answers):
            patch.setattr(module, "utc_now", lambda: real() + self._ahead)

    def forward(self, **by: float) -> None:
        """Set it forward."""
        self._ahead += timedelta(**by)


@contextmanager
def kept_pool_for(lesson: LessonPack, how: HowGraded, *_: object) -> Iterator[Any]:
    """Stand for `pool_for`, which starts workers each time."""
    yield kept_pool(lesson.data, how.workers)
