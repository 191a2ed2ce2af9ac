"""nbgrader's settings for all who use the server: into ENVIRONMENT/etc/jupyter/."""

import os
import sys
from pathlib import Path

c = get_config()
c.Exchange.root = str(Path(sys.prefix).parent / "exchange")
# Assignment List and `nbgrader list` say when a lesson is due.
c.ExchangeFactory.list = "course.grading.cycle.exchange.List"
# The course that students find. The hub says which is theirs, and nothing where it is not one.
course_id = os.environ.get("COURSE_NAME", "teacher_forcing")
c.CourseDirectory.course_id = course_id
if not course_id:  # each in a folder of its own, and no other than theirs
    c.Exchange.path_includes_course = True
    c.Authenticator.plugin_class = "nbgrader.auth.JupyterHubAuthPlugin"
