"""A call that ends after a while, whether or not the function returns.

A loop that never ends would block a lab or a check, and with it the kernel, without a word. So a
learner's function runs in a thread of its own, and whoever calls waits for it as long as it may.
Then `TooLong` is raised in that thread, again and again: a bare ``except`` may take one for an
error of its own. Nothing is ever raised in any other thread, and a thread in which something was
raised runs nothing after it: so it cannot land in the lab or in the kernel, however late it comes.

That reaches whatever runs Python. A function that is inside a single call into C, such as a sleep,
is waited for no longer than `GRACE_S`, and ends when that call returns.
"""

from __future__ import annotations

import contextvars
import ctypes
import functools
import inspect
import linecache
import sys
import threading
import traceback
from collections.abc import Callable
from queue import SimpleQueue
from types import FrameType, TracebackType
from typing import Any

#: How often a function that is to end is reminded, and how long it is waited for.
AGAIN_S, GRACE_S = 0.05, 2.0


class TooLong(BaseException):
    """A call was ended; no `Exception`, so that ``except Exception`` in it does not go on."""


class _Call:
    """One call: what to run, and how it ended."""

    def __init__(self, function: Callable[..., Any], given: tuple[Any, ...]) -> None:
        self.function, self.given = function, given
        # What belongs to the calling thread, such as NumPy's treatment of floating-point errors.
        self.context = contextvars.copy_context()
        self.result: Any = None
        self.error: BaseException | None = None
        self.begun = self.late = self.leaving = False
        self.ended = threading.Lock()
        self.ended.acquire()

    def run(self) -> None:
        try:
            self.result = self.context.run(self.function, *self.given)
        except BaseException as error:
            self.error = error

    def take_error(self) -> BaseException:
        """Return the error and forget it: with its frames, it would hold this call for ever."""
        error, self.error = self.error, None
        return error or TooLong()


class LearnersThread(threading.Thread):
    """Runs functions one after another, until one of them has to be ended."""

    def __init__(self) -> None:
        super().__init__(name="the learner's function", daemon=True)
        self._calls: SimpleQueue[_Call] = SimpleQueue()
        self._lock = threading.Lock()
        #: What may be raised in: held with the lock, so that nothing is raised after it is None.
        self._running: _Call | None = None

    def give(self, call: _Call) -> None:
        """Have a call run."""
        self._calls.put(call)

    def run(self) -> None:
        """Run what is given; end after a call that came too late."""
        while True:
            call = self._calls.get()
            self._serve(call)
            if call.late:
                return
            del call  # and with it the arguments and the result, until the next one comes

    def _serve(self, call: _Call) -> None:
        """Run a call and leave it, though `TooLong` comes once more after the first.

        The first one is caught by `_left`, which sets `leaving`: from then on `end` raises no more,
        except for one that it had decided on before, and that one is caught here.
        """
        while True:
            try:
                while not self._left(call):
                    pass
                return
            except TooLong:
                pass

    def _left(self, call: _Call) -> bool:
        """Run a call and leave it; False where `TooLong` came after the function's own end."""
        try:
            if not call.begun:
                call.begun = True
                if self._enters(call):
                    call.run()
            call.leaving = True
            self._leaves(call)
            return True
        except TooLong:
            call.leaving = True
            return False

    def _enters(self, call: _Call) -> bool:
        with self._lock:
            self._running = None if call.late else call
        return not call.late

    def _leaves(self, call: _Call) -> None:
        """Let nothing be raised from here on, and take back what has not been raised yet."""
        with self._lock:
            self._running = None
            _raise_in(threading.get_ident(), None)
            if call.ended.locked():
                call.ended.release()

    def gives_up(self, call: _Call) -> bool:
        """Say that a call has taken too long; False where it has ended in this very moment."""
        with self._lock:
            if not call.ended.locked():
                return False
            call.late = True
        return True

    def end(self, call: _Call, grace_s: float | None) -> None:
        """Raise `TooLong` in a call that is late until it ends, or for so long."""
        rounds = None if grace_s is None else max(1, round(grace_s / AGAIN_S))
        while self.is_alive() and (rounds is None or rounds > 0):
            with self._lock:
                if self._running is call and not call.leaving and self.ident is not None:
                    _raise_in(self.ident, TooLong)
            if call.ended.acquire(timeout=AGAIN_S):
                call.ended.release()
                return
            rounds = None if rounds is None else rounds - 1

    def where(self) -> TracebackType | None:
        """Return where the thread is now, as if an exception had come from there."""
        frame: FrameType | None = sys._current_frames().get(self.ident or 0)
        found: TracebackType | None = None
        while frame is not None:
            found = TracebackType(found, frame, frame.f_lasti, frame.f_lineno)
            frame = frame.f_back
        return found


