"""How the student's process is started: in bubblewrap where there is one, plain elsewhere.

In the sandbox a process has a user, process, network, IPC, host-name and mount namespace of its
own, no capabilities and no way to new ones. Its tree holds an interpreter, the libraries that a
lesson needs, the few packages of the course that run beside a student's code, and what was handed
in: all read-only, at places that say nothing about the machine. The folder that it works in, with a
copy of what was handed in, and ``/tmp`` are its own and small.
What the kernel offers beside all that is refused: see `course.grading.confinement.seccomp`.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import course
from course.grading.confinement import nosandbox, seccomp
from course.grading.confinement.limits import Limits

#: Distributions that a student's cells may import, with all that these need.
LIBRARIES = (
    *("numpy", "ipython", "matplotlib", "matplotlib-inline", "ipywidgets", "ipykernel"),
    *("jsonschema", "requests", "pip"),  # the first is the course's own, the others usual
)
#: What of the course runs in the student's process, with what of each lesson checks need:
#: `course.grading` and the engine do not, nor what reads notebooks.
COURSE_PARTS = ("__init__.py", "student", "checks", "figures", "lessons/[0-9]*")
#: Of the judge's own environment, what the student's process gets to see.
KEPT_ENVIRONMENT = ("LANG", "LC_ALL", "SYSTEMROOT", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")

_MODULE = "course.student"
#: Where files lie that were handed in, until they are copied to where they may be changed.
_HANDED_IN, _WORK = "/handed-in", "/submission"
_START = (
    "import contextlib, shutil, sys, runpy; sys.path.insert(0, '/libraries')\n"
    f"with contextlib.suppress(OSError): shutil.copytree('{_HANDED_IN}', '{_WORK}', "
    "dirs_exist_ok=True)\n"
    f"runpy.run_module('{_MODULE}', run_name='__main__')"
)
_VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


@dataclass(frozen=True)
class Launch:
    """A command that starts the student's process.

    Attributes
    ----------
    argv : list of str
        Program and arguments.
    environment : dict of str to str
        All that it sees of the environment.
    cwd : Path
        Where it is started.
    filter : bytes
        What bubblewrap is to read from the descriptor that its ``--seccomp`` names.
    """

    argv: list[str]
    environment: dict[str, str]
    cwd: Path
    filter: bytes = b""


def plain(home: Path, work: Path, limits: Limits) -> Launch:
    """Return how to start the process without a sandbox.

    Parameters
    ----------
    home : Path
        An empty folder to live in.
    work : Path
        Where the files lie that were handed in.
    limits : Limits
        What it may use.
    """
    environment = _environment() | {"HOME": str(home), "TMPDIR": str(home)}
    environment["PATH"] = os.environ.get("PATH", "")
    # The kernel would count all that this user runs, not these processes alone.
    alone = replace(limits, processes=0)
    argv = [sys.executable, "-I", "-m", _MODULE, alone.to_json()]
    return Launch(argv, environment, work)


def sandboxed(work: Path, limits: Limits) -> Launch:
    """Return how to start the process in bubblewrap.

    Parameters
    ----------
    work : Path
        Where the files lie that were handed in.
    limits : Limits
        What it may use.
    """
    if not counts_by_namespace():
        limits = replace(limits, processes=0)
    argv = ["bwrap", *_NAMESPACES, *_tree(work, limits), "--chdir", _WORK, "--"]
    argv += [f"/python/bin/{_VERSION}", "-I", "-S", "-c", _START, limits.to_json()]
    return Launch(argv, _sandbox_environment(), work, seccomp.program())


def nested(empty: Path, program: str, *arguments: str) -> Launch:
    """Return how to start a program whose children make sandboxes of their own within its own.

    It gets the tree of `sandboxed`, with a ``/proc`` in which its children find their own files,
    and may make namespaces. No student's code runs in it; its children load the filter of system
    calls and hide ``/proc`` before any does: see `course.student.nursery`.

    Parameters
    ----------
    empty : Path
        An empty folder, where its children put theirs.
    program : str
        What Python is to run.
    *arguments : str
        Of the program.
    """
    *tree, remount, root = _tree(empty, Limits())
    argv = ["bwrap", *(option for option in _NAMESPACES if option != "--disable-userns")]
    argv += [*tree, "--proc", "/proc", remount, root, "--chdir", _WORK, "--"]
    argv += [f"/python/bin/{_VERSION}", "-I", "-S", "-c", program, *arguments]
    return Launch(argv, _sandbox_environment(), empty)


_NAMESPACES = (
    "--unshare-all",
    "--unshare-user",
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--uid",
    "1000",
    "--gid",
    "1000",
    "--hostname",
    "answers",
)


def _tree(work: Path, limits: Limits) -> Iterator[str]:
    """Yield bubblewrap's arguments for the tree that the process sees."""
    for system in ("/usr/lib", "/usr/lib64", "/etc/ld.so.cache"):
        if Path(system).exists():
            yield from ("--ro-bind", system, system)
    for link in ("/lib", "/lib64"):
        if Path(link).is_symlink():
            yield from ("--symlink", f"usr{link}", link)
        elif Path(link).is_dir():
            yield from ("--ro-bind", link, link)
    base = Path(sys.base_prefix)
    yield from ("--ro-bind", str(base / "lib" / _VERSION), f"/python/lib/{_VERSION}")
    yield from ("--ro-bind", str(_real_executable()), f"/python/bin/{_VERSION}")
    for shared in sorted((base / "lib").glob("libpython*")):
        yield from ("--ro-bind", str(shared.resolve()), f"/python/lib/{shared.name}")
    for packages in ("site-packages", "dist-packages"):
        if (base / "lib" / _VERSION / packages).is_dir():
            installed = f"/python/lib/{_VERSION}/{packages}"
            yield from ("--tmpfs", installed, "--remount-ro", installed)
    for path in library_paths():
        yield from ("--ro-bind", str(path), f"/libraries/{path.name}")
    package = Path(course.__file__).parent
    for own in (path for part in COURSE_PARTS for path in sorted(package.glob(part))):
        place = own.relative_to(package).as_posix()
        yield from ("--ro-bind", str(own), f"/libraries/course/{place}")
    if Path("/usr/share/zoneinfo").is_dir():
        yield from ("--ro-bind", "/usr/share/zoneinfo", "/usr/share/zoneinfo")
    yield from ("--ro-bind", str(work), _HANDED_IN)
    yield from ("--size", str(limits.disk_mib * 2**20), "--tmpfs", _WORK)
    # No /proc: nothing here needs it, and its mount table would name the machine's folders.
    yield from ("--dev", "/dev", "--remount-ro", "/dev")
    yield from ("--size", str(limits.disk_mib * 2**20), "--tmpfs", "/tmp")
    yield from ("--remount-ro", "/")


