"""What becomes of each file of a zip: collected for a student, or left, with the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from course.grading.lms.zips.contents import Contents
from course.grading.lms.zips.copies import APART, choose
from course.grading.lms.zips.filesbeside import place_beside
from course.grading.lms.zips.givennames import HandedIn, readings
from course.grading.lms.zips.lists import CHOSEN
from course.grading.lms.zips.ownnames import is_notebook_name, may_hide_a_notebook, notebook_of
from course.grading.lms.zips.roster import Owners, Roster, Unknown

#: What a student's machine adds to a zip, which nobody handed in.
_LITTER = ("__MACOSX", ".ipynb_checkpoints", "__pycache__", ".DS_Store", "Thumbs.db", "desktop.ini")
_ARCHIVES = (".zip", ".7z", ".rar", ".gz", ".tgz", ".tar", ".bz2", ".xz")
LITTER = "added by the student's machine: nothing to do"
UNPACKED = "unpacked: what is in it is listed by itself"


@dataclass(frozen=True)
class Chosen:
    """What an instructor has said of a file: whose it is, and which notebook; empty if nothing."""

    student: str = ""
    notebook: str = ""


@dataclass(frozen=True)
class Fate:
    """What becomes of a file.

    Attributes
    ----------
    file : HandedIn
        The file.
    student, notebook : str
        Whose it is and which of the lesson's notebooks; empty where that is not known, or where it
        is no notebook.
    why : str
        Why it is left, and what to do; empty where it is collected.
    note : str
        What else an instructor should know.
    places : tuple of PurePath
        Where it goes in the student's submission; empty where it is left.
    doubt : str
        Of the notes, what an instructor should look at.
    """

    file: HandedIn
    student: str = ""
    notebook: str = ""
    why: str = ""
    note: str = ""
    places: tuple[PurePath, ...] = ()
    doubt: str = ""

    @property
    def collected(self) -> bool:
        """Whether it goes to `submitted/`."""
        return not self.why

    @property
    def to_be_told(self) -> bool:
        """Whether somebody should hear of it: not of litter, and not of a zip that was unpacked."""
        return not self.collected and self.why not in (LITTER, UNPACKED)


@dataclass
class _Student:
    """The files of one student, as far as they may count."""

    notebooks: list[HandedIn] = field(default_factory=list)
    others: list[HandedIn] = field(default_factory=list)


def decide(
    paths: Iterable[PurePath],
    notebooks: tuple[str, ...],
    roster: Roster,
    archives: Collection[PurePath] = (),
    contents: Contents | None = None,
    chosen: Mapping[str, Chosen] | None = None,
) -> list[Fate]:
    """Decide for all files at once; every path is in what comes back.

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
    contents : Contents, optional
        What the files say; without it, their names alone tell.
    chosen : mapping of str to Chosen, optional
        What an instructor has said, by path.
    """
    contents, chosen = contents or Contents(), chosen or {}
    fates: list[Fate] = []
    students: dict[str, _Student] = defaultdict(_Student)
    said_of: dict[PurePath, Owners] = {}
    for path in sorted({*paths, *contents.problems}):
        said = chosen.get(path.as_posix())
        file, owners, why = _owners(path, roster, archives, said)
        if said is None and is_litter(path):
            fates += [Fate(file, who, why=LITTER) for who in owners.students or ("",)]
            continue
        if path in contents.problems:  # which tells more than that nobody has the name
            why = ""
        why = why or _not_a_file_of_theirs(file, contents)
        if why:
            fates += [Fate(file, who, why=why) for who in owners.students or ("",)]
            continue
        for student in owners.students:
            said_of[path] = owners
            mine = students[student]
            is_notebook = said is not None or _is_notebook(file, contents)
            (mine.notebooks if is_notebook else mine.others).append(file)
    for student, mine in students.items():
        fates += _of_student(student, mine, notebooks, contents, chosen)
    with_notebook = {fate.student for fate in fates if fate.notebook}
    fates = [_only_a_checkpoint(fate, with_notebook) for fate in fates]
    noted = (_with_notes(fate, said_of.get(fate.file.path)) for fate in fates)
    return sorted(noted, key=lambda fate: (fate.file.path, fate.student))


def is_litter(path: PurePath) -> bool:
    """Say whether nobody handed a file in: a machine has added it."""
    return any(part in _LITTER or part.startswith(("._", "~$")) for part in path.parts)


def _owners(
    path: PurePath, roster: Roster, archives: Collection[PurePath], said: Chosen | None
) -> tuple[HandedIn, Owners, str]:
    """Return what a path says, the students, and why there is none.

    The outermost name that is somebody's counts: inside of a zip of theirs, students name files
    as they like. A zip's own name may look like a student's, so then what is in it is asked.
    """
    inside = [path.relative_to(folder) for folder in archives if path.is_relative_to(folder)]
    reasons, first = [], None
    for part in (path, *inside):
        read = [replace(one, path=path) for one in readings(part)]
        first = read[0] if first is None or read[0].system else first
        if said and said.student:
            continue
        try:
            return *roster.owners(read), ""
        except Unknown as why:
            reasons.append(str(why))
    assert first is not None
    if said and said.student:
        return first, Owners((said.student,), f"whose it is says {CHOSEN}"), ""
    return first, Owners(()), reasons[-1]


def _not_a_file_of_theirs(file: HandedIn, contents: Contents) -> str:
    """Say why a file cannot count whatever else a student has handed in, ``""`` where it can."""
    if why := contents.problems.get(file.path):
        return f"{why}. Unpack it by hand, or ask for it again; then {_BY_HAND}"
    if file.path in contents.opened.values():
        return UNPACKED
    if file.typed:
        return f"typed in {file.system}, not a file: it is not graded; read it there"
    if file.path.suffix.lower() in _ARCHIVES:
        return f"an archive that is not opened: unpack it by hand; then {_BY_HAND}"
    return ""


def _is_notebook(file: HandedIn, contents: Contents) -> bool:
    if is_notebook_name(file.title):
        return True
    return may_hide_a_notebook(file.title) and contents.is_notebook(file.path)


def _of_student(
    student: str,
    mine: _Student,
    notebooks: tuple[str, ...],
    contents: Contents,
    chosen: Mapping[str, Chosen],
) -> list[Fate]:
    """Decide which of a student's files is which notebook, and what else belongs to it."""
    fates: list[Fate] = []
    versions: dict[str, list[HandedIn]] = defaultdict(list)
    for file in mine.notebooks:
        said = chosen.get(file.path.as_posix())
        name = (said.notebook if said else "") or notebook_of(file.title, notebooks)
        if name is None and len(notebooks) == 1 and (said or len(mine.notebooks) == 1):
            name = notebooks[0]  # one file for one notebook, whatever the student called it
        if name is None:
            expected = " or ".join(f"{one}.ipynb" for one in notebooks)
            why = f"is not called {expected}: if it is the answer, {_CHOOSE}"
            fates.append(Fate(file, student, why=why))
        else:
            versions[name].append(file)
    taken: list[Fate] = []
    for name, same in versions.items():
        decided = _which(student, name, same, contents, chosen)
        fates += decided
        taken += [fate for fate in decided if fate.collected]
    if taken and fates and (other := _newer_of_another_name(taken[0], fates, contents)):
        fates[fates.index(taken[0])] = replace(taken[0], doubt=other)
    for file in mine.others:
        places, why = place_beside(file, taken[0].file, contents) if taken else ((), "")
        if not taken:
            what = "the page of a notebook" if ".ipynb.htm" in file.title.lower() else "no notebook"
            why = f"{what}, and none of {student}'s is collected: {_ASK}"
        note = "beside the notebook" if places else ""
        if len(places) > 1:
            note += f", also as {places[1]}: Canvas adds a number to what is handed in again"
        fates.append(Fate(file, student, why=why, note=note, places=places))
    return _each_place_once(fates)


