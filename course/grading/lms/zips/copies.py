"""Which of several copies of a notebook counts: what tells, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from course.grading.lms.zips.contents import Contents
from course.grading.lms.zips.givennames import HandedIn
from course.grading.lms.zips.ownnames import exactness

#: Files that lie no further apart may have got their dates from being packed one by one.
APART = timedelta(minutes=2)


@dataclass(frozen=True)
class Choice:
    """Which file counts, if that is known.

    Attributes
    ----------
    file : HandedIn or None
        The file; None where nothing tells.
    why : str
        Why the others do not count, ``{title}`` being the one that does.
    doubt : str
        What an instructor should look at all the same.
    """

    file: HandedIn | None
    why: str = ""
    doubt: str = ""


def choose(files: Sequence[HandedIn], notebook: str, contents: Contents) -> Choice:
    """Choose between a student's copies of one notebook.

    Canvas's number of the upload tells which came last, and the date in a zip which was saved
    last. Where they say nothing, or contradict each other, the file with the exact name counts;
    where there is none, one that was worked on among others that were not. Else nothing tells.
    What cannot be read as a notebook never counts beside what can.

    Parameters
    ----------
    files : sequence of HandedIn
        Two or more.
    notebook : str
        The lesson's.
    contents : Contents
        What the files say.
    """
    return _one_of(files, notebook, contents)


def _one_of(files: Sequence[HandedIn], notebook: str, contents: Contents) -> Choice:
    if len(files) == 1:
        return Choice(files[0], "it cannot be read as a notebook, and {title} can")
    if contents.same([file.path for file in files]):
        return Choice(_first(files, notebook), "the same as {title}, letter for letter")
    readable = [file for file in files if contents.is_notebook(file.path)]
    if 0 < len(readable) < len(files):
        others = ", ".join(file.title for file in files if file not in readable)
        choice = _one_of(readable, notebook, contents)
        broken = f"{others} cannot be read as a notebook"
        return replace(choice, doubt="; ".join(filter(None, (choice.doubt, broken))))
    touched = [file for file in files if not contents.untouched(file.path, notebook)]
    by_date = _last_saved(files, contents)
    last = max(file.upload for file in files)
    uploaded = [file for file in files if file.upload == last]
    if len(uploaded) < len(files):
        agreed = by_date is None or by_date in uploaded
        again = {exactness(file.title, notebook) > 0 for file in uploaded} == {True}
        if agreed and (again or any(file in touched for file in uploaded)):
            if len(uploaded) == 1:
                return _with_doubt(Choice(uploaded[0], "{title} is newer"), touched, notebook)
            inner = _one_of(uploaded, notebook, contents)
            return inner if inner.file else Choice(None)
    elif by_date is not None:
        return _with_doubt(Choice(by_date, "{title} is newer"), touched, notebook)
    exact = _best(files, notebook)
    if len(exact) == 1:
        why = "{title} has the exact name, and dates do not tell which is newer"
        return _with_doubt(Choice(exact[0], why), touched, notebook)
    if len(touched) == 1:
        return Choice(touched[0], "as it was released; {title} was worked on")
    return Choice(None)


def _with_doubt(choice: Choice, touched: Sequence[HandedIn], notebook: str) -> Choice:
    """Say so where the file that counts is as it was released, and another one is not."""
    if choice.file in touched or not touched:
        return choice
    others = ", ".join(sorted(file.title for file in touched))
    doubt = f"every answer in it is as it was released, and {others} was worked on"
    return Choice(choice.file, choice.why, doubt)


def _last_saved(files: Sequence[HandedIn], contents: Contents) -> HandedIn | None:
    """Return the file that was saved last, None where dates do not tell."""
    if len({contents.packed_in(file.path) for file in files}) > 1:
        return None  # of two clocks
    dated = [(when, file) for file in files if (when := contents.saved(file.path)) is not None]
    if len(dated) < len(files):
        return None
    *_, (before, _), (latest, newest) = sorted(dated, key=lambda one: one[0])
    return newest if latest - before > APART else None


def _best(files: Sequence[HandedIn], notebook: str) -> list[HandedIn]:
    """Return the files whose names are the nearest to the notebook's, if any is no copy."""
    best = max(exactness(file.title, notebook) for file in files)
    return [file for file in files if best and exactness(file.title, notebook) == best]


def _first(files: Sequence[HandedIn], notebook: str) -> HandedIn:
    return min(files, key=lambda file: (-exactness(file.title, notebook), file.path))
