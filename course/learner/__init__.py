"""The learner's side: a copy of the lessons, start page, JupyterLab, and the check at home.

``learner.grade()`` in a notebook runs the hidden tests of a class on it, and
``learner.model_answer()`` shows how an answer in words may read, once there is one.
"""

from course.learner.here import grade
from course.learner.model_answers import model_answer

__all__ = ["grade", "model_answer"]
