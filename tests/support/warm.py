"""Commands run by processes that have imported what they need: where no fresh start is the point.

To import nbgrader takes two seconds, for which most of its commands have no other use.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from course.grading.faults import GradingFault
from course.grading.judge.plan import Plan, Verdict

#: A command that takes longer hangs.
LIMIT_S = 600


def run(
    *command: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    given: str = "",
    prefix: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """Run ``python -W ignore -m MODULE ...``, or ``-c PROGRAM ...``, and wait for its end.

    `command` is all that follows the interpreter's name, and `prefix` a program that starts the
    interpreter, ``setpriv`` for instance; `given` stands on standard input.
    """
    kind, what, *arguments = command
    asked = {
        "module": what if kind == "-m" else "",
        "text": what if kind == "-c" else "",
        "arguments": arguments,
        "cwd": str(cwd),
        "env": dict(os.environ if env is None else env),
    }
    with (
        tempfile.TemporaryFile() as said,
        tempfile.TemporaryFile() as complaints,
        tempfile.TemporaryFile() as read,
    ):
        read.write(given.encode())
        read.seek(0)
        streams = [stream.fileno() for stream in (read, said, complaints)]
        control = _zygote(prefix)
        socket.send_fds(control, [json.dumps(asked).encode()], streams)
        status = control.recv(16)
        assert status, f"the process that runs {command} has ended"
        return subprocess.CompletedProcess(
            [*prefix, *command], int(status), _text(said), _text(complaints)
        )


def ask_judge(plan: Plan) -> Verdict:
    """Have a plan judged by such a process: what `course.grading.steps.execute` starts one for."""
    done = run("-m", "course.grading.judge", cwd=Path.cwd(), given=plan.to_json())
    if done.returncode:
        raise GradingFault(
            f"not graded, and not the student's doing: {done.stderr.strip()[-2000:]}"
        )
    return Verdict.from_json(done.stdout)


def _text(stream: IO[bytes]) -> str:
    stream.seek(0)
    return stream.read().decode("utf-8", "replace")


@functools.cache
def _zygote(prefix: tuple[str, ...]) -> socket.socket:
    """Start the program that forks, once for each prefix; return how it is asked."""
    control, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    control.settimeout(LIMIT_S)
    program = [sys.executable, "-W", "ignore", Path(__file__).with_name("zygote.py")]
    process = subprocess.Popen(
        [*prefix, *program, str(its.fileno())],
        pass_fds=[its.fileno()],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    )
    its.close()

    def end() -> None:
        control.shutdown(socket.SHUT_RDWR)  # whoever else was forked with it meanwhile
        control.close()
        process.wait()

    atexit.register(end)
    return control
