"""What a student is told of a submission: a page, in the exchange or held until a moment."""

from __future__ import annotations

import contextlib
import html
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from traitlets.config import Config

from course.bootstrap.files import write_whole
from course.grading.classes.lesson_pack import LessonPack
from course.grading.classes.submission import Graded
from course.grading.cycle.converters import FeedbackPages
from course.grading.cycle.exchange import ReleaseFeedback, place_page, secret_of
from course.grading.cycle.pages import closed, page_of
from course.grading.faults import GradingFault
from course.lessons import Lesson, read_lesson

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title>
<style>body {{ max-width: 40rem; margin: 2rem auto; font: 16px/1.5 system-ui, sans-serif; }}</style>
</head>
<body><h1>{title}</h1>{said}</body>
</html>
"""


def utc_now() -> datetime:
    """Return the time in UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Answers:
    """Makes pages for one lesson, and gives them out.

    Parameters
    ----------
    course : CourseDirectory
        The course.
    config, site : Config
        Its settings, and those that rule the exchange.
    lesson_id : str
        The lesson.
    until : datetime or None
        When pages are given out, in UTC, without a zone; before that they are held. None for at
        once.

    Raises
    ------
    GradingFault
        Where the exchange has no place for them.

    Attributes
    ----------
    until : datetime or None
        The same; may be changed.
    """

    def __init__(
        self,
        course: CourseDirectory,
        config: Config,
        site: Config,
        lesson_id: str,
        until: datetime | None = None,
    ) -> None:
        self._course, self._config, self.until = course, config, until
        try:
            self._folder = ReleaseFeedback(coursedir=course, config=site).folder()
        except ExchangeError as error:
            raise GradingFault(f"students could not be given feedback: {error}") from error
        self._held = Path(course.root, course.feedback_directory, f".{lesson_id}.held")
        self._log = logging.getLogger("course.watch")

    @property
    def is_held(self) -> bool:
        """Whether pages wait for their moment."""
        return self.until is not None and utc_now() < self.until

    @property
    def moment(self) -> datetime | None:
        """When pages that are held are given out, None where none are."""
        return self.until if self._held.is_dir() else None

    def give_out_held(self) -> int:
        """Give out the pages that were held, where it is time; return how many."""
        if self.is_held or not self._held.is_dir():
            return 0
        given = 0
        for page in sorted(self._held.glob("*.html")):
            write_whole(self._folder / page.name, page.read_bytes())
            (self._folder / page.name).chmod(0o644)
            page.unlink()
            given += 1
        with contextlib.suppress(OSError):
            self._held.rmdir()
        return given

    def of_what_counts(self, student: str, place: Path) -> None:
        """Make the page of what is in the gradebook, with a person's points and comments.

        Parameters
        ----------
        student : str
            Whose.
        place : Path
            The submission's folder.

        Raises
        ------
        GradingFault
            Where there can be none.
        """
        lesson_id = self._course.assignment_id
        step = FeedbackPages(coursedir=self._course, config=self._config)
        step.log = self._log
        step.force = False
        self._course.student_id = student
        try:
            step.start()
        except (NbGraderException, SystemExit) as error:
            raise GradingFault(f"the feedback page could not be made: {error}") from error
        finally:
            self._course.student_id = "*"
        pages = Path(self._course.format_path(self._course.feedback_directory, student, lesson_id))
        for page in sorted(pages.glob("*.html")):
            self._give(place, page.stem, page.read_bytes())

    def of_another(
        self, graded: Graded, lesson: LessonPack, place: Path, said: Sequence[str]
    ) -> None:
        """Make the page of a submission that does not count; see `of_what_counts`.

        Parameters
        ----------
        graded : Graded
            What came of it.
        lesson : LessonPack
            The lesson.
        place : Path
            The submission's folder.
        said : sequence of str
            What stands behind the points.
        """
        for name, notebook in graded.notebooks.items():
            marks, report = graded.marks[name], graded.diagnoses[name]
            page = page_of(self._config, self._lesson(name), notebook, marks, report, said)
            self._give(place, name, page.encode())

    def of_none(self, lesson: LessonPack, place: Path, said: Sequence[str]) -> None:
        """Make the page of a submission that is not graded, in some sentences; nothing is held."""
        paragraphs = "".join(f"<p>{html.escape(one)}</p>" for one in said)
        for name in lesson.notebooks:
            title = self._lesson(name).title
            page = closed(_PAGE.format(title=html.escape(title), said=paragraphs))
            self._give(place, name, page.encode(), held=False)

    def _lesson(self, notebook: str) -> Lesson:
        course = self._course
        folder = course.format_path(course.source_directory, ".", course.assignment_id)
        return read_lesson(Path(folder) / f"{notebook}.ipynb")

    def _give(self, place: Path, notebook: str, page: bytes, held: bool = True) -> None:
        """Lay a page where its student finds it; whoever has no secret has none in the exchange."""
        try:
            secret = secret_of(place)
        except (OSError, ValueError) as error:  # the student's own doing
            self._log.error("%s gets no page in the exchange: %s", place.name, error)
            return
        if secret is None:
            return
        folder = self._held if held and self.is_held else self._folder
        folder.mkdir(parents=True, exist_ok=True)
        place_page(folder, secret, notebook, page)
