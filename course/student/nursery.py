"""Fresh processes for students' cells, forked from one that has imported everything already.

Starting Python with NumPy and IPython takes longer than most submissions' cells. This program
does it once, in a sandbox, and runs no student's code: for each process that is asked for it forks
one that makes a sandbox of its own within this one, and only then begins to answer.

The new process has a user, process, network, IPC, host-name and mount namespace of its own. It
gets an empty ``/tmp`` and a ``/submission`` of its own, both new, and sees neither ``/proc`` nor
terminals; the rest of the tree, which is read-only, it has from here. It has no capabilities, no
way to new ones, and the judge's filter of system calls, before a student's first byte is read.
Nothing flows back: this process never reads what a forked one has, and what a forked one was
sent (files, limits, cells) is read there and not here.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from course.student import __main__ as cells
from course.student.shell import NotebookShell, _Shell

#: Modules that a lesson's cells are likely to import.
WARM = ("numpy.random", "course.checks", "IPython.core.interactiveshell", "IPython.core.completer")
#: Of a request on the control socket, in bytes.
MOST_REQUEST = 65536
#: Descriptors that come with a request: the wire's two ends, complaints, and the leash.
DESCRIPTORS = 4

_NEWNS, _NEWCGROUP, _NEWUTS, _NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
_NEWUSER, _NEWPID, _NEWNET = 0x10000000, 0x20000000, 0x40000000
_READ_ONLY, _NO_SUID, _NO_DEV, _PRIVATE = 1, 2, 4, 1 << 18
_RECURSIVE = 16384
_SET_DEATH_SIGNAL, _SET_SECCOMP, _DROP_BOUNDING, _SET_NO_NEW_PRIVS, _AMBIENT = 1, 22, 24, 38, 47
_CLEAR_AMBIENT, _FILTER, _CAPABILITIES_V3 = 4, 2, 0x20080522
_LAST_CAPABILITY = 63
_PAGE = 4096

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(status: int, what: str) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(target: str, options: str = "", flags: int = 0) -> None:
    """Lay a new, empty file system over a folder, or change the one that is there."""
    data = options.encode() or None
    done = _libc.mount(b"none", target.encode(), b"tmpfs", ctypes.c_ulong(flags), data)
    _checked(done, f"mount {target}")


def _own_namespaces(proc: int) -> None:
    """Leave all namespaces for new ones, in which this process is the same plain user."""
    user, group = os.getuid(), os.getgid()
    kinds = _NEWUSER | _NEWNS | _NEWPID | _NEWIPC | _NEWUTS | _NEWNET | _NEWCGROUP
    _checked(_libc.unshare(kinds), "unshare")
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", f"{user} {user} 1"),
        ("gid_map", f"{group} {group} 1"),
    ):
        descriptor = os.open(f"self/{name}", os.O_WRONLY, dir_fd=proc)
        os.write(descriptor, text.encode())
        os.close(descriptor)
    with contextlib.suppress(OSError):  # a second lock on a door that the filter has locked
        descriptor = os.open("sys/user/max_user_namespaces", os.O_WRONLY, dir_fd=proc)
        os.write(descriptor, b"0")
        os.close(descriptor)


def _own_tree(limits: dict[str, Any], files: list[tuple[str, bytes]]) -> None:
    """Lay new, empty folders over all that could be shared, and put the files in their place."""
    private = ctypes.c_ulong(_PRIVATE | _RECURSIVE)
    _checked(_libc.mount(None, b"/", None, private, None), "mount /")
    size = limits["disk_mib"] * 2**20
    # A page less than one file may have: a full folder is called full, not a file too large.
    _mount("/tmp", f"size={size - _PAGE},mode=0755", _NO_SUID | _NO_DEV)
    _mount("/submission", f"size={size - _PAGE},mode=0755", _NO_SUID | _NO_DEV)
    for name, data in files:
        path = Path("/submission") / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for hidden in ("/proc", "/dev/pts"):
        _mount(hidden, "size=4096,mode=0555", _READ_ONLY | _NO_SUID | _NO_DEV)
    os.chdir("/submission")


def _no_way_back(program: bytes) -> None:
    """Give up all capabilities and every way to new ones; let the kernel refuse what it should."""
    for capability in range(_LAST_CAPABILITY + 1):
        _libc.prctl(_DROP_BOUNDING, capability, 0, 0, 0)  # fails beyond the kernel's last
    _libc.prctl(_AMBIENT, _CLEAR_AMBIENT, 0, 0, 0)
    header = struct.pack("Ii", _CAPABILITIES_V3, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")
    _checked(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")
    steps = ctypes.create_string_buffer(program, len(program))
    address = ctypes.addressof(steps)
    description = struct.pack("HxxxxxxQ", len(program) // 8, address)
    _checked(_libc.prctl(_SET_SECCOMP, _FILTER, description, 0, 0), "seccomp")


def _read_exactly(leash: socket.socket, size: int) -> bytes:
    parts = []
    while size:
        part = leash.recv(min(size, 2**20))
        if not part:
            raise EOFError("the judge is gone")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _files(leash: socket.socket) -> list[tuple[str, bytes]]:
    """Read what was handed in beside the notebook."""
    (size,) = struct.unpack(">Q", _read_exactly(leash, 8))
    sizes = json.loads(_read_exactly(leash, size))
    return [(name, _read_exactly(leash, length)) for name, length in sizes]


def _guard(
    request: dict[str, Any], descriptors: list[int], proc: int, shell: NotebookShell
) -> NoReturn:
    """Make a sandbox, start what answers in it, and stay until it or the judge has ended."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    leash = socket.socket(fileno=descriptors[3])
    leash.send(b"R")
    try:
        os.sched_setaffinity(0, request["cores"])  # the judge's, whom it takes turns with
        files = _files(leash)
        _own_namespaces(proc)
        os.close(proc)
        _own_tree(request["limits"], files)
        _no_way_back(bytes.fromhex(request["filter"]))
        _read_exactly(leash, 1)  # by then this process is counted, and with it what it forks
        first = os.fork()
    except BaseException as error:
        leash.send(f"E{type(error).__name__}: {error}".encode()[:2000])
        os._exit(1)
    if first == 0:
        _be_first(request, descriptors, shell)
    for descriptor in descriptors[:3]:
        os.close(descriptor)
    leash.send(b"R")
    watched = os.pidfd_open(first)
    ended, _, _ = select.select([watched, leash.fileno()], [], [])
    if watched in ended:
        _, status = os.waitpid(first, 0)
        with contextlib.suppress(OSError):
            leash.send(f"{os.waitstatus_to_exitcode(status)}".encode())
            # Until the judge has heard it: nobody else is to get this process's number.
            select.select([leash], [], [])
    os._exit(0)  # with which all in the sandbox ends


