"""Processes that tests look for, and wait for."""

from __future__ import annotations

from collections.abc import Iterable

import psutil


def children(pid: int) -> list[int]:
    """List the processes that one has started itself and that run."""
    return [child.pid for child in psutil.Process(pid).children()]


def await_end(pids: Iterable[int]) -> None:
    """Wait until processes have ended, which the kernel takes its own time for."""
    for pid in pids:
        try:
            psutil.Process(pid).wait(600)
        except psutil.NoSuchProcess:
            continue


def marked(*marks: str) -> list[psutil.Process]:
    """List the processes in whose command lines one of some texts stands."""
    found = psutil.process_iter(["cmdline"])
    return [p for p in found if any(mark in " ".join(p.info["cmdline"] or ()) for mark in marks)]


def await_none(*marks: str) -> None:
    """Wait until no process is left in whose command line one of some texts stands."""
    left = marked(*marks)
    await_end(process.pid for process in left)
    assert marked(*marks) == [], left
