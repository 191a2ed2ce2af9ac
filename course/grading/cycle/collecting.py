"""What students handed in through nbgrader's exchange: whose it is, and collected.

One student's files do not stop the others', and nobody hands in as somebody else.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import Exchange, ExchangeCollect
from traitlets import default

from course.bootstrap.words import told
from course.grading.faults import CannotRead
from course.grading.records.handedin import copy_files_beside
from course.grading.records.opening import opened
from course.grading.records.timestamps import parse_utc, read_stamp
from course.grading.records.tries import what_counts
from course.grading.steps.execute import Judge

if sys.platform != "win32":
    from pwd import getpwnam, getpwuid

#: Where nbgrader has an exchange that no settings name.
_SHARED = Exchange.root.default_value
#: After so many seconds without a change a submission is whole, whoever laid it there.
SETTLED_S = 10.0
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


@dataclass(frozen=True)
class Arrival:
    """A submission in the exchange.

    Attributes
    ----------
    student : str
        Whose it is.
    place : Path
        Its folder.
    handed_in : datetime
        When, as the student's side says; in UTC, without a zone.
    changed_s : float
        When the folder last changed, in seconds since 1970. No student can set that.
    """

    student: str
    place: Path
    handed_in: datetime
    changed_s: float

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there.

        `nbgrader submit` opens the folder for everybody once all is in it. What another program
        laid there is taken to be whole when it has not changed for a while.
        """
        try:
            mode = self.place.lstat().st_mode
        except OSError:
            return False
        return stat.S_IMODE(mode) == 0o777 or abs(time.time() - self.changed_s) > SETTLED_S


class Collect(ExchangeCollect, InTheCourse):
    """nbgrader's collecting, one submission at a time, of plain files alone.

    Attributes
    ----------
    left_out : set of str
        Names in the exchange that say nothing, or what is not so.

    Raises
    ------
    ExchangeError
        At the end, where a submission could not be collected. What was there before stays.
    """

    src_records: list[dict[str, Any]]

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.left_out: set[str] = set()

    def init_src(self) -> None:
        """Find the submissions; folders that are none of nbgrader's are named and left."""
        super().init_src()
        self.src_records = [one for one in self.src_records if one["timestamp"] != _NO_TIME]
        judge = Judge(config=self.config)
        if judge.tries_a_day or judge.counts != "last":
            self._take_what_counts()

    def _take_what_counts(self) -> None:
        """Leave it to `course watch` which submission counts, of those who have one that does."""
        with opened(self.coursedir) as gradebook:
            counting = what_counts(gradebook, self.coursedir.assignment_id)
        records, self.src_records = self.src_records, []
        for record in records:
            name = counting.get(record["username"], record["filename"])
            if name != record["filename"]:
                self.log.warning(
                    "%s is left to `course watch`: what counts is %s", record["filename"], name
                )
                if not Path(self.inbound_path, name).is_dir():
                    continue
                record = self._path_to_record(str(Path(self.inbound_path, name)))
            self.src_records.append(record)

    def arrived(self, known: Mapping[str, Arrival | None]) -> Iterator[Arrival]:
        """Yield what lies in the exchange for the lesson, in no order; name what is left out.

        Parameters
        ----------
        known : mapping of str to Arrival or None
            By name what needs no second look; None for what is left out, and told already.
        """
        inbound = Path(self.root, self.coursedir.course_id, "inbound")
        for place in os.scandir(inbound):
            if f"+{self.coursedir.assignment_id}+" not in place.name:
                continue
            one = known.get(place.name)
            if place.name not in known:
                with contextlib.suppress(FileNotFoundError):  # its student took it back
                    one = self._arrival(place)
            if one is not None:
                yield one

    def _arrival(self, place: os.DirEntry[str]) -> Arrival | None:
        record = self._path_to_record(place.path)
        if record["timestamp"] == _NO_TIME:
            return None
        changed_s = place.stat(follow_symlinks=False).st_ctime
        return Arrival(record["username"], Path(place.path), record["timestamp"], changed_s)

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
        self.left_out.add(name)
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
        owner = Path(src).lstat().st_uid
        whose = None if owner == os.getuid() else owner
        copy_files_beside(Path(src), Path(dest), ignore, odd, may_be_link=False, owner=whose)
        if self.coursedir.groupshared:
            for path in (Path(dest), *Path(dest).rglob("*")):
                path.chmod(path.stat().st_mode | (0o2770 if path.is_dir() else 0o660))
