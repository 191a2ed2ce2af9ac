"""Find by which other rule sequences were laid side by side: rows are filled again by each rule.

A rule is told only where it gives all rows that came, in every call, and no other does with as few
slips.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from course.checks.cells.examples import Array
from course.checks.known.told import Told


class _Rule(NamedTuple):
    """A part of how a row is filled, and what to say of it where it is not due."""

    words: str
    make: Callable[..., list[int]]


def _up_to_the_first(end: int, row: list[int]) -> list[int]:
    """Return a mask that counts up to and including the first end mark."""
    n = row.index(end) + 1 if end in row else len(row)
    return [int(t < n) for t in range(len(row))]


#: What is kept of a sequence, by the sequence and the length of a row.
_KEPT = (
    _Rule("", lambda tokens, length: tokens[:length]),
    _Rule("of what is too long the last tokens are kept, and the first are due",
          lambda tokens, length: tokens[-length:]),
    _Rule("of what is too long one token less is kept than fits: sequence[:length]",
          lambda tokens, length: tokens[: length - 1] if len(tokens) >= length else tokens),
    _Rule("one token less is kept than there are", lambda tokens, length: tokens[: length][:-1]),
    _Rule("the first token is left out", lambda tokens, length: tokens[1 : length + 1]),
    _Rule("a token that comes again in a sequence is left out, as by set or dict",
          lambda tokens, length: list(dict.fromkeys(tokens))[:length]),
    _Rule("the tokens of a sequence are sorted", lambda tokens, length: sorted(tokens)[:length]),
    _Rule("sequences are turned round, the last token first",
          lambda tokens, length: tokens[:length][::-1]),
    _Rule("the end mark stands before the tokens too",
          lambda tokens, length: [-2, *tokens][:length]),
    _Rule("what is too long is left out as a whole",
          lambda tokens, length: tokens if len(tokens) < length else []),
)  # fmt: skip

#: Where tokens stand in a row that is longer, by tokens, how many are to be filled in, and by what.
_PLACES = (
    _Rule("", lambda tokens, fill: tokens + fill),
    _Rule("padding stands before the tokens, and behind them it is due",
          lambda tokens, fill: fill[1:] + tokens + fill[:1]),
    _Rule("they are shifted to the right behind an end mark, and that shift is for the inputs",
          lambda tokens, fill: (fill[:1] + tokens + fill)[: len(tokens) + len(fill)]),
    _Rule("padding and end mark stand before the tokens, and behind them they are due",
          lambda tokens, fill: fill + tokens),
)  # fmt: skip

#: By what a row is filled up, by how many numbers are missing and the end mark.
_FILLS = (
    _Rule("", lambda n, end: [end] * n),
    _Rule("the padding is 0, and `end` is due", lambda n, end: [end] * min(n, 1) + [0] * (n - 1)),
    _Rule("the padding is -1, and `end` is due", lambda n, end: [end] * min(n, 1) + [-1] * (n - 1)),
    _Rule("there is 0 where the end mark is due, and its padding", lambda n, end: [0] * n),
    _Rule("there is -1 where the end mark is due, and its padding", lambda n, end: [-1] * n),
)  # fmt: skip

#: A row of inputs, by the row of targets that came, the end mark, and how many tokens count.
_INPUTS = (
    _Rule("", lambda row, end, n: [-1, *row[:-1]]),
    _Rule("they are the targets themselves, and targets shifted by one behind a -1 are due",
          lambda row, end, n: row),
    _Rule("they are the targets shifted to the left, [t+1], and to the right, [t-1], is due",
          lambda row, end, n: [*row[1:], -1]),
    _Rule("they are the targets shifted to the left, [t+1], and to the right, [t-1], is due",
          lambda row, end, n: [*row[1:], end]),
    _Rule("they are the targets shifted to the left, [t+1], and to the right, [t-1], is due",
          lambda row, end, n: [*row[1:], row[0]]),
    _Rule("they begin with the end mark, and -1 is due", lambda row, end, n: [end, *row[:-1]]),
    _Rule("they begin with 0, and -1 is due", lambda row, end, n: [0, *row[:-1]]),
    _Rule("they begin with the last target, as np.roll has it, and -1 is due",
          lambda row, end, n: [row[-1], *row[:-1]]),
    _Rule("they begin with two -1, and one is due", lambda row, end, n: [-1, -1, *row[:-2]][
          : len(row)]),
    _Rule("a -1 stands over the first target, and the targets are not shifted",
          lambda row, end, n: [-1, *row[1:]]),
    _Rule("they are -1 in the padding, and targets shifted by one are due there too",
          lambda row, end, n: ([-1, *row[:-1]][:n] + [-1] * len(row))[: len(row)]),
    _Rule("they are 0 in the padding, and targets shifted by one are due there too",
          lambda row, end, n: ([-1, *row[:-1]][:n] + [0] * len(row))[: len(row)]),
    _Rule("the last token that is kept is not fed: the end mark stands in its place",
          lambda row, end, n: ([-1, *row[:-1]][: n - 1] + [end] * len(row))[: len(row)]),
    _Rule("they are -1 throughout", lambda row, end, n: [-1] * len(row)),
)  # fmt: skip

#: A row of the mask, by how many tokens count with their end mark, the length, and the targets.
_MASKS = (
    _Rule("", lambda n, length, row, end: [1] * n + [0] * (length - n)),
    _Rule("it is 0 at the end mark, and 1 is due there: a model has to learn to stop",
          lambda n, length, row, end: [int(t < n and x != end) for t, x in enumerate(row)]),
    _Rule("it is 1 throughout, and 0 is due in the padding",
          lambda n, length, row, end: [1] * length),
    _Rule("it is turned round: 1 where a position counts",
          lambda n, length, row, end: [0] * n + [1] * (length - n)),
    _Rule("it is 1 at one position too many",
          lambda n, length, row, end: ([1] * (n + 1) + [0] * length)[:length]),
    _Rule("it leaves the first position out", lambda n, length, row, end: [0] + [1] * (n - 1) + [
          0] * (length - n)),
    _Rule("it is 1 throughout but for the last position, whatever the tokens are",
          lambda n, length, row, end: [1] * (length - 1) + [0]),
    _Rule("it ends with the first token that equals the end mark, and by the length of the "
          "sequence it has to end",
          lambda n, length, row, end: _up_to_the_first(end, row)),
    _Rule("it stands at the end of the row, and at its beginning it is due",
          lambda n, length, row, end: [0] * (length - n) + [1] * n),
    _Rule("it is 0 wherever the target is not positive",
          lambda n, length, row, end: [int(x > 0) for x in row]),
)  # fmt: skip


def of_batches(calls: Sequence[tuple[Mapping[str, Array], Mapping[str, Any]]]) -> Iterator[Told]:
    """Find the rule by which rows were filled.

    Parameters
    ----------
    calls : sequence of (mapping, mapping)
        What came, ``"inputs"``, ``"targets"`` and ``"mask"``, and the arguments.
    """
    rows = [
        (list(tokens), given["end"], given["length"], *(seen[key][n].astype(int).tolist() for key in
         ("inputs", "targets", "mask")))
        for seen, given in calls
        for n, tokens in enumerate(given["sequences"])
    ]  # fmt: skip
    if not rows:
        return
    found: dict[int, set[str]] = {}
    for rule in itertools.product(_KEPT, _PLACES, _FILLS, _INPUTS, _MASKS):
        words = [one.words for one in rule if one.words]
        if words and len(words) <= min(found, default=3) and all(_is(row, *rule) for row in rows):
            names = [f"in {name}, {one.words}" for name, one in zip(("inputs", "mask"), rule[3:],
                     strict=True) if one.words]  # fmt: skip
            of_targets = [one.words for one in rule[:3] if one.words]
            said = [f"in targets, {'; '.join(of_targets)}"] if of_targets else []
            found.setdefault(len(words), set()).add("; ".join([*said, *names]))
    least = min(found, default=0)
    if least and len(found[least]) == 1:
        yield Told("fills_rows_by_another_rule", f"The rows show: {next(iter(found[least]))}.")


def _is(
    row: tuple[Any, ...], kept: _Rule, place: _Rule, fill: _Rule, fed: _Rule, counted: _Rule
) -> bool:
    tokens, end, length, inputs, targets, mask = row
    some = [end if token == -2 else token for token in kept.make(tokens, length)]
    n = min(len(some) + 1, length)
    made = place.make(some, fill.make(length - len(some), end))
    return bool(
        targets == made
        and inputs == fed.make(targets, end, n)
        and mask == counted.make(n, length, targets, end)
    )
