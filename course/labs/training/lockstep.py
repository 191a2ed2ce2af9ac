"""Two threads that work in turn, so that neither gets ahead of the other."""

from __future__ import annotations

import threading


class Lockstep:
    """Lets two trainings take one update each in turn, on one core, until one is done."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._turn, self._gone = 0, [False, False]

    def pass_on(self, me: int) -> None:
        """Let the other take a step; return when it has, or is gone."""
        with self._changed:
            self._turn = 1 - me
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._turn == me or self._gone[1 - me], timeout=5)

    def leave(self, me: int) -> None:
        """Say that no more steps come."""
        with self._changed:
            self._gone[me] = True
            self._turn = 1 - me
            self._changed.notify_all()
