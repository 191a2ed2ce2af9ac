"""When a lab computes: between the messages of the page, a little at a time.

A slider sends more positions than can be drawn. So an event only notes what is wanted; the work is
done in the next turn of the loop that brought the event, in slices of some milliseconds between
which newer messages are read. What is no longer wanted is never begun, so the last position wins
and no queue can grow.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

#: Between two slices, so that the loop reads what has come.
PAUSE_S = 0.004


class Turns:
    """Calls `work` until it wants no more, on the event loop where there is one.

    Without a loop, as in a plain Python program, `request` returns when all is done. JupyterLab
    may bring a page's messages in another thread than that which runs the cells; the loop of the
    latest request is the one that goes on.

    Parameters
    ----------
    work : callable
        ``work(idle)`` does a slice, with `idle` set also of what is only likely to be wanted soon;
        it says whether it wants another.
    """

    def __init__(self, work: Callable[[bool], bool]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: set[asyncio.AbstractEventLoop] = set()
        self._latest: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def request(self) -> None:
        """See to it that `work` is called soon."""
        loop = _loop()
        if loop is None:
            while self._work(False):
                pass
            return
        with self._lock:
            self._latest = loop
        self._plan(loop, loop.call_soon)

    def later(self, delay_s: float, call: Callable[[], object]) -> None:
        """Call something once after a while; never where there is no loop: see `has_loop`."""
        loop = _loop()
        if loop is not None:
            loop.call_later(delay_s, lambda: None if self._closed else call())

    @staticmethod
    def has_loop() -> bool:
        """Say whether this runs on an event loop, as all does that a page's message brings."""
        return _loop() is not None

    @property
    def rests(self) -> bool:
        """Say whether nothing is planned on any loop: all that was asked for is done."""
        with self._lock:
            return not self._waiting

    def close(self) -> None:
        """Do no more work."""
        self._closed = True

    def _plan(
        self, loop: asyncio.AbstractEventLoop, call: Callable[..., object], *delay: float
    ) -> None:
        with self._lock:
            if loop in self._waiting:
                return
            self._waiting.add(loop)
        call(*delay, self._turn, loop)

    def _turn(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._waiting.discard(loop)
        if self._closed:
            return
        if self._work(True) and loop is self._latest:
            self._plan(loop, loop.call_later, PAUSE_S)


def _loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
