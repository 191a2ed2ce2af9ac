"""The measured results that labs show and lessons quote.

``results.json``, for the models that are shipped, and ``experiments.json`` and ``beyond.json``, for
what else was trained, hold one entry for each measure of each way of training, by a path such as
``osc/gru/p0.50/own_prefix_error``; ``.../p0.50-vs-p0.00/...`` is the difference of the two, seed by
seed, and ``.../p0.50-theory/...`` or ``.../best-theory/...`` what mathematics says. It is printed
as mean ± half the width of Student's 95 % interval for the mean over seeds.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from course.engine.numerics import Array

HERE = Path(__file__).resolve().parent
FILES = HERE / "results.json", HERE / "experiments.json", HERE / "beyond.json"

#: Two-sided 95 % points of Student's t by degrees of freedom.
STUDENT_T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}


def interval(values: Array) -> tuple[Array, Array]:
    """Return mean and half the width of Student's 95 % interval over seeds, the first axis.

    Of differences that are taken seed by seed it is the paired interval. NaN for a single seed.

    >>> interval(np.array([1.0, 2.0, 3.0]))
    (np.float64(2.0), np.float64(2.4843...))
    """
    n = len(values)
    spread = values.std(axis=0, ddof=1) / np.sqrt(n) if n > 1 else np.nan * values[0]
    return values.mean(axis=0), STUDENT_T.get(n - 1, np.nan) * spread


@dataclass(frozen=True)
class Result:
    """One measure over seeds.

    Attributes
    ----------
    values : tuple of float
        One a seed; one alone where it is exact.
    decimals : int
        As it is printed.
    unit : str
        ``"fraction"``, ``"nats"``, ``"percent"``, or what it counts.
    what : str
        One line for a reader.
    """

    values: tuple[float, ...]
    decimals: int
    unit: str
    what: str

    @property
    def n(self) -> int:
        """How many seeds."""
        return len(self.values)

    @property
    def mean(self) -> float:
        """Over seeds."""
        return float(interval(np.array(self.values))[0])

    @property
    def sd(self) -> float:
        """Standard deviation between seeds, n - 1 in the denominator; 0 for a single value."""
        return float(np.std(self.values, ddof=1)) if self.n > 1 else 0.0

    @property
    def half(self) -> float:
        """Half the width of Student's 95 % interval for the mean; 0 for a single value."""
        return float(interval(np.array(self.values))[1]) if self.n > 1 else 0.0

    @property
    def below(self) -> int:
        """In how many seeds it is below zero: for a difference, how often the first is less."""
        return sum(value < 0 for value in self.values)

    def __str__(self) -> str:
        """Print mean ± half interval.

        >>> str(Result((0.1, 0.2, 0.3), 3, "fraction", "an error"))
        '0.200 ± 0.248'
        """
        mean = number(self.mean, self.decimals)
        return f"{mean} ± {self.half:.{self.decimals}f}" if self.n > 1 else mean

    def percent(self) -> str:
        """Print a fraction as percent."""
        digits = max(self.decimals - 2, 0)
        mean = number(100 * self.mean, digits)
        return f"{mean} ± {100 * self.half:.{digits}f} %" if self.n > 1 else f"{mean} %"


def number(value: float, decimals: int) -> str:
    """Print with a true minus sign, and no minus before zero."""
    text = f"{value:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


@cache
def _stored() -> dict[str, Any]:
    """Read the files as one."""
    stored: dict[str, Any] = {"results": {}, "measures": {}, "updates": {}, "ways": {}}
    for file in FILES:
        said = json.loads(file.read_text(encoding="utf-8"))
        for part in stored:
            stored[part] |= said.get(part, {})
    return stored


def paths() -> tuple[str, ...]:
    """Return the path of every result."""
    return tuple(_stored()["results"])


def find(path: str) -> Result:
    """Return the result of this path, or the number of updates by ``updates/TASK/CELL``.

    Raises
    ------
    ValueError
        Where there is none; the message lists those that begin alike.
    """
    stored = _stored()
    if path.startswith("updates/") and path[8:] in stored["updates"]:
        return Result((float(stored["updates"][path[8:]]),), 0, "updates", "updates of a training")
    if path not in stored["results"]:
        begin, _, _ = path.rpartition("/")
        alike = [known for known in paths() if known.startswith(begin)][:12]
        raise ValueError(f"there is no result {path!r}; there are: {', '.join(alike) or 'others'}")
    measure = stored["measures"][path.rpartition("/")[2]]
    return Result(
        tuple(stored["results"][path]), measure["decimals"], measure["unit"], measure["what"]
    )


def way_title(path: str) -> str:
    """Return what a reader calls a way of an experiment, as ``more-updates/gru/p1.00-4000``."""
    ways: dict[str, str] = _stored()["ways"]
    return ways.get(path, "")


def curve(path: str) -> Array:
    """Return a measure step by step, (seeds, T).

    Parameters
    ----------
    path : str
        ``TASK/CELL/REGIME/`` and ``kl`` (nats), ``error_true`` or ``error_own`` (fractions).

    Raises
    ------
    ValueError
        Where there is none, or no file of them.
    """
    try:
        return _curves()[path]
    except (OSError, KeyError) as error:
        raise ValueError(
            f"no curve {path!r} in course/trained/curves.npz: "
            "make it again with `python3 -m course build results`"
        ) from error


@cache
def _curves() -> dict[str, Array]:
    with np.load(HERE / "curves.npz") as stored:
        return {path: stored[path].astype(np.float64) for path in stored.files}