def counts_by_namespace() -> bool:
    """Say whether the kernel counts a user's processes in each namespace by itself."""
    numbers = re.match(r"(\d+)\.(\d+)", os.uname().release)
    return numbers is not None and tuple(map(int, numbers.groups())) >= (5, 14)


def _real_executable() -> Path:
    """Return the interpreter's program itself, not the environment's link to it."""
    return Path(sys.executable).resolve()


@functools.cache
def library_paths() -> tuple[Path, ...]:
    """List what in site-packages belongs to `LIBRARIES` and to what these need."""
    folder = Path(sysconfig.get_path("purelib"))
    names: set[str] = set()
    for distribution in _closure(LIBRARIES):
        for line in (distribution.read_text("RECORD") or "").splitlines():
            top = line.split(",", 1)[0].split("/", 1)[0]
            # With the .dist-info, where matplotlib looks for the backend that draws in notebooks.
            if top not in ("..", "__pycache__") and not top.endswith(".pth"):
                names.add(top)
    return tuple(folder / name for name in sorted(names) if (folder / name).exists())


def _closure(names: tuple[str, ...]) -> Iterator[importlib.metadata.Distribution]:
    """Yield some distributions and all that they require here, each once."""
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in seen:
            continue
        seen.add(name)
        try:
            distribution = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # required under a condition that does not hold here
        yield distribution
        for requirement in distribution.requires or ():
            if "extra ==" not in requirement:
                waiting.append(re.split(r"[\s;<>=!~\[(]", requirement, maxsplit=1)[0])


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
    return {**kept, "OPENBLAS_NUM_THREADS": "1"}


def _sandbox_environment() -> dict[str, str]:
    return _environment() | {"HOME": "/tmp", "USER": "student", "LD_LIBRARY_PATH": "/python/lib"}


def start(launch: Launch, passed: tuple[int, ...] = (), **streams: Any) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, with its filter for bubblewrap to read.

    Parameters
    ----------
    launch : Launch
        The command.
    passed : tuple of int, optional
        Descriptors that it is to have too.
    **streams
        ``stdin``, ``stdout`` and ``stderr``, as `subprocess.Popen` takes them.
    """
    argv, closed = list(launch.argv), []
    # Its environment has no PATH to be found by.
    argv[0] = shutil.which(argv[0]) or argv[0]
    if launch.filter:
        reading, writing = os.pipe()  # which holds far more than a filter
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(launch.filter)
        closed = [reading]
        argv[1:1] = ["--seccomp", str(reading)]
    try:
        return subprocess.Popen(
            argv,
            cwd=launch.cwd,
            env=launch.environment,
            start_new_session=True,
            pass_fds=(*passed, *closed),
            **streams,
        )
    finally:
        for descriptor in closed:
            os.close(descriptor)


def has_sandbox() -> bool:
    """Say whether bubblewrap is here and can make its namespaces."""
    return not why_no_sandbox()


@functools.cache
def why_no_sandbox() -> str:
    """Say why there is no sandbox here, and what helps; ``""`` where there is one."""
    if sys.platform != "linux":
        return nosandbox.NOT_LINUX
    if shutil.which("bwrap") is None:
        return nosandbox.NOT_INSTALLED
    command = ["bwrap", *_NAMESPACES, "--ro-bind", "/", "/", "--", "/bin/true"]
    launch = Launch(command, {"LC_ALL": "C"}, Path("/"), seccomp.program())
    silent = subprocess.DEVNULL
    try:
        with start(launch, stdin=silent, stdout=silent, stderr=subprocess.PIPE) as probe:
            _, said = probe.communicate(timeout=20)
    except (OSError, subprocess.TimeoutExpired) as error:
        return nosandbox.cause_of(str(error))
    return nosandbox.cause_of(said.decode(errors="replace")) if probe.returncode else ""
