"""A call that outlasts its time is ended, in any thread, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from course.checks.cells import deadline
from course.checks.cells.deadline import Caller, LearnersThread, Limited, TooLong
from course.checks.dashboard import checking

pytestmark = pytest.mark.slow(seconds=12)

#: COURSE_TIMES=100 makes a hundred thousand calls.
TIMES = int(os.environ.get("COURSE_TIMES", "10"))
#: Seconds within which a thread begins, whatever else the machine has to do.
BEGUN_S = 1.0


@pytest.fixture(autouse=True)
def _where_nothing_can_be_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a `TooLong` that comes inside a destructor as Python does: it goes on without it."""
    hook = sys.unraisablehook

    def take(seen: Any) -> None:
        if not issubclass(seen.exc_type, TooLong):
            hook(seen)

    monkeypatch.setattr(sys, "unraisablehook", take)


def forever() -> None:
    while True:
        pass


def stubborn() -> None:
    while True:
        with contextlib.suppress(Exception):
            time.sleep(0.001)


def nothing_runs() -> None:
    """Wait until no function is left that was to end."""
    for thread in threading.enumerate():
        if isinstance(thread, LearnersThread) and thread._running:
            thread.join()


def deaf() -> None:
    n = 0
    while True:
        try:
            n += 1
        except:  # noqa: E722
            n = 0


@pytest.mark.parametrize("function", [forever, stubborn, deaf])
def test_a_call_that_never_returns_is_ended(function: Any) -> None:
    with pytest.raises(TooLong, match=r"^$"):
        Caller().call(0.2, function)
    nothing_runs()


def test_a_call_that_returns_is_left_alone_and_the_next_runs_in_the_same_thread() -> None:
    caller = Caller()
    first, second = (caller.call(60, threading.get_ident) for _ in range(2))
    assert first == second != threading.get_ident()


def test_nothing_runs_in_a_thread_in_which_something_was_raised() -> None:
    caller, threads = Caller(), []

    def notes() -> None:
        threads.append(threading.current_thread())
        forever()

    for _ in range(2):
        with pytest.raises(TooLong, match=r"^$"):
            caller.call(BEGUN_S, notes)
    first, second = threads
    assert first is not second
    first.join()
    second.join()


def test_what_the_function_raises_is_raised() -> None:
    def wrong() -> None:
        raise KeyError("W_xh")

    with pytest.raises(KeyError, match="W_xh"):
        Caller().call(60, wrong)


def test_the_line_at_which_a_call_was_ended_is_told() -> None:
    with pytest.raises(TooLong, match=r"^$") as ended:
        Caller().call(BEGUN_S, forever)
    assert [frame.name for frame in ended.traceback][-1] == "forever"


def test_a_call_into_c_is_not_waited_for_and_its_line_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(deadline, "GRACE_S", 0.1)
    go_on = threading.Lock()
    go_on.acquire()

    def in_c() -> None:
        go_on.acquire()  # holds until somebody lets go, as a sleep does until its time is over

    with pytest.raises(TooLong, match=r"^$") as ended:
        Caller().call(BEGUN_S, in_c)
    assert "in_c" in [frame.name for frame in ended.traceback]
    go_on.release()
    nothing_runs()


def test_numpys_treatment_of_errors_is_that_of_who_calls() -> None:
    with np.errstate(over="raise"), pytest.raises(FloatingPointError, match="overflow"):
        Caller().call(60, np.exp, 1e4)


def spin(seconds: float) -> int:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass
    return 1


