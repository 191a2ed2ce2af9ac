"""The student's process, as the judge holds it: started, asked, ended, started again."""

from __future__ import annotations

import contextlib
import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from course.checks.cells.losses import LOSSES
from course.grading.confinement.forking import Nursling, forked
from course.grading.confinement.history import RunCells
from course.grading.confinement.limits import Limits
from course.grading.confinement.pipes import Pipes
from course.grading.confinement.sandbox import has_sandbox, plain, sandboxed, start
from course.grading.confinement.usage import ControlGroup, UsageWatch, family, new_group, too_much
from course.grading.confinement.workfiles import copy_files
from course.grading.faults import InfrastructureFault, StartFault, StudentFault
from course.student.wire import TOGETHER_S, TooLarge, WireError, pack, read_message, unpack

#: Seconds that a fresh process may take to be ready; it needs about 0.2.
START_LIMIT_S = 60.0


@dataclass
class _Running:
    """One process, where it lives, and how it is asked."""

    process: subprocess.Popen[bytes]
    home: Path
    pipes: Pipes
    watch: UsageWatch
    group: ControlGroup | None = None

    def end(self) -> None:
        """End the process and all that it started; leave nothing of it but its group."""
        _kill(self.process)
        self.watch.stop()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(OSError):  # what is still to be written has no reader
                cast(BinaryIO, pipe).close()
        shutil.rmtree(self.home, ignore_errors=True)

    def why(self) -> str:
        """Say which limit it was ended for, ``""`` for none."""
        return self.watch.why or (self.group.why() if self.group else "")


