"""Files that were handed in beside the notebook, for the process that runs its cells."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

#: Files are left out from this many folders down.
_DEEPEST_FOLDER = 16


def copy_files(files: Path | None, work: Path, most: int) -> None:
    """Copy what was handed in, up to `most` bytes of it.

    Links are not followed: they are left out, as are notebooks and what is no plain file.
    """
    work.mkdir()
    if files is None or not files.is_dir():
        return
    for folder, folders, names in os.walk(files):
        place = Path(folder).relative_to(files)
        if len(place.parts) >= _DEEPEST_FOLDER:
            folders.clear()
        for name in sorted(names):
            path = Path(folder) / name
            if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
                continue
            most -= path.stat().st_size
            if most < 0:
                return
            (work / place).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, work / place / name)
