"""The command, in a folder that is not the course's own."""

import sys
from pathlib import Path

from course.grading.classes import command

command.course_root = lambda: Path(sys.argv[1])
sys.exit(command.main([sys.argv[2], "--workers", "2", *sys.argv[3:]]))
