"""The judge, and the class: the instructor's side of grading, plugged into nbgrader.

Of these rooms each imports from those above it alone::

    confinement  starts, limits and ends a student's process
    judge        the judge's process: runs a plan, gives a verdict; knows nothing of nbgrader
    records      a class's folders and gradebook: found, read, written
    steps        what becomes of a submission: read, made whole, judged, its marks; decides marks
    releasing    a lesson generated: into the gradebook, and to students
    cycle        nbgrader's commands around grading
    classes      a class graded: the command, the grader, workers
    lms          to and from Canvas and Moodle
    rules        due dates and extensions, late policy, sections: what is set by command
    report       the class report
    alike        submissions that are alike

What keeps a submission from being graded stands in `course.grading.faults`.
"""
