"""Where a file goes that was handed in with a notebook: `helper.py`, data, pictures."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePath

from course.grading.lms.zips.contents import Contents
from course.grading.lms.zips.givennames import HandedIn
from course.grading.lms.zips.ownnames import without_number
from course.lessons.misconceptions import INSTRUCTORS

#: What nbgrader and the grader keep in a submission's folder: nobody may hand it in. A date there
#: would be believed.
_RESERVED = ("timestamp.txt", "submission_secret.txt", "*.diagnosis.json", INSTRUCTORS)
#: What nbgrader leaves out when it copies a submission: `CourseDirectory.ignore`.
_IGNORED = ("feedback", "*.pyc")


def place_beside(
    file: HandedIn, notebook: HandedIn, contents: Contents
) -> tuple[tuple[PurePath, ...], str]:
    """Return where a file goes in the submission, and why it goes nowhere.

    It keeps its place as the notebook sees it. What was zipped apart from the notebook goes where
    it would be if it were unpacked beside it.

    Parameters
    ----------
    file, notebook : HandedIn
        The file, and the notebook that counts, of one student.
    contents : Contents
        Which folders are zips that were unpacked.
    """
    if notebook.flat and file.flat:
        together = file.path.parent == notebook.path.parent
        places = _titles(file) if together else ()
    else:
        places = _within(file, notebook, contents)
    if not places:
        return (), (
            "lies outside of the notebook's folder, where it is not found: if the notebook needs "
            "it, lay it into submitted/STUDENT/LESSON/ by hand"
        )
    for part in places[0].parts:
        if any(fnmatchcase(part.casefold(), pattern) for pattern in _RESERVED):
            return (), f"{part} is a name of the grader's, never taken from a student"
    if any(fnmatchcase(part, pattern) for part in places[0].parts for pattern in _IGNORED):
        return (), "nbgrader leaves files of this name out: if it is needed, ask for another name"
    return places, ""


def _titles(file: HandedIn) -> tuple[PurePath, ...]:
    """Return a flat file's own name, and the one that it had before Canvas numbered it."""
    plain = without_number(file.title) if file.system == "Canvas" else file.title
    return tuple(dict.fromkeys((PurePath(file.title), PurePath(plain))))


def _within(file: HandedIn, notebook: HandedIn, contents: Contents) -> tuple[PurePath, ...]:
    """Return a place as the notebook sees it; of two that came apart, as if unpacked together."""
    zipped, its = contents.packed_in(file.path), contents.packed_in(notebook.path)
    if zipped == its:
        folder = notebook.path.parent
        inside = not notebook.flat and file.path.is_relative_to(folder)
        return (file.path.relative_to(folder),) if inside else ()
    beside = _lies_in(its, notebook, contents) == _lies_in(zipped, file, contents)
    if not beside or (zipped.parts and its.parts):
        return ()
    if zipped.parts:
        return (file.path.relative_to(zipped),)
    return (
        _titles(file) if file.flat else (file.path.relative_to(_lies_in(its, notebook, contents)),)
    )


def _lies_in(zipped: PurePath, file: HandedIn, contents: Contents) -> PurePath:
    """Return the folder that a file's zip lies in; that of the file itself where it is in none."""
    return contents.opened[zipped].parent if zipped.parts else file.path.parent
