"""The learner's side: a copy of the lessons, start page, JupyterLab, and the check at home.

``learner.grade()`` in a notebook runs the hidden tests of a class on it.
"""

from course.learner.here import grade

__all__ = ["grade"]
