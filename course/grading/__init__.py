"""The judge, and the class: the instructor's side of grading, plugged into nbgrader."""
