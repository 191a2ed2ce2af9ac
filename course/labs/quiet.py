"""Nothing that a learner's function prints, warns of or displays reaches the page.

A lab calls it hundreds of times. Standard output, standard error and what displays pictures belong
to the whole kernel, though, and JupyterLab may bring a slider's message in one thread while a cell
prints in another. So each is replaced by one that is deaf to a single thread, and lets through
what any other says.
"""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any

#: One function at a time: whoever puts back what was there must be the one who replaced it.
_ONE = threading.RLock()


class _Stream(io.TextIOBase):
    """A stream that is deaf to one thread."""

    def __init__(self, stream: Any) -> None:
        self._stream, self._thread = stream, threading.get_ident()

    def write(self, text: str) -> int:
        if threading.get_ident() != self._thread and self._stream is not None:
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        if threading.get_ident() != self._thread and self._stream is not None:
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Publisher:
    """What publishes pictures, deaf to one thread."""

    def __init__(self, publisher: Any) -> None:
        self._publisher, self._thread = publisher, threading.get_ident()

    def publish(self, *given: Any, **named: Any) -> Any:
        """Publish what other threads show."""
        if threading.get_ident() != self._thread:
            return self._publisher.publish(*given, **named)
        return None

    def clear_output(self, *given: Any, **named: Any) -> Any:
        """Clear what other threads have shown."""
        if threading.get_ident() != self._thread:
            return self._publisher.clear_output(*given, **named)
        return None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._publisher, name)


@contextmanager
def quiet() -> Iterator[None]:
    """Let through nothing that this thread prints, warns of or displays."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    with _ONE, redirect_stdout(_Stream(sys.stdout)), redirect_stderr(_Stream(sys.stderr)):
        if shell is None:
            yield
            return
        kept = shell.display_pub
        shell.display_pub = _Publisher(kept)
        try:
            yield
        finally:
            shell.display_pub = kept
