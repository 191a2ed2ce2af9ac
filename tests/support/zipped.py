"""Zips as Canvas and Moodle make them, and what becomes of the files in them."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePath

from course.grading.lms.zips import ZipExtractor
from course.grading.lms.zips.contents import Contents
from course.grading.lms.zips.fates import Chosen, Fate, decide
from course.grading.lms.zips.roster import Roster

#: A date of a file in a zip: a day of March, at noon.
Day = int


def answer(text: str) -> bytes:
    """Return a notebook with one answer."""
    marks = {"nbgrader": {"grade_id": "write", "locked": False, "solution": True}}
    cell = {"cell_type": "code", "metadata": marks, "source": text, "outputs": []}
    return json.dumps(
        {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    ).encode()


RELEASED = answer("# TODO")
#: Who is who in Moodle's and in Canvas's lists, how they call Ann, and the lesson's notebook.
MOODLE = """\
Identifier,Full name,Email address,Status
Participant 55,Ann Lee,ann@uni.example,Submitted
Participant 56,Bob Ray,bob@uni.example,Submitted
"""
CANVAS = 'Student,ID,SIS Login ID,Section\n"Lee, Ann",101,ann,A\n'
ANN = "Ann Lee_55_assignsubmission_file_"
NAME = "teacher_forcing"


def make_zip(path: Path, files: Mapping[str, bytes | tuple[bytes, Day]]) -> bytes:
    """Write a zip whose files are of one day, or of their own; return its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, given in files.items():
            content, day = given if isinstance(given, tuple) else (given, 1)
            archive.writestr(zipfile.ZipInfo(name, (2025, 3, day, 12, 0, 0)), content)
    return path.read_bytes()


class Download:
    """A download of one lesson, `teacher_forcing`, with lists that say who is who."""

    def __init__(self, folder: Path, lists: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.roster = Roster(())
        self.extractor = ZipExtractor()
        self.extracted = folder / "extracted"
        for name, text in (lists or {}).items():
            (folder / name).write_text(text, encoding="utf-8")
            assert self.roster.add(folder / name), f"{name} is taken for no list"

    def fates(
        self,
        files: Mapping[str, bytes | tuple[bytes, Day]],
        chosen: Mapping[str, Chosen] | None = None,
    ) -> list[Fate]:
        """Pack files into one zip, and decide about each."""
        make_zip(self.folder / "archive" / "all.zip", files)
        return self.decide(chosen)

    def decide(self, chosen: Mapping[str, Chosen] | None = None) -> list[Fate]:
        """Decide about all that lies in the archive folder."""
        released = self.folder / "released.ipynb"
        released.write_bytes(RELEASED)
        shutil.rmtree(self.extracted, ignore_errors=True)
        self.extracted.mkdir()
        self.extractor.extract(str(self.folder / "archive"), str(self.extracted))
        paths = [p.relative_to(self.extracted) for p in self.extracted.rglob("*") if p.is_file()]
        contents = Contents(
            self.extracted,
            self.extractor.opened,
            self.extractor.problems,
            {"teacher_forcing": released},
        )
        archives = self.extractor.archives
        notebooks = ("teacher_forcing",)
        return decide(paths, notebooks, self.roster, archives, contents, chosen)


def laid(fates: list[Fate]) -> dict[str, dict[str, str]]:
    """Return what each student's submission holds: by its place, the path that it came from."""
    found: dict[str, dict[str, str]] = {}
    for fate in fates:
        for place in fate.places:
            found.setdefault(fate.student, {})[place.as_posix()] = below(fate)
    return found


def left(fates: list[Fate]) -> dict[str, str]:
    """Return the reason for each file that is not collected."""
    return {below(fate): fate.why for fate in fates if not fate.collected}


def below(fate: Fate) -> str:
    """Return a file's place in the zip."""
    return PurePath(*fate.file.path.parts[1:]).as_posix()


def moodle(folder: Path) -> Download:
    return Download(folder, {"worksheet.csv": MOODLE})


def canvas(folder: Path) -> Download:
    return Download(folder, {"gradebook.csv": CANVAS})
