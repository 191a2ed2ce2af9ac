"""An IPython shell without a kernel: runs cells and keeps what they show.

Starting a kernel takes longer than grading a lesson. A student's cells need its language (magics,
`display`, figures, the last value shown), not its sockets.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import io
import os
import select
import site
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from IPython.core import page
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from traitlets.config import Config

from course.student.goingon import GoingOnShell
from course.student.magics import add_kernel_magics

#: What one cell may print or show unless it is told otherwise, in characters: the rest is dropped.
MAX_OUTPUT_CHARS = 200_000

#: Seconds that a cell which has ended waits for what it printed past Python's streams.
_SETTLE_S = 0.5

_WENT_ON = "[What failed was left out, and the rest of this cell was run.]"
_CUT_NOTICE = "\n[the rest of this cell's output was dropped: it printed too much]\n"


_libc: Any = ctypes.CDLL(None) if sys.platform != "win32" else None


class OutputLog:
    """The outputs of the running cell, in the notebook format's form.

    Parameters
    ----------
    most : int, optional
        What a cell may print or show, in characters, before the rest is dropped.

    Attributes
    ----------
    outputs : list of dict
        As they will stand in the graded notebook.
    """

    def __init__(self, most: int = MAX_OUTPUT_CHARS) -> None:
        self.outputs: list[dict[str, Any]] = []
        self._most = self._room = most
        self._is_cut = False
        self._lock = threading.Lock()

    def limit(self, most: int) -> None:
        """Take no more than this of one cell from here on."""
        self._most = self._room = most

    def take(self) -> list[dict[str, Any]]:
        """Return what was logged so far, and start anew."""
        with self._lock:
            outputs, self.outputs = self.outputs, []
            self._room, self._is_cut = self._most, False
        return outputs

    def stream(self, name: str, text: str) -> None:
        """Log text printed to ``stdout`` or ``stderr``."""
        with self._lock:
            if self._is_cut or not text:
                return
            if len(text) > self._room:
                text, self._is_cut = text[: self._room] + _CUT_NOTICE, True
            self._room -= len(text)
            last = self.outputs[-1] if self.outputs else {}
            if last.get("output_type") == "stream" and last["name"] == name:
                last["text"] += text
            else:
                self.outputs.append({"output_type": "stream", "name": name, "text": text})

    def rich(self, kind: str, data: dict[str, Any], metadata: dict[str, Any], **more: Any) -> None:
        """Log a display or a result: its representations by MIME type."""
        texts = {mime: _as_text(value) for mime, value in data.items()}
        size = sum(len(value) for value in texts.values() if isinstance(value, str))
        with self._lock:
            if self._is_cut:
                return
            # A figure is larger than text ought to be; ten texts' worth is room for several.
            if size > 10 * self._room:
                self._is_cut = True
                cut = {"output_type": "stream", "name": "stdout", "text": _CUT_NOTICE}
                self.outputs.append(cut)
                return
            self._room -= size // 10
            output = {"output_type": kind, "data": texts, "metadata": metadata, **more}
            self.outputs.append(output)

    def error(self, name: str, message: str, traceback: list[str]) -> None:
        """Log an error as a notebook shows it."""
        with self._lock:
            self.outputs.append(
                {
                    "output_type": "error",
                    "ename": name[:200],
                    "evalue": message[:5000],
                    "traceback": [line[:20_000] for line in traceback[:200]],
                }
            )


def said(error: BaseException) -> str:
    """Return an error's message; a student's class may have none that can be asked for."""
    try:
        return str(error)
    except Exception:
        return "an error whose message cannot be read"


def _as_text(value: Any) -> Any:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


class LoggedStream(io.TextIOBase):
    """A text stream that writes into an `OutputLog`."""

    encoding = "utf-8"

    def __init__(self, log: OutputLog, name: str) -> None:
        self._log, self._name = log, name

    def write(self, text: str) -> int:
        """Log the text; return its length."""
        self._log.stream(self._name, text)
        return len(text)

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True

    def fileno(self) -> int:
        """Return where the process itself prints to, for what writes past Python's streams."""
        return 2 if self._name == "stderr" else 1


class _OutputPublisher(DisplayPublisher):
    log: OutputLog

    def publish(self, data: Any, metadata: Any = None, *, update: bool = False, **_: Any) -> None:
        if not update:
            self.log.rich("display_data", dict(data), dict(metadata or {}))

    def clear_output(self, wait: bool = False) -> None:
        self.log.take()


class _ResultHook(DisplayHook):
    log: OutputLog

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        count = self.prompt_count
        self.log.rich(
            "execute_result", dict(format_dict), dict(md_dict or {}), execution_count=count
        )

    def finish_displayhook(self) -> None:
        pass


