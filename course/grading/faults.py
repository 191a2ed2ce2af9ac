"""What goes wrong while a submission is graded: by its own doing, or not.

`StudentFault` is the student's, and costs the test that met it. All else is one tree; none of it is
ever a mark, and each message says what happened and what helps::

    NotTheStudents
        InfrastructureFault         within the judge's process; no `Exception`
            StartFault              the student's process could not be started
            InstructorFault         a cell of the instructor's is broken
        GradingFault                around it; an `Exception`
            CannotRead              what was handed in cannot be read
            CannotWrite             results cannot be written down, one after the other
            GradebookTrouble        the gradebook cannot be read or written
            VersionsDiffer          a worker would not give the marks that the grader would

What is wrong with the files of a lesson is a `course.lessons.LessonError`.
"""

from __future__ import annotations


class StudentFault(Exception):
    """The student's process gave no answer: it hung, died, or sent what is none.

    Attributes
    ----------
    kind : str
        One of `course.grading.judge.plan.FAULTS`, where each is told.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class NotTheStudents(BaseException):
    """Something that is not the student's doing keeps a submission from being graded."""


class InfrastructureFault(NotTheStudents):
    """It shows while the submission runs.

    It is no `Exception`, so that no test cell can take it for a wrong answer.
    """


class StartFault(InfrastructureFault):
    """The student's process could not be started."""


class InstructorFault(InfrastructureFault):
    """A cell of the instructor's is broken: nothing can be graded until it is mended."""


class GradingFault(NotTheStudents, Exception):
    """It shows before or after the submission runs, or the judge gave no verdict."""


class CannotRead(GradingFault):
    """Something that was handed in cannot be read."""


class CannotWrite(GradingFault):
    """Results cannot be written down, one after the other: a full disk, a lost database."""


class GradebookTrouble(GradingFault):
    """The gradebook cannot be read or written; the message says what to do."""


class VersionsDiffer(GradingFault):
    """A worker would not give the marks that the grader would."""
