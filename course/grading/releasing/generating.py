"""`nbgrader generate_assignment` in this course: the release stays where none can be made anew."""

from __future__ import annotations

from pathlib import Path

from nbgrader.converters import BaseConverter, GenerateAssignment
from nbgrader.converters.base import NbGraderException

from course.grading.faults import GradingFault
from course.grading.records.aside import Aside
from course.grading.records.handedin import copy_files_beside
from course.grading.releasing.generate import generated
from course.lessons import LessonError


class PlainFiles(BaseConverter):
    """A converter that copies plain files and opens nothing else: a folder may hold anything."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Copy what lies beside a notebook.

        Raises
        ------
        CannotRead
            Where a file cannot be read that the student's code may need.
        """

        def odd(path: Path, what: str) -> None:
            self.log.warning("%s is %s; left out", path, what)

        source = Path(self._format_source(assignment_id, student_id))
        target = Path(self._format_dest(assignment_id, student_id))
        copy_files_beside(source, target, [*self.coursedir.ignore, "*.ipynb"], odd)


class Generating(GenerateAssignment, PlainFiles):
    """nbgrader's converter of lessons, for a folder of any name."""

    def init_notebooks(self) -> None:
        """Find lessons by patterns in which the course's own folder is no part of the pattern."""
        course = self.coursedir
        folders = Path(course.format_path(self._input_directory, ".", ".")).glob(
            course.assignment_id
        )
        found = {
            course.format_path(self._input_directory, course.student_id, folder.name): sorted(
                path.name for path in folder.glob(f"{course.notebook_id}.ipynb")
            )
            for folder in sorted(folders)
        }
        self.notebooks: list[str] = []
        self.assignments = {
            folder: [f"{folder}/{name}" for name in names]
            for folder, names in found.items()
            if names
        }
        if not self.assignments:
            super().init_notebooks()  # says what there is

    def convert_notebooks(self) -> None:
        """Make releases; where one cannot be made, all are as they were."""
        course = self.coursedir
        for folder, paths in self.assignments.items():
            for path in paths:  # to say which cell it is, before anything is touched
                try:
                    generated(course, self.config, Path(folder).name, Path(path))
                except (LessonError, GradingFault) as error:
                    self.log.error("Nothing is generated: %s", error)
                    raise NbGraderException(str(error)) from error
        places = {
            Path(course.format_path(course.release_directory, ".", Path(folder).name))
            for folder in self.assignments
        }
        releases = [Aside(place) for place in sorted(places)]
        try:
            for release in releases:
                release.keep()
            super().convert_notebooks()
        except BaseException:
            for release in releases:
                release.bring_back()
            raise
        for release in releases:
            release.drop()
