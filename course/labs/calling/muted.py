"""Nothing that a learner's function prints, warns of or displays reaches the page.

A lab calls it hundreds of times. Standard output, standard error and what displays pictures belong
to the whole kernel, though, and JupyterLab may bring a slider's message in one thread while a cell
prints in another. So each is replaced by one that is deaf to the thread that calls and to those in
which learners' functions run, and lets through what any other says.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

from course.checks.cells import deadline

#: One function at a time: whoever puts back what was there must be the one who replaced it.
_ONE = threading.RLock()


class _Deaf:
    """Knows who is not to be heard."""

    def __init__(self, kept: Any) -> None:
        self._kept, self._thread = kept, threading.get_ident()

    def _hears(self) -> bool:
        return threading.get_ident() != self._thread and not deadline.runs_here()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._kept, name)


class _DeafStream(_Deaf, io.TextIOBase):
    """A stream."""

    def write(self, text: str) -> int:
        if self._kept is not None and self._hears():
            self._kept.write(text)
        return len(text)

    def flush(self) -> None:
        if self._kept is not None and self._hears():
            self._kept.flush()


class _DeafPublisher(_Deaf):
    """What publishes pictures."""

    def publish(self, *given: Any, **named: Any) -> Any:
        """Publish what others show."""
        return self._kept.publish(*given, **named) if self._hears() else None

    def clear_output(self, *given: Any, **named: Any) -> Any:
        """Clear what others have shown."""
        return self._kept.clear_output(*given, **named) if self._hears() else None


@contextmanager
def muted() -> Iterator[None]:
    """Let through nothing that this thread or a learner's function prints, warns of or displays."""
    if deadline.runs_here():  # inside such a function: nothing of it is heard anyway
        yield
        return
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    with _ONE, redirect_stdout(_DeafStream(sys.stdout)), redirect_stderr(_DeafStream(sys.stderr)):
        if shell is None:
            yield
            return
        kept = shell.display_pub
        shell.display_pub = _DeafPublisher(kept)
        try:
            yield
        finally:
            shell.display_pub = kept
