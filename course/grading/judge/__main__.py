"""The judge's process: a plan comes on standard input, the verdict leaves on standard output.

Started as ``python -I -m course.grading.judge`` for each submission. Exit status 0 with a verdict;
3 with a reason on standard error where something that is not the student's doing kept it from one.
"""

from __future__ import annotations

import os
import signal
import sys

from course.grading.confinement.usage import adopt_orphans, end_orphans
from course.grading.faults import InfrastructureFault
from course.grading.judge.judge import judge
from course.grading.judge.plan import Plan

INFRASTRUCTURE_FAULT = 3


def main() -> int:
    """Judge one submission."""
    # A plain end runs the clean-up: the student's process must not outlive its judge.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(INFRASTRUCTURE_FAULT))
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    adopt_orphans()
    try:
        verdict = judge(Plan.from_json(sys.stdin.read()))
    except InfrastructureFault as fault:
        print(fault, file=sys.stderr)
        return INFRASTRUCTURE_FAULT
    finally:
        end_orphans()
    answer.write(verdict.to_json())
    answer.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
