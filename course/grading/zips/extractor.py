"""Unpacks the zip of an LMS, and what students have zipped in it, without falling for either."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

from nbgrader.plugins import ExtractorPlugin
from traitlets import Int

#: Zips in zips in zips ... are opened down to here: the LMS's own, and a student's in it.
_DEPTH = 2


class ZipExtractor(ExtractorPlugin):
    """Unpacks zips; one that cannot be opened is kept beside the rest, and stops nothing."""

    most_mib = Int(
        256, help="MiB that a zip of a student's may unpack to; a larger one is not opened."
    ).tag(config=True)

    most_files = Int(
        1000, help="Files that a zip of a student's may hold; one with more is not opened."
    ).tag(config=True)

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack or copy everything in the archive folder into the extracted folder."""
        source, target = Path(archive_path), Path(extracted_path)
        files = [path for path in sorted(source.rglob("*")) if path.is_file()]
        if not files:
            self.log.warning("No files found in directory: %s", archive_path)
        for path in files:
            place = target / path.relative_to(source)
            if path.suffix.lower() != ".zip" or not self._unpack(path, place.with_suffix(""), 1):
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, place)

    def _unpack(self, path: Path, folder: Path, depth: int) -> bool:
        """Unpack a zip and those in it; return whether it could be opened."""
        try:
            with zipfile.ZipFile(path) as archive:
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                if depth > 1:
                    self._refuse_a_bomb(entries)
                for entry in entries:
                    self._unpack_one(archive, entry, folder)
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            self.log.warning("%s could not be unpacked: %s", path, error)
            return False
        if depth < _DEPTH:
            for inner in sorted(folder.rglob("*")):
                if inner.is_file() and inner.suffix.lower() == ".zip":
                    self._unpack(inner, _free(inner.with_suffix("")), depth + 1)
        return True

    def _unpack_one(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
        """Unpack one file: `zipfile` keeps it below the folder, and links become plain files."""
        try:
            archive.extract(entry, folder)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
            self.log.error("%s in %s could not be unpacked: %s", entry.filename, folder, error)

    def _refuse_a_bomb(self, entries: list[zipfile.ZipInfo]) -> None:
        size_mib = sum(entry.file_size for entry in entries) / 2**20
        if size_mib > self.most_mib or len(entries) > self.most_files:
            raise zipfile.BadZipFile(
                f"it holds {len(entries)} files of {size_mib:.0f} MiB together; see "
                f"ZipExtractor.most_mib and most_files"
            )


def _free(folder: Path) -> Path:
    """Return a folder's name that nothing has yet."""
    taken, number = folder, 1
    while folder.exists():
        folder, number = taken.with_name(f"{taken.name}.{number}"), number + 1
    return folder