def _which(
    student: str,
    name: str,
    same: list[HandedIn],
    contents: Contents,
    chosen: Mapping[str, Chosen],
) -> list[Fate]:
    """Decide which of several copies counts."""
    said = [file for file in same if file.path.as_posix() in chosen]
    if said:
        counts, why, doubt = max(said, key=lambda file: file.path), f"{CHOSEN} names another", ""
    elif len(same) == 1:
        counts, why, doubt = same[0], "", ""
    else:
        choice = choose(same, name, contents)
        if choice.file is None:
            titles = ", ".join(_told_apart(file, same) for file in same)
            why = (
                f"nothing tells which of these is the newest: {titles}. For one of them, {_CHOOSE}"
            )
            return [Fate(file, student, name, why=why) for file in same]
        counts, doubt = choice.file, choice.doubt
        why = choice.why.format(title=_told_apart(counts, same))
        why = f"{why}; to take this one instead, {_CHOOSE}"
    place = (PurePath(f"{name}.ipynb"),)
    return [
        Fate(file, student, name, note=_note(file, name), places=place, doubt=doubt)
        if file is counts
        else Fate(file, student, name, why=why)
        for file in same
    ]


def _told_apart(file: HandedIn, same: list[HandedIn]) -> str:
    """Return the shortest of a file's names that no other copy has."""
    for names in ([one.title for one in same], [one.inside.as_posix() for one in same]):
        name = names[same.index(file)]
        if names.count(name) == 1:
            return name
    return file.path.as_posix()


