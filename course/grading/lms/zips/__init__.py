"""Submissions that come as a zip from Canvas or Moodle: the plug-ins of `nbgrader zip_collect`.

`nbgrader_config.py` names them. docs/scale.md says where to lay the zip, and what identifies the
students in it.
"""

from course.grading.lms.zips.collector import LmsCollector
from course.grading.lms.zips.extractor import ZipExtractor

__all__ = ["LmsCollector", "ZipExtractor"]
