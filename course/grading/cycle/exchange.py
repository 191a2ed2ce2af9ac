"""nbgrader's exchange in the course's own folder; one student's files do not stop the others'.

`OWN` holds what `nbgrader_config.py` sets in ``c.ExchangeFactory``.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import (
    Exchange,
    ExchangeCollect,
    ExchangeFetchAssignment,
    ExchangeFetchFeedback,
    ExchangeList,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
    ExchangeSubmit,
)
from nbgrader.utils import notebook_hash
from traitlets import default
from traitlets.config import Config

from course.bootstrap.words import count, told
from course.grading.cycle.announced import announce, announced
from course.grading.faults import CannotRead, GradingFault
from course.grading.records.folders import lesson_notebooks
from course.grading.records.handedin import copy_files_beside, students_in
from course.grading.records.opening import opened
from course.grading.records.timestamps import parse_utc, read_stamp
from course.lessons import LessonError

if sys.platform != "win32":
    from pwd import getpwnam, getpwuid

SECRET = "submission_secret.txt"
#: Where nbgrader has an exchange that no settings name.
_SHARED = Exchange.root.default_value
#: A secret has 128 characters.
_MOST_SECRET = 4096
_NO_TIME = datetime.min
#: The end of a time that is no random text of nbgrader's, which has twelve letters.
_OFFSET = re.compile(r"\d{2}:?\d{2}")


class InTheCourse(Exchange):
    """An exchange in the course's folder, where no settings name another place.

    There it is made where it is missing: nobody else would.
    """

    @default("root")
    def _root_default(self) -> str:
        return str(Path(self.coursedir.root) / "exchange") if self.coursedir else _SHARED

    def ensure_root(self) -> None:
        """See that the exchange's folder is there."""
        root = Path(self.root)
        if self.coursedir and root.is_relative_to(self.coursedir.root):
            root.mkdir(exist_ok=True)
        super().ensure_root()


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
                secret = _secret(page.parent) or _secret(self._submitted(student))
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
        checksum = notebook_hash(secret=secret, notebook_id=page.stem)
        place = Path(self.dest_path)
        new = place / f"{checksum}-tmp.html"
        shutil.copy(page, new)
        new.replace(place / f"{checksum}.html")  # whole or not at all
        self.log.info("Released feedback for %s: %s", student, page.name)


def _secret(folder: Path) -> str | None:
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


def _number_of(name: str) -> int | None:
    """Return the number of an account, None where there is none of that name."""
    try:
        return getpwnam(name).pw_uid
    except KeyError:
        return None


def _name_of(number: int) -> str | None:
    """Return the name of an account, None where there is none of that number."""
    try:
        return getpwuid(number).pw_name
    except KeyError:
        return None


class Collect(ExchangeCollect, InTheCourse):
    """nbgrader's collecting, one submission at a time, of plain files alone.

    Raises
    ------
    ExchangeError
        At the end, where a submission could not be collected. What was there before stays.
    """

    src_records: list[dict[str, Any]]

    def init_src(self) -> None:
        """Find the submissions; folders that are none of nbgrader's are named and left."""
        super().init_src()
        self.src_records = [one for one in self.src_records if one["timestamp"] != _NO_TIME]

    def _path_to_record(self, path: str) -> dict[str, Any]:
        """Read whose a submission is, and of when: an offset has a plus sign in it, too."""
        name = Path(path).name
        user, _, rest = name.rpartition(f"+{self.coursedir.assignment_id}+")
        said, _, end = rest.rpartition("+")
        if not said or _OFFSET.fullmatch(end):  # no random letters behind the time
            said = rest
        why = self._odd(path) or (self._forger(path, user) if self.check_owner else "")
        try:
            if user and not why:
                return {"username": user, "filename": name, "timestamp": parse_utc(said)}
        except ValueError:
            pass
        why = why or "its name does not say whose it is, and of when"
        self.log.error("%s is left out: %s", path, why)
        return {"username": name, "filename": name, "timestamp": _NO_TIME}

    @staticmethod
    def _odd(path: str) -> str:
        """Say what something in ``inbound`` is that is no folder; a link may lead to anybody's."""
        try:
            kind = Path(path).lstat().st_mode
        except OSError as error:
            return told(error)
        if stat.S_ISDIR(kind):
            return ""
        return "it is a link" if stat.S_ISLNK(kind) else "it is no folder"

    @staticmethod
    def _forger(path: str, user: str) -> str:
        """Say who handed in a submission in another's name; ``""`` where nobody did.

        Where students have no accounts here whoever collects may have put it there for them, or
        somebody who has none here either.
        """
        try:
            owner = Path(path).lstat().st_uid
        except OSError:
            return ""
        whose, name = _number_of(user), _name_of(owner)
        if owner in (whose, os.getuid()) or (whose is None and name is None):
            return ""
        handed = name or f"the account with the number {owner}"
        unknown = ", who has no account here" if whose is None else ""
        return f"it says that it is {user}'s{unknown}, and {handed} handed it in"

    def copy_files(self) -> None:
        """Copy each submission; one that cannot be copied keeps no other from it."""
        if not self.src_records:
            super().copy_files()  # says so
        records, failed = self.src_records, []
        for record in records:
            student, lesson_id = record["username"], self.coursedir.assignment_id
            place = Path(
                self.coursedir.format_path(self.coursedir.submitted_directory, student, lesson_id)
            )
            old = place.with_name(f".{place.name}.old")
            try:
                if place.is_dir() and not self._is_newer(record, place):
                    self.log.info("No newer submission to collect: %s %s", student, lesson_id)
                    continue
                self._kept_aside(record, place, old)
            except (OSError, CannotRead, RuntimeError) as error:
                failed.append(f"{student}: {record['filename']}: {told(error)}")
        if failed:
            self.log.error("Not collected:\n  %s", "\n  ".join(failed))
            raise ExchangeError("some submissions were not collected")

    def _is_newer(self, record: dict[str, Any], place: Path) -> bool:
        """Say, as nbgrader does, whether a submission takes the place of an earlier one."""
        existing, new = read_stamp(place).time, record["timestamp"]
        if self.update and (existing is None or new > existing):
            return True
        return bool(self.before_duedate) and existing != new

    def _kept_aside(self, record: dict[str, Any], place: Path, old: Path) -> None:
        """Let nbgrader collect a submission; bring back what was there where it cannot."""
        shutil.rmtree(old, ignore_errors=True)
        there = place.is_dir()
        if there:
            place.rename(old)
        try:
            self.src_records = [record]
            super().copy_files()
        except BaseException:
            shutil.rmtree(place, ignore_errors=True)
            if there:
                old.rename(place)
            raise
        shutil.rmtree(old, ignore_errors=True)

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy plain files; a link in the exchange may lead to anybody's."""
        size, most = self.get_size(src), 1000 * self.coursedir.max_dir_size
        if size > most:
            raise RuntimeError(f"it has {size} bytes; CourseDirectory.max_dir_size allows {most}")

        def odd(path: Path, what: str) -> None:
            self.log.warning("%s is %s; left out", path, what)

        ignore = self.coursedir.ignore
        Path(dest).mkdir(parents=True)
        copy_files_beside(Path(src), Path(dest), ignore, odd, may_be_link=False)
        if self.coursedir.groupshared:
            for path in (Path(dest), *Path(dest).rglob("*")):
                path.chmod(path.stat().st_mode | (0o2770 if path.is_dir() else 0o660))


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