class _Shell(GoingOnShell):
    log: OutputLog

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.log.error(str(etype.__name__), said(evalue), [str(line) for line in stb])


class Drain:
    """Logs what comes out of a pipe: printed by code that does not use Python's streams.

    Parameters
    ----------
    descriptor : int
        The pipe's reading end; a background thread reads it to its end.
    log : OutputLog
        Where it goes.
    """

    def __init__(self, descriptor: int, log: OutputLog) -> None:
        self._descriptor, self._log = descriptor, log
        self._reading = threading.Lock()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        with contextlib.suppress(OSError, ValueError):  # a student's code may close it
            while self._wait(None) and self._read():
                pass

    def _wait(self, seconds: float | None) -> bool:
        """Wait for something to read, on Windows, where pipes cannot be waited for, not."""
        if sys.platform == "win32":
            return seconds is None
        return bool(select.select([self._descriptor], [], [], seconds)[0])

    def _read(self) -> bool:
        with self._reading:
            chunk = os.read(self._descriptor, 65536)
            self._log.stream("stdout", chunk.decode("utf-8", "replace"))
        return bool(chunk)

    def settle(self) -> None:
        """Wait until all that was written so far is logged."""
        if sys.platform != "win32":
            _libc.fflush(None)
        end = time.monotonic() + _SETTLE_S
        with contextlib.suppress(OSError, ValueError):
            while self._wait(0) and self._thread.is_alive() and time.monotonic() < end:
                time.sleep(0.001)
        if sys.platform != "win32":
            with self._reading:  # what was taken out of the pipe is in the log
                pass


class NotebookShell:
    """Runs the cells of one notebook.

    Parameters
    ----------
    output_chars : int, optional
        What one cell may print or show, in characters.

    Attributes
    ----------
    namespace : dict
        What the cells have defined.
    """

    def __init__(self, output_chars: int = MAX_OUTPUT_CHARS) -> None:
        os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
        config = Config()
        config.HistoryManager.enabled = False
        config.InteractiveShell.cache_size = 0
        self._log = OutputLog(output_chars)
        _Shell.log = _OutputPublisher.log = _ResultHook.log = self._log
        self._shell = _Shell.instance(
            config=config,
            ipython_dir=tempfile.mkdtemp(prefix="ipython-"),
            display_pub_class=_OutputPublisher,
            displayhook_class=_ResultHook,
        )
        add_kernel_magics(self._shell)
        # Python is started without `site`, which has them; without any path of the machine's.
        site.sethelper()
        site.setcopyright()
        self._shell.set_hook("show_in_pager", page.as_hook(page.display_page), 99)
        self.namespace: dict[str, Any] = self._shell.user_ns
        self._drain: Drain | None = None
        self._streams = LoggedStream(self._log, "stdout"), LoggedStream(self._log, "stderr")

    def settle_in(self, output_chars: int) -> None:
        """Be a forked process's shell, which has an empty ``/tmp`` and limits of its own."""
        self._log.limit(output_chars)
        profile = self._shell.profile_dir
        for folder in (profile.startup_dir, profile.static_dir, Path(profile.location) / "db"):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def drain(self, descriptor: int) -> None:
        """Log what comes out of a pipe from here on: see `Drain`."""
        self._drain = Drain(descriptor, self._log)

    def run(self, source: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Run one cell, to its end whatever fails in it.

        Returns
        -------
        failures : list of dict
            What failed: see `GoingOnShell`. Empty where nothing did.
        outputs : list of dict
            In the notebook format's form.
        """
        self._shell.failures.clear()
        self._shell.went_on = False
        with self.capture():
            try:
                result = self._shell.run_cell(source, store_history=True)
                error = result.error_before_exec or result.error_in_exec
            except RecursionError as too_deep:  # Python cannot compile it, and IPython gives up
                error = too_deep
            if error is not None and not self._shell.failures:
                self._shell.note_syntax_error(error, source)
            elif self._shell.went_on:
                print(_WENT_ON, file=sys.stderr)
        return list(self._shell.failures), self.take()

    def take(self) -> list[dict[str, Any]]:
        """Return what was printed and shown since this was last asked for."""
        if self._drain:
            self._drain.settle()
        return self._log.take()

    @contextmanager
    def capture(self) -> Iterator[None]:
        """Keep what is printed from here on, for `take`."""
        saved: tuple[TextIO, TextIO] = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = self._streams
        try:
            yield
        finally:
            sys.stdout, sys.stderr = saved
