"""What a file is by its own name: which notebook of the lesson, a copy of one, or another file."""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

#: What file managers call a copy, in some languages.
_WORDS = "copy|kopie|copie|copia|cópia|kopia|kopi|kopio|kópia|másolat|копия|コピー|副本|복사본"
#: What Canvas adds to a file that is handed in again.
_CANVAS = r"-\d+"
#: What Jupyter, browsers and file managers add to the name of a second copy.
_COPY = (
    rf"-Copy\d+|[ _]?\(\d+\)|[ _]?[-–—]?[ _](?:{_WORDS})(?:[ _]?\(?\d+\)?)?|[ _]\((?:{_WORDS})\)"
)
_AFTER = re.compile(rf"(?:{_CANVAS}|{_COPY})$", re.IGNORECASE)
_CANVASS = re.compile(rf"{_CANVAS}$")
_BEFORE = re.compile(
    r"^(?:copy of|kopie van|kopie von|copie de|copia de|cópia de|kopia)[ _]+", re.IGNORECASE
)
#: A notebook, also where a browser has put an ending of its own behind.
_NOTEBOOK = re.compile(
    rf"\.ipynb(?P<again>(?:{_CANVAS}|{_COPY})*)(?P<wrapped>(?:\.(?:txt|text|json|ipynb))*)\s*$",
    re.IGNORECASE,
)
#: Endings under which a notebook may hide: what is in the file has to tell.
_HIDING = (".txt", ".text", ".json")


def is_notebook_name(title: str) -> bool:
    """Say whether a name is a notebook's, of any case.

    >>> [is_notebook_name(name) for name in ("a.ipynb", "A.IPYNB", "a.ipynb.txt", "a.txt")]
    [True, True, False, False]
    """
    found = _NOTEBOOK.search(title)
    return found is not None and found["wrapped"].casefold() in ("", ".ipynb")


def may_hide_a_notebook(title: str) -> bool:
    """Say whether a browser or an editor may have given a notebook this name."""
    return title.strip().casefold().endswith(_HIDING)


def notebook_of(title: str, known: tuple[str, ...]) -> str | None:
    """Return which of a lesson's notebooks a file is by its name, None where none.

    >>> [notebook_of(title, ("teacher_forcing",)) for title in ("teacher_forcing-2.ipynb",
    ...     "Teacher Forcing (1).ipynb", "teacher_forcing - Kopie (2).IPYNB.txt", "homework.ipynb")]
    ['teacher_forcing', 'teacher_forcing', 'teacher_forcing', None]
    """
    stem = _stem(title)
    names = {_plain(name): name for name in known}
    while stem:
        if _plain(stem) in names:
            return names[_plain(stem)]
        shorter = _BEFORE.sub("", _AFTER.sub("", stem))
        if shorter == stem:
            return None
        stem = shorter
    return None


def exactness(title: str, notebook: str) -> int:
    """Return 2 for a notebook's very name, 1 for one that differs in spelling alone, 0 for a copy.

    What Canvas adds where a file is handed in again is no copy's name.

    >>> [exactness(title, "a_b") for title in ("a_b.ipynb", "A b.IPYNB", "a_b-1.ipynb",
    ...     "a_b-Copy1.ipynb", "a_b (1).ipynb")]
    [2, 1, 1, 0, 0]
    """
    if title == f"{notebook}.ipynb":
        return 2
    return int(_plain(_CANVASS.sub("", _stem(title))) == _plain(notebook))


def without_number(title: str) -> str:
    """Return a file's name without what Canvas has added to it.

    >>> without_number("helper-1.py"), without_number("helper.py")
    ('helper.py', 'helper.py')
    """
    path = PurePath(title)
    return _CANVASS.sub("", path.stem) + path.suffix


def _stem(title: str) -> str:
    """Return a notebook's name without its ending; what a copy has behind the ending stays."""
    found = _NOTEBOOK.search(title)
    if found is None:
        stem = PurePath(title.strip())
        return stem.stem if may_hide_a_notebook(title) else stem.name
    return title[: found.start()] + found["again"]


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name.strip()).casefold()
    return re.sub(r"[\s_]+", "_", folded)
