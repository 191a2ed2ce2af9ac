"""A program beside a test is waited for by what it says; one that ends without it fails."""

from __future__ import annotations

import sys

import pytest
from saying import Saying

PYTHON = [sys.executable, "-c"]


def test_what_it_says_is_found_in_a_line() -> None:
    running = Saying([*PYTHON, "print('begins'); print('port 8888 is open')"])
    assert running.until(r"port (\d+)")[1] == "8888"
    running.wait()
    assert running.said() == "begins\nport 8888 is open\n"


def test_it_is_found_while_the_program_goes_on() -> None:
    running = Saying([*PYTHON, "import signal; print('ready', flush=True); signal.pause()"])
    running.until("ready")
    assert running.process.poll() is None
    running.process.kill()
    running.wait()


def test_what_ends_without_saying_it_fails_with_what_was_said() -> None:
    running = Saying([*PYTHON, "raise SystemExit('no room')"])
    with pytest.raises(AssertionError, match=r"(?s)ready was not said, but:.*no room"):
        running.until("ready")
    running.wait()
