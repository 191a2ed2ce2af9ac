"""The judge's side of `course.student.nursery`: where it is started, and asked for processes.

Only the class's grader uses it: `open_nursery` before the workers are forked, or in a worker, then
every judge forked from there finds it; several may ask it at once. Where it cannot be had (no
bubblewrap, a kernel that nests no namespaces, a machine whose system calls the filter does not
know), each process is started afresh, as `nbgrader autograde` does: slower, and as well kept.
"""

from __future__ import annotations

import array
import contextlib
import json
import logging
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, BinaryIO

from course.grading.confinement import sandbox, seccomp
from course.grading.confinement.limits import Limits
from course.grading.confinement.usage import ControlGroup, new_group

#: Seconds that the nursery may take to be ready, and one of its processes.
READY_S = 30.0
#: How folders that grading works in are named, so that those of a killed process are known.
FOLDERS = "course-grading-"
_PROGRAM = (
    "import gc, sys, runpy; gc.disable(); sys.path.insert(0, '/libraries'); "
    "runpy.run_module('course.student.nursery', run_name='__main__')"
)
_CREDENTIALS = struct.Struct("3i")


class Nursling:
    """A process that was forked for a student's cells: as much of `subprocess.Popen` as is used.

    Attributes
    ----------
    pid : int
        Of the process that guards it; all of it ends with that one.
    stdin, stdout : file
        The judge's ends of the wire.
    group : Group or None
        The control group that it and all that it starts are in.
    is_lost : bool
        Set where its guard ended and told nothing: with the nursery, or by whoever may end it,
        which no student's process may.
    """

    def __init__(
        self,
        pid: int,
        leash: socket.socket,
        stdin: BinaryIO,
        stdout: BinaryIO,
        group: ControlGroup | None,
    ) -> None:
        self.pid, self.stdin, self.stdout, self.group = pid, stdin, stdout, group
        self.returncode: int | None = None
        self.is_lost = False
        self._leash: socket.socket | None = leash

    def poll(self) -> int | None:
        """Return how it ended, ``None`` while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return how it ended, as bubblewrap would say it."""
        if self.returncode is None and self._leash is not None:
            if not select.select([self._leash], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a student's process", timeout or 0)
            said = self._leash.recv(64)
            self.is_lost = not said
            self.returncode = int(said) if said else -signal.SIGKILL
        return self.returncode or 0

    def end(self) -> None:
        """End it and all that it started."""
        if self._leash is None:
            return
        self.poll()
        # The guard lives until the leash is let go, so its number is nobody else's.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._leash.close()
        self._leash = None
        if self.returncode is None:
            self.returncode = -signal.SIGKILL


class Nursery:
    """A nursery, started; `wait` until it is ready.

    Attributes
    ----------
    failed : bool
        Set where a process could not be forked: then this process, and those forked from it,
        ask it for no more. The next submission's judge tries again.

    Raises
    ------
    OSError
        Where none can be had here.
    """

    def __init__(self) -> None:
        if not sandbox.has_sandbox() or not seccomp.program():
            raise OSError("no sandbox here that processes could be forked in")
        self.failed = self._is_ready = False
        self._starter = os.getpid()
        self._control, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        # Kept as long as the nursery: nothing can be laid over a folder that is gone.
        self._empty = Path(tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-"))
        try:
            with its:
                launch = sandbox.nested(self._empty, _PROGRAM, str(its.fileno()))
                streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
                self._process = sandbox.start(launch, (its.fileno(),), **streams)
        except OSError:
            self._control.close()
            shutil.rmtree(self._empty, ignore_errors=True)
            raise

    def wait(self) -> None:
        """Wait until it forks processes.

        Raises
        ------
        OSError
            Where it does not.
        """
        if self._is_ready:
            return
        self._control.settimeout(READY_S)
        if self._control.recv(16) != b"R":
            raise OSError("it ended while it started")
        for _ in range(2):  # what works once has to work again
            probe = self.fork(self._empty, Limits(), subprocess.DEVNULL)
            probe.end()
            probe.stdin.close()
            probe.stdout.close()
            if probe.group:
                probe.group.close()
        self._is_ready = True

    def fork(self, work: Path, limits: Limits, complaints: IO[bytes] | int) -> Nursling:
        """Return a fresh process.

        Parameters
        ----------
        work : Path
            Where the files lie that were handed in.
        limits : Limits
            What it may use.
        complaints : file
            Where its standard error goes.

        Raises
        ------
        OSError
            Where there is none to be had.
        """
        counted = limits if sandbox.counts_by_namespace() else replace(limits, processes=0)
        asked = {
            "limits": asdict(counted),
            "filter": seccomp.program().hex(),
            "cores": sorted(os.sched_getaffinity(0)),
        }
        leash, its_leash = socket.socketpair()
        # With which the kernel tells by what number the other side is known here.
        leash.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        leash.settimeout(READY_S)
        requests, stdin = os.pipe()
        stdout, replies = os.pipe()
        nothing = os.open(os.devnull, os.O_WRONLY)
        errors = complaints if isinstance(complaints, int) else complaints.fileno()
        group = None
        its = [requests, replies, nothing if errors < 0 else errors, its_leash.fileno()]
        try:
            sent = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", its))]
            self._control.sendmsg([json.dumps(asked).encode()], sent)
            its_leash.close()  # else a nursery that ends now leaves this one waiting
            leash.sendall(_files(work))
            pid = _number(leash)
            # To move a process takes the kernel a while, in which this one makes its sandbox;
            # what it forks then is born in the group.
            group = new_group(limits, [pid])
            leash.sendall(b"G")
            _expect(leash, leash.recv(1))
        except OSError:
            leash.close()
            if group:
                group.close()
            os.close(stdin)
            os.close(stdout)
            raise
        finally:
            its_leash.close()
            for descriptor in (requests, replies, nothing):
                os.close(descriptor)
        leash.settimeout(None)
        return Nursling(pid, leash, os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"), group)

    def fileno(self) -> int:
        """Return the descriptor by which it is asked."""
        return self._control.fileno()

    def close(self) -> None:
        """Let go of it; end it where this is the process that started it."""
        self._control.close()
        if os.getpid() != self._starter:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        shutil.rmtree(self._empty, ignore_errors=True)


def _files(work: Path) -> bytes:
    """Return what lies in a folder as one message."""
    found = {p.relative_to(work).as_posix(): p.read_bytes() for p in work.rglob("*") if p.is_file()}
    sizes = json.dumps([[name, len(data)] for name, data in found.items()]).encode()
    return struct.pack(">Q", len(sizes)) + sizes + b"".join(found.values())


def _number(leash: socket.socket) -> int:
    """Wait until a process is there; return the number that it has on this side."""
    said, extra, _, _ = leash.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size))
    _expect(leash, said)
    for level, kind, data in extra:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(_CREDENTIALS.unpack(data[: _CREDENTIALS.size])[0])
    raise OSError("the kernel did not say which process it was")


def _expect(leash: socket.socket, said: bytes) -> None:
    """Raise `OSError` where a process says anything but that it is ready for what comes next."""
    if said != b"R":
        said += leash.recv(4096) if said == b"E" else b""
        raise OSError(f"no process could be forked: {said[1:].decode(errors='replace') or 'ended'}")


_nursery: Nursery | None = None


def start_nursery(log: logging.Logger | None = None) -> None:
    """Start what `open_nursery` waits for, so that other work can be done meanwhile."""
    global _nursery
    close_nursery()
    try:
        _nursery = Nursery()
    except OSError as error:
        _say(log, error)


def open_nursery(log: logging.Logger | None = None) -> Nursery | None:
    """Have this process, and those forked from it, fork students' processes.

    Returns
    -------
    Nursery or None
        The one that is open already, here or in the process that this one was forked from; else
        one that was started, or a new one; none where there can be none.
    """
    if _nursery is None:
        start_nursery(log)
    try:
        if _nursery is not None:
            _nursery.wait()
    except OSError as error:
        close_nursery()
        _say(log, error)
    return _nursery


def nursery_at_hand() -> Nursery | None:
    """Return the nursery that is open or being started, here or where this was forked from."""
    return _nursery


def _say(log: logging.Logger | None, error: OSError) -> None:
    if log:
        log.info("students' processes are started one by one: %s", error)


def close_nursery() -> None:
    """Let go of what `open_nursery` opened."""
    global _nursery
    if _nursery is not None:
        _nursery.close()
        _nursery = None


def forked(work: Path, limits: Limits, complaints: IO[bytes] | int) -> Nursling | None:
    """Return a fresh process, ``None`` where one has to be started."""
    if _nursery is None or _nursery.failed:
        return None
    try:
        return _nursery.fork(work, limits, complaints)
    except OSError:
        _nursery.failed = True  # from here on as everywhere else: slower, and as well kept
        return None
