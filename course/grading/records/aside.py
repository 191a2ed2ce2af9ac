"""A folder kept aside while something else is made in its place."""

from __future__ import annotations

import shutil
from pathlib import Path

from nbgrader.utils import rmtree


class Aside:
    """A folder's copy beside it, which comes back where what replaces it cannot be made.

    Parameters
    ----------
    place : Path
        The folder.
    """

    def __init__(self, place: Path) -> None:
        self.place, self._copy = place, place.with_name(f".{place.name}.kept")

    @property
    def is_kept(self) -> bool:
        """Whether there is a copy: of now, or of a run that was killed."""
        return self._copy.is_dir()

    def keep(self) -> None:
        """Copy the folder, where there is one; one that a killed run left half made is none."""
        self.bring_back()
        unfinished = self.place.with_name(f".{self.place.name}.new")
        shutil.rmtree(unfinished, ignore_errors=True)
        if self.place.is_dir():
            shutil.copytree(self.place, unfinished, symlinks=True)
            unfinished.rename(self._copy)

    def bring_back(self) -> None:
        """Put the copy into its place, where there is one."""
        if self.is_kept:
            if self.place.exists():
                rmtree(str(self.place))
            self._copy.rename(self.place)

    def drop(self) -> None:
        """Remove the copy: its place is taken."""
        shutil.rmtree(self._copy, ignore_errors=True)