class StudentProcess:
    """A process that runs the student's cells and answers calls.

    It is started when it is first needed, and first runs the cells that its `RunCells` has and it
    has not. After a hang or a crash it is started again, so that what a call broke stays its own
    loss.

    Parameters
    ----------
    limits : Limits
        What it may use.
    files : Path, optional
        A folder of files handed in beside the notebook; copied to where the process runs.
    in_sandbox : bool, optional
        Whether it runs in bubblewrap; by default where that is possible.
    history : RunCells, optional
        Shared with the submission's other process; by default one of its own.
    is_shown : bool, optional
        Whether cells that are shown will be run in it.
    """

    def __init__(
        self,
        limits: Limits,
        files: Path | None = None,
        in_sandbox: bool | None = None,
        history: RunCells | None = None,
        is_shown: bool = True,
    ) -> None:
        self._in_sandbox = has_sandbox() if in_sandbox is None else in_sandbox
        self._limits = limits
        self._files = files
        self._running: _Running | None = None
        self._leaving: list[ControlGroup] = []
        self._history = history or RunCells(limits)
        self.is_shown = is_shown
        self._done = 0

    def __enter__(self) -> StudentProcess:
        return self

    def __exit__(self, *_: object) -> None:
        """End the process, and all that it left."""
        self.stop()
        for group in self._leaving:
            group.close()

    def run_cell(self, source: str) -> tuple[list[Any], list[Any]]:
        """Run one cell; return what failed in it, and its outputs. Neither is believed.

        Raises
        ------
        StudentFault
            Where it did not end. What it defines is then looked for without what else it does.
        """
        seconds = self._limits.cell_s
        late = f"this cell did not end within {seconds:g} s"
        self._ready()
        begin = time.monotonic()
        try:
            reply = self._ask(seconds, late, "run", source=source)
        except StudentFault:
            self._history.add(source, failures=1)  # its definitions may do no harm
            raise
        self._history.add(source, time.monotonic() - begin)
        self._done = len(self._history.cells)
        failures, outputs = reply.get("failures"), reply.get("outputs")
        if not isinstance(failures, list) or not isinstance(outputs, list):
            raise self._garbled("a cell's outputs were not outputs")
        return failures, outputs

    def put_off(self, source: str) -> None:
        """Run a cell that shows nothing when something else is asked for, if ever."""
        self._history.add(source)

    def describe(self, names: list[str]) -> dict[str, Any]:
        """Return what is known of each name: see `course.student`."""
        late = "the process that runs the cells did not answer"
        reply = self._ask(self._limits.call_s, late, "describe", names=names)
        described = reply.get("names")
        if not isinstance(described, dict):
            raise self._garbled("names were asked for, and something else came")
        return described

    def get(self, name: str) -> Any:
        """Return the value of a name."""
        late = f"the value of `{name}` did not come"
        return self._ask(self._limits.call_s, late, "get", name=name).get("value")

    def call(self, name: str, args: Any, kwargs: Any, seconds: float) -> tuple[int, dict[str, Any]]:
        """Call a function; return the call's number and the reply.

        Raises
        ------
        StudentFault
            Where no answer came within `seconds` or the limit of a call, or none that can be read.
        WireError
            Where the arguments cannot be sent.
        """
        asked = {"name": name, "args": args, "kwargs": kwargs}
        reply = self._ask_function(name, seconds, 0.0, "call", **asked)
        return self._history.number, reply

    def call_each(
        self, name: str, values: list[Any], calls: list[tuple[list[int], int]], seconds: float
    ) -> dict[str, Any]:
        """Call a function several times; return the reply.

        Parameters
        ----------
        name : str
            The function's.
        values : list
            Arguments, each once.
        calls : list of (list of int, int)
            The places of the arguments among `values`, and how often to call with them.
        seconds : float
            As for `call`, which see also for what is raised. The reply's ``"values"`` may be the
            results of the first few calls alone: no call gets more time than by itself.
        """
        asked = {"name": name, "values": values, "calls": calls}
        reply = self._ask_function(name, seconds, TOGETHER_S, "call_each", **asked)
        came, most = reply.setdefault("values", []), sum(times for _, times in calls)
        if not isinstance(came, list) or len(came) > most or not (came or "error" in reply):
            raise self._garbled("calls have other results")
        return reply

    def stop(self) -> None:
        """End the process and all that it started, and remove its folder."""
        if self._running is None:
            return
        running, self._running = self._running, None
        self._done = 0
        running.end()
        if running.group and not running.group.ended():
            self._leaving.append(running.group)  # the kernel needs longer than the next start does

    def _ask_function(
        self, name: str, seconds: float, more: float, operation: str, /, **fields: Any
    ) -> dict[str, Any]:
        """Ask for a function, which gets less time whenever it has used all that it got."""
        seconds = self._history.patience.seconds(name, seconds)
        try:
            late = self._history.patience.late(name, seconds)
            self._ready()
            begin = time.monotonic()
            reply = self._ask(seconds + more, late, operation, **fields)
            self._history.patience.answered(name, time.monotonic() - begin)
            return reply
        except StudentFault as fault:
            if fault.kind == "time":
                self._history.patience.hung(name, seconds)
            raise

    def _ask(self, seconds: float, late: str, operation: str, **fields: Any) -> dict[str, Any]:
        running = self._ready()
        request = {"operation": operation, **fields}
        left = self._left()
        if left < seconds:
            seconds, late = left, self._too_long()
        with self._history.counted(is_own=True):
            return self._exchange(running, seconds, late, request)

    def _ready(self) -> _Running:
        """Return a process that has run all cells that were run so far."""
        begin = time.monotonic()
        try:
            while True:
                self._left()
                is_fresh = self._running is None
                running = self._running or self._start()
                with self._history.counted(is_own=False), contextlib.suppress(StudentFault):
                    self._catch_up(running, is_fresh)
                    return running
        finally:
            self._history.judges_s += time.monotonic() - begin

    def _catch_up(self, running: _Running, is_fresh: bool) -> None:
        """Run what cells there are that this process has not run.

        A cell that takes its process with it is run less of from then on, unless a call may have
        been the reason.
        """
        for cell in self._history.cells[self._done :]:
            text = self._history.text_again(cell, self.is_shown)
            seconds = min(self._history.seconds_again(cell), self._left())
            again = {"operation": "run", "source": text}
            try:
                if text.strip():
                    self._exchange(running, seconds, "a cell that had run before hung", again)
            except StudentFault:
                cell.failures += is_fresh
                raise
            self._done += 1

    def _left(self) -> float:
        """Return the seconds left for the notebook; `StudentFault` where there are none."""
        if self._history.own_left() <= 0:
            self.stop()
            raise StudentFault("time", self._too_long())
        if self._history.again_left() <= 0:
            self.stop()
            said = f"to run cells again took longer than {self._limits.notebook_s:g} s"
            raise StudentFault("time", said)
        return self._history.own_left()

    def _too_long(self) -> str:
        return f"the notebook as a whole took longer than {self._limits.notebook_s:g} s"

    def _exchange(
        self, running: _Running, seconds: float, late: str, request: dict[str, Any]
    ) -> dict[str, Any]:
        """Send one request and wait for its reply."""
        self._history.number += 1
        data = pack({"number": self._history.number, **request}, functions=LOSSES)
        running.pipes.deadline = time.monotonic() + seconds
        try:
            with _ending(running.process, seconds if sys.platform == "win32" else None):
                running.pipes.write(data)
                came = read_message(running.pipes, self._limits.answer_mib * 2**20)
            reply = unpack(came, self._limits.answer_depth) if came is not None else None
        except TimeoutError:
            self.stop()
            raise StudentFault("time", late) from None
        except WireError as error:
            raise self._garbled(str(error), _kind_of(error)) from None
        except OSError:
            reply = None
        if reply is None:
            if running.why() or time.monotonic() < running.pipes.deadline:
                raise self._died(running)
            self.stop()
            raise StudentFault("time", late)
        number = reply.get("number")  # anything may stand there: an array is neither true nor false
        if type(number) is not int or number != self._history.number:
            raise self._garbled("an answer came that was not asked for")
        return reply

    def _garbled(self, why: str, kind: str = "garbled") -> StudentFault:
        self.stop()
        return StudentFault(kind, f"what came back is no answer: {why}")

    def _died(self, running: _Running) -> StudentFault:
        """Say how the process ended; raise `InfrastructureFault` where that was not its doing."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            running.process.wait(1)
        status, why = running.process.poll(), running.why()
        self.stop()
        if why:
            kind = "memory" if why == too_much(self._limits) else "processes"
            return StudentFault(kind, f"the process that runs your code was ended: {why}")
        if isinstance(running.process, Nursling) and running.process.is_lost:
            raise InfrastructureFault("the process that runs the cells was ended from outside")
        number = -status if status is not None and status < 0 else (status or 0) - 128
        if number in set(signal.Signals):  # bubblewrap adds 128 where a shell does
            how = f"it was ended by signal {number} ({signal.Signals(number).name})"
        else:
            how = f"it ended with status {status}: was exit called?"
        return StudentFault("died", f"the process that runs your code ended; {how}")

    def _start(self) -> _Running:
        home = Path(tempfile.mkdtemp(prefix="answers-"))
        with tempfile.TemporaryFile() as complaints:
            try:
                copy_files(self._files, home / "work", self._limits.disk_mib * 2**20)
                process = self._popen(home, complaints)
            except OSError as error:
                shutil.rmtree(home, ignore_errors=True)
                raise StartFault(f"the student's process could not be started: {error}") from error
            watch = UsageWatch(process.pid, self._limits, functools.partial(_kill, process))
            group = process.group if isinstance(process, Nursling) else None
            self._running = running = _Running(process, home, Pipes(process), watch, group)
            late = f"it was not ready within {START_LIMIT_S:g} s"
            try:
                self._exchange(running, START_LIMIT_S, late, {"operation": "describe", "names": []})
            except StudentFault as fault:
                complaints.seek(0)
                said = complaints.read().decode(errors="replace")[-2000:]
                raise StartFault(f"the student's process did not start: {fault}\n{said}") from fault
            if not isinstance(process, Nursling):
                # Nothing of the student's has run so far: whatever will start is in the group.
                running.group = new_group(self._limits, family(process.pid))
        return running

    def _popen(self, home: Path, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the program that answers, in a folder and an environment of its own."""
        work = home / "work"
        if self._in_sandbox and (nursling := forked(work, self._limits, complaints)):
            return cast("subprocess.Popen[bytes]", nursling)
        if self._in_sandbox:
            launch = sandboxed(work, self._limits)
        else:
            launch = plain(home, work, self._limits)
        pipe = subprocess.PIPE
        return start(launch, stdin=pipe, stdout=pipe, stderr=complaints)


def _kind_of(error: WireError) -> str:
    return "answer" if isinstance(error, TooLarge) else "garbled"


@contextlib.contextmanager
def _ending(process: subprocess.Popen[bytes], seconds: float | None) -> Iterator[None]:
    """End a process that keeps the body of a ``with`` waiting for longer than `seconds`."""
    if seconds is None:
        yield
        return
    timer = threading.Timer(seconds, _kill, (process,))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and its group."""
    if isinstance(process, Nursling):
        process.end()
        return
    if sys.platform == "win32":
        process.kill()
    else:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(10)
