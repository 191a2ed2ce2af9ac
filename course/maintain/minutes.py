"""Estimate how long a lesson takes a learner of average speed, from what students get.

Adults read English non-fiction at 238 words a minute on average, most of them at 175 to 300
(Brysbaert 2019, "How many words do we read per minute?", Journal of Memory and Language 109).
A lesson is denser than that, and is read to be understood. The constants are fitted by hand to a
first-time learner, who took 80, 95, 110 and 110 minutes for lessons 1 to 4 as they were when these
constants gave 83, 93, 102 and 108; another had taken 75, 85, 110 and 120 for longer texts. So an
estimate may be off by some ten minutes, and more for other people.

Folds are counted, since answers and explanations stand in them; those that begin with one of
`ASIDE` are not: a hint or an error is opened by whom it concerns, in the minutes that its exercise
names, and what is for the curious is no part of the lesson. Nor is a section with such a heading,
or the list of what to read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from course.grading.steps.released import MORE, ONE_BY_ONE
from course.lessons import Lesson, LessonCell

WORDS_PER_MINUTE = 140
#: Of code that is read and run: neither what is given nor tests, which take part by their claim.
LINES_PER_MINUTE = 12
MINUTES_PER_LAB = 12
#: Of a lab that a lesson opens with, before anything is written.
MINUTES_PER_OPENING = 4
MINUTES_PER_PREDICTION = 1.5
#: Two or three sentences of one's own.
MINUTES_PER_QUESTION = 6
#: How the summary of a fold, or a heading, begins where it is not read by everybody.
ASIDE = ("Hint", "I get", "The lab as a still picture", "For the curious", MORE)
#: What stands before a lesson's references.
REFERENCES = "**To read"

_HEADING = re.compile(r"^##+ (.*)", re.MULTILINE)
_FOLD = re.compile(r"(<details>|</details>)")
_SUMMARY = re.compile(r"\s*<summary>(.*?)</summary>", re.DOTALL)
_NO_WORDS = re.compile(
    r"<!--.*?-->|!\[[^\]]*\]\([^)]*\)|\]\([^)]*\)|</?[a-z][^>]*>|[|#*`$\-]{2,}", re.DOTALL
)
_NAMED = re.compile(r"\babout (\d+) minutes", re.IGNORECASE)
_LAB = re.compile(r"^(?:lab = )?labs\.\w+\(", re.MULTILINE)
#: Cells that open a lab, or in which a prediction is written down.
_TIMED_APART = re.compile(r"^(?:(?:lab = )?labs\.\w+\(|prediction\w* = )", re.MULTILINE)


@dataclass(frozen=True)
class Minutes:
    """Where the time of a lesson goes, in minutes."""

    reading: float
    code: float
    predictions: float
    exercises: float
    labs: float
    questions: float

    @property
    def total(self) -> float:
        """All of it."""
        return float(sum(vars(self).values()))


def read_by_all(text: str) -> str:
    """Return Markdown without the folds that not everybody opens.

    >>> read_by_all("a <details><summary>Hint 1</summary>b</details> c")
    'a  c'
    >>> read_by_all("<details><summary>Answer</summary>b <details><summary>I get</summary>c"
    ...     "</details> d</details>")
    '<summary>Answer</summary>b  d'
    """
    kept, aside = "", [False]
    for piece in _FOLD.split(text):
        if piece == "<details>":
            aside.append(aside[-1])
        elif piece == "</details>":
            aside.pop()
        else:
            summary = _SUMMARY.match(piece) if len(aside) > 1 else None
            aside[-1] |= summary is not None and summary[1].startswith(ASIDE)
            kept += "" if aside[-1] else piece
    return kept


def on_the_path(lesson: Lesson) -> list[LessonCell]:
    """Return a lesson's cells without those of a section that not everybody reads.

    Nor is there anything to read in the heading that claims are collapsed below.
    """
    kept, aside = [], False
    for cell in lesson.cells:
        if not cell.is_code and cell.source.endswith(f"# {ONE_BY_ONE}"):
            continue
        if not cell.is_code and (headings := _HEADING.findall(cell.source)):
            aside = headings[-1].startswith(ASIDE)
        kept += [] if aside else [cell]
    return kept


def words(text: str) -> int:
    """Count the words of Markdown: marks, pictures and the rules of tables are none."""
    return sum(bool(re.search(r"\w", word)) for word in _NO_WORDS.sub(" ", text).split())


def named(text: str) -> int:
    """Return the minutes that a text names, summed up.

    >>> named("**About 15 minutes, medium.**")
    15
    """
    return sum(map(int, _NAMED.findall(text)))


def estimate(lesson: Lesson) -> Minutes:
    """Estimate a lesson.

    Parameters
    ----------
    lesson : Lesson
        As released: instructors read more.
    """
    path = on_the_path(lesson)
    texts = [cell.source for cell in path if not cell.is_code and cell.role == "text"]
    claims = [cell.source.partition("\n")[0].lstrip("# ") for cell in path if cell.role == "test"]
    code = [cell for cell in path if cell.is_code]
    written = next((cell.index for cell in code if cell.role == "answer"), 0)
    labs = [cell.index for cell in code for _ in _LAB.findall(cell.source)]
    opening = sum(index < written for index in labs)
    shown = [
        cell.source
        for cell in code
        if cell.role in ("other", "lab") and not _TIMED_APART.search(cell.source)
    ]
    everywhere = "\n".join(texts)
    open_to_all = "\n".join(read_by_all(text).partition(REFERENCES)[0] for text in texts)
    unsaid = [claim for claim in claims if claim not in open_to_all]
    return Minutes(
        reading=words("\n".join([open_to_all, *unsaid])) / WORDS_PER_MINUTE,
        code=sum(bool(line.strip()) for one in shown for line in one.splitlines())
        / LINES_PER_MINUTE,
        predictions=MINUTES_PER_PREDICTION * open_to_all.count("**Predict"),
        exercises=float(named("\n".join(texts[1:]))),
        labs=float(MINUTES_PER_OPENING * opening + MINUTES_PER_LAB * (len(labs) - opening)),
        questions=float(
            MINUTES_PER_QUESTION * len(re.findall(r"^\*\*\([a-z]\)\*\*", everywhere, re.M))
        ),
    )
