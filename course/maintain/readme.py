"""The README's table of lessons, made from their notebooks and written between two marks."""

from __future__ import annotations

from pathlib import Path

from course.lessons import Lesson, LessonError, find_lessons

BEGIN, END = "<!-- lessons: made by `python3 -m course build readme` -->", "<!-- /lessons -->"


def generate(root: Path, out: Path) -> None:
    """Write a repository's README, with a fresh table, below a folder.

    Raises
    ------
    LessonError
        Where the README lacks the marks.
    """
    text = (root / "README.md").read_text(encoding="utf-8")
    made = with_table(text, find_lessons(root / "source"))
    (out / "README.md").write_text(made, encoding="utf-8", newline="\n")


def with_table(text: str, lessons: list[Lesson]) -> str:
    """Return the README's text with the table of these lessons between its marks."""
    before, begins, rest = text.partition(BEGIN)
    _, ends, after = rest.partition(END)
    if not begins or not ends:
        raise LessonError(f"README.md must have {BEGIN} and then {END}, around the lessons' table")
    head = ["| Lesson | Minutes | Difficulty | You write |", "| --- | --- | --- | --- |"]
    rows = "\n".join([*head, *map(_row, lessons)])
    return f"{before}{begins}\n\n{rows}\n\n{ends}{after}"


def _row(lesson: Lesson) -> str:
    number = int(lesson.id.split("_")[0])
    link = f"[{number}. {lesson.title}](release/{lesson.id}/{lesson.name}.ipynb)"
    functions = ", ".join(f"`{function}`" for function in lesson.functions)
    return f"| {link} | {lesson.minutes} | {lesson.difficulty} | {functions} |"
