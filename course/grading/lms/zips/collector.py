"""Tells `nbgrader zip_collect` whose each file is, and an instructor what became of all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nbgrader.api import Gradebook
from nbgrader.plugins import FileNameCollectorPlugin
from traitlets import Bool, List, Unicode

from course.bootstrap.words import count
from course.grading.lms.people import Person, read_people
from course.grading.lms.zips.contents import Contents
from course.grading.lms.zips.dates import read_date
from course.grading.lms.zips.fates import Chosen, Fate, decide
from course.grading.lms.zips.lists import CHOSEN, COLLECTED
from course.grading.lms.zips.roster import Roster
from course.grading.records.csvfiles import TableError, harmless, read_table, write_table
from course.grading.records.opening import file_of

_COLUMNS = ("file", "student", "notebook", "collected", "why", "note")


class LmsCollector(FileNameCollectorPlugin):
    """Recognises the files of Canvas's and Moodle's zips.

    Students are found by a list from the same system, and by nbgrader's `lms_user_id`. A file
    that is nobody's for certain is left where it is and listed in `collected.csv`. With
    `named_regexp` set, for another system, that alone decides, as nbgrader's documents say.
    """

    rosters = List(
        Unicode(),
        help="CSV files that say who is who: the gradebook that Canvas exports, an assignment's "
        "grading worksheet from Moodle, a list of groups. Empty: every CSV file in "
        "downloaded/LESSON and downloaded.",
    ).tag(config=True)

    by_name = Bool(
        False,
        help="Take a full name for its student where nothing else tells and nbgrader has one "
        "student of that name. Two people of one name get each other's marks.",
    ).tag(config=True)

    timezone = Unicode(
        "",
        help="The time zone of the dates in Moodle's worksheet, such as 'Europe/Berlin': that of "
        "the Moodle account that downloaded it. Empty: this machine's.",
    ).tag(config=True)

    def __init__(self, **kw: Any) -> None:
        super().__init__(**kw)
        if self.parent is not None and not self.named_regexp:
            # nbgrader gives each file one student and leaves its ending as it is; a group's file
            # has several, and `.IPYNB` has to become `.ipynb`.
            self._transfer = self.parent._transfer_files
            self.parent._transfer_files = lambda _: self._transfer(self._collected())

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Return a file's student and notebook, None where it is left."""
        if self.named_regexp:
            found: dict[str, Any] | None = super().collect(submitted_file)
            return found
        fate = self._first.get(Path(submitted_file))
        return (
            None if fate is None else {"student_id": fate.student, "file_id": str(fate.places[0])}
        )

    def _collected(self) -> dict[str, dict[str, Any]]:
        """Return what nbgrader is to copy, as it keeps that itself: by student."""
        course = self.parent.coursedir
        found: dict[str, dict[str, Any]] = {}
        for fate in self._fates:
            folder = Path(
                course.format_path(course.submitted_directory, fate.student, course.assignment_id)
            )
            for place in fate.places:
                mine = found.setdefault(
                    fate.student,
                    {
                        "src_files": [],
                        "dest_files": [],
                        "file_ids": [],
                        "timestamp": self._handed_in.get(fate.student),
                    },
                )
                mine["src_files"].append(str(self._extracted / fate.file.path))
                mine["dest_files"].append(str(folder / place))
                mine["file_ids"].append(str(place))
        return found

    @cached_property
    def _first(self) -> dict[Path, Fate]:
        """The first student's share of each file that is collected."""
        taken = [fate for fate in reversed(self._fates) if fate.collected]
        return {self._extracted / fate.file.path: fate for fate in taken}

    @cached_property
    def _extracted(self) -> Path:
        return Path(self.parent._format_collect_path(self.parent.extracted_directory))

    @cached_property
    def _roster(self) -> Roster:
        roster = Roster(self._people(), self.by_name)
        root, lesson = Path(self.parent.coursedir.root), self._extracted.parent
        given = [root / path for path in self.rosters]
        for path in given or [*sorted(lesson.parent.glob("*.csv")), *sorted(lesson.glob("*.csv"))]:
            if path.name in (COLLECTED, CHOSEN):
                continue
            try:
                known = roster.add(path)
            except TableError as error:
                self.log.error("%s", error)
                known = True
            if not known:
                self.log.warning(
                    "%s is neither Canvas's gradebook (columns ID and Section) nor Moodle's "
                    "grading worksheet (first column `Participant 123`) nor a list of groups "
                    "(columns group and student); not used",
                    path,
                )
        return roster

    @cached_property
    def _fates(self) -> list[Fate]:
        """What becomes of each file; decided once, as files of one student depend on each other."""
        extracted, lesson = self._extracted, self._extracted.parent
        paths = [path.relative_to(extracted) for path in extracted.rglob("*") if path.is_file()]
        extractor = self.parent.extractor_plugin_inst
        archive = Path(self.parent._format_collect_path(self.parent.archive_directory))
        zips = [path.relative_to(archive).with_suffix("") for path in archive.rglob("*.zip")]
        released = self._released()
        contents = Contents(
            extracted,
            getattr(extractor, "opened", {}),
            getattr(extractor, "problems", {}),
            released,
        )
        fates = decide(
            paths,
            tuple(sorted(released)),
            self._roster,
            getattr(extractor, "archives", zips),
            contents,
            self._chosen(lesson / CHOSEN, {path.as_posix() for path in paths}),
        )
        self._report(lesson / COLLECTED, fates)
        return fates

    @cached_property
    def _handed_in(self) -> dict[str, datetime]:
        """When Moodle's worksheet says that students have handed in, in UTC without saying so."""
        try:
            zone = ZoneInfo(self.timezone) if self.timezone else None
        except (ZoneInfoNotFoundError, ValueError):
            self.log.error(
                "LmsCollector.timezone is %r, which is none: write one such as 'Europe/Berlin'. "
                "This machine's is used",
                self.timezone,
            )
            zone = None
        moments = {}
        for student, text in self._roster.handed_in.items():
            when = read_date(text)
            if when is not None:
                if when.tzinfo is None:
                    when = when.replace(tzinfo=zone) if zone else when.astimezone()
                moments[student] = when.astimezone(UTC).replace(tzinfo=None)
        return moments

    def _released(self) -> dict[str, Path]:
        """Return the lesson's notebooks, as students got them where they have been made."""
        course = self.parent.coursedir
        for step in (course.release_directory, course.source_directory):
            folder = Path(course.format_path(step, ".", course.assignment_id))
            if found := {path.stem: path for path in sorted(folder.glob("*.ipynb"))}:
                return found
        return {}

    def _people(self) -> list[Person]:
        course = self.parent.coursedir
        file = file_of(course.db_url)
        if file and not file.exists():
            return []
        with Gradebook(course.db_url, course.course_id) as gradebook:
            return read_people(gradebook)

    def _chosen(self, path: Path, files: set[str]) -> dict[str, Chosen]:
        """Read what the instructor has said of files; nothing where there is no such list."""
        if not path.is_file():
            return {}
        try:
            table = read_table(path)
        except TableError as error:
            self.log.error("%s", error)
            return {}
        places = {name: table.column(name) for name in ("file", "student", "notebook")}
        if places["file"] is None:
            self.log.error("%s has no column file, as %s has: not used", path, COLLECTED)
            return {}
        chosen = {}
        for row in table.rows:
            said = {name: "" if at is None else row[at].strip() for name, at in places.items()}
            # A spreadsheet would run some names, so collected.csv has an apostrophe before them.
            named = said["file"] if said["file"] in files else said["file"].removeprefix("'")
            if named in files:
                chosen[named] = Chosen(said["student"], said["notebook"].removesuffix(".ipynb"))
            else:
                self.log.error("%s names %s, which is not in %s", path, named, self._extracted)
        return chosen

    def _report(self, path: Path, fates: list[Fate]) -> None:
        rows = [
            (
                fate.file.path.as_posix(),
                fate.student,
                fate.notebook,
                "yes" if fate.collected else "no",
                fate.why,
                fate.note,
            )
            for fate in fates
        ]
        write_table(path, _COLUMNS, [tuple(map(harmless, row)) for row in rows])
        taken = [fate for fate in fates if fate.collected]
        notebooks = sum(bool(fate.notebook) for fate in taken)
        self.log.info(
            "Collected: %s, and %s beside them; %s lists every file",
            count(notebooks, "notebook"),
            count(len(taken) - notebooks, "file"),
            path,
        )
        for fate in fates:
            if fate.to_be_told:
                self.log.warning("Not collected: %s: %s", fate.file.path, fate.why)
            elif fate.doubt:
                self.log.warning("Look at %s: %s", fate.file.path, fate.doubt)
        self._tell_of_time(taken)

    def _tell_of_time(self, taken: list[Fate]) -> None:
        """Say which dates nbgrader gets, and of which lateness it learns nothing."""
        late = sorted({fate.student for fate in taken if fate.notebook and fate.file.late})
        if late:
            self.log.warning(
                "Late, Canvas says, but not by how much, so nbgrader takes no points: %s. To have "
                "it take some, lay a timestamp.txt into their submission: docs/grading.md",
                ", ".join(late),
            )
        students = sorted({fate.student for fate in taken if fate.file.system == "Moodle"})
        dated = [student for student in students if student in self._handed_in]
        if dated:
            self.log.info(
                "Moodle dates %s, read as times of %s: if your account there has another zone, "
                "set LmsCollector.timezone and collect again with --force",
                count(len(dated), "submission"),
                self.timezone or f"this machine's zone, {datetime.now().astimezone().tzname()}",
            )
        for student in students:
            said = self._roster.handed_in.get(student, "")
            if student not in self._handed_in and said not in ("", "-"):
                self.log.warning(
                    "%s: the date %r of Moodle's worksheet is not understood, so nbgrader takes "
                    "the submission for punctual: lay a timestamp.txt into it, or download the "
                    "worksheet in English",
                    student,
                    said,
                )
            if any(char.isdigit() for char in self._roster.status.get(student, "")):
                self.log.warning(
                    "%s: Moodle says %r. nbgrader goes by its own due date and extensions: "
                    "docs/grading.md",
                    student,
                    self._roster.status[student],
                )
        if students and not any(self._roster.handed_in.get(one) for one in students):
            self.log.warning(
                "Moodle's list has no date of submission (the grading worksheet has it), so "
                "nbgrader takes all of them for punctual"
            )
