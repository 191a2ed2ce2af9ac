"""Submissions that are alike: ``python3 -m course alike LESSON``, a page for the instructor alone.

`normal` takes names and layout away from code, `prints` makes fingerprints of what is left and of
prose, `pieces` reads what each student wrote and what the lesson gives, `pairs` finds who has rare
fingerprints in common, and `page` shows it. Nothing here is near a mark, or near a student's page.
"""

from course.grading.alike.command import main

__all__ = ["main"]
