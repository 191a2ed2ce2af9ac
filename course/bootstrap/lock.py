"""A lock between processes that ends with the process that holds it, however it ends."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def only_one(path: Path, on_wait: Callable[[], None], pause_s: float = 0.2) -> Iterator[None]:
    """Hold the lock file at `path`, waiting for whoever holds it now.

    Parameters
    ----------
    path : Path
        Made where it is missing, and left there.
    on_wait : callable
        Called once, when there is somebody to wait for.
    pause_s : float
        Seconds between two tries.
    """
    with path.open("a+b") as file:
        told = False
        while not _try_lock(file.fileno()):
            if not told:
                on_wait()
                told = True
            time.sleep(pause_s)
        try:
            yield
        finally:
            _unlock(file.fileno())


if os.name == "nt":  # pragma: no cover
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
