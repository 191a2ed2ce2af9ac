"""The measured results that lessons quote: read, print, and lay out as tables.

``results.json`` holds one entry for each measure of each way of training, by a path such as
``osc/gru/p0.50/own_prefix_error``; ``.../p0.50-vs-p0.00/...`` is the difference of the two, seed by
seed, and ``.../p0.50-theory/...`` or ``.../best-theory/...`` what mathematics says. It is printed
as mean ± half the width of Student's 95 % interval for the mean over seeds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from course.engine.numerics import Array
from course.trained.regimes import TEACHER_FORCING, find_regime

FILE = Path(__file__).resolve().parent / "results.json"

#: Two-sided 95 % points of Student's t by degrees of freedom.
STUDENT_T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}


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
        return sum(self.values) / self.n

    @property
    def sd(self) -> float:
        """Standard deviation between seeds, n - 1 in the denominator; 0 for a single value."""
        if self.n == 1:
            return 0.0
        return math.sqrt(sum((value - self.mean) ** 2 for value in self.values) / (self.n - 1))

    @property
    def half(self) -> float:
        """Half the width of Student's 95 % interval for the mean; 0 for a single value."""
        return STUDENT_T[self.n - 1] * self.sd / math.sqrt(self.n) if self.n > 1 else 0.0

    @property
    def below(self) -> int:
        """In how many seeds it is below zero: for a difference, how often the first is less."""
        return sum(value < 0 for value in self.values)

    def __str__(self) -> str:
        """Print mean ± half interval.

        >>> str(Result((0.1, 0.2, 0.3), 3, "fraction", "an error"))
        '0.200 ± 0.248'
        """
        mean = _number(self.mean, self.decimals)
        return f"{mean} ± {self.half:.{self.decimals}f}" if self.n > 1 else mean

    def percent(self) -> str:
        """Print a fraction as percent."""
        digits = max(self.decimals - 2, 0)
        mean = _number(100 * self.mean, digits)
        return f"{mean} ± {100 * self.half:.{digits}f} %" if self.n > 1 else f"{mean} %"


def _number(value: float, decimals: int) -> str:
    """Print with a true minus sign, and no minus before zero."""
    text = f"{value:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


#: The forms in which a result may be quoted, after a colon; mean ± half interval without one.
FORMS: dict[str, Callable[[Result], str]] = {
    "mean": lambda result: _number(result.mean, result.decimals),
    "sd": lambda result: _number(result.sd, result.decimals),
    "n": lambda result: str(result.n),
    "percent": Result.percent,
    "percent-mean": lambda result: f"{_number(100 * result.mean, max(result.decimals - 2, 0))} %",
    "size": lambda result: str(result).lstrip("−"),
    "below": lambda result: f"{result.below} of {result.n}",
}


@cache
def _stored() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
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
    with np.load(FILE.with_name("curves.npz")) as stored:
        return {path: stored[path].astype(np.float64) for path in stored.files}


def quoted(reference: str) -> str:
    """Return how a lesson prints a result.

    Parameters
    ----------
    reference : str
        A path, or a path, a colon and one of `FORMS`.

    Raises
    ------
    ValueError
        For an unknown path or form.
    """
    path, colon, form = reference.partition(":")
    result = find(path)
    if not colon:
        return str(result)
    if form not in FORMS:
        raise ValueError(f"a result is printed as {', '.join(FORMS)}; got {form!r}")
    return FORMS[form](result)


@dataclass(frozen=True)
class Table:
    """Some measures of some ways of training, as a notebook shows it.

    Attributes
    ----------
    caption : str
    columns : tuple of str
    rows : tuple of tuple of str
        The first of each is its name.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def _repr_markdown_(self) -> str:
        lines = [self.columns, ("---",) * len(self.columns), *self.rows]
        table = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
        return f"{table}\n\n{self.caption}"

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(name)}</th>' for name in self.columns)
        body = "".join(
            f'<tr><th scope="row">{escape(first)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
            + "</tr>"
            for first, *rest in self.rows
        )
        return (
            f'<table class="course-table"><caption>{escape(self.caption)}</caption>'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def table(group: str, measures: tuple[str, ...] = (), compared: bool = False) -> Table:
    """Lay out the results of one task and cell, a row for each way of training.

    Parameters
    ----------
    group : str
        As ``osc/gru``.
    measures : tuple of str, optional
        The columns; all there are, if not given.
    compared : bool, optional
        Show differences from teacher forcing, seed by seed, in place of the values.

    Raises
    ------
    ValueError
        Where there is no such group.
    """
    mine = [path.split("/") for path in paths() if path.startswith(f"{group}/")]
    known_ways = dict.fromkeys(parts[2] for parts in mine)
    against = f"-vs-{TEACHER_FORCING}"
    ways = [way for way in known_ways if (way.endswith(against) if compared else "-vs-" not in way)]
    if not ways:
        groups = dict.fromkeys("/".join(path.split("/")[:2]) for path in paths())
        raise ValueError(f"there are no results of {group!r}; there are: {', '.join(groups)}")
    known = dict.fromkeys(parts[3] for parts in mine)
    columns = measures or tuple(known)
    about = _stored()["measures"]
    rows = []
    for way in ways:
        cells = [_cell(f"{group}/{way}/{name}") for name in columns]
        seeds = next(find("/".join(parts)).n for parts in mine if parts[2] == way)
        rows.append((_title(way), *cells, str(seeds)))
    told = "Differences from teacher forcing, seed by seed: mean" if compared else "Mean"
    return Table(
        f"{group}: {told} ± half of Student's 95 % interval over the seeds.",
        ("sampling_prob in training", *(about[name]["what"] for name in columns), "seeds"),
        tuple(rows),
    )


#: What there are theories of beside ways of training.
_KNOWN = {"best": "the best that is possible", "guess": "guessing evenly"}


def _title(way: str) -> str:
    name, closed_form, _ = way.partition("-vs-")[0].partition("-theory")
    if name in _KNOWN:
        return _KNOWN[name]
    return find_regime(name).title + (", closed form" if closed_form else "")


def _cell(path: str) -> str:
    return str(find(path)) if path in _stored()["results"] else "–"
