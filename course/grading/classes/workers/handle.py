"""The grader's side of a worker: started, given tasks, started again where it ended."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any, BinaryIO, cast

from course.grading.classes.submission import Graded
from course.grading.classes.workers import serialising as frames
from course.grading.classes.workers.worker import LESSON, STOPPING, TASK, become_worker
from course.grading.confinement.forking import FOLDERS
from course.grading.confinement.usage import sweep_groups
from course.grading.faults import GradingFault, VersionsDiffer

#: To collect garbage while modules are imported would take a tenth of the start.
_PROGRAM = (
    "import gc, sys; gc.disable(); "
    "from course.grading.classes.workers.worker import main; sys.exit(main(sys.argv[1:]))"
)


class _Forked:
    """A worker forked from this process: as much of `subprocess.Popen` as is used."""

    def __init__(self, folder: str, core: list[str]) -> None:
        requests, stdin = os.pipe()
        stdout, answers = os.pipe()
        self.stdin, self.stdout = os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb")
        self.pid = 0
        for stream in filter(None, (sys.stdout, sys.stderr)):  # none where it was closed
            stream.flush()
        # What the grader's handlers raise would have the new process go on as a second grader.
        heard = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            self.pid = os.fork()
            if self.pid == 0:
                become_worker(requests, answers, [folder, *core])
            self._ended = os.pidfd_open(self.pid)
        except OSError:
            self.stdin.close()
            self.stdout.close()
            if self.pid:
                self.kill()
                os.waitpid(self.pid, 0)
            raise
        finally:
            os.close(requests)
            os.close(answers)
            signal.pthread_sigmask(signal.SIG_SETMASK, heard)

    def wait(self, timeout: float | None = None) -> None:
        """Wait for its end."""
        if not select.select([self._ended], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired("a worker", timeout or 0)
        os.waitpid(self.pid, 0)
        os.close(self._ended)

    def kill(self) -> None:
        """End it."""
        os.kill(self.pid, signal.SIGKILL)


def can_fork() -> bool:
    """Say whether this process can be forked into a worker: it has no thread but its first.

    What another thread holds at that moment, a lock or half a list, nobody would let go of.
    """
    try:
        os.close(os.pidfd_open(os.getpid()))
        return len([*Path("/proc/self/task").iterdir()]) == 1
    except (AttributeError, OSError):  # not on every system
        return False


class WarmWorker:
    """One worker process on this machine.

    Parameters
    ----------
    lesson : bytes
        `LessonPack.data` of what it is to grade; more can be taught later.
    core : int, optional
        The one core that it and all that it starts may use; by default whichever is free.
    """

    def __init__(self, lesson: bytes | None = None, core: int | None = None) -> None:
        self._lesson, self._knows = lesson, False
        self._core = [] if core is None else [str(core)]
        self._process: subprocess.Popen[bytes] | _Forked | None = None
        self._closed = False
        self._starting, self._asking = threading.Lock(), threading.Lock()

    def fork(self) -> None:
        """Start its process from this one, which has imported all that it needs: see `can_fork`.

        Raises
        ------
        OSError
            Where the system has no room for it.
        """
        folder = self._folder()
        try:
            self._process = _Forked(folder, self._core)
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def grade(self, task: bytes) -> Graded:
        """Grade a submission, after what else it was asked.

        Raises
        ------
        GradingFault
            Where it could not be graded.
        VersionsDiffer
            Where the worker has other versions than the grader.
        """
        with self._asking:
            if self._process is None:
                self._start()
            if self._lesson is not None and not self._knows:
                self._learn(self._lesson)
                self._knows = True
            message = self._ask(TASK, task)
        if "fault" in message:
            raise GradingFault(message["fault"])
        if "unknown" in message:
            raise GradingFault(f"a worker does not know the lesson {message['unknown'][:16]}")
        return Graded.from_message(message)

    def learn(self, lesson: bytes) -> None:
        """Have it taught one more lesson before it is asked next; some earlier ones it keeps."""
        with self._asking:
            if lesson != self._lesson:
                self._lesson, self._knows = lesson, False

    def _learn(self, lesson: bytes) -> None:
        message = self._ask(LESSON, lesson)
        if "refused" in message:
            raise VersionsDiffer(message["refused"])
        if "fault" in message:
            raise GradingFault(f"a worker cannot read the lesson: {message['fault']}")

    def stop(self) -> None:
        """End the process and all that it started."""
        with self._starting:
            process, self._process, self._knows = self._process, None, False
        if process is None:
            return
        with contextlib.suppress(OSError):
            cast(BinaryIO, process.stdin).close()  # at which it ends, and all that it started
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        # Not before: another thread may be reading there.
        cast(BinaryIO, process.stdout).close()

    def close(self) -> None:
        """End the process, and start no other."""
        with self._starting:
            self._closed = True
        self.stop()

    @property
    def pid(self) -> int:
        """The process's number, 0 where none runs."""
        return self._process.pid if self._process else 0

    def _start(self) -> None:
        with self._starting:
            if self._closed:
                raise GradingFault("grading was stopped")
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _PROGRAM, self._folder(), *self._core],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                start_new_session=True,
            )

    def _folder(self) -> str:
        return tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-")

    def _ask(self, kind: bytes, data: bytes) -> dict[str, Any]:
        process = self._process
        if process is None:
            raise GradingFault("grading was stopped")
        try:
            stdin = cast(BinaryIO, process.stdin)
            stdin.write(kind + data)
            stdin.flush()
            answer = frames.read(cast(BinaryIO, process.stdout))
        except (OSError, ValueError):  # a closed pipe
            answer = None
        if answer is None:
            self.stop()
            raise GradingFault("a worker's process ended while it graded")
        return frames.unpack(answer)[0]


def sweep_up() -> None:
    """Remove what killed graders left behind: folders and control groups of what runs no more."""
    for path in Path(tempfile.gettempdir()).glob(f"{FOLDERS}*"):
        pid = path.name.removeprefix(FOLDERS).split("-")[0]
        with contextlib.suppress(FileNotFoundError):  # another grader sweeps, too
            if pid.isdigit() and path.stat().st_uid == os.getuid() and not _runs(int(pid)):
                shutil.rmtree(path, ignore_errors=True)
    sweep_groups()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
