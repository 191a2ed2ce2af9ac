"""`python3 -m course watch`, begun: see `course.grading.classes.start`."""

from __future__ import annotations

from course.grading.classes import start


def main(argv: list[str] | None = None) -> int:
    """Watch an exchange: see `course.grading.classes.watching.command`."""
    return start.main(argv, "course.grading.classes.watching.command")
