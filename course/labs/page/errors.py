"""What a gradient check finds, drawn: the relative error of each array's gradient."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from course.engine.numerics import Array
from course.figures.chart import Chart, Dots, Line, Panel, Role

#: Below the first a gradient passes; what is smaller than the second is rounding, drawn there.
PASSES, LEAST = 1e-6, 1e-8
_ROLES: tuple[Role, ...] = ("mixed", "reference")
_APART = 0.16


def relative_error(one: Array, other: Array) -> float:
    """Return the distance of two arrays over the sum of their norms; 0 where both are 0.

    It is at most 1, and 1 where a norm is too large for a number.

    >>> relative_error(np.array([1.0]), np.array([3.0])), relative_error(np.zeros(2), np.zeros(2))
    (0.5, 0.0)
    """
    with np.errstate(over="ignore"):
        size = float(np.linalg.norm(one) + np.linalg.norm(other))
    if not np.isfinite(size):
        return 1.0
    return float(np.linalg.norm(one - other)) / size if size else 0.0


def largest(errors: Mapping[str, float]) -> str:
    """Return the name of the array whose error is largest.

    >>> largest({"W_hh": 0.7, "b_y": 1e-9})
    'W_hh'
    """
    return max(errors, key=lambda name: errors[name])


def told(error: float) -> str:
    """Say how large an error is, without the digits of rounding, which no two machines share.

    >>> told(0.6931), told(3e-11)
    ('0.69', 'below 1e-8')
    """
    return "below 1e-8" if error < LEAST else f"{error:.2g}"


def errors_chart(checked: Mapping[str, Mapping[str, float]], finding: str) -> Chart:
    """Draw the errors of one model, or of two beside each other.

    Parameters
    ----------
    checked : mapping of str to mapping of str to float
        By what stands beside the model's points, then by array.
    finding : str
        Stands above it.
    """
    names = list(next(iter(checked.values())))
    x, floor = np.arange(float(len(names))), float(np.log10(LEAST))
    ends = (-0.5, len(names) - 0.5)
    panel = Panel(
        "gradient by",
        "relative error (power of ten)",
        ends,
        (floor, 0.0),
        width=620,
        labels_px=76,
        x_names=tuple(zip(x.tolist(), names, strict=True)),
    )
    limit = np.full(2, np.log10(PASSES))
    marks: list[Line | Dots] = [Line(np.array(ends), limit, "reference", "passes\nbelow")]
    each = []
    for k, (label, errors) in enumerate(checked.items()):
        y = np.log10(np.maximum([errors[name] for name in names], LEAST))
        at = x + (k - (len(checked) - 1) / 2) * _APART
        marks.append(Dots(at, y, _ROLES[k], low=np.full(len(x), floor), high=y))
        marks.append(Line(at[-1:], y[-1:], _ROLES[k], label))
        said = ", ".join(f"{name} {told(errors[name])}" for name in names)
        each.append(f"{label}: {said}" if label else said)
    alt = (
        "Dot chart of the relative error between numeric and analytic gradient, in powers of ten, "
        f"by array. {'; '.join(each)}. {finding}."
    )
    return Chart(finding, panel, marks, alt)
