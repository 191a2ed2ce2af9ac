"""The judge's process; nothing here knows nbgrader."""
