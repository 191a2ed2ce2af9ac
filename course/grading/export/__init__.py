"""Grades out to the world: what `nbgrader export --exporter=course.grading.export.NAME` takes.

`CanvasExport` and `MoodleExport` write what those systems' gradebooks import. Their settings go
into `nbgrader_config.py`, and docs/scale.md says how to use them.
"""

from course.grading.export.canvas import CanvasExport
from course.grading.export.moodle import MoodleExport

__all__ = ["CanvasExport", "MoodleExport"]
