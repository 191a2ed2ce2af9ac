"""The class report: ``python3 -m course report LESSON``, a page and tables for the instructor.

`diagnoses` and `gradebook` read what grading left; `facts` puts the two together; `tables`,
`pictures` and `page` only show facts. `command` is the command.
"""

from course.grading.report.command import main

__all__ = ["main"]
