"""Commands run by processes that have imported what they need: where no fresh start is the point.

To import nbgrader takes two seconds, for which most of its commands have no other use.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

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
    started = start(*command, cwd=cwd, env=env, given=given, prefix=prefix)
    said, complaints = started.communicate()
    assert started.returncode is not None
    return subprocess.CompletedProcess(started.args, started.returncode, said, complaints)


class Started:
    """A command that runs: as much of `subprocess.Popen` as is used."""

    def __init__(
        self, args: Sequence[str], control: socket.socket, asked: str, given: str, is_one: bool
    ) -> None:
        self.args, self._control = args, control
        self.returncode: int | None = None
        with contextlib.ExitStack() as stack:
            read, said, complaints = [
                stack.enter_context(tempfile.TemporaryFile()) for _ in range(3)
            ]
            read.write(given.encode())
            read.seek(0)
            self._streams = [said] if is_one else [said, complaints]
            streams = [stream.fileno() for stream in (read, said, self._streams[-1])]
            socket.send_fds(control, [asked.encode()], streams)
            self.pid = int(self._answer())
            self._files = stack.pop_all()
        self._ended = os.pidfd_open(self.pid)

    def poll(self) -> int | None:
        """Return how it ended, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float = LIMIT_S) -> int:
        """Wait for its end; return how it ended."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout)
            self._control.send(json.dumps(self.pid).encode())
            self.returncode = int(self._answer())
            os.close(self._ended)
        return self.returncode

    def communicate(self, timeout: float = LIMIT_S) -> tuple[str, str]:
        """Wait for its end; return what it said, and what it complained of."""
        self.wait(timeout)
        with self._files:
            for stream in self._streams:
                stream.seek(0)
            texts = [stream.read().decode("utf-8", "replace") for stream in self._streams]
        return texts[0], texts[-1]

    def _answer(self) -> bytes:
        answer = self._control.recv(16)
        assert answer, f"the process that runs {self.args} has ended"
        return answer


def start(
    *command: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    given: str = "",
    prefix: tuple[str, ...] = (),
    is_one: bool = False,
) -> Started:
    """Start what `run` waits for; with `is_one`, what it complains of is among what it says."""
    kind, what, *arguments = command
    asked = {
        "module": what if kind == "-m" else "",
        "text": what if kind == "-c" else "",
        "arguments": arguments,
        "cwd": str(cwd),
        "env": dict(os.environ if env is None else env),
    }
    return Started([*prefix, *command], _zygote(prefix), json.dumps(asked), given, is_one)


def ask_judge(plan: Plan) -> Verdict:
    """Have a plan judged by such a process: what `course.grading.steps.execute` starts one for."""
    done = run("-m", "course.grading.judge", cwd=Path.cwd(), given=plan.to_json())
    if done.returncode:
        raise GradingFault(
            f"not graded, and not the student's doing: {done.stderr.strip()[-2000:]}"
        )
    return Verdict.from_json(done.stdout)


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
