"""What a student's processes use together, and an end for those that use too much.

The kernel limits one process at a time. A submission may start many, so all of them are counted:
in a control group where there is one to be had (see `ControlGroup`), and by looking at them a
few times a second everywhere on Linux (see `UsageWatch`).

What is read is what no process can write: psutil takes the number of threads from a text in which
the process's own name stands first, and finds children among all processes of the machine, at a
price that grows with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from course.grading.confinement.limits import Limits

#: Seconds between two looks.
LOOK_EVERY_S = 0.1
#: Seconds that the kernel may take to empty a group whose processes were ended.
_EMPTY_S = 5.0
_SET_CHILD_SUBREAPER = 36  # prctl's
_PROC = Path("/proc")
_GROUPS = Path("/sys/fs/cgroup")
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_numbers = itertools.count()


def family(pid: int) -> list[int]:
    """List a process and all that it started, as far as they run; nothing but on Linux."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        with contextlib.suppress(OSError):
            for children in (_PROC / str(one) / "task").glob("*/children"):
                with contextlib.suppress(OSError):
                    waiting += [int(child) for child in children.read_text().split()]
    return found


def threads_of(pids: list[int]) -> int:
    """Count the threads of some processes."""
    count = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            count += len(os.listdir(_PROC / str(pid) / "task"))  # noqa: PTH208 - twice as fast
    return count


def memory_of(pids: list[int], enough: int) -> int:
    """Return the bytes of memory that some processes hold together.

    Parameters
    ----------
    pids : list of int
        The processes.
    enough : int
        Only where a quick sum, in which shared memory counts several times, is above this many
        bytes, is the exact one taken.
    """
    quick = sum(_resident(pid) for pid in pids)
    return quick if quick <= enough else sum(_proportional(pid) for pid in pids)


def _resident(pid: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * _PAGE
    return 0


def _proportional(pid: int) -> int:
    """Return a process's memory, each shared page divided by those who share it."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return _resident(pid)


class UsageWatch:
    """Looks at a process and all that it started, and ends them where they use too much.

    Parameters
    ----------
    pid : int
        The process.
    limits : Limits
        What all of them may use together.
    end : callable
        Ends them.

    Attributes
    ----------
    why : str
        What was too much, ``""`` while nothing is.
    """

    def __init__(self, pid: int, limits: Limits, end: Callable[[], None]) -> None:
        self.why = ""
        self._pid, self._limits, self._end = pid, limits, end
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)
        if sys.platform == "linux":
            self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look_on(self) -> None:
        while not self._stopped.wait(LOOK_EVERY_S):
            self.why = self._look()
            if self.why:
                self._end()
                return

    def _look(self) -> str:
        pids = family(self._pid)
        if threads_of(pids) > self._limits.processes:
            return too_many(self._limits)
        most = self._limits.memory_mib * 2**20
        return too_much(self._limits) if memory_of(pids, most) > most else ""


def too_many(limits: Limits) -> str:
    """Say that there were too many processes."""
    return f"your code may have {limits.processes} processes and threads, and started more"


def too_much(limits: Limits) -> str:
    """Say that too much memory was used."""
    return f"your code may use {limits.memory_mib} MiB of memory, and took more"


class ControlGroup:
    """A control group of the kernel's, for one student's processes.

    Parameters
    ----------
    folder : Path
        The new group's folder.
    limits : Limits
        What all of its processes may use together.
    """

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder, self._limits = folder, limits
        settings = {
            "pids.max": limits.processes,
            "memory.max": limits.memory_mib * 2**20,
            "memory.swap.max": 0,
        }
        for name, most in settings.items():
            if (folder / name).exists():
                (folder / name).write_text(str(most))

    def add(self, pids: list[int]) -> None:
        """Move processes into the group; what they start is in it too."""
        for pid in pids:
            (self._folder / "cgroup.procs").write_text(str(pid))

    def why(self) -> str:
        """Say what a process of the group was ended for, ``""`` for nothing."""
        with contextlib.suppress(OSError, ValueError):
            events = (self._folder / "memory.events").read_text().splitlines()
            if int(dict(line.split() for line in events).get("oom_kill", 0)):
                return too_much(self._limits)
        return ""

    def close(self) -> None:
        """End all processes of the group, and remove it."""
        end = time.monotonic() + _EMPTY_S
        while not self.ended() and time.monotonic() < end:
            time.sleep(0.002)

    def ended(self) -> bool:
        """End all processes of the group; remove it if none is left, and say so."""
        for pid in self._members():
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            self._folder.rmdir()
        return not self._folder.exists()

    def _members(self) -> list[int]:
        with contextlib.suppress(OSError):
            return [int(pid) for pid in (self._folder / "cgroup.procs").read_text().split()]
        return []


def new_group(
    limits: Limits, pids: list[int], groups: Path = _GROUPS, own: str | None = None
) -> ControlGroup | None:
    """Put processes into a control group, where the kernel and whoever runs this allow it.

    Parameters
    ----------
    limits : Limits
        What these processes, and all that they start, may use together.
    pids : list of int
        The processes.
    groups : Path, optional
        Where the kernel shows control groups.
    own : str, optional
        The text of ``/proc/self/cgroup``.

    Returns
    -------
    Group or None
        With version 2, of memory and processes; before, of processes alone, as version 1 does
        not hand memory down safely. ``None`` where no group can be made.
    """
    if sys.platform != "linux":
        return None
    name = f"answers-{os.getpid()}-{next(_numbers)}"
    for parent in _parents(groups, own):
        folder = parent / name
        try:
            folder.mkdir()
        except OSError:
            continue
        try:
            group = ControlGroup(folder, limits)
            group.add(pids)
        except OSError:  # never at the price of a mark: those that moved go back with their end
            with contextlib.suppress(OSError):
                folder.rmdir()
            continue
        return group
    return None


def sweep_groups(groups: Path = _GROUPS, own: str | None = None) -> None:
    """Remove control groups of processes that were killed before they could."""
    if sys.platform != "linux":
        return
    for folder in [f for parent in _parents(groups, own) for f in parent.glob("answers-*-*")]:
        pid = folder.name.split("-")[1]
        if pid.isdigit() and not (_PROC / pid).exists():
            with contextlib.suppress(OSError):  # somebody else's, or one that is in use
                folder.rmdir()


def adopt_orphans() -> None:
    """Have the kernel hand this process what its descendants leave behind; Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans() -> None:
    """End all that this process and its descendants started."""
    end = time.monotonic() + _EMPTY_S
    while (left := family(os.getpid())[1:]) and time.monotonic() < end:
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(OSError):
                os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)


def _parents(groups: Path, own: str | None) -> Iterator[Path]:
    """Yield groups in which one may be made: the nearest above this process, version 2 first."""
    try:
        lines = (own or (_PROC / "self" / "cgroup").read_text()).splitlines()
    except OSError:
        return
    for line in sorted(lines, key=lambda line: int(line.split(":")[0])):
        _, kinds, place = line.split(":", 2)
        if kinds == "":
            here = groups / place.strip("/")
            for folder in [here, *here.parents]:
                if not folder.is_relative_to(groups):
                    break
                with contextlib.suppress(OSError):
                    handed_down = (folder / "cgroup.subtree_control").read_text().split()
                    if {"memory", "pids"} <= set(handed_down):
                        yield folder
        elif "pids" in kinds.split(","):
            yield groups / kinds / place.strip("/")
