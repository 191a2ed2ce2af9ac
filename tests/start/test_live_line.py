"""How progress looks, and that nothing outlives an interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from course.bootstrap.live import LiveLine, follow

ROOT = Path(__file__).resolve().parents[2]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_one_line_that_changes() -> None:
    stream = Terminal()
    line = LiveLine(stream)
    line.show("Installing", "(1 found)")
    line.show("Installing", "(2 found)")
    line.clear()
    assert "\n" not in stream.getvalue()
    assert stream.getvalue().count("\r") == 3
    assert "(2 found)" in stream.getvalue()


def test_a_live_line_is_no_wider_than_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    LiveLine(stream).show("Installing", "x" * 200)
    assert len(stream.getvalue().removeprefix("\r\x1b[K")) < 40


def test_a_file_sees_each_phase_once() -> None:
    stream = StringIO()
    line = LiveLine(stream)
    for detail in ("(1 found)", "(2 found)"):
        line.show("Installing", detail)
    line.clear()
    line.say("Ready.")
    assert stream.getvalue() == "Installing\nReady.\n"


def test_output_is_heard_line_by_line_and_kept() -> None:
    heard: list[str] = []
    script = "import sys; print('ä'); print('b', file=sys.stderr); sys.exit(3)"
    command = [sys.executable, "-X", "utf8", "-c", script]
    status, output = follow(command, heard.append, lambda: None)
    assert status == 3
    assert sorted(heard) == ["b", "ä"]
    assert sorted(output.splitlines()) == ["b", "ä"]


@pytest.mark.skipif(sys.platform == "win32", reason="a process that is gone is told otherwise")
def test_an_interruption_ends_the_program_too() -> None:
    script = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    started = []

    def interrupt(said: str) -> None:
        started.append(int(said))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        follow([sys.executable, "-c", script], interrupt, lambda: None)
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")
def test_ctrl_c_while_an_environment_is_made_is_one_line(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "course", "lab"],
        cwd=ROOT,
        env={**os.environ, "COURSE_VENV": str(tmp_path / "venv")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A suite that runs in the background was told to ignore Ctrl-C, and would pass that on.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stderr is not None
    while "Making" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=600)
    assert process.returncode == 130
    assert rest.strip() == "Interrupted. Run the same command again to go on."
    assert not (tmp_path / "venv" / "course-stamp.json").exists()
