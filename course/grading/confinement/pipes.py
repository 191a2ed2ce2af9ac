"""Bytes to and from a student's process, which may read and write what it wants, or nothing."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from typing import BinaryIO, cast

#: Bytes that are read at once: more than most replies have, and what a pipe holds.
_AT_ONCE = 2**16


class Pipes:
    """The judge's ends of the pipes to and from a student's process, used with a time limit.

    Parameters
    ----------
    process : subprocess.Popen
        Whose they are.

    Attributes
    ----------
    deadline : float
        When to raise `TimeoutError`, by `time.monotonic`.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._requests = cast(BinaryIO, process.stdin)
        self._replies = cast(BinaryIO, process.stdout).fileno()
        self._ahead = b""
        self.deadline = 0.0
        if sys.platform != "win32":
            os.set_blocking(self._requests.fileno(), False)

    def write(self, data: bytes) -> None:
        """Write all of `data`."""
        if sys.platform == "win32":
            self._requests.write(data)
            self._requests.flush()
            return
        rest, descriptor = memoryview(data), self._requests.fileno()
        while rest:
            try:
                rest = rest[os.write(descriptor, rest) :]
            except BlockingIOError:  # whoever answers without reading is not written to for ever
                if not select.select([], [descriptor], [], self._left())[1]:
                    raise TimeoutError from None

    def read(self, size: int) -> bytes:
        """Read `size` bytes, fewer at the pipe's end."""
        parts, missing = [self._ahead], size - len(self._ahead)
        while missing > 0:
            if not _is_readable(self._replies, self._left()):
                raise TimeoutError
            part = os.read(self._replies, min(max(missing, _AT_ONCE), 2**20))
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        data = b"".join(parts)
        self._ahead = data[size:]
        return data[:size]

    def _left(self) -> float:
        return max(0.0, self.deadline - time.monotonic())


def _is_readable(descriptor: int, seconds: float) -> bool:
    """Wait until something can be read, or the pipe has ended; False where time ran out."""
    if sys.platform == "win32":  # no waiting for pipes there: a timer ends the process instead
        return True
    return bool(select.select([descriptor], [], [], seconds)[0])
