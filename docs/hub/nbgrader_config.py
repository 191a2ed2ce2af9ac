"""nbgrader's settings for all who use the server: into ENVIRONMENT/etc/jupyter/."""

import sys
from pathlib import Path

c = get_config()
c.Exchange.root = str(Path(sys.prefix).parent / "exchange")
# Assignment List and `nbgrader list` say when a lesson is due.
c.ExchangeFactory.list = "course.grading.cycle.exchange.List"
# The course that students find; with several on one server, leave this out.
c.CourseDirectory.course_id = "teacher_forcing"
