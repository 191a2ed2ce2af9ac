"""What becomes of each file of a zip: collected for a student, or left, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import PurePath

from course.grading.zips.names import HandedIn, notebook_of, read_name, version_of
from course.grading.zips.roster import Roster, Unknown

#: What a student's machine adds to a zip, which nobody handed in.
_LITTER = ("__MACOSX", ".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True)
class Fate:
    """What becomes of a file.

    Attributes
    ----------
    file : HandedIn
        The file.
    student, notebook : str
        Whose it is and which of the lesson's notebooks; empty where that is not known.
    why : str
        Why it is left; empty where it is collected.
    note : str
        What else an instructor should know.
    """

    file: HandedIn
    student: str = ""
    notebook: str = ""
    why: str = ""
    note: str = ""

    @property
    def collected(self) -> bool:
        """Whether it goes to `submitted/`."""
        return not self.why


def decide(
    paths: Iterable[PurePath],
    notebooks: tuple[str, ...],
    roster: Roster,
    archives: Collection[PurePath] = (),
) -> list[Fate]:
    """Decide for all files at once; every path is in what comes back, but for litter.

    Parameters
    ----------
    paths : iterable of PurePath
        Below the extracted folder.
    notebooks : tuple of str
        The lesson's, without extension.
    roster : Roster
        Who is who.
    archives : collection of PurePath, optional
        The folders that the zips themselves were unpacked into; their names say nothing.
    """
    fates: list[Fate] = []
    by_student: dict[str, list[HandedIn]] = defaultdict(list)
    for path in sorted(paths):
        if any(part in _LITTER or part.startswith("._") for part in path.parts):
            continue
        file, student, why = _owner(path, roster, archives)
        if why:
            fates.append(Fate(file, why=why))
            continue
        if path.suffix.lower() == ".ipynb":
            by_student[student].append(file)
        else:
            archive = path.suffix.lower() in (".zip", ".7z", ".rar", ".gz", ".tar")
            what = "an archive: what could be taken out is beside it" if archive else "no notebook"
            fates.append(Fate(file, student, why=what))
    for student, files in by_student.items():
        fates += _choose(student, files, notebooks)
    return sorted(fates, key=lambda fate: fate.file.path)


def _owner(
    path: PurePath, roster: Roster, archives: Collection[PurePath]
) -> tuple[HandedIn, str, str]:
    """Return what a path says, the student, and why there is none.

    The outermost name that is somebody's counts: inside of a zip of theirs, students name files
    as they like. A zip's own name may look like a student's, so then what is in it is asked.
    """
    inside = [path.relative_to(folder) for folder in archives if path.is_relative_to(folder)]
    readings = [replace(read_name(part), path=path) for part in (path, *inside)]
    reasons = []
    for file in readings:
        try:
            return file, roster.student_of(file), ""
        except Unknown as why:
            reasons.append(str(why))
    return readings[-1], "", reasons[-1]


def _choose(student: str, files: list[HandedIn], notebooks: tuple[str, ...]) -> list[Fate]:
    """Decide which of a student's files is which notebook, and which is the last of each."""
    fates, versions = [], defaultdict(list)
    for file in files:
        name = notebook_of(file.title, notebooks)
        if name is None and len(files) == 1 == len(notebooks):
            name = notebooks[0]  # one file for one notebook, whatever the student called it
        if name is None:
            expected = " or ".join(f"{one}.ipynb" for one in notebooks)
            fates.append(Fate(file, student, why=f"is not called {expected}"))
        else:
            versions[name].append(file)
    for name, same in versions.items():
        newest = max(same, key=_newness)
        for file in same:
            if file is newest:
                fates.append(Fate(file, student, name, note=_note(file, name)))
            else:
                fates.append(Fate(file, student, name, why=f"{newest.title} is newer"))
    return fates


def _newness(file: HandedIn) -> tuple[int, int, str]:
    """Order files as they came: Canvas numbers them; else a copy's number tells."""
    return file.upload, version_of(file.title), file.title


def _note(file: HandedIn, notebook: str) -> str:
    said = []
    if file.late:
        said.append("late, Canvas says")
    if notebook_of(file.title, (notebook,)) is None:
        said.append(f"was called {file.title}")
    return "; ".join(said)