@pytest.fixture
def reminded_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Raise as often as can be, and change threads as often: it comes at every moment."""
    monkeypatch.setattr(deadline, "AGAIN_S", 1e-5)
    kept = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(kept)


@pytest.mark.usefixtures("reminded_at_once")
def test_calls_that_end_just_when_their_time_does_either_return_or_are_ended() -> None:
    caller, ends = Caller(), {"returned": 0, "ended": 0}
    for k in range(600):
        try:
            ends["returned"] += caller.call(0.001, spin, 0.0004 + k * 2e-6)
        except TooLong:
            ends["ended"] += 1
    assert sum(ends.values()) == 600
    assert ends["ended"] > 0
    nothing_runs()


def test_one_more_that_was_on_its_way_is_caught_wherever_it_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left, came = LearnersThread._left, []

    def one_more(self: LearnersThread, call: object) -> bool:
        has_left = left(self, call)
        if not has_left and not came:
            came.append(True)
            deadline._raise_in(threading.get_ident(), TooLong)
        return has_left

    def swallows() -> None:
        with contextlib.suppress(TooLong):
            forever()
        monkeypatch.setattr(LearnersThread, "_leaves", leaves_late)

    leaves = LearnersThread._leaves

    def leaves_late(self: LearnersThread, call: object) -> None:
        monkeypatch.setattr(LearnersThread, "_leaves", leaves)
        raise TooLong  # as if it had come just now

    monkeypatch.setattr(deadline, "AGAIN_S", 60.0)
    monkeypatch.setattr(LearnersThread, "_left", one_more)
    with pytest.raises(TooLong, match=r"^$"):
        Caller().call(BEGUN_S, swallows)
    assert came
    nothing_runs()


@pytest.mark.slow
@pytest.mark.usefixtures("reminded_at_once")
@pytest.mark.parametrize(("calls", "limit_s"), [(800 * TIMES, 2e-5), (200 * TIMES, 5e-4)])
def test_of_thousands_of_calls_around_the_limit_none_escapes_and_none_is_left_behind(
    calls: int, limit_s: float
) -> None:
    before, caller, ends = set(threading.enumerate()), Caller(), {"returned": 0, "ended": 0}
    seconds = limit_s  # longer after a call that returned, shorter after one that was ended
    for _ in range(calls):
        try:
            ends["returned"] += caller.call(limit_s, spin, seconds)
            seconds *= 1.1
        except TooLong:
            ends["ended"] += 1
            seconds /= 1.1
    assert sum(ends.values()) == calls
    assert min(ends.values()) > 10, "not one moment of a call's end was hit"
    left = set(threading.enumerate()) - before - set(caller._resting)
    for thread in left:
        thread.join(600)
    assert [thread for thread in left if thread.is_alive()] == []
    assert len(caller._resting) <= 1


def test_what_returns_too_late_is_ended_too_though_it_went_on() -> None:
    def goes_on() -> int:
        reminders = 0
        while reminders < 3:
            try:
                time.monotonic()
            except BaseException:
                reminders += 1
        return 1

    with pytest.raises(TooLong, match=r"^$"):
        Caller().call(BEGUN_S, goes_on)


def test_an_interrupt_of_the_caller_ends_the_call() -> None:
    inside = threading.Event()

    def waits() -> None:
        inside.set()
        forever()

    def interrupt() -> None:
        inside.wait()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    kept = signal.signal(signal.SIGINT, signal.default_int_handler)  # pytest-xdist ignores it
    try:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt, match=r"^$"):
            Caller().call(600, waits)
    finally:
        signal.signal(signal.SIGINT, kept)
    nothing_runs()


def test_a_thread_that_cannot_be_started_leaves_no_call_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(self: object) -> None:
        raise RuntimeError("can't start new thread")

    caller = Caller()
    monkeypatch.setattr(threading.Thread, "start", fails)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        caller.call(1.0, int)
    monkeypatch.undo()
    assert caller.call(60, int) == 0


def counts_up_to(n: int) -> int:
    k = 0
    while k < n:
        k = k + 0
    return k


def test_a_limited_function_says_which_loop_did_not_end_and_is_not_called_again() -> None:
    limited = Limited(counts_up_to, BEGUN_S)
    assert (limited(0), limited.__name__) == (0, "counts_up_to")
    for _ in range(2):
        with pytest.raises(TimeoutError, match="it had not returned after") as ended:
            limited(3)
        assert ended.value.__notes__ == ["a line of the cell: while k < n:"]
    nothing_runs()


def test_a_check_of_an_endless_loop_ends_and_tells_its_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def gru_cell_step(x_t: Any, h_prev: Any, params: Any) -> Any:
        while len(h_prev):
            h_prev = h_prev + 0.0
        return h_prev

    monkeypatch.setattr(checking, "CALL_S", BEGUN_S)
    checking.check(gru_cell_step)
    assert "a loop does not end" in (told := capsys.readouterr().out)
    assert "while len(h_prev):" in told
    nothing_runs()


def test_after_a_fork_calls_run_in_a_new_thread() -> None:
    caller = Caller()
    assert caller.call(60, int) == 0
    (thread,) = caller._resting
    thread.is_alive = lambda: False  # type: ignore[method-assign]  # as a fork leaves it
    assert caller.call(60, int) == 0
    assert thread not in caller._resting
