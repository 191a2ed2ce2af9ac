"""A program that has imported what commands need, and forks one for each that is asked for.

Started by `warm` with the number of a socket. Each message is a command as JSON (arguments, folder,
environment) with its three streams; the answer is its exit status.
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
from typing import Any

import nbgrader.apps.nbgraderapp
import nbgrader.server_extensions.assignment_list  # noqa: F401  # which `nbgrader` imports

import course.grading.classes.autograding
import course.grading.classes.command
import course.grading.judge.__main__
import course.grading.report.command  # noqa: F401

#: Of a command: arguments and environment.
MOST_BYTES = 2**20


def become(asked: dict[str, Any], streams: list[int]) -> None:
    """Make a forked process what a program of its own would find itself to be."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"])
    sys.path[0] = asked["cwd"]
    random.seed()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = ["-c", *asked["arguments"]]


def main() -> dict[str, Any]:
    """Fork for each command; return, in the forked process, what it is to run."""
    control = socket.socket(fileno=int(sys.argv[1]))
    gc.freeze()
    while True:
        message, streams, _, _ = socket.recv_fds(control, MOST_BYTES, 3)
        if not message:
            os._exit(0)
        asked = json.loads(message)
        child = os.fork()
        if child == 0:
            control.close()
            become(asked, streams)
            return asked
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(child, 0)
        control.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    command = main()
    if command["module"]:
        runpy.run_module(command["module"], run_name="__main__", alter_sys=True)
    else:
        exec(compile(command["text"], "<string>", "exec"), {"__name__": "__main__"})
