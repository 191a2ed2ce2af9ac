"""The names that Canvas and Moodle give to submitted files, and what they say.

Canvas writes `name_LATE_USER_FILE_TITLE` into one folder: the name in lower case without anything
but letters, their marks, digits and underscores; `LATE` only where it was; the user's number, the
file's number, and the title, to which it adds `-1`, `-2` ... where a student hands in again. What
a group handed in has the group's name, and the number of the member who did it. Anonymous:
`anon_CODE` for both.

Moodle makes a folder a student, `Name_NUMBER_assignsubmission_file_` (without the last underscore
from 4.1 on), or one folder of files with that in front of their names. The number is a
participant's in this one assignment, which only its grading worksheet knows; where groups hand in,
newer versions write the group's name and number instead.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

_CANVAS = re.compile(
    r"(?=_(?P<late>LATE_)?(?P<number>\d+)_(?:(?P<file>\d+)_(?P<title>.+)|(?P<typed>text|link)\.html)$)"
)
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<name>anon)_(?P<number>[^\W_]+)_(?P<file>\d+)_(?P<title>.+)"
)
_MOODLE = re.compile(
    r"(?P<name>.+?)(?:_(?P<number>\d+))?_assignsubmission_(?P<kind>[a-z]+)_?(?P<title>.*)"
)


_NOWHERE = PurePath()


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
        The student's, or the group's name, as that system writes them.
    title : str
        The file's own name.
    inside : PurePath
        Its place in the student's folder or zip; empty where the name itself is theirs.
    upload : int
        Grows with each file that Canvas takes in; 0 where it is not known.
    late : bool
        Whether Canvas says so.
    typed : str
        What a student typed there instead of a file: ``text``, ``link``, ``onlinetext`` ...
    """

    path: PurePath
    system: str = ""
    name: str = ""
    number: str = ""
    title: str = ""
    inside: PurePath = _NOWHERE
    upload: int = 0
    late: bool = False
    typed: str = ""

    @property
    def flat(self) -> bool:
        """Whether the system has put the student's name before the file's own."""
        return self.inside == _NOWHERE


def readings(path: PurePath) -> list[HandedIn]:
    """Read all that a path below the extracted folder can say, the likeliest first.

    >>> found, *_ = readings(PurePath("submissions/leeann_LATE_101_77_teacher_forcing-1.ipynb"))
    >>> found.system, found.name, found.number, found.title, found.upload, found.late
    ('Canvas', 'leeann', '101', 'teacher_forcing-1.ipynb', 77, True)
    >>> [found] = readings(PurePath("x/Ann Lee_55_assignsubmission_file_/teacher_forcing.ipynb"))
    >>> found.system, found.name, found.number, found.title
    ('Moodle', 'Ann Lee', '55', 'teacher_forcing.ipynb')

    Somebody's own name may end in a number, and a title may begin with one.

    >>> [one.number for one in readings(PurePath("ann_lee_7_101_77_a.ipynb"))]
    ['7', '101']
    """
    for place, part in enumerate(path.parts):
        inside = PurePath(*path.parts[place + 1 :])
        if found := _MOODLE.fullmatch(part):
            title = found["title"] if inside == _NOWHERE else path.name
            typed = "" if found["kind"] == "file" else found["kind"]
            number = found["number"] or ""
            return [HandedIn(path, "Moodle", found["name"], number, title, inside, typed=typed)]
        if whole := _CANVAS_ANONYMOUS.fullmatch(part):
            return [_canvas(path, inside, whole, whole["name"])]
        named = [(part[: found.start()], found) for found in _CANVAS.finditer(part)]
        if said := [_canvas(path, inside, found, name) for name, found in named if _is_word(name)]:
            return said
    return [HandedIn(path, title=path.name, inside=path)]


def _canvas(path: PurePath, inside: PurePath, found: re.Match[str], name: str) -> HandedIn:
    about = found.groupdict()
    # Inside of what a student has zipped, the file's own name counts.
    title = (about["title"] or path.name) if inside == _NOWHERE else path.name
    upload, late = int(about["file"] or 0), about["late"] is not None
    typed = about.get("typed") or ""
    return HandedIn(path, "Canvas", name, about["number"], title, inside, upload, late, typed)


def _is_word(name: str) -> bool:
    """Say whether a name has nothing but what Canvas leaves in one."""
    kinds = {unicodedata.category(char) for char in name}
    return bool(kinds) and all(kind[0] in "LMN" or kind == "Pc" for kind in kinds)


def letters(name: str) -> str:
    r"""Return a name's letters, marks and digits, however it is composed, cased and spaced.

    >>> letters("Zoe\u0308  O'Neil") == letters("ZO\u00cb oneil")
    True
    """
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    # Turkish has an i without a dot, and a capital one with; what lower case makes of them differs.
    plain = plain.replace("i\N{COMBINING DOT ABOVE}", "i").replace(
        "\N{LATIN SMALL LETTER DOTLESS I}", "i"
    )
    return "".join(char for char in plain if unicodedata.category(char)[0] in "LMN")
