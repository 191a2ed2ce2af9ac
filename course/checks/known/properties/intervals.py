"""Find by which other formula the half width of an interval comes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.told import Told


class _Part(NamedTuple):
    """A factor of the half width: its value, and what to say of it where it is not due."""

    value: Callable[[Array], float]
    words: str = ""


#: The two-sided 95 % points of Student's t with 1, 2, ... degrees of freedom, to six digits.
_T_95 = (np.inf, 12.7062, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004,
         2.262157, 2.228139, 2.200985, 2.178813, 2.160369, 2.144787, 2.13145, 2.119905, 2.109816,
         2.100922, 2.093024, 2.085963, 2.079614, 2.073873)  # fmt: skip


def _student(df: int) -> float:
    """Return the 95 % point for degrees of freedom; nan, which equals nothing, beyond the table."""
    return _T_95[df] if 0 <= df < len(_T_95) else np.nan


_QUANTILES = (
    _Part(lambda d: _student(len(d) - 1)),
    _Part(
        lambda d: _student(len(d)),
        "t_quantile is asked for n degrees of freedom, and n - 1 are due",
    ),
    _Part(
        lambda d: _student(len(d) + 1),
        "t_quantile is asked for n + 1 degrees of freedom, and n - 1 are due",
    ),
    _Part(
        lambda d: _student(len(d) - 2),
        "t_quantile is asked for n - 2 degrees of freedom, and n - 1 are due",
    ),
    _Part(
        lambda d: _student(2 * len(d) - 2),
        "t_quantile is asked for 2 * n - 2 degrees of freedom, as of unpaired lists, and n - 1 are "
        "due",
    ),
    _Part(lambda d: 1.96, "1.96 stands where t_quantile(n - 1) is due"),
    _Part(lambda d: 2.0, "2 stands where t_quantile(n - 1) is due"),
    _Part(lambda d: 1.645, "1.645 stands where t_quantile(n - 1) is due"),
    _Part(lambda d: 2.576, "2.576 stands where t_quantile(n - 1) is due"),
    _Part(lambda d: 1.0, "t_quantile(n - 1) is left out"),
    _Part(lambda d: 1 / _student(len(d) - 1), "1 / t_quantile stands where t_quantile is due"),
)

_SPREADS = (
    _Part(lambda d: float(d.std(ddof=1))),
    _Part(lambda d: float(d.std()), "the standard deviation divides by n, and n - 1 is due"),
    _Part(
        lambda d: float(d.var(ddof=1)),
        "the variance stands where its square root, the standard deviation, is due",
    ),
    _Part(
        lambda d: float(d.var()),
        "the variance, divided by n, stands where the standard deviation with n - 1 is due",
    ),
    _Part(
        lambda d: float(np.abs(d - d.mean()).mean()),
        "the mean distance from the mean stands where the standard deviation is due",
    ),
    _Part(
        lambda d: float(np.sqrt((d**2).sum() / max(len(d) - 1, 1))),
        "the squares are those of the differences themselves, without their mean taken off",
    ),
    _Part(
        lambda d: float(np.sqrt(((d - np.median(d)) ** 2).sum() / max(len(d) - 1, 1))),
        "the median is taken off the differences, and their mean is due",
    ),
    _Part(lambda d: 1.0, "the standard deviation is left out"),
    _Part(
        lambda d: 1 / float(d.std(ddof=1)),
        "it is divided by the standard deviation, and to be multiplied by it",
    ),
    _Part(lambda d: float(np.ptp(d)), "the range stands where the standard deviation is due"),
)

_DIVISORS = (
    _Part(lambda d: len(d) ** 0.5),
    _Part(lambda d: 1.0, "the square root of n, by which to divide, is left out"),
    _Part(lambda d: float(len(d)), "n stands where its square root is due"),
    _Part(lambda d: (len(d) - 1) ** 0.5, "sqrt(n - 1) stands where sqrt(n) is due"),
    _Part(lambda d: len(d) ** -0.5, "it is multiplied by sqrt(n), and to be divided by it"),
)

_WHOLE = (
    _Part(lambda d: 1.0),
    _Part(lambda d: 2.0, "a factor of 2 makes the whole width of it"),
    _Part(lambda d: 0.5, "something is halved that is half a width already"),
)


#: What may stand for the mean of the differences, by both lists; what is due first.
_CENTRES: tuple[tuple[str, Callable[[Array, Array], float]], ...] = (
    ("", lambda a, b: float((b - a).mean())),
    ("the mean of a - b", lambda a, b: float((a - b).mean())),
    ("the median of the differences", lambda a, b: float(np.median(b - a))),
    ("the difference of the medians", lambda a, b: float(np.median(b) - np.median(a))),
    ("the sum of the differences", lambda a, b: float((b - a).sum())),
    ("the sum divided by n - 1", lambda a, b: float((b - a).sum() / max(len(a) - 1, 1))),
    ("the mean of their sizes, |b - a|", lambda a, b: float(np.abs(b - a).mean())),
    ("the size of their mean, without its sign", lambda a, b: float(abs((b - a).mean()))),
    ("the mean of a alone", lambda a, b: float(a.mean())),
    ("the mean of b alone", lambda a, b: float(b.mean())),
    ("the mean of a + b", lambda a, b: float((a + b).mean())),
    ("the difference as a share of a", lambda a, b: float(b.mean() / a.mean() - 1)),
    ("the mean of shares, (b - a) / a", lambda a, b: float(((b - a) / a).mean())),
    ("the mean without the smallest and the largest difference",
     lambda a, b: float(np.sort(b - a)[1:-1].mean()) if len(a) > 2 else float((b - a).mean())),
    ("the first difference alone", lambda a, b: float(b[0] - a[0])),
    ("the last difference alone", lambda a, b: float(b[-1] - a[-1])),
    ("the mean of the smallest and the largest difference",
     lambda a, b: float(((b - a).min() + (b - a).max()) / 2)),
)  # fmt: skip


def of_intervals(pairs: Sequence[tuple[Array, Mapping[str, Any]]]) -> Iterator[Told]:
    """Find which factors of the half width are others, as few as there can be.

    Parameters
    ----------
    pairs : sequence of (ndarray, mapping)
        What came, a mean and a half width, and the arguments.
    """
    lists = [(np.array(given["a"], dtype=float), np.array(given["b"], dtype=float))
             for _, given in pairs]  # fmt: skip
    differences = [b - a for a, b in lists]
    if len(pairs) < 2:
        return
    means = np.array([seen[0] for seen, _ in pairs])
    centre = next(
        (
            words
            for words, of in _CENTRES
            if equal(means, np.array([of(*both) for both in lists], dtype=float))
        ),
        None,
    )
    if centre is None:
        return
    came = np.array([seen[1] for seen, _ in pairs])
    found: dict[int, list[list[str]]] = {}
    for parts in itertools.product(_QUANTILES, _SPREADS, _DIVISORS, _WHOLE):
        t, spread, divisor, times = parts
        made = [
            times.value(d) * t.value(d) * spread.value(d) / divisor.value(d) for d in differences
        ]
        if equal(came, np.array(made, dtype=float)):
            words = [part.words for part in parts if part.words]
            found.setdefault(len(words), []).append(words)
    least = min(found, default=0)
    slips = []
    if least and len(found[least]) == 1:
        slips = [
            f"in the half width, {', and '.join(found[least][0])}; it is t_quantile(n - 1) times "
            "the standard deviation of the differences (ddof=1) over sqrt(n)"
        ]
    if not slips and not centre:
        return
    if centre:
        rest = "" if slips or 0 in found else "; the half width differs too"
        slips.insert(0, f"the first value is {centre}, and the mean of b - a is due{rest}")
    said = "; and ".join(slips)
    yield Told(
        "takes_another_half_width" if found else "takes_another_mean",
        f"{said[0].upper()}{said[1:]}.",
    )
