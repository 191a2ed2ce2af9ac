"""The class report: ``python3 -m course report LESSON``, a page and tables for the instructor.

`diagnoses` and `lessonmarks` read what grading left; `gather` puts the two together into `facts`;
`tables`, `pictures` and `page`, with its templates, only show facts. `command` is the command.
"""

from course.grading.report.command import main

__all__ = ["main"]
