"""How often unlike answers are listed, and copies of them found: on the tests' right answers."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from disguises import DISGUISES, Cells
from plain_run import LESSONS
from right_answers import answers_of

from course.grading.alike.pairs import compare
from course.grading.alike.pieces import OWN, Given, Piece, given_by, own_pieces
from course.grading.classes.demo import spread
from course.grading.steps.notebook_cells import new_cell
from course.lessons import Lesson
from course.lessons.misconceptions import answers_with, misconceptions

ROOT = Path(__file__).resolve().parents[2]
ORIGINAL, COPY = "the original", "the copy"


@dataclass
class Figures:
    """Counts of one exercise.

    Attributes
    ----------
    answers, pairs : int
        Right answers, each by itself, and pairs of them.
    listed : list of str
        Those of these pairs that are listed.
    found : dict of str to int
        Copies that are listed with their originals, by how they were disguised.
    """

    answers: int
    pairs: int
    listed: list[str]
    found: dict[str, int] = field(default_factory=dict)


def given(lesson: Lesson) -> Given:
    return given_by(lesson, ROOT / "release" / lesson.id / f"{lesson.name}.ipynb")


def question_of(lesson: Lesson, function: str) -> str:
    asked = (cell for cell in lesson.by_role("answer") if f"def {function}(" in cell.source)
    return next(cell.grade_id for cell in asked)


def pieces_of_answer(question: str, cells: Cells, known: Given) -> list[Piece]:
    """Return an answer as a submission has it: helpers in cells of the student's own."""
    names = [*[OWN] * (len(cells) - 1), question]
    made = [(name, new_cell("code", cell)) for name, cell in zip(names, cells, strict=True)]
    return own_pieces(made, known)


def measure(lesson: Lesson, function: str, known: Given, seed: int) -> Figures:
    """Compare an exercise's right answers; then add a disguised copy of each, one at a time."""
    rng = random.Random(f"{seed} {function}")
    question = question_of(lesson, function)
    texts = {answer.name: answer.cells for answer in answers_of(function)}
    handed_in = {name: pieces_of_answer(question, cells, known) for name, cells in texts.items()}
    compared = compare(handed_in)
    figures = Figures(
        len(texts), compared.n_pairs, [f"{pair.one}, {pair.other}" for pair in compared.pairs]
    )
    for disguise, change in DISGUISES.items():
        figures.found[disguise] = sum(
            has_pair(handed_in, name, pieces_of_answer(question, change(cells, rng), known))
            for name, cells in texts.items()
        )
    return figures


def has_pair(handed_in: dict[str, list[Piece]], name: str, copy: list[Piece]) -> bool:
    """Say whether a copy is listed with its original."""
    others = {one: pieces for one, pieces in handed_in.items() if one != name}
    compared = compare({**others, ORIGINAL: handed_in[name], COPY: copy})
    return any({pair.one, pair.other} == {ORIGINAL, COPY} for pair in compared.pairs)


def demo_pairs(lesson: Lesson, known: Given) -> tuple[int, int]:
    """Return how many the demonstration's class are, and how many of its pairs are listed."""
    made = {one.name: answers_with(lesson, one) for one in spread(misconceptions(lesson))}
    handed_in = {
        name: own_pieces(
            [
                (grade_id, new_cell("code" if lesson.cell(grade_id).is_code else "markdown", text))
                for grade_id, text in texts.items()
            ],
            known,
        )
        for name, texts in made.items()
    }
    return len(made), len(compare(handed_in).pairs)


def exercises(words: Iterable[str] = ()) -> Iterator[tuple[Lesson, str]]:
    """Yield the lessons' exercises that have right answers, and each of these words in the name."""
    for lesson in LESSONS.values():
        for function in lesson.functions:
            if answers_of(function) and all(word in f"{lesson.id} {function}" for word in words):
                yield lesson, function
