"""nbgrader's plug-ins, one for each step of `nbgrader_config.py`."""