def runs_here() -> bool:
    """Say whether this is a thread in which a learner's function runs."""
    return isinstance(threading.current_thread(), LearnersThread)


class Caller:
    """Calls functions, and ends those that outlast their time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._resting: list[LearnersThread] = []

    def call(self, limit_s: float, function: Callable[..., Any], *given: Any) -> Any:
        """Call; return what it returns.

        Raises
        ------
        TooLong
            After `limit_s` seconds, or when the function returns after that.
        """
        call, thread = _Call(function, given), self._thread()
        try:
            thread.give(call)
            if call.ended.acquire(timeout=limit_s):
                call.ended.release()
        except BaseException:  # the kernel was interrupted
            if thread.gives_up(call):
                self._end(thread, call)
            raise
        if thread.gives_up(call):
            raise self._end(thread, call)
        with self._lock:
            self._resting.append(thread)
        if call.error is not None:
            raise call.take_error()
        return call.result

    def _thread(self) -> LearnersThread:
        with self._lock:
            while self._resting:
                thread = self._resting.pop()
                if thread.is_alive():  # after a fork none is
                    return thread
        thread = LearnersThread()
        thread.start()
        return thread

    def _end(self, thread: LearnersThread, call: _Call) -> TooLong:
        """End a late call; return what is raised for it, with the line that it was at."""
        thread.end(call, GRACE_S)
        if call.ended.locked():
            place = thread.where()
            # It is inside a call into C, or refuses to end: nobody waits, but it is not left alone.
            threading.Thread(
                target=thread.end,
                args=(call, None),
                daemon=True,
                name="ends the learner's function",
            ).start()
            return TooLong().with_traceback(place)
        error = call.take_error()
        return error if isinstance(error, TooLong) else TooLong()


def _loop_around(filename: str, number: int) -> str:
    """Return the line of the `while` around a line: which of its lines ran is left to chance."""
    line = linecache.getline(filename, number)
    indent = len(line) - len(line.lstrip())
    for above in range(number, 0, -1):
        text = linecache.getline(filename, above)
        if text.lstrip().startswith("while ") and len(text) - len(text.lstrip()) <= indent:
            return text.strip()
    return line.strip()


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have a thread raise, at its next step; None takes back what it has not raised yet."""
    what = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)


call = Caller().call


class Limited:
    """A learner's function whose calls are ended after a while, with an error that an answer has.

    After one call that was ended no other is made: they all say the same.

    Parameters
    ----------
    function : callable
        The learner's.
    limit_s : float
        How long a call may take.
    """

    def __init__(self, function: Callable[..., Any], limit_s: float) -> None:
        functools.update_wrapper(self, function)
        self._function, self._limit_s = function, limit_s
        self._line: str | None = None

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Call; raises `TimeoutError` with the line that was being run."""
        if self._line is not None:
            raise self._too_long()
        try:
            return call(self._limit_s, functools.partial(self._function, *given, **named))
        except TooLong as error:
            self._line = self._line_of(error)
        raise self._too_long()

    @property
    def limited(self) -> Callable[..., Any]:
        """The function itself, which nothing ends."""
        return self._function

    def limit(self, other: Callable[..., Any]) -> Limited:
        """Return another function whose calls are ended after the same time."""
        return Limited(other, self._limit_s)

    def _line_of(self, error: TooLong) -> str:
        code = getattr(inspect.unwrap(self._function), "__code__", None)
        frames = traceback.extract_tb(error.__traceback__)
        own = [one for one in frames if code and one.filename == code.co_filename]
        # Of the lines being run, innermost first, the one in a loop does not end.
        lines = [_loop_around(one.filename, one.lineno or 0) for one in reversed(own)]
        loops = (line for line in lines if line.startswith("while "))
        return next(loops, lines[0] if lines else "")

    def _too_long(self) -> TimeoutError:
        error = TimeoutError(f"it had not returned after {self._limit_s:g} s, and was ended")
        error.add_note(f"a line of the cell: {self._line}")
        return error
