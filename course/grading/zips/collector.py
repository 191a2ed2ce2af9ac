"""Tells `nbgrader zip_collect` whose each file is, and an instructor what became of all of them."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.plugins import FileNameCollectorPlugin
from traitlets import Bool, List, Unicode

from course.grading.export.people import Person, read_people
from course.grading.export.table import TableError, harmless, write_table
from course.grading.zips.plan import Fate, decide
from course.grading.zips.roster import Roster

_COLUMNS = ("file", "student", "notebook", "collected", "why", "note")
_TOLD = 30


class LmsCollector(FileNameCollectorPlugin):
    """Recognises the files of Canvas's and Moodle's zips.

    Students are found by a list from the same system, and by nbgrader's `lms_user_id`. A file
    that is nobody's for certain is left where it is and listed in `collected.csv`. With
    `named_regexp` set, for another system, that alone decides, as nbgrader's documents say.
    """

    rosters = List(
        Unicode(),
        help="CSV files that say who is who: the gradebook that Canvas exports, an assignment's "
        "grading worksheet from Moodle. Empty: every CSV file in downloaded/LESSON and downloaded.",
    ).tag(config=True)

    by_name = Bool(
        False,
        help="Take a full name for its student where nothing else tells and nbgrader has one "
        "student of that name. Two people of one name get each other's marks.",
    ).tag(config=True)

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Return a file's student and notebook, None where it is left."""
        if self.named_regexp:
            found: dict[str, Any] | None = super().collect(submitted_file)
            return found
        fate = self._fates.get(Path(submitted_file))
        if fate is None or not fate.collected:
            return None
        return {"student_id": fate.student, "file_id": f"{fate.notebook}.ipynb"}

    @cached_property
    def _fates(self) -> dict[Path, Fate]:
        """What becomes of each file; decided once, as files of one student depend on each other."""
        app = self.parent
        extracted = Path(app._format_collect_path(app.extracted_directory))
        paths = [path.relative_to(extracted) for path in extracted.rglob("*") if path.is_file()]
        archive = Path(app._format_collect_path(app.archive_directory))
        zips = [path.relative_to(archive).with_suffix("") for path in archive.rglob("*.zip")]
        fates = decide(paths, self._notebooks(), self._roster(extracted.parent), zips)
        self._report(extracted.parent / "collected.csv", fates)
        return {extracted / fate.file.path: fate for fate in fates}

    def _notebooks(self) -> tuple[str, ...]:
        course = self.parent.coursedir
        for step in (course.release_directory, course.source_directory):
            folder = Path(course.format_path(step, ".", course.assignment_id))
            names = tuple(sorted(path.stem for path in folder.glob("*.ipynb")))
            if names:
                return names
        return ()

    def _roster(self, lesson: Path) -> Roster:
        roster = Roster(self._people(), self.by_name)
        root = Path(self.parent.coursedir.root)
        given = [root / path for path in self.rosters]
        for path in given or [*sorted(lesson.parent.glob("*.csv")), *sorted(lesson.glob("*.csv"))]:
            if path.name == "collected.csv":
                continue
            try:
                known = roster.add(path)
            except TableError as error:
                self.log.error("%s", error)
                known = True
            if not known:
                self.log.warning(
                    "%s is neither Canvas's gradebook (columns ID and Section) nor Moodle's "
                    "grading worksheet (column Identifier); not used",
                    path,
                )
        return roster

    def _people(self) -> list[Person]:
        course = self.parent.coursedir
        kind, _, file = course.db_url.partition(":///")
        if kind == "sqlite" and not Path(file).exists():
            return []
        with Gradebook(course.db_url, course.course_id) as gradebook:
            return read_people(gradebook)

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
        left = [fate for fate in fates if not fate.collected]
        late = [fate.student for fate in fates if fate.collected and fate.file.late]
        self.log.info(
            "%d notebooks are collected; %s lists every file", len(fates) - len(left), path
        )
        for fate in left[:_TOLD]:
            self.log.warning("Not collected: %s: %s", fate.file.path, fate.why)
        if len(left) > _TOLD:
            self.log.warning("... and %d more files are not collected", len(left) - _TOLD)
        if late:
            self.log.warning(
                "Late, Canvas says, but not by how much, so nbgrader takes no points: %s",
                ", ".join(late),
            )
