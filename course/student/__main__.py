"""The student's process: run cells and answer calls until the judge closes the wire.

Started by the judge as ``python -I -m course.student``; requests come on standard input and
replies leave on standard output, whose descriptors are then out of the cells' way.
"""

from __future__ import annotations

import contextlib
import ctypes
import inspect
import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import numpy as np

from course.checks.cells.callees import callees_of
from course.checks.cells.calls import UNFOUNDED
from course.checks.cells.losses import LOSSES
from course.student.parts import copied, parts
from course.student.shell import NotebookShell, said
from course.student.wire import TOGETHER_BYTES, TOGETHER_S, WireError, pack, read_message, unpack

#: Results that are watched for changes by later calls, as a caller who kept them would.
KEPT_RESULTS = 4
#: Warnings of one request that are told.
MOST_WARNINGS = 4
#: Files and pipes that one process may have open.
OPEN_FILES = 256
_PARENT_DEATH_SIGNAL = 1  # prctl's PR_SET_PDEATHSIG
_SIGKILL = 9


class Answering:
    """Carries out the judge's requests on one notebook's namespace."""

    def __init__(self, shell: NotebookShell) -> None:
        self._shell = shell
        self._kept: list[tuple[int, Any, Any]] = []

    def run(self, source: str) -> dict[str, Any]:
        """Run one cell; reply with what failed in it, and its outputs."""
        failures, outputs = self._shell.run(source)
        return {"failures": failures, "outputs": outputs}

    def describe(self, names: list[str]) -> dict[str, Any]:
        """Reply with what the judge's stand-ins show of these names."""
        return {"names": {name: self._describe(name) for name in names}}

    def _describe(self, name: str) -> dict[str, Any]:
        if name not in self._shell.namespace:
            return {"kind": "absent"}
        value = self._shell.namespace[name]
        if not callable(value):
            return {"kind": "data" if _can_travel(value) else "other"}
        return {
            "kind": "function",
            "doc": _docstring(value),
            "parameters": _parameters(value),
            "callees": _callees(value),
        }

    def get(self, name: str) -> dict[str, Any]:
        """Reply with the value of a name."""
        return {"value": self._shell.namespace[name]}

    def call(self, number: int, name: str, args: Any, kwargs: Any) -> dict[str, Any]:
        """Call a function; reply with its result, or its error, and what it changed.

        The judge holds copies, so what a caller would see has to be told: what was changed in
        place, of arguments and of results of earlier calls, and which arrays of the result are
        arrays of the arguments.
        """
        given = {**dict(enumerate(args)), **kwargs}
        with self._told(given) as reply:
            reply["value"] = value = self._shell.namespace[name](*args, **kwargs)
        if "value" in reply:
            reply["shared"] = _shared(parts(value), parts(list(given.values())))
            self._kept = [*self._kept, (number, value, _fingerprint(value))][-KEPT_RESULTS:]
        return reply

    def call_each(self, name: str, values: Any, calls: Any) -> dict[str, Any]:
        """Call a function several times; reply with results as they were when they came.

        Parameters
        ----------
        name : str
            The function's.
        values : list
            Arguments, each once.
        calls : list of (list of int, int)
            The places of the arguments among `values`, and how often to call with them.
        """
        results: list[Any] = []
        end, room = time.monotonic() + TOGETHER_S, float(TOGETHER_BYTES)
        with self._told(dict(enumerate(values))) as reply:
            for arguments in ([values[i] for i in places] for places, n in calls for _ in range(n)):
                result, size = copied(self._shell.namespace[name](*arguments))
                results.append(result)
                room -= size  # what could not be copied is sent before another call can change it
                if room < 0 or time.monotonic() > end:
                    break
        return {**reply, "values": results}

    @contextlib.contextmanager
    def _told(self, given: dict[Any, Any]) -> Iterator[dict[str, Any]]:
        """Make a reply that tells what calls in the body of a ``with`` raise and change."""
        sent = {key: _fingerprint(value) for key, value in given.items()}
        reply: dict[str, Any] = {}
        with self._shell.capture(), _heard() as warned:
            try:
                yield reply
            except BaseException as error:
                reply["error"] = _explain(error)
        if warned:
            reply["warned"] = warned
        self._shell.take()
        reply["changed"] = {k: v for k, v in given.items() if _fingerprint(v) != sent[k]}
        reply["changed_results"] = self._changed_results()

    def _changed_results(self) -> dict[int, Any]:
        changed: dict[int, Any] = {}
        for place, (number, result, print_) in enumerate(self._kept):
            now = _fingerprint(result)
            if now != print_:
                changed[number] = result
                self._kept[place] = number, result, now
        return changed


@contextlib.contextmanager
def _heard() -> Iterator[list[str]]:
    """List what is warned of at run time, an overflow for instance, the first few times."""
    heard: list[str] = []

    def note(message: Warning | str, *_: Any, **__: Any) -> None:
        if len(heard) < MOST_WARNINGS:
            heard.append(said(message) if isinstance(message, Warning) else message)

    with warnings.catch_warnings():
        warnings.simplefilter("always", RuntimeWarning)
        warnings.filterwarnings("ignore", UNFOUNDED)
        warnings.showwarning = note
        yield heard