def _be_first(request: dict[str, Any], descriptors: list[int], shell: NotebookShell) -> NoReturn:
    """Be the first process of the sandbox: start what answers, and take its children over."""
    status = 1
    try:
        _libc.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        for place, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, place)
        os.closerange(3, max(descriptors) + 64)
        os.closerange(3, 4096)
        answers = os.fork()
        if answers == 0:
            _answer(request["limits"], shell)
        for descriptor in (0, 1, 2):
            os.close(descriptor)
        while True:
            ended, how = os.wait()
            if ended == answers:
                code = os.waitstatus_to_exitcode(how)
                status = 128 - code if code < 0 else code
                break
    finally:
        os._exit(status)


def _answer(limits: dict[str, Any], shell: NotebookShell) -> NoReturn:
    """Be the process that runs a student's cells."""
    status = 1
    try:
        os.setsid()
        np.random.seed()  # noqa: NPY002 - else every forked process would draw the same
        sys.argv = [sys.argv[0], json.dumps(limits)]
        shell.settle_in(limits["output_chars"])
        cells.answer(limits, lambda: shell)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1
    except BaseException as error:
        os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(status)


def _practise() -> None:
    """Run a cell and an error in a shell that is thrown away: half of IPython is imported then."""
    shell = NotebookShell()
    for cell in ("1", "1 / 0"):
        shell.run(cell)
    _Shell.clear_instance()


def _said_ready(control: socket.socket) -> bool:
    """Tell the judges; False where they have gone already, having found nothing to grade."""
    try:
        control.send(b"R")
    except (BrokenPipeError, ConnectionResetError):
        return False
    return True


def main() -> NoReturn:
    """Fork a process for each request, until the judges' side of the socket is closed."""
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY)
    for name in WARM:
        importlib.import_module(name)
    _practise()
    shell = NotebookShell()  # making one takes as long as a process's namespaces
    gc.collect()
    gc.freeze()  # so that a forked process shares these pages for longer
    gc.enable()  # who started this has put it off: imports leave much, and nothing to collect
    if not _said_ready(control):
        os._exit(0)
    numbers = array.array("i", [0] * DESCRIPTORS)
    while True:
        try:
            data, extra, _, _ = control.recvmsg(MOST_REQUEST, socket.CMSG_SPACE(len(numbers) * 4))
        except ConnectionResetError:  # closed by judges who had not heard yet that it is ready
            data = b""
        if not data:
            os._exit(0)  # without a shell's farewell: it has run nothing
        descriptors = array.array("i", extra[0][2][: len(numbers) * 4]).tolist()
        forked = -1
        with contextlib.suppress(OSError):  # who asked hears of it, as the leash's other end closes
            forked = os.fork()
        if forked == 0:
            control.close()
            _guard(json.loads(data), descriptors, proc, shell)
        for descriptor in descriptors:
            os.close(descriptor)


if __name__ == "__main__":
    main()
