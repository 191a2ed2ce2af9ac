"""Find by which other formulas a student's divergence from its teacher, and its gradient, come.

Both are made again of each pair of distributions, with each slip: told only where one choice, or
either of two, with as few slips, gives all that came in every call.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.told import Told

#: Slips at once, at most.
_MOST = 3


class _Slip(NamedTuple):
    words: str
    make: Callable[..., Any]


class _Two(NamedTuple):
    """The logarithms of two distributions, row by row: the teacher's, p, and the student's, q."""

    lp: Array
    lq: Array

    @property
    def p(self) -> Array:
        """The teacher's probabilities."""
        powers: Array = np.exp(self.lp)
        return powers

    @property
    def q(self) -> Array:
        """The student's probabilities."""
        powers: Array = np.exp(self.lq)
        return powers


def _log(rows: Array, axis: int | None = -1) -> Array:
    logarithms: Array = np.log(softmax(rows, axis))
    return logarithms


def _likeliest(rows: Array) -> Array:
    one_hot: Array = np.eye(rows.shape[1])[rows.argmax(axis=1)]
    return one_hot


#: Of which distributions both are made, by the student's and the teacher's logits.
_MADE = (
    _Slip("", lambda s, t: _Two(_log(t), _log(s))),
    _Slip("teacher and student are exchanged: the student's logits come first",
          lambda s, t: _Two(_log(s), _log(t))),
    _Slip("the softmax runs over the steps, axis=0, and over the tokens, axis=1, it is due",
          lambda s, t: _Two(_log(t, 0), _log(s, 0))),
    _Slip("one softmax is taken of all rows together, and each row's own is due",
          lambda s, t: _Two(_log(t, None), _log(s, None))),
    _Slip("the teacher's logits are taken for log-probabilities: their softmax is missing",
          lambda s, t: _Two(t, _log(s))),
    _Slip("the student's logits are taken for log-probabilities: their softmax is missing",
          lambda s, t: _Two(_log(t), s)),
    _Slip("logits are taken for log-probabilities: their softmax is missing",
          lambda s, t: _Two(t, s)),
    _Slip("the softmax of a softmax is taken",
          lambda s, t: _Two(_log(softmax(t)), _log(softmax(s)))),
    _Slip("the logits are divided by a temperature of 2",
          lambda s, t: _Two(_log(t / 2), _log(s / 2))),
    _Slip("the teacher's logits are divided by a temperature of 2",
          lambda s, t: _Two(_log(t / 2), _log(s))),
)  # fmt: skip

_FORWARD, _REVERSE = "p (log p - log q)", "q (log q - log p)"

#: The terms of a row's loss, in words, by the distributions.
_TERMS: dict[str, Callable[[_Two], Array]] = {
    _FORWARD: lambda d: d.p * (d.lp - d.lq),
    _REVERSE: lambda d: d.q * (d.lq - d.lp),
    "-p log q, the cross-entropy,": lambda d: -d.p * d.lq,
    "-q log p, a cross-entropy,": lambda d: -d.q * d.lp,
    "p (log q - log p)": lambda d: d.p * (d.lq - d.lp),
    "q (log p - log q)": lambda d: d.q * (d.lp - d.lq),
    "log p - log q": lambda d: d.lp - d.lq,
    "log q - log p": lambda d: d.lq - d.lp,
    "p (p - q)": lambda d: d.p * (d.p - d.q),
    "q (q - p)": lambda d: d.q * (d.q - d.p),
    "(p - q)**2": lambda d: (d.p - d.q) ** 2,
    "|p - q|**1.5": lambda d: np.abs(d.p - d.q) ** 1.5,
    "|p - q|**3": lambda d: np.abs(d.p - d.q) ** 3,
    "(p - q)**4": lambda d: (d.p - d.q) ** 4,
    "|p - q|": lambda d: np.abs(d.p - d.q),
    "p |log p - log q|": lambda d: d.p * np.abs(d.lp - d.lq),
    "q |log q - log p|": lambda d: d.q * np.abs(d.lq - d.lp),
    "p log p": lambda d: d.p * d.lp,
    "q log q": lambda d: d.q * d.lq,
    "half of both divergences": lambda d: (d.p - d.q) * (d.lp - d.lq) / 2,
    "both divergences": lambda d: (d.p - d.q) * (d.lp - d.lq),
    "-log q of the teacher's likeliest token,": lambda d: -_likeliest(d.lp) * d.lq,
}


def _row_sum(rows: Array) -> Array:
    total: Array = rows.sum(axis=1, keepdims=True)
    return total


def _less_its_mean(d: _Two, numbers: Array) -> Array:
    rows: Array = d.q * (numbers - _row_sum(d.q * numbers))
    return rows


_OF_FORWARD, _OF_REVERSE = "q - p", "q (log q - log p - KL)"

