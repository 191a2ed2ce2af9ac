"""What goes wrong while a submission is judged: by its own doing, or by the machine's."""

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


class InfrastructureFault(BaseException):
    """Something that is not the student's doing keeps the submission from being graded.

    It is no `Exception`, so that no test cell can take it for a wrong answer.
    """


class StartFault(InfrastructureFault):
    """The student's process could not be started."""
