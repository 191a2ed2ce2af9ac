"""What is looked at in a submitted folder before nbgrader copies it: see `nbgrader_config.py`."""

from __future__ import annotations

import logging
import os
from pathlib import Path

#: A link to a file of more bytes than this is not followed even by the copy.
_LARGEST_LINKED = 64 * 2**20


def drop_what_cannot_be_copied(notebooks: list[str], **_: object) -> None:
    """Remove links, pipes and devices at which nbgrader's copy would stop, hang or never end.

    A plain file is never touched, and a link holds nothing of a student's work.

    Parameters
    ----------
    notebooks : list of str
        The submission's notebooks, as nbgrader hands them to a ``pre_convert_hook``.
    """
    for folder in {Path(notebook).parent for notebook in notebooks}:
        for place, _folders, names in os.walk(folder):
            for path in (Path(place) / name for name in names):
                if not _can_be_copied(path):
                    logging.getLogger("course").warning("%s is no plain file; removed", path)
                    path.unlink(missing_ok=True)


def _can_be_copied(path: Path) -> bool:
    try:
        small = not path.is_symlink() or path.stat().st_size <= _LARGEST_LINKED
        return path.is_file() and small
    except OSError:  # a link to itself, or to a place that may not be looked at
        return False
