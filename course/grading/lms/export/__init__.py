"""Grades out to the world: what `nbgrader export --exporter=course.grading.lms.export.NAME` takes.

`GradesExport` writes nbgrader's own table; `nbgrader_config.py` makes it the default.
`QuestionsExport` writes what each student earned in each question. `CanvasExport` and
`MoodleExport` write what those systems' gradebooks import. Their settings go
into `nbgrader_config.py`, and docs/scale.md says how to use them.
"""

from course.grading.lms.export.canvas import CanvasExport
from course.grading.lms.export.grades import GradesExport
from course.grading.lms.export.moodle import MoodleExport
from course.grading.lms.export.questions import QuestionsExport

__all__ = ["CanvasExport", "GradesExport", "MoodleExport", "QuestionsExport"]
