"""Find of which other parts an estimate of a reward's gradient is made: all are tried together.

Told only where one choice, or either of two, with as few slips, gives the rows of every call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from course.checks.cells.coins import softmax
from course.checks.cells.examples import Array
from course.checks.known.features import equal
from course.checks.known.properties.choices import with_few_slips
from course.checks.known.told import Pair, Told

#: Slips at once, at most.
_MOST = 3


class _Slip(NamedTuple):
    words: str
    make: Callable[..., Any]


def _at(tokens: Array, O: int, by: int = 0) -> Array:
    rows: Array = np.eye(O)[np.roll(np.asarray(tokens, dtype=int), by)]
    return rows


#: By what rows are multiplied, by reward and baseline.
_FACTORS = (
    _Slip("", lambda r, b: r - b),
    _Slip("the baseline plays no part, and reward - baseline is due", lambda r, b: r),
    _Slip("reward + baseline stands where reward - baseline is due", lambda r, b: r + b),
    _Slip("the reward plays no part: the factor is 1, and reward - baseline is due",
          lambda r, b: 1.0),
    _Slip("the baseline alone stands where reward - baseline is due", lambda r, b: b),
    _Slip("(reward - baseline)**2 stands where reward - baseline is due",
          lambda r, b: (r - b) ** 2),
    _Slip("|reward - baseline| stands where reward - baseline is due", lambda r, b: abs(r - b)),
    _Slip("the sign of reward - baseline alone is taken", lambda r, b: np.sign(r - b)),
    _Slip("reward * (1 - baseline) stands where reward - baseline is due",
          lambda r, b: r * (1 - b)),
    _Slip("reward * baseline stands where reward - baseline is due", lambda r, b: r * b),
)  # fmt: skip

#: What is subtracted from the tokens, by the logits.
_SHARES = (
    _Slip("", softmax),
    _Slip("the logits themselves stand where their softmax is due", lambda z: z),
    _Slip("log-probabilities stand where probabilities are due", lambda z: np.log(softmax(z))),
    _Slip("the softmax runs over the steps, axis=0, and over the tokens, axis=1, it is due",
          lambda z: softmax(z, axis=0)),
    _Slip("one softmax is taken of all rows together, and each row's own is due",
          lambda z: softmax(z, axis=None)),
    _Slip("the sigmoid of each logit stands where the softmax of its row is due",
          lambda z: 1 / (1 + np.exp(-z))),
    _Slip("the softmax of a softmax is taken", lambda z: softmax(softmax(z))),
    _Slip("exp(logits) is not divided by its sum", lambda z: np.exp(z)),
    _Slip("exp(logits - their largest) is not divided by its sum",
          lambda z: np.exp(z - z.max(axis=1, keepdims=True))),
    _Slip("the softmax is not subtracted", lambda z: 0 * z),
    _Slip("the one-hot likeliest token stands where the softmax is due",
          lambda z: _at(z.argmax(axis=1), z.shape[1])),
    _Slip("1/O stands where the softmax is due", lambda z: 0 * z + 1 / z.shape[1]),
)  # fmt: skip

#: From what it is subtracted, by the tokens and the logits.
_TOKENS = (
    _Slip("", lambda tokens, z: _at(tokens, z.shape[1])),
    _Slip("the tokens that were drawn play no part, and their one-hot is due",
          lambda tokens, z: 0 * z),
    _Slip("the likeliest tokens stand where those that were drawn are due",
          lambda tokens, z: _at(z.argmax(axis=1), z.shape[1])),
    _Slip("tokens[t-1] stands where tokens[t] is due",
          lambda tokens, z: _at(tokens, z.shape[1], 1)),
    _Slip("tokens[t+1] stands where tokens[t] is due",
          lambda tokens, z: _at(tokens, z.shape[1], -1)),
    _Slip("the token of step 0 alone counts, and each step has its own",
          lambda tokens, z: _at(tokens, z.shape[1]) * (np.arange(len(z)) == 0)[:, None]),
    _Slip("the token of the last step alone counts, and each step has its own",
          lambda tokens, z: _at(tokens, z.shape[1]) * (np.arange(len(z)) == len(z) - 1)[:, None]),
    _Slip("1 stands at every token, and at the one that was drawn alone it is due",
          lambda tokens, z: 0 * z + 1),
)  # fmt: skip

#: How both are put together, one-hot and shares.
_JOINED = (
    _Slip("", lambda one, p: one - p),
    _Slip("one-hot and softmax are added, and to be subtracted", lambda one, p: one + p),
    _Slip("the token that was drawn alone has a number, and each other one has one too",
          lambda one, p: one * (one - p)),
    _Slip("the others alone have a number, and the token that was drawn has one too",
          lambda one, p: (one - 1) * p),
    _Slip("one-hot * log p, of which the estimate is the gradient, stands where one-hot - softmax "
          "is due", lambda one, p: one * np.log(p)),
    _Slip("one-hot * softmax stands where one-hot - softmax is due", lambda one, p: one * p),
    _Slip("softmax * (one-hot - softmax) stands where one-hot - softmax is due",
          lambda one, p: p * (one - p)),
    _Slip("one-hot / softmax, the gradient by the probabilities, stands where that by the logits "
          "is due", lambda one, p: one / p),
)  # fmt: skip

#: By what all of it is multiplied, by the number of steps and of tokens.
_WHOLES = (
    _Slip("", lambda T, O: -1.0),
    _Slip("the sign is turned round: it is the gradient of minus the reward", lambda T, O: 1.0),
    _Slip("it is divided by the number of steps", lambda T, O: -1.0 / T),
    _Slip("it is divided by the number of tokens", lambda T, O: -1.0 / O),
    _Slip("it is divided by the number of steps times that of tokens", lambda T, O: -1.0 / T / O),
    _Slip("it is multiplied by the number of steps", lambda T, O: -1.0 * T),
    _Slip("each row has a factor t + 1", lambda T, O: -np.arange(1.0, T + 1)[:, None]),
    _Slip("row t is divided by t + 1", lambda T, O: -1 / np.arange(1.0, T + 1)[:, None]),
)  # fmt: skip


def of_rewards(pairs: Sequence[Pair]) -> Iterator[Told]:
    """Find of what rows are made in place of ``-(reward - baseline) * (one-hot - softmax)``.

    Parameters
    ----------
    pairs : sequence of (ndarray, ndarray, mapping)
        What came, what is due, and the arguments, of the calls that went wrong.
    """
    asked = [(seen, given) for seen, _, given in pairs if len(seen)]
    parts = (_FACTORS, _SHARES, _TOKENS, _JOINED, _WHOLES)
    found: set[tuple[str, ...]] = set()
    least = _MOST
    for kind in with_few_slips(parts, _MOST):
        if not asked or _slips(kind) > least:
            break
        if all(equal(seen, _rows(kind, given)) for seen, given in asked):
            least = _slips(kind)
            found.add(tuple(one.words for one in kind if one.words))
    if 0 < len(found) <= 2:
        yield Told(
            "estimates_by_another_formula",
            f"The rows show: {'; or else: '.join(sorted(map('; '.join, found)))}. Row t is "
            "-(reward - baseline) times the one-hot token less the softmax.",
        )


def of_another_factor(pairs: Sequence[Pair]) -> Iterator[Told]:
    """Tell by which number rows that are right but for one were multiplied, in each call.

    Parameters
    ----------
    pairs : sequence of (ndarray, ndarray, mapping)
        As `of_rewards` takes them.
    """
    right = (
        _Slip("", lambda r, b: 1.0),
        *(slips[0] for slips in (_SHARES, _TOKENS, _JOINED, _WHOLES)),
    )
    said = []
    for seen, _, given in pairs:
        if not len(seen):
            continue
        rows, reward, baseline = _rows(right, given), given["reward"], given.get("baseline", 0.0)
        factor = float((seen * rows).sum() / (rows**2).sum())
        if not equal(seen, factor * rows):
            return
        said.append(
            f"{factor:.4g} with a reward of {reward:g} and a baseline of {baseline:g}, where "
            f"{reward - baseline:.4g} is due"
        )
    if said:
        yield Told(
            "weighs_by_another_factor",
            f"The rows are softmax - one-hot times another factor than reward - baseline: it is "
            f"{'; '.join(dict.fromkeys(said[:2]))}.",
        )


def _slips(kind: Sequence[_Slip]) -> int:
    return sum(bool(one.words) for one in kind)


def _rows(kind: Sequence[_Slip], given: Mapping[str, Any]) -> Array:
    factor, share, tokens, joined, whole = kind
    z = np.asarray(given["logits"], dtype=float)
    with np.errstate(all="ignore"):
        parts = tokens.make(given["tokens"], z), share.make(z)
        by = factor.make(given["reward"], given.get("baseline", 0.0)) * whole.make(*z.shape)
        rows: Array = by * joined.make(*parts)
    return rows
