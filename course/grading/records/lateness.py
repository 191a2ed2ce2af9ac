"""How late a submission is, in words."""

from __future__ import annotations

from datetime import timedelta

from nbgrader.api import Gradebook

from course.grading.records.due import time_zone
from course.grading.records.moments import lasting, shown


def how_late(gradebook: Gradebook, lesson_id: str, student: str) -> str:
    """Return how late a submission is, and when it was due; ``""`` where it is in time.

    Raises
    ------
    MissingEntry
        Where there is no submission.
    """
    submission = gradebook.find_submission(lesson_id, student)
    if submission.assignment.duedate is None or not submission.total_seconds_late:
        return ""
    late = timedelta(seconds=submission.total_seconds_late)
    due = shown(submission.duedate, time_zone(gradebook))
    extended = ", with the extension" if submission.extension else ""
    return f"{lasting(late)} late (due {due}{extended})"
