"""Expected logits beside somebody's own, and the step from which they part."""

from __future__ import annotations

from typing import Any

import numpy as np

from course.figures.style import FREE_RUNNING, SEQUENTIAL, axes_or_new, in_style

RTOL, ATOL = 1e-4, 1e-5
_MOST_NUMBERS, _GAP = 60, 1.0


def first_difference(target: np.ndarray, own: np.ndarray) -> int | None:
    """Return the first row in which two arrays of one shape differ by more than rounding.

    >>> first_difference(np.zeros((3, 2)), np.array([[0, 0], [0, 1], [0, 0]]))
    1
    """
    differs = ~np.isclose(own, target, RTOL, ATOL)
    if not differs.any():
        return None
    return int(differs.reshape(len(target), -1).any(axis=1).argmax())


def finding(target: np.ndarray, own: np.ndarray | None, row: str | tuple[str, ...] = "step") -> str:
    """Say in one sentence what a picture of the two shows.

    >>> finding(np.zeros((3, 2)), None)
    'What has to come out'
    """
    if own is None:
        return "What has to come out"
    if own.shape != target.shape:
        return f"Shape {own.shape} came, {target.shape} is expected"
    first = first_difference(target, own)
    if first is None:
        return "Yours agrees in all numbers"
    if len(target) < 2 or target.ndim < 2:
        return "Yours differs"
    return f"Yours first differs at {_row_name(row, first)}"


def alt_text(
    target: np.ndarray, own: np.ndarray | None, row: str | tuple[str, ...] = "step"
) -> str:
    """Describe the picture of the two for those who cannot see it."""
    beside = "beside an empty one of yours" if own is None else "beside yours"
    return (
        f"Heat map of the expected numbers, one {row if isinstance(row, str) else 'vector'} a row, "
        f"{beside}. {finding(target, own, row)}."
    )


def compare_logits(
    target: np.ndarray,
    own: np.ndarray | None = None,
    ax: Any = None,
    row: str | tuple[str, ...] = "step",
) -> Any:
    """Draw expected logits beside somebody's own, and frame what differs in the first such step.

    Parameters
    ----------
    target : ndarray
        Shape (T, O), or (O,) for one row.
    own : ndarray, optional
        Of any shape with one or two axes; an empty place is drawn where there is none.
    ax : Axes, optional
        Where to draw; new ones where not given.
    row : str or tuple of str
        What a row is, or the names of the rows.

    Returns
    -------
    Axes
        What was drawn on.
    """
    said = finding(target, own, row)
    expected = np.atleast_2d(target)
    yours = None if own is None else np.atleast_2d(np.asarray(own, dtype=float))
    shown = expected if yours is None else np.concatenate([expected.ravel(), yours.ravel()])
    shown = shown[np.isfinite(shown)]
    limits = (shown.min(), shown.max()) if shown.size else (0.0, 1.0)
    start = expected.shape[1] + _GAP
    rows = max(len(expected), 1 if yours is None else len(yours))
    width = start + (expected if yours is None else yours).shape[1]
    with in_style():
        ax = axes_or_new(ax, size_of(expected, yours))
        _block(ax, expected, 0, limits, "expected")
        if yours is None:
            _empty_block(ax, expected.shape, start)
        else:
            _block(ax, yours, start, limits, "yours")
            same_shape = yours.shape == expected.shape
            first = first_difference(expected, yours) if same_shape else None
            if first is not None:
                differs = ~np.isclose(yours[first], expected[first], RTOL, ATOL)
                for column in np.flatnonzero(differs):
                    for left in (0, start):
                        _mark(ax, first, left + float(column))
        ax.set(xlim=(-0.1, width + 0.1), ylim=(rows - 0.4, -1.0), xticks=[])
        named = target.ndim > 1 and (isinstance(row, str) or rows == len(row))
        labels = [_row_name(row, t) if named else "" for t in range(rows)]
        ax.set_yticks(range(rows), labels)
        ax.tick_params(length=0)
        ax.spines[:].set_visible(False)
        ax.set_title(said)
    return ax


def _row_name(row: str | tuple[str, ...], index: int) -> str:
    return f"{row} {index}" if isinstance(row, str) else row[index]


def size_of(target: np.ndarray, own: np.ndarray | None = None) -> tuple[float, float]:
    """Return the size in inches that a picture of the two needs."""
    shapes = [np.atleast_2d(target).shape, np.atleast_2d(target if own is None else own).shape]
    rows, width = max(shape[0] for shape in shapes), sum(shape[1] for shape in shapes) + _GAP
    return min(1.6 + 0.62 * width, 12), min(1.1 + 0.42 * rows, 8)


def _block(
    ax: Any, values: np.ndarray, left: float, limits: tuple[float, float], name: str
) -> None:
    rows, columns = values.shape
    if not values.size:
        ax.text(left, -0.65, f"{name}: no rows", va="center")
        return
    extent = (left, left + columns, rows - 0.5, -0.5)
    low, high = limits
    ax.imshow(values, SEQUENTIAL, vmin=low, vmax=high, extent=extent, aspect="auto", zorder=1)
    ax.text(left + columns / 2, -0.75, name, ha="center", va="center")
    if values.size > _MOST_NUMBERS:
        return
    for t, o in np.ndindex(rows, columns):
        bright = not values[t, o] < (low + high) / 2
        ax.text(
            left + o + 0.5,
            t,
            f"{values[t, o]:.2f}",
            color="black" if bright else "white",
            ha="center",
            va="center",
            size=9,
            zorder=3,
        )


def _empty_block(ax: Any, shape: tuple[int, ...], left: float) -> None:
    from matplotlib.patches import Rectangle

    rows, columns = shape
    place = Rectangle(
        (left, -0.5), columns, rows, fill=False, edgecolor="#6b7280", hatch="//", alpha=0.35
    )
    ax.add_patch(place)
    ax.text(left + columns / 2, -0.75, "yours", ha="center", va="center")


def _mark(ax: Any, row: int, left: float) -> None:
    """Frame one number."""
    from matplotlib.patches import Rectangle

    frame = Rectangle((left + 0.05, row - 0.45), 0.9, 0.9, fill=False, linewidth=2.4, zorder=4)
    frame.set(edgecolor=FREE_RUNNING.color, linestyle=FREE_RUNNING.linestyle)
    ax.add_patch(frame)