def _fingerprint(value: Any) -> Any:
    """Return what differs when the value does; of no value that can be sent, nothing."""
    if type(value) is np.ndarray:
        return value.tobytes()
    if value is None or isinstance(value, bool | int | float | str):
        return b""
    if type(value) is dict and all(
        type(name) is str and type(array) is np.ndarray for name, array in value.items()
    ):
        return [(name, a.dtype, a.shape, a.tobytes()) for name, a in value.items()]
    try:
        return pack({"": value})
    except (WireError, RecursionError):
        return b""


def _shared(results: list[Any], given: list[Any]) -> list[list[int]]:
    """List the places of arrays among the results, and among the arguments, that share memory."""
    arrays = [(j, one) for j, one in enumerate(given) if isinstance(one, np.ndarray)]
    return [
        [i, j]
        for i, result in enumerate(results)
        if isinstance(result, np.ndarray)
        for j, one in arrays
        if np.may_share_memory(result, one)
    ]


def _can_travel(value: Any) -> bool:
    try:
        pack({"": value})
    except (WireError, RecursionError):
        return False
    return True


def _docstring(function: Any) -> str | None:
    """Return a function's docstring, ``None`` where asking for it fails."""
    try:
        doc = function.__doc__
    except BaseException:  # a student's property may do anything
        return None
    return doc if isinstance(doc, str) else None


def _parameters(function: Any) -> list[list[Any]]:
    """List a function's parameters as name, kind and whether it has a default."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except BaseException:  # as above
        return []
    return [[p.name, int(p.kind), p.default is not p.empty] for p in parameters]


def _callees(function: Any) -> list[str]:
    """List the functions of the notebook that a function calls."""
    try:
        return list(callees_of(function))
    except BaseException:  # as above
        return []


def _explain(error: BaseException) -> dict[str, Any]:
    """Say of an error what may be known of it: its built-in class, message and place."""
    builtin = next(base for base in type(error).__mro__ if base.__module__ == "builtins")
    return {
        "class": builtin.__name__,
        "name": type(error).__name__,
        "message": said(error)[:2000],
        "place": _place(error.__traceback__),
    }


def _place(trace: TracebackType | None) -> str:
    """Say in which line of the function's cell an error arose, ``""`` where in none."""
    frames = traceback.extract_tb(trace)
    own = [
        f for f in frames if f.filename.startswith("<ipython-input") or "ipykernel" in f.filename
    ]
    if not own:
        return ""
    names = [frame.name for frame in own if frame.name.isidentifier()]
    last = [frame for frame in own if frame.filename == own[0].filename][-1]
    inside = f", in the call of `{names[-1]}`" if names and names[-1] != names[0] else ""
    return f"line {last.lineno} of the cell{inside}: {(last.line or '').strip()[:200]}"


def _die_with_the_judge() -> None:
    """Have the kernel end this process when the judge ends; Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, _SIGKILL)


def _limit_yourself(limits: dict[str, Any]) -> None:
    """Have the kernel refuse more memory, files and processes than the limits allow."""
    try:
        import resource
    except ImportError:  # Windows
        return
    file_bytes = limits["disk_mib"] * 2**20
    for what, most in {
        "RLIMIT_AS": limits["memory_mib"] * 2**20,
        "RLIMIT_FSIZE": file_bytes,
        "RLIMIT_NPROC": limits["processes"],
        "RLIMIT_NOFILE": OPEN_FILES,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_CORE": 0,
    }.items():
        if what == "RLIMIT_NPROC" and not most:
            continue  # where the kernel would count more than these processes
        with contextlib.suppress(ValueError, OSError, AttributeError):
            resource.setrlimit(getattr(resource, what), (most, most))


def _take_the_wire() -> tuple[BinaryIO, BinaryIO, int]:
    """Move the wire off descriptors 0 and 1; return it and a pipe with what is printed there."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    reading, writing = os.pipe()
    os.dup2(writing, 1)
    os.dup2(writing, 2)
    sys.stdin = os.fdopen(0, closefd=False)
    return requests, replies, reading


def _answer(answering: Answering, request: dict[str, Any], depth: int) -> bytes:
    """Carry out a request; return the reply's bytes, an error's where there is no other."""
    operation = getattr(answering, request.pop("operation"))
    number = request.pop("number")
    if operation.__name__ == "call":
        request["number"] = number
    try:
        return pack({"number": number, **operation(**request)}, depth)
    except BaseException as error:  # a student's object may do anything when it is looked at
        return pack({"number": number, "error": {**_explain(error), "class": "TypeError"}})


def main() -> None:
    """Answer requests until the wire is closed."""
    limits = json.loads(sys.argv[1])
    answer(limits, lambda: NotebookShell(limits["output_chars"]))


def answer(limits: dict[str, Any], shell_of_cells: Callable[[], NotebookShell]) -> None:
    """Answer requests until the wire is closed.

    Parameters
    ----------
    limits : dict
        What this process may use: `course.grading.confinement.limits.Limits` as a dictionary.
    shell_of_cells : callable
        Gives the shell that the cells are run in.
    """
    _die_with_the_judge()
    _limit_yourself(limits)
    requests, replies, printed = _take_the_wire()
    shell = shell_of_cells()
    shell.drain(printed)
    sys.path.append(str(Path.cwd()))  # last, so that no file handed in shadows a library
    answering = Answering(shell)
    while (data := read_message(requests)) is not None:
        replies.write(_answer(answering, unpack(data, functions=LOSSES), limits["answer_depth"]))
        replies.flush()


if __name__ == "__main__":
    main()
