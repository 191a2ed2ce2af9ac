"""A call that ends after a while, whether or not the function returns.

A loop that never ends would block the lab, and with it the kernel, without a word. One thread
watches all calls, so that a call that returns soon pays for no thread of its own, and raises
`TooLong` in the thread of one that does not. That reaches whatever runs Python, also a thread
that is not the main one, where JupyterLab may bring a slider's message; inside a single call into
C, such as a sleep, it waits until that returns.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable
from typing import Any

#: How often the thread looks, and how long it looks on without a call before it ends.
LOOK_S, IDLE_S = 0.1, 10.0


class TooLong(BaseException):
    """A call was ended; no `Exception`, so that ``except Exception`` in it does not go on."""


class Watch:
    """Ends the calls that outlast their time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: dict[object, tuple[float, int]] = {}
        self._watches = False

    def call(self, limit_s: float, function: Callable[..., Any], *given: Any) -> Any:
        """Call; return what it returns.

        Raises
        ------
        TooLong
            After `limit_s` seconds.
        """
        me, ticket = threading.get_ident(), object()
        with self._lock:
            self._calls[ticket] = time.monotonic() + limit_s, me
            if not self._watches:
                threading.Thread(target=self._look, daemon=True, name="deadlines").start()
                self._watches = True
        try:
            return function(*given)
        finally:
            with self._lock:
                if self._calls.pop(ticket, None) is None:  # ended, perhaps just as it returned
                    _raise_in(me, None)

    def _look(self) -> None:
        rests_at = time.monotonic() + IDLE_S
        while True:
            time.sleep(LOOK_S)
            now = time.monotonic()
            with self._lock:
                late = [ticket for ticket, (end, _) in self._calls.items() if end < now]
                for ticket in late:
                    _raise_in(self._calls.pop(ticket)[1], TooLong)
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
