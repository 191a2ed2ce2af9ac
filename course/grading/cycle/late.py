"""nbgrader's plug-in for late submissions, by the policy that `course late` keeps."""

from __future__ import annotations

from nbgrader.plugins import LateSubmissionPlugin

from course.grading.records.latepolicy import read_policy


class LateByPolicy(LateSubmissionPlugin):
    """Takes what the course's policy says; where none was set, what nbgrader's settings say.

    Whoever takes late points, `nbgrader autograde`, Formgrader's button and the course's own
    commands, calls it.
    """

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points that lateness takes of one notebook, None for none."""
        policy = read_policy(self.parent.gradebook)
        if policy is None:
            penalty: float | None = super().late_submission_penalty(
                student_id, score, total_seconds_late
            )
            return penalty
        return policy.cost(score, total_seconds_late) or None
