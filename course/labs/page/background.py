"""A lab that works in the background: begun and stopped by buttons, with progress and time left."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

import ipywidgets as widgets

from course.labs.page.controls import button
from course.labs.page.state import State
from course.labs.page.view import LabView

#: How often the page looks at how far it is.
LOOK_S = 0.3

#: What is said when a setting was changed after the training had begun.
CHANGED = "You changed a setting; it takes effect at the next Train."


@dataclass(kw_only=True)
class Background(State):
    """What computes in threads of its own until it is done, or told to stop.

    Attributes
    ----------
    UNIT : str
        What is counted.
    """

    UNIT = "updates"

    _began_s: float = 0.0
    _ended_s: float = 0.0
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: tuple[threading.Thread, ...] = ()

    def start(self) -> None:
        """Begin, after the end of what was begun earlier."""
        raise NotImplementedError

    @property
    def begun(self) -> bool:
        """Whether there is anything to tell of."""
        raise NotImplementedError

    @property
    def made(self) -> int:
        """How much is done."""
        raise NotImplementedError

    @property
    def total(self) -> int:
        """How much there is to do."""
        raise NotImplementedError

    @property
    def running(self) -> bool:
        """Whether a thread is on its way."""
        return any(thread.is_alive() for thread in self._threads)

    def settled(self) -> bool:
        """Say whether nothing is on its way."""
        return not self.running

    def stop(self) -> None:
        """End what runs; return when it has ended."""
        self._stop.set()
        self.wait()

    def wait(self) -> None:
        """Return when all threads have ended."""
        for thread in self._threads:
            thread.join()

    def left_s(self) -> float | None:
        """Estimate the seconds that are left; None before there is anything to go by."""
        if not self.begun or not self.made:
            return None
        return (time.monotonic() - self._began_s) * (self.total / self.made - 1)

    def progress_line(self) -> str:
        """Say how far it is, and how long it will take."""
        if not self.begun:
            return "not begun"
        if self.running:
            left = self.left_s()
            return f"{self.made} of {self.total} {self.UNIT}, " + (
                "just begun" if left is None else f"about {max(round(left), 1)} s left"
            )
        ended, spent_s = self.made >= self.total, self._ended_s - self._began_s
        return (
            f"{'done' if ended else 'stopped'} after {self.made} of {self.total} {self.UNIT}, "
            f"{spent_s:.0f} s"
        )


class BackgroundView(LabView):
    """A lab with its two buttons, its progress bar, and a look at the threads now and then.

    Parameters
    ----------
    state : Background
    controls, prediction
        As `LabView` takes them.
    begins, ends : str
        What the buttons do, where the mouse rests.
    """

    state: Background

    def __init__(
        self,
        state: Background,
        controls: dict[str, Any],
        prediction: str | None,
        begins: str,
        ends: str,
    ) -> None:
        # Neither is ever disabled: a button that is loses the keyboard's focus.
        self.begin, self.end = button("Train", begins), button("Stop", ends)
        self.bar = widgets.IntProgress(
            value=0,
            max=state.total,
            description="training",
            style={"description_width": "initial", "bar_color": "#009E73"},
            layout=widgets.Layout(width="min(100%, 260px)"),
        )
        self.line = widgets.Label(state.progress_line())
        self._runs = 0
        buttons = (self.begin, self.end, self.bar, self.line)
        super().__init__(state, controls, prediction, buttons)
        self.begin.on_click(lambda _: self.guarded(self._begin))
        self.end.on_click(lambda _: self.guarded(self._stop))

    def _begin(self) -> None:
        self.state.start()
        self.bar.max = self.state.total
        self._runs += 1
        self._look(self._runs)

    def _stop(self) -> None:
        self.state.stop()
        self._show_progress()

    def _show_progress(self) -> None:
        self.bar.value, self.line.value = self.state.made, self.state.progress_line()
        self.set()

    def _look(self, run: int) -> None:
        """Show how far it is; look again soon while it runs, and Train was not pressed anew."""
        if run != self._runs:
            return
        running = self.state.running
        self._show_progress()
        if running:
            self.turns.later(LOOK_S, lambda: self.guarded(lambda: self._look(run)))

    def close(self) -> None:
        """Stop what runs, too."""
        self.state.stop()
        super().close()
