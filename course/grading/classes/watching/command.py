"""`python3 -m course watch`: grade what students hand in as it arrives, and answer at once."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from course.bootstrap.words import command
from course.grading.classes.setting_up import HowGraded, interrupted, settings
from course.grading.classes.watching.due import Rule, rule_of
from course.grading.classes.watching.watch import Watch, watched_alone
from course.grading.faults import GradingFault
from course.grading.records.coursefiles import look_at_name
from course.grading.records.opening import remedy
from course.lessons import LessonError, asked_lesson, course_root

ENDED, SOME_LEFT, NOT_POSSIBLE = 0, 1, 2


def main(argv: list[str] | None = None) -> int:
    """Watch the exchange for one lesson; return the exit status."""
    parser = argparse.ArgumentParser(
        prog=command("watch"),
        description="Grade what students hand in through nbgrader's exchange as it arrives, as "
        "`course grade --collect` would, and give them their feedback. It goes on until Ctrl-C; "
        "begun again, it goes on from there. How many submissions a day are graded, and which of "
        "them counts, is set in nbgrader_config.py: Judge.tries_a_day, Judge.counts.",
        epilog="Exit status: 0 where it was ended, or with --once all is graded; 1 where with "
        "--once something is left; 2 where nothing could be graded.",
    )
    parser.add_argument("lesson", help="a lesson's number or name")
    parser.add_argument(
        "--feedback",
        default="now",
        metavar="WHEN",
        help="when students can fetch it: `now`, at the lesson's `deadline`, or at a time such as "
        "'2026-03-11 18:00'",
    )
    parser.add_argument("--once", action="store_true", help="end when nothing is due")
    HowGraded.offer(parser)
    asked = parser.parse_args(argv)
    how = HowGraded.asked(parser, asked)
    if not hasattr(os, "fork"):
        print("nbgrader's exchange needs Linux or macOS", file=sys.stderr)
        return NOT_POSSIBLE
    root = course_root()
    signal.signal(signal.SIGTERM, interrupted)
    try:
        look_at_name(root)
        lesson_id = asked_lesson(asked.lesson, root / "source")
        with watched_alone(root, lesson_id):
            return _watch(root, lesson_id, asked, how)
    except (LessonError, GradingFault) as error:
        print(f"nothing is watched: {error}", file=sys.stderr)
    except (OSError, SQLAlchemyError) as error:
        print(f"nothing is watched: {remedy(error)}", file=sys.stderr)
    return NOT_POSSIBLE


def _watch(root: Path, lesson_id: str, asked: argparse.Namespace, how: HowGraded) -> int:
    rule = rule_of(settings(root)[0])
    watch = Watch(root, lesson_id, moment(asked.feedback, rule), _say, how)
    try:
        watch.begin()
        _say(f"{lesson_id}: watching {watch.inbound}; {told(rule)}. Ctrl-C ends it")
        if asked.once:
            return ENDED if watch.catch_up() and not watch.is_left else SOME_LEFT
        watch.run()
    except KeyboardInterrupt:
        _say(f"{lesson_id}: ended; what is handed in from now on waits for the next command")
    finally:
        watch.close()
    return ENDED


def moment(asked: str, rule: Rule) -> datetime | Literal["deadline"] | None:
    """Return when feedback is given out: None for now, else a time in UTC, without a zone.

    Raises
    ------
    LessonError
        Where it is no time.

    Examples
    --------
    >>> moment("2026-03-11 18:00+01:00", Rule())
    datetime.datetime(2026, 3, 11, 17, 0)
    """
    if asked == "now":
        return None
    if asked == "deadline":
        return "deadline"
    try:
        said = datetime.fromisoformat(asked)
    except ValueError as error:
        raise LessonError(
            f"--feedback is `now`, `deadline` or a time such as '2026-03-11 18:00', not {asked!r}"
        ) from error
    if said.tzinfo is None and rule.zone is not None:
        said = said.replace(tzinfo=rule.zone)
    return said.astimezone(UTC).replace(tzinfo=None)


def told(rule: Rule) -> str:
    """Say what a rule is.

    >>> told(Rule())
    'each submission is graded, and the last counts'
    """
    counts = f"the {rule.counts} counts"
    if not rule.tries_a_day:
        return f"each submission is graded, and {counts}"
    zone = rule.zone or datetime.now().astimezone().tzname()
    return f"{rule.tries_a_day} a day are graded, by the time of {zone}, and {counts}"


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
