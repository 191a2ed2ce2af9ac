"""Curves over steps: the schedules of scheduled sampling, and one number for each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from course.figures.comparison import finding, first_difference
from course.figures.style import (
    FREE_RUNNING,
    REFERENCE,
    SCHEDULED_SAMPLING,
    axes_or_new,
    in_style,
)

#: Schedule, its parameters, and how its curve is drawn.
_SHOWN = (
    ("linear", {"k": 1.0, "c": 0.01}, "#00224e", "-"),
    ("exponential", {"k": 0.97}, "#7c7b78", "--"),
    ("inverse_sigmoid", {"k": 12.0}, "#a08400", "-."),
)


def schedules(
    curves: Callable[..., float] | Mapping[str, np.ndarray], ax: Any = None, n_steps: int = 120
) -> Any:
    """Draw the probability of the model's own token over training.

    Parameters
    ----------
    curves : callable or mapping of str to ndarray
        ``scheduled_sampling_prob``, or arrays of probabilities by the name of their schedule.
    ax : Axes, optional
        Where to draw; new ones where not given.
    n_steps : int
        How many steps to ask a callable for.

    Returns
    -------
    Axes
        What was drawn on.
    """
    if not isinstance(curves, Mapping):
        ask = curves
        curves = {
            name: np.array([ask(step, name, **numbers) for step in range(n_steps)])
            for name, numbers, _, _ in _SHOWN
        }
    drawn = {name: {"color": color, "linestyle": style} for name, _, color, style in _SHOWN}
    with in_style():
        ax = axes_or_new(ax)
        for name, values in curves.items():
            ax.plot(np.arange(len(values)), values, label=name, **drawn.get(name, {}))
        # The curves cross, so names beside them would too; this corner stays free.
        ax.legend(loc="lower right", frameon=False)
        ax.set(xlabel="training step", ylabel="sampling_prob = 1 - epsilon", ylim=(-0.03, 1.03))
        ax.set_title(_schedules_finding(curves))
    return ax


_SCHEDULE_AXES = ("training step", "sampling_prob")


def compare_curves(
    steps: Sequence[int],
    target: np.ndarray,
    own: np.ndarray | None = None,
    ax: Any = None,
    axes: tuple[str, str] = _SCHEDULE_AXES,
) -> Any:
    """Draw an expected curve and somebody's own, and mark the first step that differs.

    Parameters
    ----------
    steps : sequence of int
        Where, length N.
    target, own : ndarray
        A number for each of them, shape (N,); `own` may be missing.
    ax : Axes, optional
        Where to draw; new ones where not given.
    axes : (str, str)
        What the two axes are, with their units.

    Returns
    -------
    Axes
        What was drawn on.
    """
    with in_style():
        ax = axes_or_new(ax)
        lines = ax.plot(steps, target, marker="o", label="expected", **REFERENCE.line)
        if own is not None and own.shape == target.shape:
            lines += ax.plot(steps, own, marker="s", label="yours", **SCHEDULED_SAMPLING.line)
            first = first_difference(target[:, None], own[:, None])
            if first is not None and np.isfinite(own[first]):
                ends = [target[first], own[first]]
                ax.plot([steps[first]] * 2, ends, linewidth=4, alpha=0.5, **FREE_RUNNING.line)
        ax.legend(handles=lines)
        ax.set(xlabel=axes[0], ylabel=axes[1])
        ax.set_title(finding(target, own))
    return ax


def curves_alt_text(
    target: np.ndarray, own: np.ndarray | None, axes: tuple[str, str] = _SCHEDULE_AXES
) -> str:
    """Describe the picture of the two curves for those who cannot see it."""
    beside = "" if own is None else " and of yours"
    said = finding(target, own)
    return f"Line chart by {axes[0]} of the expected {axes[1]}{beside}. {said}."


def _schedules_finding(curves: Mapping[str, np.ndarray]) -> str:
    rising = [bool((np.diff(values) >= -1e-9).all()) for values in curves.values()]
    if all(rising):
        return "From the truth to the model's own token"
    return "Some schedule feeds more of the truth as training goes on"