#: What is made of a row for its gradient.
_GRADIENTS: dict[str, Callable[[_Two], Array]] = {
    _OF_FORWARD: lambda d: d.q - d.p,
    _OF_REVERSE: lambda d: _less_its_mean(d, d.lq - d.lp),
    "q (log q - log p), without KL,": lambda d: d.q * (d.lq - d.lp),
    "q (log q - log p + 1), without KL,": lambda d: d.q * (d.lq - d.lp + 1),
    "q (log q - log p + 1 - KL)": lambda d: _less_its_mean(d, d.lq - d.lp) + d.q,
    "q (log q - log p + KL)": lambda d: d.q * (d.lq - d.lp + _row_sum(d.q * (d.lq - d.lp))),
    "q (log q - log p - KL) with the other direction's KL": lambda d: (
        d.q * (d.lq - d.lp - _row_sum(d.p * (d.lp - d.lq)))
    ),
    "q (log p - log q + KL) with the other direction's KL": lambda d: (
        d.q * (d.lp - d.lq + _row_sum(d.p * (d.lp - d.lq)))
    ),
    "log q - log p - KL, without the factor q,": lambda d: (
        d.lq - d.lp - _row_sum(d.q * (d.lq - d.lp))
    ),
    "log q - log p": lambda d: d.lq - d.lp,
    "log q - log p + 1": lambda d: d.lq - d.lp + 1,
    "p (log q - log p - KL)": lambda d: d.p * (d.lq - d.lp - _row_sum(d.q * (d.lq - d.lp))),
    "p (log p - log q - KL)": lambda d: d.p * (d.lp - d.lq - _row_sum(d.p * (d.lp - d.lq))),
    "p (log p - log q)": lambda d: d.p * (d.lp - d.lq),
    "-p / q": lambda d: -d.p / d.q,
    "-p": lambda d: -d.p,
    "p": lambda d: d.p,
    "q": lambda d: d.q,
    "q + p": lambda d: d.q + d.p,
    "q (q - p)": lambda d: d.q * (d.q - d.p),
    "p (q - p)": lambda d: d.p * (d.q - d.p),
    "q (1 - q) (log q - log p)": lambda d: d.q * (1 - d.q) * (d.lq - d.lp),
    "the student's logits less the teacher's": lambda d: d.lq - d.lp,
    "q less the teacher's one-hot likeliest token": lambda d: d.q - _likeliest(d.lp),
    "0": lambda d: 0 * d.q,
}

#: What is made of all rows, by the numbers of steps and of tokens: of a loss, and of a gradient.
_WHOLES = (
    ("", lambda T, O: 1 / T),
    ("added up over the steps, and their mean is due", lambda T, O: 1.0),
    ("divided by the number of tokens too", lambda T, O: 1 / T / O),
    ("divided by the number of tokens, and by that of steps it is due", lambda T, O: 1 / O),
    ("divided by the number of steps twice", lambda T, O: 1 / T**2),
    ("divided by log(2), as in bits", lambda T, O: 1 / T / np.log(2)),
    ("2 times as large as is due", lambda T, O: 2 / T),
    ("half as large as is due", lambda T, O: 1 / T / 2),
)  # fmt: skip


def of_experts(calls: Sequence[tuple[Mapping[str, Array], Mapping[str, Any]]]) -> Iterator[Told]:
    """Find by which formulas loss and gradient come, in one direction.

    Parameters
    ----------
    calls : sequence of (mapping, mapping)
        What came, ``"the loss"`` and ``"d_logits"``, and the arguments.
    """
    calls = [one for one in calls if len(one[1]["student_logits"])]
    if not calls or any(set(seen) != {"the loss", "d_logits"} for seen, _ in calls):
        return
    reverse = calls[0][1]["direction"] == "reverse"
    found: set[tuple[str, ...]] = set()
    least = _MOST
    for made in sorted(_MADE, key=lambda one: bool(one.words)):
        with np.errstate(all="ignore"):
            loss = _slips(calls, made, "the loss", _TERMS, _REVERSE if reverse else _FORWARD)
            gradient = _slips(
                calls, made, "d_logits", _GRADIENTS, _OF_REVERSE if reverse else _OF_FORWARD
            )
        for words in itertools.product(loss, gradient):
            said = tuple(filter(None, (made.words, *itertools.chain(*words))))
            if 0 < len(said) < least:
                least, found = len(said), set()
            if len(said) == least:
                found.add(said)
    if 0 < len(found) <= 2:
        yield Told(
            "compares_by_another_formula",
            f"The numbers show: {'; or else: '.join(sorted(map('; '.join, found)))}.",
        )


def _slips(
    calls: Sequence[tuple[Mapping[str, Array], Mapping[str, Any]]],
    made: _Slip,
    part: str,
    formulas: Mapping[str, Callable[[_Two], Array]],
    due: str,
) -> list[tuple[str, ...]]:
    """Return each way in which a part comes in all calls, as the slips in it."""
    fits = []
    two = [made.make(given["student_logits"], given["teacher_logits"]) for _, given in calls]
    for words, formula in formulas.items():
        rows = [formula(one) for one in two]
        for sign in (1.0, -1.0):
            for whole, factor in _WHOLES:
                if all(
                    _is(seen[part], sign * factor(*row.shape) * row)
                    for (seen, _), row in zip(calls, rows, strict=True)
                ):
                    slips = [f"in {part}, {words} stands where {due} is due".replace(",,", ",")]
                    slips = slips if words != due else []
                    slips += [f"the sign of {part} is turned round"] * (sign < 0)
                    slips += [f"{part} is {whole}"] * bool(whole)
                    fits.append(tuple(slips))
    return fits


def _is(seen: Array, rows: Array) -> bool:
    return equal(np.asarray(seen), rows if np.ndim(seen) else np.asarray(rows.sum()))
