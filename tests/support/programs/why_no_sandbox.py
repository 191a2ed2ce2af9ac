"""Print why there is no sandbox here."""

from course.grading.confinement.sandbox import why_no_sandbox

print(why_no_sandbox())
