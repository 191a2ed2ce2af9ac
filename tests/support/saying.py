"""A program that runs beside a test, and what it says: waited for as it comes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Sequence
from typing import Any

#: A program that says nothing for so long hangs.
LIMIT_S = 600


def _hears_ctrl_c() -> None:
    """Undo what a suite in the background, or a worker of it, was told: to ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class Saying:
    """A program, started, with all that it and its children say.

    Parameters
    ----------
    command : sequence
        Program and arguments.
    how : optional
        What `subprocess.Popen` takes.
    """

    def __init__(self, command: Sequence[Any], **how: Any) -> None:
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            preexec_fn=_hears_ctrl_c if os.name == "posix" else None,
            **how,
        )
        self._lines: list[str] = []
        self._has_ended = False
        self._news = threading.Condition()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as said:
            for line in said:
                with self._news:
                    self._lines.append(line)
                    self._news.notify_all()
        with self._news:
            self._has_ended = True
            self._news.notify_all()

    def said(self) -> str:
        """Return what was said until now."""
        with self._news:
            return "".join(self._lines)

    def until(self, pattern: str) -> re.Match[str]:
        """Wait until it has said something in a line; fail where it ends before."""

        def found() -> re.Match[str] | None:
            return next(filter(None, (re.search(pattern, line) for line in self._lines)), None)

        with self._news:
            self._news.wait_for(lambda: found() or self._has_ended, LIMIT_S)
            match = found()
        assert match is not None, f"{pattern} was not said, but:\n{self.said()}"
        return match

    def wait(self) -> None:
        """Wait until it has ended, with all children that it has left."""
        self.process.wait(LIMIT_S)
        self._listener.join(LIMIT_S)
