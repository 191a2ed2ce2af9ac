"""`python3 -m course late`: what lateness costs."""

from __future__ import annotations

import argparse

from course.bootstrap.words import command
from course.grading.cycle.late import LateByPolicy
from course.grading.records.latepolicy import EXAMPLES, keep_policy, parse_policy, read_policy
from course.grading.records.penalties import Penalties, take_late_points
from course.grading.rules.doing import OpenCourse, done
from course.lessons import LessonError


def main(argv: list[str] | None = None) -> int:
    """Show or set the late policy; return the exit status, 0 or 2."""
    examples = "; ".join(f"`late {one}`" for one in EXAMPLES)
    parser = argparse.ArgumentParser(
        prog=command("late"),
        description="Show what lateness costs, or set it, for all lessons that have a due date. "
        "Late points are taken again at once, and nothing is judged anew.",
        epilog=f"Examples: {examples}. Shares are of the points that were earned. Exit status: 0, "
        "or 2 where nothing was changed.",
    )
    parser.add_argument("policy", nargs="*", help="in words, as below; without, it is shown")
    asked = parser.parse_args(argv)
    return done(lambda course: _work(course, " ".join(asked.policy)))


def _work(course: OpenCourse, said: str) -> list[str]:
    named = [type(s.plugin_inst) for s in Penalties(course.folders, course.config).steps]
    if named != [LateByPolicy]:
        theirs = ", ".join(f"{one.__module__}.{one.__qualname__}" for one in named) or "nothing"
        raise LessonError(
            f"nbgrader_config.py has {theirs} take late points: take out its lines about "
            f"AssignLatePenalties to have this command decide"
        )
    if not said:
        policy = read_policy(course.gradebook)
        if policy is None:
            method = course.config.LateSubmissionPlugin.get("penalty_method", "none")
            return [f"none was set here; nbgrader's penalty_method is {method!r}"]
        return [f"{policy}", policy.told()]
    policy = parse_policy(said)
    keep_policy(course.gradebook, policy)
    lines = [f"{policy}", policy.told()]
    for lesson_id, students in take_late_points(course.folders, course.config).items():
        lines.append(f"{lesson_id}: late points are others now: {', '.join(students)}")
    return lines
