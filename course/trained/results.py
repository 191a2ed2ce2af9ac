"""The measured results that lessons quote: read, print, and lay out as tables.

``results.json`` holds one entry for each measure of each way of training, by a path such as
``osc/gru/p0.50/own_prefix_error``; ``.../p0.50-vs-p0.00/...`` is the difference of the two, seed by
seed, and ``.../p0.50-theory/...`` or ``.../best-theory/...`` what mathematics says. It is printed
as mean ± half the width of Student's 95 % interval for the mean over seeds.

In a lesson's text a number is followed by a comment that says where it comes from, and a test
compares the two: ``0.305 ± 0.079<!--result osc/gru/p0.50/own_prefix_error-->``. A form may follow
a colon, one of `FORMS`: ``0.305<!--result osc/gru/p0.50/own_prefix_error:mean-->``. After results
were made anew, ``python3 -m course.trained.results NOTEBOOK ...`` writes the new numbers into the
text; whether its words still hold is for a reader to say.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from course.trained.regimes import TEACHER_FORCING, find_regime

FILE = Path(__file__).resolve().parent / "results.json"

#: Two-sided 95 % points of Student's t by degrees of freedom.
STUDENT_T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306}

#: What stands before the mark: words and numbers are compared as they are printed.
_QUOTED = re.compile(r"(?P<before>[^\n]*?)<!--\s*result\s+(?P<path>\S+?)\s*-->")
_NUMBER = re.compile(r"[−\d][\d.]*(?: ± [\d.]+)?(?: %| of \d+)?(?=<!--\s*result\s+(\S+?)\s*-->)")


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
    """Return the result of this path.

    Raises
    ------
    ValueError
        Where there is none; the message lists those that begin alike.
    """
    stored = _stored()
    if path not in stored["results"]:
        begin, _, _ = path.rpartition("/")
        alike = [known for known in paths() if known.startswith(begin)][:12]
        raise ValueError(f"there is no result {path!r}; there are: {', '.join(alike) or 'others'}")
    measure = stored["measures"][path.rpartition("/")[2]]
    return Result(
        tuple(stored["results"][path]), measure["decimals"], measure["unit"], measure["what"]
    )


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


def wrong_quotes(text: str) -> Iterator[str]:
    """Yield what is wrong with the numbers in a text that are said to be results.

    Parameters
    ----------
    text : str
        Markdown with marks ``<!--result PATH-->`` directly behind numbers.
    """
    marks = len(re.findall(r"<!--\s*result", text))
    found = list(_QUOTED.finditer(text))
    if len(found) != marks:
        yield f"{marks - len(found)} marks do not read <!--result PATH-->"
    for match in found:
        reference = match["path"]
        try:
            expected = quoted(reference)
        except ValueError as error:
            yield str(error)
            continue
        before = match["before"]
        said = before[-len(expected) :]
        # 10.305 ends with 0.305, and is another number
        longer = before[: -len(expected)][-1:]
        if said != expected or re.match(r"[\d.−-]", longer):
            yield f"{reference} is {expected}, but the text says {before[-25:]!r}"


def requoted(text: str) -> str:
    """Return the text with the present results in the place of the numbers before its marks."""
    return _NUMBER.sub(lambda match: quoted(match[1]), text)


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


def main(notebooks: list[str]) -> None:
    """Write the present results into the prose of notebooks."""
    for name in notebooks:
        path = Path(name)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                text = requoted("".join(cell["source"]))
                cell["source"] = text.splitlines(keepends=True)
        text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
