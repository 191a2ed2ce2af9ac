"""What the extracted files themselves say: when they were saved, and what is in them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from typing import Any

from course.bootstrap.files import parsed

#: A zip keeps no year before this one, and this one where it knows none.
_NO_DATE = 1980
#: A zip keeps local time, so what was saved a moment ago may seem to come from another day.
_ZONES = timedelta(days=2)
#: A file larger than this is not opened to see whether it is a notebook.
_LARGEST = 64 * 2**20


@dataclass(frozen=True)
class Contents:
    """The extracted folder, as far as it has to be looked into.

    Attributes
    ----------
    root : Path or None
        The folder; None where there are names alone, which say nothing of contents.
    opened : mapping of PurePath to PurePath
        The folders below it that students' own zips were unpacked into, and those zips.
    problems : mapping of PurePath to str
        Files that could not be unpacked, and why.
    released : mapping of str to Path
        The lesson's notebooks as students got them, by name.
    """

    root: Path | None = None
    opened: Mapping[PurePath, PurePath] = field(default_factory=dict)
    problems: Mapping[PurePath, str] = field(default_factory=dict)
    released: Mapping[str, Path] = field(default_factory=dict)

    def saved(self, path: PurePath) -> datetime | None:
        """Return when a file was saved last, by the clock of whoever packed it.

        None where that is not known: a clock that is years ahead tells nothing either.
        """
        if self.root is None:
            return None
        when = datetime.fromtimestamp((self.root / path).stat().st_mtime)
        is_date = when.year > _NO_DATE and when < datetime.now() + _ZONES
        return when if is_date else None

    def packed_in(self, path: PurePath) -> PurePath:
        """Return the folder of the innermost zip that a file came in; dates in it are of one clock.

        Empty for what came in the system's own zip.
        """
        return next((folder for folder in path.parents if folder in self.opened), PurePath())

    def same(self, paths: list[PurePath]) -> bool:
        """Say whether files are alike, byte for byte."""
        if self.root is None:
            return len(paths) == 1
        return len({hashlib.sha256(self._bytes(path)).digest() for path in paths}) == 1

    def is_notebook(self, path: PurePath) -> bool:
        """Say whether there is a notebook in a file, whatever it is called."""
        return self.root is None or self._cells(self.root / path) is not None

    def untouched(self, path: PurePath, notebook: str) -> bool:
        """Say whether every answer in a file is as it was released."""
        released = self.released.get(notebook)
        if self.root is None or released is None:
            return False
        mine, theirs = self._cells(self.root / path), self._cells(released)
        return bool(mine) and bool(theirs) and _answers(mine) == _answers(theirs)

    def _bytes(self, path: PurePath) -> bytes:
        assert self.root is not None
        return (self.root / path).read_bytes()

    def _cells(self, path: Path) -> list[dict[str, Any]] | None:
        """Return a notebook's cells, None where a file is none."""
        try:
            if path.stat().st_size > _LARGEST:
                return None
            found = parsed(path.read_bytes())
        except (OSError, ValueError):
            return None
        cells = found.get("cells") if isinstance(found, dict) else None
        if not isinstance(cells, list) or "nbformat" not in found:
            return None
        return [cell for cell in cells if isinstance(cell, dict)]


def _answers(cells: list[dict[str, Any]] | None) -> list[tuple[str, str]]:
    """Return what stands in the cells that are not locked, in order."""
    answers = []
    for cell in cells or ():
        about = cell.get("metadata")
        marks = about.get("nbgrader", {}) if isinstance(about, dict) else {}
        if isinstance(marks, dict) and not marks.get("locked", False):
            source = cell.get("source", "")
            text = "".join(map(str, source)) if isinstance(source, list) else str(source)
            answers.append((str(marks.get("grade_id", "")), text.strip()))
    return answers
