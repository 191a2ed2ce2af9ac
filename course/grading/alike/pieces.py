"""What of a submission its author wrote, cell by cell, with fingerprints; and what is given."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import accumulate, compress
from pathlib import Path

import nbformat
import numpy as np
from nbformat.notebooknode import NotebookNode
from numpy.typing import NDArray

from course.grading.alike import normal, prints
from course.grading.alike.prints import Prints
from course.grading.steps.notebook_cells import grade_id_of
from course.grading.steps.reading import follow_renames, read_submission
from course.lessons import Lesson, answers, role_of
from course.lessons.misconceptions import answers_with, misconceptions

CODE, PROSE, PICTURE, CELL = "code", "prose", "picture", "cell"
#: The question of cells that the author added.
OWN = ""
#: Of a submission so many characters are looked at, and so many cells: nobody wrote more.
MOST_WRITTEN, MOST_CELLS = 1_000_000, 2000


@dataclass(frozen=True)
class Piece:
    """A cell, or a picture in one.

    Attributes
    ----------
    kind : str
        `CODE`, `PROSE`, `PICTURE`, or `CELL`: what a notebook calls a cell that was added to it.
    question : str
        The ``grade_id`` of the cell, or `OWN`.
    text : str
        As it was written; ``""`` of a picture and of a cell's name.
    prints : Prints
        Its fingerprints; of a student's, without those that the lesson gives.
    """

    kind: str
    question: str
    text: str
    prints: Prints


@dataclass(frozen=True)
class Given:
    """What nobody wrote: the lesson's own texts.

    Attributes
    ----------
    questions : tuple of str
        Names of the cells that are answers.
    others : frozenset of str
        Names of all other marked cells.
    names : mapping of str to str
        The names of marked cells by the cells' ids.
    values : ndarray of uint64
        Fingerprints of the release, the solutions of all lessons, and this one's known mistakes.
    texts : frozenset of str
        Whole cells of theirs, which are known at a glance.
    """

    questions: tuple[str, ...]
    others: frozenset[str]
    names: Mapping[str, str]
    values: NDArray[np.uint64]
    texts: frozenset[str]


def given_by(lesson: Lesson, release: Path) -> Given:
    """Return what a lesson gives.

    Parameters
    ----------
    lesson : Lesson
        Read from ``source/``.
    release : Path
        The notebook as students get it, which need not be there.

    Raises
    ------
    LessonError
        Where a known mistake does not fit the solution.
    """
    own = nbformat.read(lesson.path, as_version=4)
    sources = [path for path in lesson.path.parents[1].glob("*/*.ipynb") if path != lesson.path]
    sources += [release] if release.is_file() else []
    notebooks = [list(own.cells)]
    notebooks += [nbformat.read(path, as_version=4).cells for path in sorted(sources)]
    pieces = [piece for cells in notebooks for piece in _given_pieces(cells)]
    solved = answers(lesson)
    code = [solved[cell.grade_id] for cell in lesson.by_role("answer") if cell.is_code]
    mistaken = (answers_with(lesson, mistake).values() for mistake in misconceptions(lesson))
    wrong = {text for texts in mistaken for text in texts} - set(solved.values())
    pieces += _programs([(OWN, text) for text in sorted(wrong)], code)
    values = [piece.prints.values for piece in pieces]
    return Given(
        tuple(cell.grade_id for cell in lesson.by_role("answer")),
        frozenset(c.grade_id for c in lesson.cells if c.grade_id and c.role != "answer"),
        {cell.id: grade_id_of(cell) for cell in own.cells if grade_id_of(cell)},
        np.unique(np.concatenate([*values, prints.nothing().values])),
        frozenset(cell.source for cells in notebooks for cell in cells),
    )


def _given_pieces(cells: Iterable[NotebookNode]) -> list[Piece]:
    """Return a lesson's own cells; to answers, names of all others are not of their own."""
    is_answer: dict[bool, list[tuple[str, NotebookNode]]] = {True: [], False: []}
    for cell in cells:
        is_answer[role_of(cell) == "answer"].append((OWN, cell))
    return _pieces(is_answer[True]) + _pieces(is_answer[False])


def pieces_in(path: Path, given: Given) -> list[Piece]:
    """Return what the author of a submission wrote.

    Locked cells and tests are left out, whatever stands in them: grading puts them back.

    Parameters
    ----------
    path : Path
        What was handed in.
    given : Given
        What the lesson gives.

    Raises
    ------
    Unreadable, CannotRead
        Where it is no notebook, or cannot be read.
    """
    cells = read_submission(path).cells
    follow_renames(cells, given.names)
    named = [(grade_id_of(cell), cell) for cell in cells]
    own = [
        (name if name in given.questions else OWN, cell)
        for name, cell in named
        if name not in given.others and cell.source not in given.texts
    ]
    own.sort(
        key=lambda one: one[0] == OWN
    )  # so that nothing keeps the answers from being looked at
    lengths = accumulate(len(cell.source) for _, cell in own)
    within = [length <= MOST_WRITTEN for length in lengths]
    return own_pieces(list(compress(own, within))[:MOST_CELLS], given)


def own_pieces(cells: Iterable[tuple[str, NotebookNode]], given: Given) -> list[Piece]:
    """Return cells with those of their fingerprints that are not given.

    Parameters
    ----------
    cells : iterable of tuple
        Of each the question, or `OWN`, and the cell.
    given : Given
        What the lesson gives.
    """
    return [
        replace(piece, prints=prints.without(piece.prints, given.values))
        for piece in _pieces(cells)
    ]


def _pieces(cells: Iterable[tuple[str, NotebookNode]]) -> list[Piece]:
    found: list[Piece] = []
    code: list[tuple[str, str]] = []
    for question, cell in cells:
        if cell.cell_type == "code":
            code.append((question, cell.source))
        else:
            found.append(Piece(PROSE, question, cell.source, prints.of_prose(cell.source)))
            found += [_whole(PICTURE, question, one) for one in _pictures(cell)]
        if question == OWN:
            found.append(_whole(CELL, question, cell.get("id", "")))
    return found + _programs(code)


def _whole(kind: str, question: str, data: str) -> Piece:
    return Piece(kind, question, "", prints.of_whole(f"{kind} {data}"))


def _pictures(cell: NotebookNode) -> Iterator[str]:
    for bundle in cell.get("attachments", {}).values():
        for data in bundle.values():
            text = data if isinstance(data, str) else "".join(data)
            yield hashlib.sha256("".join(text.split()).encode()).hexdigest()


def _programs(cells: list[tuple[str, str]], beside: Iterable[str] = ()) -> list[Piece]:
    """Return cells of code; the names that one defines are its author's in all of them."""
    trees = [normal.parse(source) for _, source in cells]
    others = map(normal.parse, beside)
    names = normal.Names(tree for tree in (*trees, *others) if tree is not None)
    found = []
    for (question, source), tree in zip(cells, trees, strict=True):
        try:
            signs = normal.symbols(tree, names) if tree else []
        except (RecursionError, ValueError):  # a number of thousands of digits is the second
            signs = []
        found.append(Piece(CODE, question, source, prints.of_code(source, signs)))
    return found
