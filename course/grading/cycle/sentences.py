"""Sentences to choose from while giving points by hand, below each comment in Formgrader.

They come from the lesson's marking scheme, from the instructor's file `FILE`, and from comments
given before; those that stand in most comments of a question come first. Nothing is stored: a click
changes the comment, which Formgrader saves as if it had been typed.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Assignment, BaseCell, Comment, Notebook
from nbgrader.coursedir import CourseDirectory

from course.grading.faults import GradebookTrouble
from course.grading.records.coursefiles import CourseFolders
from course.grading.records.opening import opened
from course.grading.steps.notebook_cells import HIDDEN_BEGINS, HIDDEN_ENDS
from course.lessons import Lesson, LessonError, lesson_name, read_lesson

#: The instructor's own, in the course's folder.
FILE = "comments.toml"
#: In it, what is for every lesson, or for every question of a lesson.
ANY = "any"
TEMPLATE = "with_sentences.html.j2"
TEMPLATES = Path(__file__).parent / "formgrader"
#: Sentences of a question that are offered, characters of one, and comments that make one known.
MOST, LONGEST, OFTEN = 15, 400, 2
_SCHEME = re.compile(f"{re.escape(HIDDEN_BEGINS[1])}(.*?){re.escape(HIDDEN_ENDS[1])}", re.DOTALL)
#: What earns points in a scheme: ``- (a) 1 point: because``, or ``**1 point, the memory.** Says``.
_EARNS = re.compile(r"^(?:- |(?=\*\*\d))(.+)$", re.MULTILINE)
_PART = re.compile(r"^(\([a-z]\) )")
_POINTS = re.compile(r"(?:^|(?<=[.)] ))\d+ points?(?:, half for each)?: ")


class CommentsFile(Exception):
    """The instructor's file cannot be read, and what it should say."""


class OfferSentences(Preprocessor):
    """Give Formgrader's page of a submission the sentences that its template shows."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Look the sentences up; a page without them says why."""
        if (
            "submission_id" in resources
        ):  # feedback pages inherit this step, and are no Formgrader's
            course = CourseFolders(config=self.config)
            course.assignment_id = resources["assignment_id"]
            resources["sentences"] = offered(course, resources["assignment_id"])
        return nb, resources


def offered(course: CourseDirectory, lesson_id: str) -> dict[str, Any]:
    """Return the sentences by question, and what is in the way of others.

    Parameters
    ----------
    course : CourseDirectory
        Which course.
    lesson_id : str
        Which lesson.

    Returns
    -------
    dict
        ``offered``: by ``grade_id`` a list of ``text`` and ``uses``, the most used first;
        ``notice``: what the instructor should know, or ``""``.
    """
    root = Path(course.root)
    folder = Path(course.format_path(course.source_directory, ".", lesson_id))
    notices = []
    known: dict[str, list[str]] = {}
    used: dict[str, Counter[str]] = {}
    try:
        lesson = read_lesson(folder / f"{lesson_name(lesson_id)}.ipynb")
        known = in_scheme(lesson)
        for question, sentences in in_file(root / FILE, lesson).items():
            known[question] = sentences + known[question]
    except (LessonError, CommentsFile) as error:
        notices.append(str(error))
    try:
        used = in_comments(course, lesson_id)
    except (LessonError, GradebookTrouble) as error:
        notices.append(str(error))
    found = {
        question: [{"text": text, "uses": uses} for text, uses in _sorted(sentences, counts)]
        for question, sentences in known.items()
        if (counts := used.get(question, Counter())) or sentences
    }
    return {"offered": found, "notice": " ".join(notices)}


def _sorted(sentences: list[str], used: Counter[str]) -> list[tuple[str, int]]:
    """Return sentences with their uses: of those that are used as often, the known ones first."""
    learnt = [text for text, uses in used.items() if uses >= OFTEN and len(text) <= LONGEST]
    every = dict.fromkeys([*sentences, *sorted(learnt)])
    return sorted(((text, used[text]) for text in every), key=lambda one: -one[1])[:MOST]


def in_scheme(lesson: Lesson) -> dict[str, list[str]]:
    """Return what the marking scheme says earns points, by the question that comes after it.

    Parameters
    ----------
    lesson : Lesson
        Read from ``source/``. Each cell that people give points for is among the questions.
    """
    found: dict[str, list[str]] = {}
    scheme = ""
    for cell in lesson.cells:
        scheme = "".join(_SCHEME.findall(cell.source)) or scheme
        if cell.by_hand:
            found[cell.grade_id] = []
            if not cell.is_code:
                found[cell.grade_id] = list(_earning(scheme))
                scheme = ""
    return found


def _earning(scheme: str) -> Iterator[str]:
    r"""Yield the thoughts of a scheme, each by itself.

    >>> list(_earning("- (a) 1 point: it copies. 1 point: it stutters.\n\nOften seen: nothing."))
    ['(a) it copies.', '(a) it stutters.']
    """
    for line in _EARNS.findall(scheme):
        part = _PART.match(line)
        label = part[1] if part else ""
        for thought in _POINTS.split(line.removeprefix(label)):
            if thought.strip():
                yield f"{label}{thought.strip()}"


def in_file(path: Path, lesson: Lesson) -> dict[str, list[str]]:
    """Return the instructor's own sentences, by question.

    Parameters
    ----------
    path : Path
        `FILE`, which need not be there.
    lesson : Lesson
        Which lesson.

    Raises
    ------
    CommentsFile
        Where the file is not as docs/grading.md says.
    """
    questions = [cell.grade_id for cell in lesson.cells if cell.by_hand]
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise CommentsFile(f"{path.name} cannot be read: {error}.") from error
    of_lesson = said.get(lesson.id, {})
    if not isinstance(of_lesson, Mapping):
        raise CommentsFile(f"{path.name}: expected a table [{lesson.id}], got {of_lesson!r:.60}.")
    for name in of_lesson:
        if name not in (ANY, *questions):
            raise CommentsFile(
                f"{path.name}: [{lesson.id}] has {name}, which is no question that people give "
                f"points for; these are {', '.join(questions)}, and {ANY} is for all."
            )
    for_all = [*_texts(path, of_lesson, ANY), *_texts(path, said, ANY)]
    return {question: [*_texts(path, of_lesson, question), *for_all] for question in questions}


def _texts(path: Path, table: Mapping[str, Any], name: str) -> list[str]:
    texts = table.get(name, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise CommentsFile(f"{path.name}: {name} must be a list of texts, got {texts!r:.60}.")
    return [text.strip() for text in texts if text.strip()]


def in_comments(course: CourseDirectory, lesson_id: str) -> dict[str, Counter[str]]:
    """Count the paragraphs of the comments that people gave, by question.

    Raises
    ------
    LessonError, GradebookTrouble
        Where there is no gradebook, or it cannot be read.
    """
    used: dict[str, Counter[str]] = {}
    with opened(course) as gradebook:
        given = (
            gradebook.db.query(BaseCell.name, Comment.manual_comment)
            .join(Comment, Comment.cell_id == BaseCell.id)
            .join(Notebook, Notebook.id == BaseCell.notebook_id)
            .join(Assignment, Assignment.id == Notebook.assignment_id)
            .filter(Assignment.name == lesson_id, Comment.manual_comment.isnot(None))
        )
        for question, comment in given:
            paragraphs = {one.strip() for one in re.split(r"\n\s*\n", comment) if one.strip()}
            used.setdefault(question, Counter()).update(paragraphs)
    return used
