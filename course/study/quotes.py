"""What texts say of the measured results: numbers and claims, marked so that they are checked.

In the text of a lesson or a document a number is followed by a comment that says where it comes
from, and a test compares the two: ``0.305 ± 0.079<!--result osc/gru/p0.50/own_prefix_error-->``.
A form may follow a colon, one of `FORMS`: ``0.305<!--result osc/gru/p0.50/gap:mean-->``. After
results were made anew, ``python3 -m course.study.quotes FILE ...`` writes the new numbers into
notebooks and documents.

A sentence that says which way is better is followed by the claim that it makes, and a test looks
whether it holds, seed by seed: ``<!--claim osc/gru/p1.00/own_prefix_error <
osc/gru/p0.00/own_prefix_error-->`` says that Student's 95 % interval of the difference lies below
zero, ``>`` above it, and ``~`` that it contains zero, so that nothing is shown. What stands on the
right may be a number. One that compares nothing that was measured ends with ``<!--no claim-->``.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from course.trained.results import Result, find, number

#: The forms in which a result may be quoted, after a colon; mean ± half interval without one.
FORMS: dict[str, Callable[[Result], str]] = {
    "mean": lambda result: number(result.mean, result.decimals),
    "sd": lambda result: number(result.sd, result.decimals),
    "n": lambda result: str(result.n),
    "percent": Result.percent,
    "points": lambda result: result.percent().removesuffix(" %"),
    "percent-mean": lambda result: f"{number(100 * result.mean, max(result.decimals - 2, 0))} %",
    "size": lambda result: str(result).lstrip("−"),
    "points-size": lambda result: result.percent().removesuffix(" %").lstrip("−"),
    "below": lambda result: f"{result.below} of {result.n}",
}

#: The forms that do not show a fraction: errors and other shares are told in per cent.
OF_SHARES = ("percent", "points", "percent-mean", "points-size", "n", "below")

_CLAIM = re.compile(r"<!--\s*claim\s+(\S+)\s+([<>~])\s+(\S+?)\s*-->")
#: Marks that claim nothing of results: of numbers from elsewhere, and of sentences.
_OTHER_MARK = re.compile(r"<!--\s*(?:(?:result|worked|given)\s|no claim\s*-->)")

#: What stands before the mark: words and numbers are compared as they are printed.
_QUOTED = re.compile(r"(?P<before>[^\n]*?)<!--\s*result\s+(?P<path>\S+?)\s*-->")
_NUMBER = re.compile(r"[−\d][\d.]*(?: ± [\d.]+)?(?: %| of \d+)?(?=<!--\s*result\s+(\S+?)\s*-->)")


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


def is_share(path: str) -> bool:
    """Say whether a result is told in per cent, as errors are; the error of a gradient is not."""
    return find(path).unit == "fraction" and "/relative_error" not in path


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


def shares_as_fractions(text: str) -> Iterator[str]:
    """Yield what a text tells as a fraction and a reader expects in per cent.

    Parameters
    ----------
    text : str
        Markdown with marks ``<!--result PATH-->``.
    """
    for match in _QUOTED.finditer(text):
        path, _, form = match["path"].partition(":")
        if is_share(path) and form not in OF_SHARES:
            yield f"{path} is told in per cent: its form is one of {', '.join(OF_SHARES)}"


def requoted(text: str) -> str:
    """Return the text with the present results in the place of the numbers before its marks."""
    return _NUMBER.sub(lambda match: quoted(match[1]), text)


def false_claims(text: str) -> Iterator[str]:
    """Yield what is wrong with the claims that a text's marks make.

    Parameters
    ----------
    text : str
        Markdown with marks ``<!--claim PATH < PATH-->``, or ``>`` or ``~``.
    """
    claims = _CLAIM.findall(text)
    for mark in re.findall(r"<!--.*?-->", text, re.DOTALL):
        if not (_CLAIM.fullmatch(mark) or _OTHER_MARK.match(mark)):
            yield f"{mark} does not read <!--claim PATH < PATH-->, with < or > or ~"
    for left, sign, right in claims:
        try:
            difference = less(left, right)
        except ValueError as error:
            yield str(error)
            continue
        low, high = difference.mean - difference.half, difference.mean + difference.half
        found = "<" if high < 0 else ">" if low > 0 else "~"
        if found != sign:
            yield f"{left} {sign} {right} does not hold: the difference is {difference}"


def less(left: str, right: str) -> Result:
    """Return one result less another, seed by seed, or less a number.

    Parameters
    ----------
    left : str
        A path.
    right : str
        A path, or a number.

    Raises
    ------
    ValueError
        For an unknown path, or results of other units or numbers of seeds.
    """
    mine = find(left)
    theirs: tuple[float, ...]
    if re.fullmatch(r"-?\d+(\.\d+)?", right):
        theirs = (float(right),) * mine.n
    else:
        other = find(right)
        theirs = other.values
        if other.unit != mine.unit:
            raise ValueError(f"{left} is in {mine.unit}, {right} in {other.unit}")
    if len(theirs) == 1:
        theirs *= mine.n
    if len(theirs) != mine.n:
        raise ValueError(f"{left} has {mine.n} seeds, {right} has {len(theirs)}")
    values = tuple(a - b for a, b in zip(mine.values, theirs, strict=True))
    return Result(values, mine.decimals, mine.unit, f"{mine.what}, difference")


def main(files: list[str]) -> None:
    """Write the present results into the prose of notebooks, and into documents."""
    for name in files:
        path = Path(name)
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".ipynb":
            notebook = json.loads(text)
            for cell in notebook["cells"]:
                if cell["cell_type"] == "markdown":
                    cell["source"] = requoted("".join(cell["source"])).splitlines(keepends=True)
            text = json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
        else:
            text = requoted(text)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
