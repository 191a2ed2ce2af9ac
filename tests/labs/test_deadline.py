"""A call that outlasts its time is ended, in any thread, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import Any

import pytest

from course.labs import deadline
from course.labs.deadline import TooLong, Watch


def forever() -> None:
    while True:
        pass


def stubborn() -> None:
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.001)


def settled() -> None:
    """Take some steps, in which what is still to be raised would be raised."""
    for _ in range(1000):
        time.monotonic()


def deaf() -> None:
    n = 0
    while True:
        try:
            n += 1
        except:  # noqa: E722
            n = 0


@pytest.mark.parametrize("function", [forever, stubborn, deaf])
def test_a_call_that_never_returns_is_ended(function: Any) -> None:
    began = time.monotonic()
    with pytest.raises(TooLong, match=r"^$"):
        Watch().call(0.2, function)
    assert 0.2 <= time.monotonic() - began < 5
    settled()


def test_a_call_is_ended_in_a_thread_of_its_own_too() -> None:
    said: list[str] = []

    def work() -> None:
        try:
            deadline.call(0.2, forever)
        except TooLong:
            said.append("ended")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(10)
    assert said == ["ended"]


def test_a_call_that_returns_is_left_alone_and_so_is_what_comes_after() -> None:
    watch = Watch()
    assert watch.call(0.05, lambda x: x + 1, 2) == 3
    time.sleep(0.3)
    settled()


def test_what_the_function_raises_is_raised() -> None:
    def wrong() -> None:
        raise KeyError("W_xh")

    with pytest.raises(KeyError, match="W_xh"):
        Watch().call(1.0, wrong)


def test_calls_that_end_just_when_their_time_does_either_return_or_are_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deadline, "LOOK_S", 0.001)
    watch, ends = Watch(), {"returned": 0, "ended": 0}

    def spin(seconds: float) -> int:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass
        return 1

    for k in range(300):
        try:
            ends["returned"] += watch.call(0.003, spin, 0.002 + k * 1e-5)
        except TooLong:
            ends["ended"] += 1
        settled()
    assert sum(ends.values()) == 300
    assert watch._calls == []


def test_what_returns_too_late_is_ended_too_though_it_went_on() -> None:
    def goes_on() -> int:
        end = time.monotonic() + 0.5
        while time.monotonic() < end:
            with contextlib.suppress(BaseException):
                settled()
        return 1

    with pytest.raises(TooLong, match=r"^$"):
        Watch().call(0.1, goes_on)
    settled()


def test_a_thread_that_cannot_be_started_leaves_no_call_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(self: object) -> None:
        raise RuntimeError("can't start new thread")

    watch = Watch()
    monkeypatch.setattr(threading.Thread, "start", fails)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        watch.call(1.0, int)
    assert watch._calls == []


def test_the_thread_ends_when_nothing_is_called_and_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deadline, "IDLE_S", 0.0)
    monkeypatch.setattr(deadline, "LOOK_S", 0.01)
    watch = Watch()
    watch.call(1.0, int)
    end = time.monotonic() + 5
    while watch._watches and time.monotonic() < end:
        time.sleep(0.01)
    assert not watch._watches
    with pytest.raises(TooLong, match=r"^$"):
        watch.call(0.05, forever)
