"""nbgrader's exchange: feedback given back, and which class does what.

`OWN` holds what `nbgrader_config.py` sets in ``c.ExchangeFactory``.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import (
    ExchangeFetchAssignment,
    ExchangeFetchFeedback,
    ExchangeList,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
    ExchangeSubmit,
)
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from course.bootstrap.words import count
from course.grading.cycle.announced import announce, announced
from course.grading.cycle.collecting import Collect, InTheCourse
from course.grading.faults import GradingFault
from course.grading.records.folders import lesson_notebooks
from course.grading.records.handedin import students_in
from course.grading.records.opening import opened
from course.lessons import LessonError

SECRET = "submission_secret.txt"
#: A secret has 128 characters.
_MOST_SECRET = 4096


class ReleaseFeedback(ExchangeReleaseFeedback, InTheCourse):
    """nbgrader's release of feedback; who did not submit through the exchange is named instead.

    Raises
    ------
    ExchangeError
        At the end, where something but a missing secret kept a page from being released.
    """

    def copy_files(self) -> None:
        """Release all pages that can be, and say where the others lie."""
        by_hand: list[str] = []
        failed: list[str] = []
        released = 0
        for student, page in self._pages(failed):
            try:
                secret = secret_of(page.parent) or secret_of(self._submitted(student))
                if secret is None:
                    by_hand.append(f"{student}: {page}")
                    continue
                released += 1
                self._release(student, page, secret)
            except (OSError, ValueError) as error:
                failed.append(f"{student}: {page} was not released: {error}")
        self.log.info("Feedback of %s was released", count(released, "notebook"))
        if by_hand:
            self.log.warning(
                "Not handed in through the exchange, so give them their pages another way:\n  %s",
                "\n  ".join(by_hand),
            )
        if failed:
            self.log.error("Feedback that was not released:\n  %s", "\n  ".join(failed))
            raise ExchangeError("some feedback was not released")

    def _submitted(self, student: str) -> Path:
        course = self.coursedir
        step = course.submitted_directory
        return Path(course.format_path(step, student, course.assignment_id))

    def _pages(self, failed: list[str]) -> Iterator[tuple[str, Path]]:
        course = self.coursedir
        graded, base = (
            Path(course.format_path(step, ".", ".")).resolve()
            for step in (course.autograded_directory, course.feedback_directory)
        )
        known = students_in(graded, course.assignment_id)
        known |= students_in(base, course.assignment_id)
        names = lesson_notebooks(course, course.assignment_id)
        wanted = course.student_id or "*"
        left_out = set(course.student_id_exclude.split(","))
        for student, problem in sorted(known.items()):
            alone = wanted != "*" and wanted in known
            named = student == wanted if alone else fnmatchcase(student, wanted)
            if student in left_out or not named:
                continue
            if problem:
                failed.append(f"{student}: {problem}")
                continue
            folder = base / student / course.assignment_id
            pages = sorted(folder.glob("*.html"))
            yield from ((student, page) for page in pages)
            if not pages and names:
                failed.append(
                    f"{student}: there is no page in {folder}: run "
                    f"`nbgrader generate_feedback {course.assignment_id}`"
                )

    def _release(self, student: str, page: Path, secret: str) -> None:
        place_page(Path(self.dest_path), secret, page.stem, page.read_bytes(), page.stat().st_mode)
        self.log.info("Released feedback for %s: %s", student, page.name)

    def folder(self) -> Path:
        """Return where pages lie in the exchange; made, with its mode, where it is missing."""
        if not self.coursedir.groupshared:
            self.ensure_root()
        self.init_dest()
        return Path(self.dest_path)


def place_page(folder: Path, secret: str, notebook: str, page: bytes, mode: int = 0o644) -> None:
    """Lay a page where the student whose submission has this secret finds it.

    Parameters
    ----------
    folder : Path
        Of feedback, in the exchange.
    secret : str
        The submission's: see `secret_of`.
    notebook : str
        Which one of it the page is about.
    page : bytes
        What it says.
    mode : int, optional
        As `chmod` takes it.
    """
    checksum = notebook_hash(secret=secret, notebook_id=notebook)
    new = folder / f"{checksum}-tmp.html"
    try:
        new.write_bytes(page)
        new.chmod(stat.S_IMODE(mode))
        new.replace(folder / f"{checksum}.html")  # whole or not at all
    finally:
        new.unlink(missing_ok=True)


def site_settings(root: Path) -> Config:
    """Return the settings that rule the exchange: a server's, this account's, and the course's.

    Parameters
    ----------
    root : Path
        The course.
    """
    site = NbGrader()
    with contextlib.chdir(root):  # whose settings nbgrader's own commands read too
        site.load_config_file()
    return site.config


def secret_of(folder: Path) -> str | None:
    """Return what ties a submission to its page in the exchange, None where there is nothing.

    Raises
    ------
    ValueError, OSError
        Where there is something else in its place.
    """
    path = folder / SECRET
    if not os.path.lexists(path):
        return None
    if path.is_symlink() or not path.is_file():
        raise ValueError(f"{path} is no plain file")
    with path.open(encoding="utf-8", errors="replace") as file:
        secret = file.read(_MOST_SECRET + 1)
    if not secret.isascii() or not secret.strip() or len(secret) > _MOST_SECRET:
        raise ValueError(f"{path} holds no secret of a submission")
    return secret


class ReleaseAssignment(ExchangeReleaseAssignment, InTheCourse):
    """nbgrader's release of a lesson, which says when it is due."""

    def copy_files(self) -> None:
        """Release the lesson; without a gradebook nothing is known of a date."""
        super().copy_files()
        try:
            with opened(self.coursedir) as gradebook:
                announce(gradebook, self.coursedir.assignment_id, Path(self.dest_path))
        except (LessonError, GradingFault) as error:
            self.log.warning("Released without a due date: %s", error)


class List(ExchangeList, InTheCourse):
    """nbgrader's list of lessons; of released ones it says when they are due."""

    def parse_assignments(self) -> list[dict[str, Any]]:
        """Read what there is."""
        found: list[dict[str, Any]] = super().parse_assignments()
        if not (self.inbound or self.cached):
            for info in found:
                place = Path(self.root, info["course_id"], "outbound", info["assignment_id"])
                info["due"] = announced(place)
        return found

    def format_outbound_assignment(self, info: dict[str, Any]) -> str:
        """Return the line of a released lesson."""
        line = str(super().format_outbound_assignment(info))
        return f"{line} (due {info['due']})" if info.get("due") else line


def released_place(course: CourseDirectory, config: Config, lesson_id: str) -> Path:
    """Return where a lesson lies in the exchange once it is released.

    The settings of the server, and of this account, rule the exchange beside the course's.
    """
    site = NbGrader()
    site.load_config_file()
    site.config.merge(config)
    exchange = InTheCourse(coursedir=course, config=site.config)
    return Path(exchange.root, course.course_id, "outbound", lesson_id)


#: By the names of nbgrader's settings.
OWN: dict[str, Any] = {
    "collect": Collect,
    "list": List,
    "release_assignment": ReleaseAssignment,
    "release_feedback": ReleaseFeedback,
}
for _name, _kind in {
    "fetch_assignment": ExchangeFetchAssignment,
    "fetch_feedback": ExchangeFetchFeedback,
    "submit": ExchangeSubmit,
}.items():
    OWN[_name] = type(_kind.__name__, (_kind, InTheCourse), {})
