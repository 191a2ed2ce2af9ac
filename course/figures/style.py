"""The look of all figures: one style file, and the colours that carry a meaning.

A colour never stands alone: its line style says the same.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple

STYLE_FILE = Path(__file__).parent / "course.mplstyle"


class Role(NamedTuple):
    """How a line of one meaning is drawn; ``ax.plot(x, y, **role.line)``."""

    color: str
    linestyle: str

    @property
    def line(self) -> dict[str, str]:
        """Keyword arguments for `Axes.plot`."""
        return self._asdict()


TEACHER_FORCING = Role("#0072B2", "-")
FREE_RUNNING = Role("#D55E00", "--")
SCHEDULED_SAMPLING = Role("#009E73", "-.")
REFERENCE = Role("#000000", ":")
SEQUENTIAL = "cividis"


def in_style() -> AbstractContextManager[None]:
    """Return a context in which figures are made in the course's style."""
    import matplotlib.style

    context: AbstractContextManager[None] = matplotlib.style.context(str(STYLE_FILE))
    return context


def axes_or_new(ax: Any, size: tuple[float, float] | None = None) -> Any:
    """Return the axes given, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    return plt.subplots(figsize=size, layout="constrained")[1]
