"""Has Formgrader, and nbgrader in any folder, find the course that COURSE_ROOT names."""

import os

c = get_config()

if os.environ.get("COURSE_ROOT"):
    load_subconfig("nbgrader_config.py", path=os.environ["COURSE_ROOT"])
