"""The commands of the course: ``python3 -m course COMMAND``.

An old Python 3 must be able to read this file in order to say that it is too old. So: standard
library only, and no syntax newer than Python 3.6 until the version is known.
"""

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

OLDEST = (3, 11)
NEWEST_KNOWN = (3, 14)


class Command(NamedTuple):
    """One command: how it is called, what it does, and the module whose ``main(argv)`` does it."""

    name: str
    arguments: str
    summary: str
    module: str
    extras: "tuple[str, ...]" = ()


COMMANDS = (
    Command(
        "lab",
        "[--no-browser] [--port N] [--instructor]",
        "open the lessons in JupyterLab; what you write is kept in work/",
        "course.learner.lab",
    ),
    Command(
        "check",
        "[LESSON]",
        "grade your own notebooks in work/ with the hidden tests of a class",
        "course.learner.check",
    ),
    Command(
        "demo",
        "[LESSON]",
        "make up a class, grade it, and show marks and mistakes",
        "course.grading.classes.demo",
    ),
    Command(
        "grade",
        "LESSON [--student S]... [--workers N] [--collect] [--regrade] [--scheduler ADDRESS]",
        "grade a class's submissions in parallel; run again, it goes on where it stopped",
        "course.grading.classes.start",
    ),
    Command(
        "watch",
        "LESSON [--feedback WHEN] [--once] [--workers N] [--scheduler ADDRESS]",
        "grade what is handed in through the exchange as it arrives, and give feedback",
        "course.grading.classes.watching.start",
    ),
    Command(
        "report",
        "LESSON [--section S] [--output FOLDER] [--formgrader ADDRESS]",
        "write a page on a graded class: marks, claims, known mistakes",
        "course.grading.report",
    ),
    Command(
        "alike",
        "LESSON [--output FOLDER]",
        "write a page, for you alone, on submissions that are alike; it says nothing of why",
        "course.grading.alike",
    ),
    Command(
        "feedback",
        "LESSON [--output FILE]",
        "pack feedback pages into a zip that Canvas or Moodle takes back",
        "course.grading.lms.zips.giveback",
    ),
    Command(
        "due",
        "[LESSON] [WHEN] [--student S]... [--section S]... [--zone Z]",
        "show or set when lessons are due, and for whom later",
        "course.grading.rules.due",
    ),
    Command(
        "late",
        "[POLICY]",
        "show or set what lateness costs, such as: late 10 % a day, 3 days grace",
        "course.grading.rules.late",
    ),
    Command(
        "section",
        "[SECTION STUDENT...] [--from FILE]",
        "show who is in which section, or put students into one",
        "course.grading.rules.section",
    ),
    Command(
        "hub-check",
        "",
        "say whether a server with accounts keeps its people apart, and can grade",
        "course.hub.command",
    ),
    Command(
        "test",
        "[PYTEST ARGUMENTS]",
        "run the course's tests",
        "course.maintain.suite",
        ("dev", "hub"),
    ),
    Command(
        "build",
        "[TARGET...] [--check]",
        "make again all that is generated, or say what is stale",
        "course.maintain.build",
        ("dev",),
    ),
)


def overview() -> str:
    """Return the help text of all commands."""
    from course.bootstrap.words import command as typed

    lines = ["usage: " + typed("COMMAND [ARGUMENTS]"), "", "commands:"]
    for command in COMMANDS:
        lines.append("  " + usage(command))
        lines.append("      " + command.summary)
    lines.append("")
    lines.append("The first command makes the environment in .venv, or in the folder that the")
    lines.append("variable COURSE_VENV names. `" + typed("COMMAND --help") + "` tells more.")
    return "\n".join(lines)


def usage(command: Command) -> str:
    """Return one command and its arguments."""
    return (command.name + " " + command.arguments).strip()


def too_old(version: "tuple[Any, ...]", argv: "list[str]") -> str:
    """Say that this Python is too old, and which one to use instead."""
    newer = newest_python()
    arguments = " ".join(argv) or "lab"
    if newer:
        remedy = "run `{} -m course {}`".format(newer, arguments)  # noqa: UP032
    else:
        remedy = "install a newer one, then run `python3.12 -m course {}`".format(  # noqa: UP032
            arguments
        )
    return "This course needs Python {} or newer, and this is {}: {}.".format(  # noqa: UP032
        dotted(OLDEST), dotted(version), remedy
    )


def newest_python() -> str:
    """Return the command of the newest Python on this machine that will do, or ``""``."""
    for minor in range(NEWEST_KNOWN[1], OLDEST[1] - 1, -1):
        name = "python3.{}".format(minor)  # noqa: UP032
        if shutil.which(name) and works(name):
            return name
    return ""


def works(python: str) -> bool:
    """Say whether a Python starts: a version manager's stand-in may only say that it cannot."""
    quiet = subprocess.DEVNULL
    return subprocess.call([python, "-c", ""], stdout=quiet, stderr=quiet) == 0


def dotted(version: "tuple[Any, ...]") -> str:
    """Return a version as people write it.

    >>> dotted((3, 11, 7))
    '3.11'
    """
    return ".".join(str(number) for number in version[:2])


def hand_over(python: str, argv: "list[str]", *options: str) -> int:
    """Run the same command with another Python, in place of this process where that is possible."""
    command = [python, *options, "-m", "course"] + argv
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":
        os.execv(python, command)
    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue  # the child got Ctrl-C too, and its exit status is what counts


def main(argv: "list[str]") -> int:
    """Run one command; return the exit status."""
    if sys.version_info < OLDEST:
        print(too_old(sys.version_info, argv), file=sys.stderr)
        return 2
    from course.bootstrap.streams import make_patient

    make_patient()
    if not argv or argv[0] in ("-h", "--help", "help"):
        print(overview())
        return 0
    command = next((known for known in COMMANDS if known.name == argv[0]), None)
    if command is None:
        print("There is no command `" + argv[0] + "`.\n\n" + overview(), file=sys.stderr)
        return 2
    try:
        return run(command, argv)
    except KeyboardInterrupt:
        print("\nInterrupted. Run the same command again to go on.", file=sys.stderr)
        return 130


def run(command: Command, argv: "list[str]") -> int:
    """Run a command in the course's environment, which is made first where need be."""
    from course.bootstrap import environment, shared
    from course.bootstrap.words import command as typed

    root = environment.checkout()
    asks_for_help = any(argument in ("-h", "--help") for argument in argv[1:])
    try:
        if shared.is_apart(root):
            if not asks_for_help:
                shared.choose_course(command.extras)
        else:
            venv = None if command.extras else shared.environment_for(root)
            if venv is not None:
                os.environ.setdefault("COURSE_ROOT", str(root))
                return hand_over(str(environment.python_in(venv)), argv, "-I")
            if asks_for_help and not environment.is_ready(command.extras):
                print("usage: " + typed(usage(command)) + "\n\n" + command.summary)
                return 0
            if environment.ensure(command.extras) or not environment.is_active():
                return hand_over(str(environment.python()), argv)
    except environment.EnvironmentProblem as problem:
        print(problem, file=sys.stderr)
        return 2
    try:
        return int(importlib.import_module(command.module).main(argv[1:]))
    except OSError as error:
        from course.bootstrap.problems import cannot_write, refused

        root = Path(__file__).resolve().parents[1]
        if not refused(error, root):
            raise
        print(cannot_write(error, root), file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
