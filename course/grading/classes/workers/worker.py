"""A worker: a trusted, warm process that forks a judge's process for every submission.

Started by `handle` beside this, forked from the grader or as a program, it is told lessons and
tasks on its standard input and answers on its standard output: see `serialising`. It never looks at
a submission itself. Everything that is done with one, from reading its notebook to writing the
graded text, is done in a process forked for it, which starts with all modules and the lesson in
memory and ends with the submission. So nothing of one submission reaches the next.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import BinaryIO, NoReturn, TypeAlias

from course.bootstrap.words import told
from course.checks.known.bank import load_bank
from course.checks.known.probes import probes_of
from course.grading.classes.autograding import Conversion
from course.grading.classes.lesson_pack import LessonPack
from course.grading.classes.submission import Submission
from course.grading.classes.workers import serialising as frames
from course.grading.confinement.forking import close_nursery, nursery_at_hand, open_nursery
from course.grading.confinement.limits import Limits
from course.grading.confinement.usage import adopt_orphans, end_orphans
from course.grading.faults import NotTheStudents, VersionsDiffer
from course.grading.judge.cells import compile_cell
from course.grading.steps.execute import most_seconds
from course.grading.steps.versions import check_versions
from course.lessons import read_lesson

#: What a request begins with.
LESSON, TASK = b"L", b"T"
#: Signals by which a grader is stopped.
STOPPING = (signal.SIGINT, signal.SIGTERM)
_PARENT_DEATH_SIGNAL = 1  # prctl's
#: Lessons kept in memory at once.
_LESSONS = 4


#: Signals, and the seconds that each of them gets.
_Asked: TypeAlias = tuple[tuple[int, float], ...]


class _Orphaned(Exception):
    """The grader is gone."""


class Worker:
    """Grades what it is given, one submission at a time.

    Parameters
    ----------
    folder : Path
        Where to work.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lessons: dict[str, tuple[Conversion, float]] = {}
        self._count = 0

    def learn(self, data: bytes) -> None:
        """Take a lesson into memory.

        Raises
        ------
        VersionsDiffer
            Where it is to be graded with other versions than this worker's.
        """
        lesson = LessonPack.from_data(data)
        check_versions(lesson.versions)
        if lesson.key in self._lessons:
            return
        while len(self._lessons) >= _LESSONS:
            forgotten = next(iter(self._lessons))
            del self._lessons[forgotten]
            shutil.rmtree(self._folder / forgotten[:16], ignore_errors=True)
        root = self._folder / lesson.key[:16]
        root.mkdir()
        conversion = Conversion(lesson, root)
        with contextlib.suppress(Exception):  # what is wrong with it is said of a submission
            conversion.rehearse()
        _prepare(conversion)
        gc.freeze()  # so that forked processes share these pages for longer
        gc.enable()  # put off until here, as imports leave nothing to collect
        self._lessons[lesson.key] = conversion, most_seconds(_most_seconds(lesson))

    def grade(self, data: bytes, grader: int) -> bytes:
        """Grade a submission in a process of its own.

        Parameters
        ----------
        data : bytes
            The task.
        grader : int
            A descriptor at whose end the grader is gone.

        Returns
        -------
        bytes
            The result's message, or a fault's.
        """
        about, _ = frames.unpack(data)
        if about["lesson_key"] not in self._lessons:
            return frames.pack({"unknown": about["lesson_key"]})
        conversion, seconds = self._lessons[about["lesson_key"]]
        self._count += 1
        scratch = self._folder / f"task-{self._count}"
        scratch.mkdir()
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reading)
            _grade_and_end(conversion, data, scratch, writing)
        os.close(writing)
        try:
            return _result(process, reading, grader, seconds)
        finally:
            os.close(reading)
            shutil.rmtree(scratch, ignore_errors=True)
            for place in ("submitted", "autograded"):
                root = self._folder / about["lesson_key"][:16]
                shutil.rmtree(root / place, ignore_errors=True)


def _result(process: int, reading: int, grader: int, seconds: float) -> bytes:
    """Wait for what a judge's process has to say, and for its end."""
    end = time.monotonic() + seconds
    parts: list[bytes] = []
    how_to_end: _Asked = _FIRMLY
    try:
        while True:
            ready, _, _ = select.select([reading, grader], [], [], max(0.0, end - time.monotonic()))
            if grader in ready:
                raise _Orphaned
            if not ready:
                return _fault("the judge gave no verdict in time: does a test cell not end?")
            part = os.read(reading, 2**20)
            if not part:
                how_to_end = _PATIENTLY
                break
            parts.append(part)
    finally:
        status = _end(process, how_to_end)
    said = b"".join(parts)
    if status != 0 or not said:
        how = f"signal {-status}" if status < 0 else f"status {status}"
        return _fault(f"the judge's process ended with {how} and gave no verdict")
    return said


