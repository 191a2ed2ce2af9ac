"""A call that ends after a while, whether or not the function returns.

A loop that never ends would block the lab, and with it the kernel, without a word. One thread
watches all calls, so that a call that returns soon pays for no thread of its own, and raises
`TooLong` in the thread of one that does not, again and again, since a bare ``except`` may take one
for an error of its own. That reaches whatever runs Python, also a thread that is not the main one,
where JupyterLab may bring a slider's message; inside a single call into C, such as a sleep, it
waits until that returns.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

#: How often the thread looks, and how long it looks on without a call before it ends.
LOOK_S, IDLE_S = 0.1, 10.0


class TooLong(BaseException):
    """A call was ended; no `Exception`, so that ``except Exception`` in it does not go on."""


@dataclass(eq=False)
class _Call:
    ends_at: float
    thread: int
    late: bool = False


class Watch:
    """Ends the calls that outlast their time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[_Call] = []
        self._watches = False

    def call(self, limit_s: float, function: Callable[..., Any], *given: Any) -> Any:
        """Call; return what it returns.

        Raises
        ------
        TooLong
            After `limit_s` seconds, or when the function returns after that.
        """
        mine = _Call(time.monotonic() + limit_s, threading.get_ident())
        try:
            self._begin(mine)
            result = function(*given)
        finally:
            self._end(mine)
        if mine.late:
            raise TooLong
        return result

    def _begin(self, mine: _Call) -> None:
        with self._lock:
            self._calls.append(mine)
            if not self._watches:
                threading.Thread(target=self._look, daemon=True, name="deadlines").start()
                self._watches = True

    def _end(self, mine: _Call) -> None:
        """Let go of a call, and take back what its thread has not raised yet."""
        while True:
            try:
                with self._lock:
                    if mine in self._calls:
                        self._calls.remove(mine)
                    if mine.late:
                        _raise_in(mine.thread, None)
                return
            except TooLong:
                continue

    def _look(self) -> None:
        rests_at = time.monotonic() + IDLE_S
        while True:
            time.sleep(LOOK_S)
            now = time.monotonic()
            with self._lock:
                for one in self._calls:
                    if one.ends_at < now:
                        one.late = True
                        _raise_in(one.thread, TooLong)
                if self._calls:
                    rests_at = now + IDLE_S
                elif now > rests_at:
                    self._watches = False
                    return


def _raise_in(thread: int, error: type[BaseException] | None) -> None:
    """Have a thread raise, at its next step; None takes back what it has not raised yet."""
    what = None if error is None else ctypes.py_object(error)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), what)


call = Watch().call
