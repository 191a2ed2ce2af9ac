"""Work that takes a while, told as it goes on: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

#: Where nobody watches a live line, say at least this often that work goes on.
SIGN_OF_LIFE_S = 30.0


class LiveLine:
    """The one line that tells what is being done.

    Parameters
    ----------
    stream : text stream, optional
        Standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream if stream is not None else sys.stderr
        self.live = self.stream.isatty()
        self.phase = ""
        self.started = self.told = time.monotonic()

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self.clear()
        self._print(f"{text}\n")

    def show(self, phase: str, detail: str = "") -> None:
        """Tell what is being done now: the phase, and where somebody watches the detail."""
        now = time.monotonic()
        seconds = f"{now - self.started:.0f} s"
        if self.live:
            width = shutil.get_terminal_size().columns - 1
            text = f"{phase} {detail}".rstrip()
            self._print("\r\x1b[K" + f"{text[: width - len(seconds) - 2]}  {seconds}")
        elif phase != self.phase:
            self._print(f"{phase}\n")
            self.told = now
        elif now - self.told > SIGN_OF_LIFE_S:
            self._print(f"  still going on, {seconds}\n")
            self.told = now
        self.phase = phase

    def clear(self) -> None:
        """Take the live line off the terminal."""
        if self.live:
            self._print("\r\x1b[K")

    def _print(self, text: str) -> None:
        print(text, end="", file=self.stream, flush=True)


def follow(
    command: list[str],
    on_line: Callable[[str], None],
    on_tick: Callable[[], None],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    tick_s: float = 0.2,
) -> tuple[int, str]:
    """Run a program to its end, hearing each line as it comes.

    Whatever ends the wait early (Ctrl-C above all) ends the program too.

    Parameters
    ----------
    command : list of str
        The program and its arguments.
    on_line, on_tick : callable
        Called with each line of output; called at least every `tick_s` seconds.
    cwd, env
        As for `subprocess.Popen`.

    Returns
    -------
    (int, str)
        Exit status, and all it printed on either stream.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        cwd=cwd,
        env=env,
    )
    lines: queue.Queue[str | None] = queue.Queue()
    reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
    reader.start()
    output: list[str] = []
    try:
        while True:
            on_tick()
            try:
                line = lines.get(timeout=tick_s)
            except queue.Empty:
                continue
            if line is None:
                return process.wait(), "".join(output)
            output.append(line)
            on_line(line.rstrip("\n"))
    finally:
        _end(process)
        reader.join(timeout=5)
        if process.stdout is not None and not reader.is_alive():
            process.stdout.close()


def _read(stream: TextIO, lines: queue.Queue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