def _end(process: int, asked: _Asked) -> int:
    """End a process, more firmly from one signal to the next; return its status."""
    for number, patience in asked:
        os.kill(process, number)  # 0 sends nothing
        end = time.monotonic() + patience
        while True:
            done, status = os.waitpid(process, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                break
            time.sleep(0.002)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


#: How long a process that has said all may take to end, then one that was asked, then killed.
_FIRMLY: _Asked = ((signal.SIGTERM, 10.0), (signal.SIGKILL, 10.0))
_PATIENTLY: _Asked = ((0, 10.0), *_FIRMLY)


def _fault(why: str) -> bytes:
    return frames.pack({"fault": why})


def _grade_and_end(conversion: Conversion, data: bytes, scratch: Path, writing: int) -> None:
    """Be the judge's process of one submission; end with it."""
    status = 1
    try:
        os.setsid()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        tempfile.tempdir = str(scratch)
        adopt_orphans()
        try:
            said = _graded(conversion, data)
        finally:
            end_orphans()
        with os.fdopen(writing, "wb") as answer:
            answer.write(said)
        status = 0
    except BaseException as error:
        print(f"a judge's process: {told(error)}", file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


def _graded(conversion: Conversion, data: bytes) -> bytes:
    try:
        return conversion.grade(Submission.from_data(data)).to_data()
    except NotTheStudents as fault:
        return _fault(str(fault))
    except Exception as error:
        return _fault(told(error))


def _most_seconds(lesson: LessonPack) -> float:
    """Return how long a submission's notebooks may take, by the settings and the lesson's own."""
    usual = float(lesson.settings.get("Judge", {}).get("notebook_timeout", Limits.notebook_s))
    total = 0.0
    for name in lesson.notebooks:
        about = json.loads(lesson.files.get(f"{name}.ipynb", b"{}")).get("metadata", {})
        own = about.get("course", {}).get("limits", {}).get("notebook_s", usual)
        total += float(own) if isinstance(own, int | float) else usual
    return max(total, usual)


def _prepare(conversion: Conversion) -> None:
    """Compile the instructor's cells and read the known mistakes once for all submissions."""
    for path in conversion.sources():
        lesson = read_lesson(path)
        for function in lesson.functions:
            load_bank(function, lesson.id)
            probes_of(function)
        for cell in lesson.cells:
            if cell.is_code and cell.role in ("setup", "answer", "test"):
                with contextlib.suppress(SyntaxError):
                    compile_cell(cell.source, cell.grade_id)


def warm_up() -> None:
    """Import what judging needs, so that a forked process finds it there."""
    for name in ("numpy.random", "course.checks.known.diagnosis", "encodings.cp437"):
        importlib.import_module(name)
    importlib.import_module("IPython.core.inputtransformer2")
    open_nursery()


def become_worker(requests: int, answers: int, arguments: list[str]) -> NoReturn:
    """Be a worker in a process that was forked from the grader; end with it.

    It is forked with `STOPPING` blocked: here the grader's handlers are put away first.

    Parameters
    ----------
    requests, answers : int
        Descriptors; all others but standard error's and the nursery's are closed, the
        gradebook's among them.
    arguments : list of str
        As `main` has them.
    """
    status = 1
    try:
        gc.disable()
        gc.freeze()  # what was the grader's is not collected: it would close others' descriptors
        os.setsid()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)
        os.dup2(requests, 0)
        os.dup2(answers, 1)
        nursery = nursery_at_hand()
        kept = {0, 1, 2, nursery.fileno() if nursery else 0}
        for number in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
            if number not in kept:
                with contextlib.suppress(OSError):  # what listed them is gone
                    os.close(number)
        status = main(arguments)
    except BaseException as error:
        print(f"a worker: {told(error)}", file=sys.stderr)
    finally:
        sys.stderr.flush()
        os._exit(status)


def main(arguments: list[str]) -> int:
    """Answer until the grader is gone; arguments are a folder to work in, and at most a core."""
    requests: BinaryIO = os.fdopen(os.dup(0), "rb")
    answers: BinaryIO = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the grader's to hear
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    folder, core = Path(arguments[0]), arguments[1:]
    if core:
        os.sched_setaffinity(0, {int(core[0])})
    tempfile.tempdir = str(folder)
    warm_up()
    worker = Worker(folder)
    try:
        while (kind := requests.read(1)) and (data := frames.read(requests)) is not None:
            answers.write(_answer(worker, kind, data, requests.fileno()))
            answers.flush()
    except (_Orphaned, BrokenPipeError):
        pass
    finally:
        close_nursery()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _answer(worker: Worker, kind: bytes, data: bytes, grader: int) -> bytes:
    """Carry out one request."""
    try:
        if kind == TASK:
            return worker.grade(data, grader)
        worker.learn(data)
        return frames.pack({})
    except VersionsDiffer as error:
        return frames.pack({"refused": str(error)})
    except Exception as error:
        return _fault(told(error))
