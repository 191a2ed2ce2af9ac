"""Unpacks the zip of an LMS, and what students have zipped in it, without falling for either."""

from __future__ import annotations

import os
import re
import shutil
import time
import unicodedata
import zipfile
from pathlib import Path, PurePath

from nbgrader.plugins import ExtractorPlugin
from traitlets import Int

#: Zips in zips in zips ... are opened down to here: the LMS's own, and a student's in it.
_DEPTH = 2
_UTF8 = 0x800
_ENCRYPTED = 0x1
#: Classes of the signs that turn the direction of the text around them.
_TURNS = ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")


class ZipExtractor(ExtractorPlugin):
    """Unpacks zips; one that cannot be opened is kept beside the rest, and stops nothing."""

    most_mib = Int(
        256, help="MiB that a zip of a student's may unpack to; a larger one is not opened."
    ).tag(config=True)

    most_files = Int(
        1000, help="Files that a zip of a student's may hold; one with more is not opened."
    ).tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack or copy everything in the archive folder into the extracted folder.

        Files keep the dates that they have there, as these tell which copy is the newer one.
        """
        source, self._target = Path(archive_path), Path(extracted_path)
        #: Below the extracted folder: what the system's own zips and students' zips became, and
        #: what was not taken out of one, with the reason.
        self.archives: list[PurePath] = []
        self.opened: dict[PurePath, PurePath] = {}
        self.problems: dict[PurePath, str] = {}
        files = [path for path in sorted(source.rglob("*")) if path.is_file()]
        if not files:
            self.log.warning("No files found in directory: %s", archive_path)
        for path in files:
            place = self._target / path.relative_to(source)
            folder, is_zip = _free(place.with_suffix("")), path.suffix.lower() == ".zip"
            if not is_zip or not self._unpack(path, folder, place, 1):
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, place)
            else:
                self.archives.append(self._below(folder))

    def _unpack(self, path: Path, folder: Path, told: Path, depth: int) -> bool:
        """Unpack a zip and those in it; return whether it could be opened.

        ``told`` is the file that an instructor sees below the extracted folder.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                if depth > 1:
                    self._refuse_a_bomb(entries)
                for entry in entries:
                    self._unpack_one(archive, entry, folder)
        except Exception as error:  # as below
            self._tell(told, f"it could not be unpacked: {error}")
            return False
        if depth < _DEPTH:
            for inner in sorted(folder.rglob("*")):
                if inner.is_file() and inner.suffix.lower() == ".zip":
                    place = _free(inner.with_suffix(""))
                    if self._unpack(inner, place, inner, depth + 1):
                        self.opened[self._below(place)] = self._below(inner)
        return True

    def _unpack_one(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
        """Unpack one file: `zipfile` keeps it below the folder, and links become plain files."""
        # Absolute places and those above the folder are places in it.
        parts = [part for part in re.split(r"[/\\]", _shown(_name(entry))) if part.strip(". ")]
        if not parts:
            self._tell(
                folder, f"an entry of it, {entry.filename!r}, has no name that a file can have"
            )
            return
        entry.filename = "/".join(parts)
        place = folder.joinpath(*parts)
        if entry.flag_bits & _ENCRYPTED:
            self._tell(place, "it is locked with a password, so it was not unpacked")
            return
        try:
            if place.is_file():  # an entry of the same name before; the last one is what counts
                earlier = _free(place.with_name(f"{place.name}.earlier"))
                place.rename(earlier)
                self._tell(earlier, f"a later file of the same name in the zip: {place.name}")
            made = Path(archive.extract(entry, folder))
            stamp = time.mktime((*entry.date_time, 0, 0, -1))
            os.utime(made, (stamp, stamp))
        except Exception as error:  # zipfile and zlib raise whatever a broken zip makes them
            self._tell(place, f"it could not be unpacked: {error}")

    def _tell(self, place: Path, why: str) -> None:
        self.log.error("%s: %s", place, why)
        self.problems[self._below(place)] = why

    def _below(self, place: Path) -> PurePath:
        return PurePath(os.path.normpath(place)).relative_to(os.path.normpath(self._target))

    def _refuse_a_bomb(self, entries: list[zipfile.ZipInfo]) -> None:
        size_mib = sum(entry.file_size for entry in entries) / 2**20
        if size_mib > self.most_mib or len(entries) > self.most_files:
            raise zipfile.BadZipFile(
                f"it holds {len(entries)} files of {size_mib:.0f} MiB together; see "
                f"ZipExtractor.most_mib and most_files"
            )


def _name(entry: zipfile.ZipInfo) -> str:
    """Return an entry's name as it was meant.

    Where the zip does not say that names are in UTF-8, `zipfile` reads them as DOS wrote them.
    Canvas, macOS and others write UTF-8 all the same, which is hardly ever anything else by chance.
    """
    if entry.flag_bits & _UTF8:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename


def _shown(name: str) -> str:
    """Return a name without what a terminal would obey: control signs, and turns of direction."""
    return "".join(
        "_"
        if unicodedata.category(char) == "Cc" or unicodedata.bidirectional(char) in _TURNS
        else char
        for char in name
    )


def _free(folder: Path) -> Path:
    """Return a folder's name that nothing has yet."""
    taken, number = folder, 1
    while folder.exists():
        folder, number = taken.with_name(f"{taken.name}.{number}"), number + 1
    return folder
