"""The names that Canvas and Moodle give to submitted files, and what they say.

Canvas writes `lastfirst_LATE_USER_FILE_TITLE` into one folder: the name without anything but
letters and digits, `LATE` only where it was, the user's number, the file's number, and the title,
to which it adds `-1`, `-2` ... where a student hands in again. Anonymous: `anon_CODE` for both.

Moodle makes a folder a student, `Name_NUMBER_assignsubmission_file_` (without the last underscore
from 4.1 on), or one folder of files with that in front of their names. The number is a
participant's in this one assignment, which only its grading worksheet knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

_CANVAS = re.compile(
    r"(?P<name>\w+?)_(?P<late>LATE_)?(?P<number>\d+)_(?:(?P<file>\d+)_(?P<title>.+)|(?:text|link)\.html)"
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon)_(?P<number>[^\W_]+)_(?P<file>\d+)_(?P<title>.+)"
)
_MOODLE = re.compile(
    r"(?P<name>.+)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)_?(?P<title>.*)"
)
#: What Canvas, browsers and Jupyter add to the name of a second copy.
_COPY = re.compile(r"(?:-Copy(?P<jupyter>\d+)|-(?P<canvas>\d+)|[ _]?\((?P<browser>\d+)\))$")


@dataclass(frozen=True)
class HandedIn:
    """What a file's place in the extracted zip says.

    Attributes
    ----------
    path : PurePath
        Below the extracted folder.
    system : str
        ``"Canvas"``, ``"Moodle"`` or ``""`` where neither has made the name.
    name, number : str
        The student's, as that system writes them.
    title : str
        The file's own name.
    upload : int
        Grows with each file that Canvas takes in; 0 where it is not known.
    late : bool
        Whether Canvas says so.
    """

    path: PurePath
    system: str = ""
    name: str = ""
    number: str = ""
    title: str = ""
    upload: int = 0
    late: bool = False


def read_name(path: PurePath) -> HandedIn:
    """Read what a path below the extracted folder says.

    >>> found = read_name(PurePath("submissions/leeann_LATE_101_77_teacher_forcing-1.ipynb"))
    >>> found.system, found.name, found.number, found.title, found.upload, found.late
    ('Canvas', 'leeann', '101', 'teacher_forcing-1.ipynb', 77, True)
    >>> found = read_name(PurePath("x/Ann Lee_55_assignsubmission_file_/teacher_forcing.ipynb"))
    >>> found.system, found.name, found.number, found.title
    ('Moodle', 'Ann Lee', '55', 'teacher_forcing.ipynb')
    >>> read_name(PurePath("teacher_forcing.ipynb")).system
    ''
    """
    for place, part in enumerate(path.parts):
        inside = place < len(path.parts) - 1
        if found := _MOODLE.fullmatch(part):
            title = path.name if inside else found["title"]
            return HandedIn(path, "Moodle", found["name"], found["number"], title)
        if found := _CANVAS_ANONYMOUS.fullmatch(part) or _CANVAS.fullmatch(part):
            # Inside of what a student has zipped, the file's own name counts.
            title = path.name if inside else found["title"] or path.name
            upload = int(found["file"] or 0)
            late = found["late"] is not None
            return HandedIn(path, "Canvas", found["name"], found["number"], title, upload, late)
    return HandedIn(path, title=path.name)


def notebook_of(title: str, known: tuple[str, ...]) -> str | None:
    """Return which of a lesson's notebooks a file is by its name, None where none.

    >>> [notebook_of(title, ("teacher_forcing",)) for title in ("teacher_forcing-2.ipynb",
    ...     "Teacher Forcing (1).ipynb", "teacher_forcing-Copy1.ipynb", "homework.ipynb")]
    ['teacher_forcing', 'teacher_forcing', 'teacher_forcing', None]
    """
    stem = re.sub(r"\.ipynb$", "", title, flags=re.IGNORECASE)
    names = {_plain(name): name for name in known}
    while stem:
        if _plain(stem) in names:
            return names[_plain(stem)]
        shorter = _COPY.sub("", stem)
        if shorter == stem:
            return None
        stem = shorter
    return None


def version_of(title: str) -> int:
    """Return the number that a title got as a second copy, 0 where it has none.

    >>> version_of("teacher_forcing-2.ipynb"), version_of("teacher_forcing.ipynb")
    (2, 0)
    """
    found = _COPY.search(PurePath(title).stem)
    return int(next(filter(None, found.groups()))) if found else 0


def _plain(name: str) -> str:
    return re.sub(r"[\s_]+", "_", name.strip()).casefold()
