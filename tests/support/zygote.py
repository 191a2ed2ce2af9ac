"""A program that has imported what commands need, and forks one for each that is asked for.

Started by `warm` with the number of a socket. A message is a command as JSON (arguments, folder,
environment) with its three streams, and is answered by its process's number; or such a number, and
is answered by its exit status. Submissions that nbgrader grades have judges that are forked too,
and students' processes from a nursery.
"""

from __future__ import annotations

import gc
import json
import os
import random
import runpy
import signal
import socket
import sys
import tempfile
from typing import Any

import nbgrader.apps.nbgraderapp
import nbgrader.server_extensions.assignment_list  # noqa: F401  # which `nbgrader` imports

import course.grading.classes.autograding
import course.grading.classes.command
import course.grading.report.command  # noqa: F401
from course.grading.confinement import forking
from course.grading.faults import GradingFault
from course.grading.judge.__main__ import main as run_judge
from course.grading.judge.plan import Plan, Verdict
from course.grading.steps import execute

#: Of a command: arguments and environment.
MOST_BYTES = 2**20


def become(asked: dict[str, Any], streams: list[int]) -> None:
    """Make a forked process what a program of its own would find itself to be."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.path[0] = asked["cwd"]
    tempfile.tempdir = None  # which the environment decides
    random.seed()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["-c", *asked["arguments"]]


def ask_judge(plan: Plan) -> Verdict:
    """Have a plan judged in a forked process, as `execute.ask_judge` has it in a started one."""
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as asked,
        tempfile.TemporaryFile("w+", encoding="utf-8") as said,
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints,
    ):
        asked.write(plan.to_json())
        asked.seek(0)
        child = os.fork()
        if child == 0:
            os.setsid()
            for number, stream in enumerate((asked, said, complaints)):
                os.dup2(stream.fileno(), number)
            sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
            status = 1
            try:
                status = run_judge()
            finally:
                sys.stderr.flush()
                os._exit(status)
        _, status = os.waitpid(child, 0)
        for stream in (said, complaints):
            stream.seek(0)
        if os.waitstatus_to_exitcode(status):
            raise GradingFault(f"not graded, and not the student's doing: {complaints.read()}")
        return Verdict.from_json(said.read())


def main() -> dict[str, Any]:
    """Fork for each command; return, in the forked process, what it is to run."""
    control = socket.socket(fileno=int(sys.argv[1]))
    forking.open_nursery()
    gc.freeze()
    while True:
        message, streams, _, _ = socket.recv_fds(control, MOST_BYTES, 3)
        if not message:
            os._exit(0)
        asked = json.loads(message)
        if isinstance(asked, int):
            _, status = os.waitpid(asked, 0)
            control.send(str(os.waitstatus_to_exitcode(status)).encode())
            continue
        child = os.fork()
        if child == 0:
            control.close()
            become(asked, streams)
            return asked
        for stream in streams:
            os.close(stream)
        control.send(str(child).encode())


if __name__ == "__main__":
    command = main()
    if command["module"] == "nbgrader":
        execute.ask_judge = ask_judge
    elif command["module"] != "course.grading.judge":
        forking._nursery = None  # they open one themselves
    if command["module"]:
        runpy.run_module(command["module"], run_name="__main__", alter_sys=True)
    else:
        exec(compile(command["text"], "<string>", "exec"), {"__name__": "__main__"})