def _newer_of_another_name(taken: Fate, fates: Iterable[Fate], contents: Contents) -> str:
    """Say so where a notebook of another name was saved after the one that counts."""
    mine = contents.saved(taken.file.path)
    for fate in fates:
        theirs = None if fate.collected or fate.notebook else contents.saved(fate.file.path)
        alike = contents.packed_in(fate.file.path) == contents.packed_in(taken.file.path)
        if (
            mine
            and theirs
            and alike
            and theirs - mine > APART
            and is_notebook_name(fate.file.title)
        ):
            return f"{fate.file.title} beside it was saved later"
    return taken.doubt


def _each_place_once(fates: list[Fate]) -> list[Fate]:
    """Let one file go to each place: notebooks first, then what was uploaded last."""
    last_first = sorted(fates, key=lambda fate: (not fate.notebook, -fate.file.upload))
    used: dict[PurePath, HandedIn] = {}
    folders: dict[PurePath, HandedIn] = {}
    decided = []
    for fate in last_first:
        taken = [_taken(place, used, folders) for place in fate.places]
        free = tuple(place for place, by in zip(fate.places, taken, strict=True) if by is None)
        if fate.places and not free and taken[0] is not None:
            why = f"{taken[0].title} has its place: if both count, rename one by hand"
            fate = replace(fate, why=why, note="", places=())
        else:
            fate = replace(fate, places=free)
        used |= dict.fromkeys(free, fate.file)
        folders |= {folder: fate.file for place in free for folder in place.parents}
        decided.append(fate)
    return decided


def _taken(
    place: PurePath, used: Mapping[PurePath, HandedIn], folders: Mapping[PurePath, HandedIn]
) -> HandedIn | None:
    """Return the file that keeps another from a place: there is one, or a folder, or in its way."""
    in_the_way = next((used[folder] for folder in place.parents if folder in used), None)
    return used.get(place) or folders.get(place) or in_the_way


def _note(file: HandedIn, notebook: str) -> str:
    said = []
    if file.late:
        said.append("late, Canvas says")
    if notebook_of(file.title, (notebook,)) is None or not file.title.endswith(".ipynb"):
        said.append(f"was called {file.title}")
    return "; ".join(said)


def _only_a_checkpoint(fate: Fate, with_notebook: Collection[str]) -> Fate:
    """Tell of the copy that Jupyter saves by itself where a student has handed in no other."""
    checkpoint = fate.why == LITTER and fate.file.title.endswith("-checkpoint.ipynb")
    if not checkpoint or not fate.student or fate.student in with_notebook:
        return fate
    return replace(fate, why=f"Jupyter's own copy, and there is no other: if it counts, {_CHOOSE}")


def _with_notes(fate: Fate, owners: Owners | None) -> Fate:
    """Add to a fate's note what is to be said of the owners, and what is in doubt."""
    said = owners.note if owners else ""
    doubts = filter(None, (said if owners and owners.doubtful else "", fate.doubt))
    notes = filter(None, (fate.note, said, fate.doubt))
    return replace(fate, note="; ".join(notes), doubt="; ".join(doubts) if fate.notebook else "")


_CHOOSE = f"name it in {CHOSEN} beside the archive folder (column file, as it stands here)"
_BY_HAND = "lay it into submitted/STUDENT/LESSON/"
_ASK = "ask for the notebook, the file that ends in .ipynb"
