"""The probes run in two places: what each may use, and how it is told what came of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from attack import Attack
from spying import PROBES

HEAD = r'''
import ctypes, errno, fcntl, gc, importlib.util, os, platform, resource, signal, socket, stat, struct, sys

#: By name, on x86-64 and on 64-bit ARM.
NUMBERS = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "keyctl": (250, 219), "add_key": (248, 217), "mount": (165, 40),
    "umount2": (166, 39), "unshare": (272, 97), "clone": (56, 220), "bpf": (321, 280),
    "io_uring_setup": (425, 425), "userfaultfd": (323, 282), "shmget": (29, 194),
    "shmctl": (31, 195), "mq_open": (240, 180), "mq_unlink": (241, 181),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
}
COLUMN = ("x86_64", "aarch64").index(platform.machine())
#: What says no. Not among them: EINVAL, EFAULT, EBADF, which say that the probe asked wrongly.
NO = {getattr(errno, name) for name in (
    "EPERM EACCES ENOENT ENOSYS ESRCH EROFS ENXIO ENODEV ENOTTY EIO EAFNOSUPPORT EPROTONOSUPPORT "
    "ENETUNREACH EHOSTUNREACH ECONNREFUSED EADDRNOTAVAIL EOPNOTSUPP ENOKEY EXDEV EBUSY"
).split()}
#: A word that another process, forked from this one, has at the same place.
WORD = ctypes.create_string_buffer(b"a word")
found = []

def reached(value):
    """Note what there was to see; nothing for what is empty or false."""
    if value or value == 0 and value is not False:
        found.append(repr(value)[:200])

def call(name, *args):
    """Make a system call; raise OSError where it says no."""
    system = ctypes.CDLL(None, use_errno=True).syscall
    system.restype = ctypes.c_long
    args = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    result = system(ctypes.c_long(NUMBERS[name][COLUMN]), *args)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def stats(n):
    try: return [os.fstat(n)]
    except OSError: return []

def said_no(error):
    """Say whether an error is a refusal, and not a slip of the probe's."""
    if isinstance(error, (ModuleNotFoundError, TimeoutError)):
        return True
    if isinstance(error, ValueError):  # as resource.setrlimit raises what was EPERM
        return "not allowed to raise" in str(error)
    return isinstance(error, OSError) and error.errno in NO

def attempt(name, source):
    """Run a probe, and print what came of it."""
    found.clear()
    what, told = "REFUSED", "nothing to see"
    try:
        exec(source, globals())
    except BaseException as error:
        what = "REFUSED" if said_no(error) else "BROKEN"
        told = f"{type(error).__name__}: {error}"
    if found:
        what, told = "REACHED", " ".join(found)
    print(what, name, told.replace("\n", " ")[:300], flush=True)

def attempt_in_a_child(name, source):
    """Do so outside the sandbox, where it may work: in a process of its own, beside a victim."""
    global OTHER, VICTIM
    victim = os.fork()
    if victim == 0:
        signal.pause()
    OTHER = VICTIM = victim
    child = os.fork()
    if child == 0:
        os.setsid()
        fcntl.ioctl(TERMINAL, 0x540E, 1)  # TIOCSCTTY: the terminal is this process's
        resource.setrlimit(resource.RLIMIT_AS, (2 ** 36, -1))  # the hard one can be had
        attempt(name, source)
        os._exit(0)
    os.waitpid(child, 0)
    os.kill(victim, signal.SIGKILL)
    os.waitpid(victim, 0)
'''


def program(names: dict[str, object], each: str) -> str:
    """Return all probes as one program: what they may use, then each by name and source."""
    given = "".join(f"{name} = {value!r}\n" for name, value in names.items())
    told = [(probe.name, probe.source) for probe in PROBES]
    return f"{HEAD}\n{given}\nfor name, source in {told!r}:\n    {each}(name, source)\n"


def spy(course: Path, canary: Path, port: int, victim: int) -> Attack:
    """Return the attack with all probes in it; ``victim`` is a process outside."""
    names = {
        "COURSE": str(course),
        "CANARY": str(canary),
        "PORT": port,
        "VICTIM": victim,
        "FILES": "/submission",
        "LIBRARY": "/libraries",
        "FRESH": "/tmp",
    }
    tops = "TOPS = ['/' + t for t in os.listdir('/') if t not in ('usr', 'lib', 'lib64', 'libraries', 'python')]"
    source = program(names, "attempt").replace(
        "\nfor name", f"\nOTHER = os.getppid()\n{tops}\nfor name"
    )
    return Attack(
        "spies",
        "Everything in PROBES.",
        first=source + "print('all', 'probed')",
        says="all probed",
        hides="REACHED",
        beside=lambda folder: (folder / "a.txt").write_text("a"),
    )


def control(folder: Path, course: Path, port: int, terminal: int) -> dict[str, str]:
    """Run all probes outside the sandbox; return what came of each, by its name.

    An empty folder stands for what they may harm. What came is ``"REACHED ..."``,
    ``"REFUSED ..."`` or ``"BROKEN ..."``.
    """
    files, fresh = folder / "files", folder / "fresh"
    for made in (files, fresh, folder / "source"):
        made.mkdir()
    (files / "a.txt").write_text("a")
    (files / "a.ipynb").write_text("{}")
    (folder / "canary.txt").write_text("the instructor's")
    names: dict[str, object] = {
        "COURSE": str(course),
        "CANARY": str(folder / "canary.txt"),
        "PORT": port,
        "FILES": str(files),
        "LIBRARY": str(files),
        "FRESH": str(fresh),
        "TOPS": [str(files)],
        "TERMINAL": terminal,
        "secret_input": "as a test has it",
    }
    path = folder / "control_in_tmp.py"
    path.write_text(program(names, "attempt_in_a_child"))
    done = subprocess.run(
        [sys.executable, str(path)],
        env={**os.environ, "CANARY": "the instructor's"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        start_new_session=True,
        pass_fds=(terminal,),
        cwd=folder,
    )
    told = (line.split(" ", 2) for line in done.stdout.splitlines())
    return {name: f"{what} {rest}" for what, name, rest in told}


def without_cause(came: dict[str, str], is_root: bool) -> dict[str, str]:
    """Return the controls that reached nothing although this machine has what they hang on."""
    missing = {"kernel"} if is_root else {"kernel", "root"}
    return {
        probe.name: said
        for probe in PROBES
        if not (said := came.get(probe.name, "nothing")).startswith("REACHED")
        and not (said.startswith("REFUSED") and probe.hangs_on in missing)
    }
