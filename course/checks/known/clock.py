"""How long a function is asked: a busy machine takes longer, and says the same."""

from __future__ import annotations

import time

#: How much longer the clock on the wall may run: the function may be in another process, or sleep.
_WALL = 4.0


class Clock:
    """Seconds of computing, which do not pass while other programs have the processor.

    Parameters
    ----------
    seconds : float
        How long it runs.
    """

    def __init__(self, seconds: float = float("inf")) -> None:
        self._computed = time.process_time() + seconds
        self._wall = time.perf_counter() + _WALL * seconds

    @property
    def is_over(self) -> bool:
        """Whether the seconds are spent."""
        return time.process_time() > self._computed or time.perf_counter() > self._wall
